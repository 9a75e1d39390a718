import Days
package import FoundationEssentials
package import Postgres

/// Sign-up, login, and the sessions that follow.
///
/// It works as `mochi_system`: who somebody is comes before which account they act for.
package struct Identity: Sendable {
    let system: Database
    package let passwords: PasswordHasher
    let now: @Sendable () -> Date

    /// A session ends so long after it began, or after it was last used.
    package static let sessionLifetime: TimeInterval = 30 * 86_400
    /// So long there is for the code of an authenticator.
    static let codeLifetime: TimeInterval = 600
    package static let idleLifetime: TimeInterval = 14 * 86_400

    package init(
        system: Database, passwords: PasswordHasher, now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.system = system
        self.passwords = passwords
        self.now = now
    }

    // MARK: Signing up and in

    /// Somebody who has just signed up, and what to write to them.
    package struct Newcomer: Sendable {
        package let user: User
        /// Confirms the address. Nil when somebody has confirmed it before: they are told that they have an account.
        package let link: Token?
    }

    /// Makes a person with an account of their own, and signs them in. It does the same whether or not somebody has
    /// this address already: only the mail tells, and that is read by whom the address belongs to.
    ///
    /// - Parameter also: work in the same transaction, such as a mail to be sent.
    /// - Throws: ``FormError`` for what was entered.
    package func signUp(
        email: String, password: String, name: String = "", timeZone: String = "UTC",
        device: Device = Device(),
        also: @escaping @Sendable (Connection, Newcomer) throws -> Void = { _, _ in }
    ) async throws -> SignedIn {
        let email = try EmailAddress.normalized(email)
        let name = try Identity.checkedName(name)
        try Password.check(password, email: email, words: [name])
        guard Zone.named(timeZone) != nil else {
            throw FormError("time_zone", "Choose a time zone from the list.")
        }
        let hash = try await passwords.hash(password)
        return try await system.transaction { [now] connection in
            let user = try Identity.insertPerson(
                email: email, hash: hash, name: name, timeZone: timeZone, connection)
            // Made in either case, so that it takes as long; sent only if nobody has the address.
            let link = try MailLink.make(.confirm, for: user, email: email, now: now(), connection)
            let isKnown = try Identity.isConfirmed(email, connection)
            try also(connection, Newcomer(user: user, link: isKnown ? nil : link))
            return try Identity.beginSession(user, device: device, now: now(), connection)
        }
    }

    /// Nil when address or password are wrong; which of them is not told, and takes as long.
    ///
    /// An address may have one person who has confirmed it and some who have not: of those the last counts. Both are
    /// tried always, or the time would tell whether there is one.
    package func logIn(email: String, password: String, device: Device = Device()) async throws -> SignedIn? {
        let email = try? EmailAddress.normalized(email)
        let found = try await system.transaction(readOnly: true) { connection in
            try connection.rows(
                """
                SELECT \(Identity.columns), password_hash FROM users
                WHERE email = \(email) AND (email_confirmed_at IS NOT NULL OR id = (
                    SELECT max(id) FROM users WHERE email = \(email) AND email_confirmed_at IS NULL))
                """
            ) { row in (user: try Identity.user(row), hash: try row["password_hash"] as String) }
        }
        let confirmed = found.first { $0.user.emailConfirmedAt != nil }
        let pending = found.first { $0.user.emailConfirmedAt == nil }
        let isConfirmed = try await passwords.verify(password, against: confirmed?.hash)
        let isPending = try await passwords.verify(password, against: pending?.hash)
        guard let person = isConfirmed ? confirmed : isPending ? pending : nil else { return nil }
        let rehashed = passwords.isOutdated(person.hash) ? try await passwords.hash(password) : nil
        return try await system.transaction { [now] connection in
            if let rehashed {
                try connection.execute(
                    "UPDATE users SET password_hash = \(rehashed) WHERE id = \(person.user.id)")
            }
            return try Identity.beginSession(person.user, device: device, now: now(), connection)
        }
    }

    /// Whether this is the person's password: asked again before what could take an account away from them.
    package func isPassword(_ password: String, of user: UserID) async throws -> Bool {
        let hash: String? = try await system.transaction(readOnly: true) { connection in
            try connection.first("SELECT password_hash FROM users WHERE id = \(user)")
        }
        return try await passwords.verify(password, against: hash)
    }

    // MARK: Rows

    static let columns: SQL = "id, email, name, time_zone, email_confirmed_at"

    static func user(_ row: Row) throws -> User {
        User(
            id: try row["id"], email: try row["email"], name: try row["name"], timeZone: try row["time_zone"],
            emailConfirmedAt: try row["email_confirmed_at"])
    }

    static func isConfirmed(_ email: String, _ connection: Connection) throws -> Bool {
        try connection.one(
            "SELECT EXISTS (SELECT FROM users WHERE email = \(email) AND email_confirmed_at IS NOT NULL)")
    }

    /// Inserts a person, an account of theirs, and their membership as its owner.
    static func insertPerson(
        email: String, hash: String, name: String, timeZone: String, _ connection: Connection
    ) throws -> User {
        let user = try insertUser(email: email, hash: hash, name: name, timeZone: timeZone, connection)
        let account: AccountID = try connection.one(
            "INSERT INTO accounts (name) VALUES (\(name.isEmpty ? email : name)) RETURNING id")
        try connection.execute(
            "INSERT INTO memberships (account_id, user_id, role) VALUES (\(account), \(user.id), \(Role.owner))"
        )
        try AuditLog.record(
            "account.created", account: account, user: user.id, session: nil, connection)
        return user
    }

    static func insertUser(
        email: String, hash: String, name: String, timeZone: String, _ connection: Connection
    ) throws -> User {
        try connection.rows(
            """
            INSERT INTO users (email, password_hash, name, time_zone)
            VALUES (\(email), \(hash), \(name), \(timeZone)) RETURNING \(columns)
            """, user)[0]
    }

    static func accounts(of user: UserID, session: UUID?, _ connection: Connection) throws -> [AccountAccess]
    {
        try connection.rows(
            .prepared(
                """
                SELECT m.account_id, a.name, m.role FROM memberships m JOIN accounts a ON a.id = m.account_id
                WHERE m.user_id = \(user) ORDER BY m.created_at, m.account_id
                """)
        ) { row in
            AccountAccess(
                account: try row["account_id"], accountName: try row["name"], role: try row["role"],
                user: user,
                sessionID: session)
        }
    }

    static func guestSites(of user: UserID, session: UUID?, _ connection: Connection) throws -> [GuestSite] {
        try connection.rows(
            .prepared(
                """
                SELECT g.account_id, g.site_id, g.role, a.name FROM site_guests g JOIN accounts a ON a.id = g.account_id
                WHERE g.user_id = \(user) ORDER BY g.created_at, g.site_id
                """)
        ) { row in
            GuestSite(
                site: try row["site_id"],
                account: AccountAccess(
                    account: try row["account_id"], accountName: try row["name"], role: try row["role"],
                    user: user, sessionID: session))
        }
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
