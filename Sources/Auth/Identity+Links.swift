import FoundationEssentials
package import Postgres

/// What people do with links that were mailed to them.
extension Identity {
    /// What a link is for; nil when it was followed, is too old, or never was.
    package func link(_ text: String) async throws -> MailLink? {
        guard let token = Token(text) else { return nil }
        return try await system.transaction(readOnly: true) { [now] connection in
            try MailLink.find(token, now: now(), connection)
        }
    }

    // MARK: Confirming

    /// Makes the address theirs. False when the link is none, or somebody else has made it theirs meanwhile.
    package func confirm(link text: String) async throws -> Bool {
        guard let token = Token(text) else { return false }
        let now = now()
        do {
            return try await system.transaction { connection in
                guard let link = try MailLink.use(token, .confirm, now: now, connection) else { return false }
                return try connection.execute(
                    """
                    UPDATE users SET email_confirmed_at = coalesce(email_confirmed_at, \(now))
                    WHERE id = \(link.user) AND email = \(link.email)
                    """) == 1
            }
        } catch let error as PostgresError where error.constraint == "users_confirmed_email" {
            return false
        }
    }

    /// Another link to confirm, for who is signed in. Nothing is sent when the address is theirs already.
    package func resendConfirmation(
        for user: User, also: @escaping @Sendable (Connection, Newcomer) throws -> Void
    ) async throws {
        guard user.emailConfirmedAt == nil else { return }
        try await system.transaction { [now] connection in
            let link = try MailLink.make(.confirm, for: user, email: user.email, now: now(), connection)
            let isKnown = try Identity.isConfirmed(user.email, connection)
            try also(connection, Newcomer(user: user, link: isKnown ? nil : link))
        }
    }

    // MARK: A forgotten password

    /// Somebody who wants a new password, with the link that lets them. There is none for an address that was never
    /// confirmed: whoever signed up with it may have been somebody else.
    package struct Forgetful: Sendable {
        package let user: User
        package let link: Token?
    }

    /// Does nothing for an address that nobody has. Who asks cannot tell.
    package func forgotPassword(
        email: String, also: @escaping @Sendable (Connection, Forgetful) throws -> Void
    ) async throws {
        guard let email = try? EmailAddress.normalized(email) else { return }
        try await system.transaction { [now] connection in
            let user = try connection.rows(
                """
                SELECT \(Identity.columns) FROM users WHERE email = \(email)
                ORDER BY email_confirmed_at NULLS LAST, id DESC LIMIT 1
                """, Identity.user
            ).first
            guard let user else { return }
            let isTheirs = user.emailConfirmedAt != nil
            let link =
                isTheirs ? try MailLink.make(.reset, for: user, email: email, now: now(), connection) : nil
            try also(connection, Forgetful(user: user, link: link))
        }
    }

    /// Sets a new password and ends every session. Nil when the link is none (any more).
    ///
    /// - Throws: ``FormError`` for the password; the link stays good then.
    package func resetPassword(
        link text: String, to password: String,
        also: @escaping @Sendable (Connection, User) throws -> Void = { _, _ in }
    ) async throws -> User? {
        guard let token = Token(text), let link = try await link(text), link.purpose == .reset else {
            return nil
        }
        let name: String? = try await system.transaction(readOnly: true) { connection in
            try connection.first("SELECT name FROM users WHERE id = \(link.user)")
        }
        try Password.check(password, email: link.email, words: [name ?? ""])
        let hash = try await passwords.hash(password)
        return try await system.transaction { [now] connection in
            guard let link = try MailLink.use(token, .reset, now: now(), connection) else { return nil }
            let user = try connection.rows(
                """
                UPDATE users SET password_hash = \(hash) WHERE id = \(link.user) AND email = \(link.email)
                RETURNING \(Identity.columns)
                """, Identity.user
            ).first
            guard let user else { return nil }
            try Identity.endSessions(of: user.id, connection)
            try also(connection, user)
            return user
        }
    }

    // MARK: Another address

    /// Sends a link to the address that is to be theirs; it is when they follow it. The same happens when it is
    /// somebody else's, except that there is no link.
    ///
    /// - Throws: ``FormError`` for the address.
    package func changeEmail(
        of user: User, to email: String,
        also: @escaping @Sendable (Connection, _ to: String, _ link: Token?) throws -> Void
    ) async throws {
        let email = try EmailAddress.normalized(email)
        guard email != user.email else { throw FormError("email", "This is your address already.") }
        try await system.transaction { [now] connection in
            let link = try MailLink.make(.change, for: user, email: email, now: now(), connection)
            let isKnown = try Identity.isConfirmed(email, connection)
            try also(connection, email, isKnown ? nil : link)
        }
    }

    /// An address that has changed, and the way back.
    package struct ChangedEmail: Sendable {
        package let user: User
        package let before: String
        package let undo: Token
    }

    /// False when the link is none, or the address is somebody else's by now.
    package func followChange(
        link text: String, also: @escaping @Sendable (Connection, ChangedEmail) throws -> Void
    ) async throws -> Bool {
        guard let token = Token(text) else { return false }
        let now = now()
        do {
            return try await system.transaction { connection in
                guard let link = try MailLink.use(token, .change, now: now, connection) else { return false }
                let before: String = try connection.one(
                    "SELECT email FROM users WHERE id = \(link.user) FOR UPDATE")
                let user = try connection.rows(
                    """
                    UPDATE users SET email = \(link.email), email_confirmed_at = \(now) WHERE id = \(link.user)
                    RETURNING \(Identity.columns)
                    """, Identity.user)[0]
                // Links to the old address would open what belongs to the new one.
                try connection.execute(
                    "DELETE FROM mail_links WHERE user_id = \(user.id) AND purpose IN ('confirm', 'reset')")
                let undo = try MailLink.make(.undo, for: user, email: before, now: now, connection)
                try also(connection, ChangedEmail(user: user, before: before, undo: undo))
                return true
            }
        } catch let error as PostgresError where error.constraint == "users_confirmed_email" {
            return false
        }
    }

    /// Goes back to the old address, ends every session, and sends the old address a link for a new password: whoever
    /// changed it knew the password. False when the link is none, or the old address is somebody else's by now.
    package func undoChange(
        link text: String, also: @escaping @Sendable (Connection, Forgetful) throws -> Void
    ) async throws -> Bool {
        guard let token = Token(text) else { return false }
        let now = now()
        let unusable = try await passwords.hash(Token.random().text)
        do {
            return try await system.transaction { connection in
                guard let link = try MailLink.use(token, .undo, now: now, connection) else { return false }
                let user = try connection.rows(
                    """
                    UPDATE users SET email = \(link.email), email_confirmed_at = \(now), password_hash = \(unusable)
                    WHERE id = \(link.user) RETURNING \(Identity.columns)
                    """, Identity.user)[0]
                try Identity.endSessions(of: user.id, connection)
                try connection.execute("DELETE FROM mail_links WHERE user_id = \(user.id)")
                let reset = try MailLink.make(.reset, for: user, email: user.email, now: now, connection)
                try also(connection, Forgetful(user: user, link: reset))
                return true
            }
        } catch let error as PostgresError where error.constraint == "users_confirmed_email" {
            return false
        }
    }
}
