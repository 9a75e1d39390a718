import Days
import FoundationEssentials
package import Postgres

/// What people change about themselves.
extension Identity {
    /// - Throws: ``FormError`` for what was entered.
    package func changeProfile(of user: UserID, name: String, timeZone: String) async throws {
        let name = try Identity.checkedName(name)
        guard Zone.named(timeZone) != nil else {
            throw FormError("time_zone", "Choose a time zone from the list.")
        }
        try await system.transaction { connection in
            _ = try connection.execute(
                "UPDATE users SET name = \(name), time_zone = \(timeZone) WHERE id = \(user)")
        }
    }

    /// Sets a new password, ends all other sessions, and gives this one another token.
    ///
    /// - Throws: ``FormError`` for either password.
    package func changePassword(
        in session: Session, from old: String, to new: String,
        also: @escaping @Sendable (Connection, User) throws -> Void = { _, _ in }
    ) async throws -> SignedIn {
        guard try await isPassword(old, of: session.user.id) else {
            throw FormError("current", "This is not your password.")
        }
        try Password.check(
            new, email: session.user.email, words: [session.user.name] + session.accounts.map(\.accountName))
        let hash = try await passwords.hash(new)
        return try await system.transaction { [now] connection in
            try connection.execute(
                "UPDATE users SET password_hash = \(hash) WHERE id = \(session.user.id)")
            try connection.execute(
                "DELETE FROM mail_links WHERE user_id = \(session.user.id) AND purpose = 'reset'")
            try Identity.endSessions(of: session.user.id, except: session.id, connection)
            try also(connection, session.user)
            return try Identity.rotate(session, now: now(), connection)
        }
    }
}
