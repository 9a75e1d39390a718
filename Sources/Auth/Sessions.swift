package import FoundationEssentials
package import Postgres

/// What a list of sessions shows of a browser: no address, no exact version.
package struct Device: Sendable, Hashable {
    /// "Firefox on Linux".
    package let browser: String
    /// Of the time zone that the browser stated; "" if it stated none.
    package let country: String

    package init(browser: String = "", country: String = "") {
        self.browser = String(browser.prefix(100))
        self.country = String(country.prefix(2))
    }
}

/// One row of the list of sessions.
package struct OpenSession: Sendable, Hashable {
    package let id: UUID
    package let device: Device
    package let createdAt: Date
    package let lastSeenAt: Date
}

extension Identity {
    /// Who has this token; nil when nobody (any more).
    package func session(token: String) async throws -> Session? {
        guard let hash = Token(token)?.hash else { return nil }
        let now = now()
        let idleSince = now.addingTimeInterval(-Identity.idleLifetime)
        return try await system.transaction { connection in
            let found = try connection.rows(
                .prepared(
                    """
                    SELECT s.id AS session_id, s.last_seen_at, s.chosen_account, u.id, u.email, u.name, u.time_zone,
                        u.email_confirmed_at
                    FROM sessions s JOIN users u ON u.id = s.user_id
                    WHERE s.token_hash = \(hash) AND NOT s.awaits_code AND s.expires_at > \(now)
                        AND s.last_seen_at > \(idleSince)
                    """)
            ) { row in
                (
                    id: try row["session_id"] as UUID, seen: try row["last_seen_at"] as Date,
                    chosen: try row["chosen_account"] as AccountID?, user: try Identity.user(row)
                )
            }.first
            guard let found else { return nil }
            if now.timeIntervalSince(found.seen) > 60 {
                try connection.execute("UPDATE sessions SET last_seen_at = \(now) WHERE token_hash = \(hash)")
            }
            let accounts = try Identity.accounts(of: found.user.id, session: found.id, connection)
            return Session(
                id: found.id, user: found.user, accounts: accounts,
                account: accounts.first { $0.account == found.chosen } ?? accounts.first,
                guestSites: try Identity.guestSites(of: found.user.id, session: found.id, connection))
        }
    }

    package func logOut(token: String) async throws {
        guard let hash = Token(token)?.hash else { return }
        try await system.transaction { connection in
            _ = try connection.execute("DELETE FROM sessions WHERE token_hash = \(hash)")
        }
    }

    /// Shows another of the person's accounts from now on. False when it is none of theirs.
    package func choose(_ account: AccountID, in session: Session) async throws -> Bool {
        guard session.accounts.contains(where: { $0.account == account }) else { return false }
        return try await system.transaction { connection in
            try connection.execute(
                "UPDATE sessions SET chosen_account = \(account) WHERE id = \(session.id)") == 1
        }
    }

    /// The browsers in which somebody is signed in, the last used first.
    package func sessions(of user: UserID) async throws -> [OpenSession] {
        let now = now()
        return try await system.transaction(readOnly: true) { connection in
            try connection.rows(
                """
                SELECT id, browser, country, created_at, last_seen_at FROM sessions
                WHERE user_id = \(user) AND NOT awaits_code AND expires_at > \(now)
                    AND last_seen_at > \(now.addingTimeInterval(-Identity.idleLifetime))
                ORDER BY last_seen_at DESC, id LIMIT 200
                """
            ) { row in
                OpenSession(
                    id: try row["id"],
                    device: Device(browser: try row["browser"], country: try row["country"]),
                    createdAt: try row["created_at"], lastSeenAt: try row["last_seen_at"])
            }
        }
    }

    /// Ends one session of a person; false when it is none of theirs.
    package func endSession(_ id: UUID, of user: UserID) async throws -> Bool {
        try await system.transaction { connection in
            try connection.execute("DELETE FROM sessions WHERE id = \(id) AND user_id = \(user)") == 1
        }
    }

    package func endOtherSessions(than session: Session) async throws {
        try await system.transaction { connection in
            try Identity.endSessions(of: session.user.id, except: session.id, connection)
        }
    }

    static func endSessions(of user: UserID, except kept: UUID? = nil, _ connection: Connection) throws {
        try connection.execute(
            "DELETE FROM sessions WHERE user_id = \(user) AND id IS DISTINCT FROM \(kept)")
    }

    /// Every sign-in gets a token of its own, so that one that was planted beforehand is worth nothing.
    static func beginSession(
        _ user: User, device: Device, now: Date, _ connection: Connection
    ) throws -> SignedIn {
        let token = Token.random()
        let needsCode: Bool = try connection.one(
            "SELECT totp_secret IS NOT NULL FROM users WHERE id = \(user.id)")
        let expiresAt = now.addingTimeInterval(needsCode ? codeLifetime : sessionLifetime)
        try connection.execute(
            """
            INSERT INTO sessions (token_hash, user_id, browser, country, created_at, last_seen_at, expires_at, awaits_code)
            VALUES (\(token.hash), \(user.id), \(device.browser), \(device.country), \(now), \(now), \(expiresAt),
                \(needsCode))
            """)
        return SignedIn(token: token, user: user, expiresAt: expiresAt, needsCode: needsCode)
    }

    /// The same session under another token: the old one is worth nothing any more.
    static func rotate(_ session: Session, now: Date, _ connection: Connection) throws -> SignedIn {
        let token = Token.random()
        let expiresAt = now.addingTimeInterval(sessionLifetime)
        try connection.execute(
            """
            UPDATE sessions SET token_hash = \(token.hash), expires_at = \(expiresAt), last_seen_at = \(now)
            WHERE id = \(session.id)
            """)
        return SignedIn(token: token, user: session.user, expiresAt: expiresAt, needsCode: false)
    }

    /// Removes the sessions that have ended; answers how many.
    package static func removeExpiredSessions(_ connection: Connection, now: Date) throws -> Int {
        let idleSince = now.addingTimeInterval(-idleLifetime)
        return try connection.execute(
            "DELETE FROM sessions WHERE expires_at <= \(now) OR last_seen_at <= \(idleSince)")
    }
}
