import Days
package import FoundationEssentials
package import Postgres

/// Sign-up, login, and the sessions that follow.
///
/// It works as `mochi_system`: who somebody is comes before which account they act for.
package struct Identity: Sendable {
    private let system: Database
    package let passwords: PasswordHasher
    private let now: @Sendable () -> Date

    /// A session ends so long after it began, or after it was last used.
    package static let sessionLifetime: TimeInterval = 30 * 86_400
    package static let idleLifetime: TimeInterval = 14 * 86_400

    package init(
        system: Database, passwords: PasswordHasher, now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.system = system
        self.passwords = passwords
        self.now = now
    }

    // MARK: Signing up and in

    /// Makes a person with an account of their own, and signs them in.
    ///
    /// - Parameter also: work in the same transaction, such as a mail to be sent.
    /// - Throws: ``FormError`` for what was entered.
    package func signUp(
        email: String, password: String, name: String = "", timeZone: String = "UTC", browser: String = "",
        also: @escaping @Sendable (Connection, User) throws -> Void = { _, _ in }
    ) async throws -> SignedIn {
        let email = try EmailAddress.normalized(email)
        try Password.check(password, email: email)
        let name = try Identity.checkedName(name)
        guard Zone.named(timeZone) != nil else {
            throw FormError("time_zone", "Choose a time zone from the list.")
        }
        let hash = try await passwords.hash(password)
        do {
            return try await system.transaction { [now] connection in
                let user = try Identity.insertPerson(
                    email: email, hash: hash, name: name, timeZone: timeZone, connection)
                try also(connection, user)
                return try Identity.beginSession(user, browser: browser, now: now(), connection)
            }
        } catch let error as PostgresError where error.constraint == "users_email_key" {
            throw FormError(
                "email", "Somebody has signed up with this address. Log in instead?", isTaken: true)
        }
    }

    /// Nil when address or password are wrong; which of them is not told, and takes as long.
    package func logIn(email: String, password: String, browser: String = "") async throws -> SignedIn? {
        let email = try? EmailAddress.normalized(email)
        let found = try await system.transaction(readOnly: true) { connection in
            try connection.rows("SELECT \(Identity.columns), password_hash FROM users WHERE email = \(email)")
            { row in
                (user: try Identity.user(row), hash: try row["password_hash"] as String)
            }.first
        }
        guard try await passwords.verify(password, against: found?.hash), let found else { return nil }
        let rehashed = passwords.isOutdated(found.hash) ? try await passwords.hash(password) : nil
        return try await system.transaction { [now] connection in
            if let rehashed {
                try connection.execute(
                    "UPDATE users SET password_hash = \(rehashed) WHERE id = \(found.user.id)")
            }
            return try Identity.beginSession(found.user, browser: browser, now: now(), connection)
        }
    }

    // MARK: Sessions

    /// Who has this token; nil when nobody (any more).
    package func session(token: String) async throws -> Session? {
        guard let hash = Token(token)?.hash else { return nil }
        let now = now()
        let idleSince = now.addingTimeInterval(-Identity.idleLifetime)
        return try await system.transaction { connection in
            let found = try connection.rows(
                """
                SELECT s.id AS session_id, s.last_seen_at, u.id, u.email, u.name, u.time_zone, u.email_confirmed_at
                FROM sessions s JOIN users u ON u.id = s.user_id
                WHERE s.token_hash = \(hash) AND s.expires_at > \(now) AND s.last_seen_at > \(idleSince)
                """
            ) { row in
                (
                    id: try row["session_id"] as UUID, seen: try row["last_seen_at"] as Date,
                    user: try Identity.user(row)
                )
            }.first
            guard let found else { return nil }
            if now.timeIntervalSince(found.seen) > 60 {
                try connection.execute("UPDATE sessions SET last_seen_at = \(now) WHERE token_hash = \(hash)")
            }
            return Session(
                id: found.id, user: found.user,
                accounts: try Identity.accounts(of: found.user.id, session: found.id, connection))
        }
    }

    package func logOut(token: String) async throws {
        guard let hash = Token(token)?.hash else { return }
        try await system.transaction { connection in
            _ = try connection.execute("DELETE FROM sessions WHERE token_hash = \(hash)")
        }
    }

    /// Removes the sessions that have ended; answers how many.
    package static func removeExpiredSessions(_ connection: Connection, now: Date) throws -> Int {
        let idleSince = now.addingTimeInterval(-idleLifetime)
        return try connection.execute(
            "DELETE FROM sessions WHERE expires_at <= \(now) OR last_seen_at <= \(idleSince)")
    }

    // MARK: Rows

    static let columns: SQL = "id, email, name, time_zone, email_confirmed_at"

    static func user(_ row: Row) throws -> User {
        User(
            id: try row["id"], email: try row["email"], name: try row["name"], timeZone: try row["time_zone"],
            emailConfirmedAt: try row["email_confirmed_at"])
    }

    /// Inserts a person, an account of theirs, and their membership as its owner.
    static func insertPerson(
        email: String, hash: String, name: String, timeZone: String, _ connection: Connection
    ) throws -> User {
        let user = try connection.rows(
            """
            INSERT INTO users (email, password_hash, name, time_zone)
            VALUES (\(email), \(hash), \(name), \(timeZone)) RETURNING \(columns)
            """, user)[0]
        let accountName = name.isEmpty ? email : name
        let account: AccountID = try connection.one(
            "INSERT INTO accounts (name) VALUES (\(accountName)) RETURNING id")
        try connection.execute(
            "INSERT INTO memberships (account_id, user_id, role) VALUES (\(account), \(user.id), \(Role.owner))"
        )
        try AuditLog.record(
            "account.created", account: account, user: user.id, session: nil, connection)
        return user
    }

    static func accounts(of user: UserID, session: UUID?, _ connection: Connection) throws -> [AccountAccess]
    {
        try connection.rows(
            """
            SELECT m.account_id, a.name, m.role FROM memberships m JOIN accounts a ON a.id = m.account_id
            WHERE m.user_id = \(user) ORDER BY m.created_at, m.account_id
            """
        ) { row in
            AccountAccess(
                account: try row["account_id"], accountName: try row["name"], role: try row["role"],
                user: user,
                sessionID: session)
        }
    }

    private static func beginSession(
        _ user: User, browser: String, now: Date, _ connection: Connection
    ) throws -> SignedIn {
        let token = Token.random()
        let expiresAt = now.addingTimeInterval(sessionLifetime)
        try connection.execute(
            """
            INSERT INTO sessions (token_hash, user_id, browser, created_at, last_seen_at, expires_at)
            VALUES (\(token.hash), \(user.id), \(String(browser.prefix(100))), \(now), \(now), \(expiresAt))
            """)
        return SignedIn(token: token, user: user, expiresAt: expiresAt)
    }

    static func checkedName(_ name: String) throws -> String {
        let name = FormText.trimmed(name)
        guard name.unicodeScalars.count <= 200 else { throw FormError("name", "Use at most 200 characters.") }
        guard !FormText.hasControls(name) else {
            throw FormError("name", "Use letters, not control characters.")
        }
        return name
    }
}
