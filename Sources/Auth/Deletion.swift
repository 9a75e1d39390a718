import FoundationEssentials
package import Postgres

/// Going for good: of an account, and of a person.
extension Identity {
    /// Takes an account out of everybody's sight and has everything of it erased.
    ///
    /// - Parameters:
    ///   - name: the account's, entered once more.
    ///   - erase: puts that work into the queue.
    /// - Throws: ``FormError`` for a wrong name.
    package func deleteAccount(
        _ access: AccountAccess, name: String,
        erase: @escaping @Sendable (Connection, AccountID) throws -> Void
    ) async throws {
        guard access.role == .owner, FormText.trimmed(name) == access.accountName else {
            throw FormError("name", "Enter the name of the account as it is: \(access.accountName).")
        }
        try await system.transaction { connection in
            try Identity.erase(access.account, erase, connection)
        }
    }

    /// Deletes a person with all their sessions, and the accounts in which they are the only one.
    ///
    /// - Throws: ``FormError`` when others would be left in an account without an owner.
    package func deletePerson(
        _ user: User, erase: @escaping @Sendable (Connection, AccountID) throws -> Void,
        also: @escaping @Sendable (Connection) throws -> Void
    ) async throws {
        try await system.transaction { connection in
            let accounts: [(AccountID, String, Bool, Bool)] = try connection.rows(
                """
                SELECT a.id, a.name,
                    EXISTS (SELECT FROM memberships o WHERE o.account_id = a.id AND o.user_id <> \(user.id)),
                    EXISTS (SELECT FROM memberships o
                        WHERE o.account_id = a.id AND o.user_id <> \(user.id) AND o.role = 'owner')
                FROM accounts a JOIN memberships m ON m.account_id = a.id
                WHERE m.user_id = \(user.id) AND m.role = 'owner' ORDER BY a.id FOR UPDATE OF a
                """)
            if let orphaned = accounts.first(where: { $0.2 && !$0.3 }) {
                throw FormError(
                    "current",
                    "You are the only owner of \(orphaned.1), to which others belong. Transfer it or delete it first."
                )
            }
            for account in accounts where !account.2 { try Identity.erase(account.0, erase, connection) }
            try also(connection)
            try connection.execute("DELETE FROM users WHERE id = \(user.id)")
        }
    }

    /// Nobody belongs to it any more and its keys count nothing; the rows go step by step.
    static func erase(
        _ account: AccountID, _ erase: (Connection, AccountID) throws -> Void, _ connection: Connection
    ) throws {
        for table in ["memberships", "site_guests", "invitations"] {
            try connection.execute("DELETE FROM \(identifier: table) WHERE account_id = \(account)")
        }
        try erase(connection, account)
    }
}
