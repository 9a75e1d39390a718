import Crypto
package import FoundationEssentials
package import Postgres

/// The second factor of those who want one: codes of an authenticator, and recovery codes for when it is gone.
package struct TwoFactor: Sendable {
    package enum State: Sendable, Hashable {
        case off
        /// The secret, in base 32, was shown and is to be proved.
        case pending(secret: String)
        case on(recoveryCodes: Int)
    }

    private let system: Database
    private let box: SecretBox
    private let now: @Sendable () -> Date

    package init(system: Database, box: SecretBox, now: @escaping @Sendable () -> Date = { Date() }) {
        self.system = system
        self.box = box
        self.now = now
    }

    package func state(of user: UserID) async throws -> State {
        try await system.transaction(readOnly: true) { [box] connection in
            let (pending, secret, codes): ([UInt8]?, [UInt8]?, Int64) = try connection.one(
                """
                SELECT totp_pending, totp_secret, (SELECT count(*) FROM recovery_codes WHERE user_id = u.id)
                FROM users u WHERE id = \(user)
                """)
            if secret != nil { return .on(recoveryCodes: Int(codes)) }
            guard let pending else { return .off }
            return .pending(secret: OneTimeCode.base32(try box.open(pending, for: TwoFactor.owner(user))))
        }
    }

    /// Makes a secret, which counts when a code of it has been entered.
    package func begin(for user: UserID) async throws {
        let sealed = try box.seal(Token.randomBytes(20), for: TwoFactor.owner(user))
        try await system.transaction { connection in
            _ = try connection.execute(
                "UPDATE users SET totp_pending = \(sealed) WHERE id = \(user) AND totp_secret IS NULL")
        }
    }

    /// What has been turned on: recovery codes, which are shown this once, and the session under another token.
    package struct TurnedOn: Sendable {
        package let recoveryCodes: [String]
        package let signedIn: SignedIn
    }

    /// Turns it on, ends all other sessions, and gives this one another token. Nil for a wrong code.
    package func turnOn(
        code: String, in session: Session, also: @escaping @Sendable (Connection) throws -> Void
    ) async throws -> TurnedOn? {
        let user = session.user.id
        return try await system.transaction { [box, now] connection in
            let pending: [UInt8]? = try connection.one(
                "SELECT totp_pending FROM users WHERE id = \(user) FOR UPDATE")
            guard let pending else { return nil }
            let secret = try box.open(pending, for: TwoFactor.owner(user))
            let seconds = Int64(now().timeIntervalSince1970)
            guard let step = OneTimeCode.step(of: code, secret, at: seconds) else { return nil }
            try connection.execute(
                """
                UPDATE users SET totp_secret = totp_pending, totp_pending = NULL, totp_last_step = \(step)
                WHERE id = \(user)
                """)
            let codes = try TwoFactor.makeRecoveryCodes(user, connection)
            try Identity.endSessions(of: user, except: session.id, connection)
            try also(connection)
            return TurnedOn(
                recoveryCodes: codes, signedIn: try Identity.rotate(session, now: now(), connection))
        }
    }

    /// Other recovery codes instead of the ones before. Nil for a wrong code.
    package func renewRecoveryCodes(code: String, of user: UserID) async throws -> [String]? {
        try await system.transaction { [self] connection in
            guard try use(code, of: user, connection) else { return nil }
            return try TwoFactor.makeRecoveryCodes(user, connection)
        }
    }

    /// False for a wrong code.
    package func turnOff(
        code: String, of user: UserID, also: @escaping @Sendable (Connection) throws -> Void
    ) async throws -> Bool {
        try await system.transaction { [self] connection in
            guard try use(code, of: user, connection) else { return false }
            try connection.execute(
                """
                UPDATE users SET totp_secret = NULL, totp_pending = NULL, totp_last_step = NULL WHERE id = \(user)
                """)
            try connection.execute("DELETE FROM recovery_codes WHERE user_id = \(user)")
            try also(connection)
            return true
        }
    }

    // MARK: Signing in

    /// Whose code a browser is to enter, in which the password was right; nil when it was not, or too long ago.
    package func waiting(token: String) async throws -> UserID? {
        guard let hash = Token(token)?.hash else { return nil }
        return try await system.transaction(readOnly: true) { [now] connection in
            try connection.first(
                """
                SELECT user_id FROM sessions
                WHERE token_hash = \(hash) AND awaits_code AND expires_at > \(now())
                """)
        }
    }

    /// Makes a session of a sign-in that waited for its code, under another token. Nil for a wrong code.
    package func enter(code: String, token: String) async throws -> SignedIn? {
        guard let hash = Token(token)?.hash else { return nil }
        return try await system.transaction { [self] connection in
            let found = try connection.rows(
                """
                SELECT s.id AS session_id, u.id, u.email, u.name, u.time_zone, u.email_confirmed_at
                FROM sessions s JOIN users u ON u.id = s.user_id
                WHERE s.token_hash = \(hash) AND s.awaits_code AND s.expires_at > \(now()) FOR UPDATE OF s
                """
            ) { row in (id: try row["session_id"] as UUID, user: try Identity.user(row)) }.first
            guard let found, try use(code, of: found.user.id, connection) else { return nil }
            try connection.execute(
                "UPDATE sessions SET awaits_code = false, created_at = \(now()) WHERE id = \(found.id)")
            let session = Session(
                id: found.id, user: found.user, accounts: [], account: nil, guestSites: [])
            return try Identity.rotate(session, now: now(), connection)
        }
    }

    // MARK: Codes

    /// Uses up a code of the authenticator, or a recovery code: each counts once.
    private func use(_ code: String, of user: UserID, _ connection: Connection) throws -> Bool {
        let (sealed, last): ([UInt8]?, Int64?) = try connection.one(
            "SELECT totp_secret, totp_last_step FROM users WHERE id = \(user) FOR UPDATE")
        guard let sealed else { return false }
        let secret = try box.open(sealed, for: TwoFactor.owner(user))
        if let step = OneTimeCode.step(of: code, secret, at: Int64(now().timeIntervalSince1970)) {
            guard step > last ?? .min else { return false }
            try connection.execute("UPDATE users SET totp_last_step = \(step) WHERE id = \(user)")
            return true
        }
        let hash = TwoFactor.hash(code)
        return try connection.execute(
            "DELETE FROM recovery_codes WHERE user_id = \(user) AND code_hash = \(hash)") == 1
    }

    private static func makeRecoveryCodes(_ user: UserID, _ connection: Connection) throws -> [String] {
        try connection.execute("DELETE FROM recovery_codes WHERE user_id = \(user)")
        let codes = (0..<10).map { _ in
            // 80 random bits: nothing that could be tried.
            let text = Array(OneTimeCode.base32(Token.randomBytes(10)).lowercased())
            return stride(from: 0, to: 16, by: 4).map { String(text[$0..<$0 + 4]) }.joined(separator: "-")
        }
        for code in codes {
            try connection.execute(
                "INSERT INTO recovery_codes (user_id, code_hash) VALUES (\(user), \(hash(code)))")
        }
        return codes
    }

    private static func hash(_ code: String) -> [UInt8] {
        let plain = code.lowercased().filter { $0 != "-" && $0 != " " }
        return Array(SHA256.hash(data: Array(plain.utf8)))
    }

    private static func owner(_ user: UserID) -> String { "totp of \(user.rawValue)" }
}
