package import FoundationEssentials
package import Postgres

/// Keys for programs: `mochi_` and 256 random bits, shown once, stored as a hash.
package struct ApiKeys: Sendable {
    private let app: Database
    private let system: Database
    private let now: @Sendable () -> Date

    package init(app: Database, system: Database, now: @escaping @Sendable () -> Date = { Date() }) {
        self.app = app
        self.system = system
        self.now = now
    }

    /// The key's text, which cannot be had again.
    package func create(name: String, scopes: [Scope], in access: AccountAccess) async throws -> String {
        try await app.transaction(access) { connection in
            try ApiKeys.insert(name: name, scopes: scopes, access, connection)
        }
    }

    static func insert(
        name: String, scopes: [Scope], _ access: AccountAccess, _ connection: Connection
    ) throws -> String {
        let token = Token.random()
        let key = "mochi_" + token.text
        try connection.execute(
            """
            INSERT INTO api_keys (account_id, user_id, name, prefix, key_hash, scopes)
            VALUES (\(access.account), \(access.user), \(name), \(String(key.prefix(12))), \(token.hash),
                \(scopes.map(\.rawValue)))
            """)
        try AuditLog.record("api_key.created", subject: name, by: access, connection)
        return key
    }

    /// The account that a key opens; nil for a wrong or revoked one, or one that lacks the scope. A key has the role
    /// of the one who made it, and dies with that membership.
    package func authenticate(_ key: String, scope: Scope) async throws -> AccountAccess? {
        guard key.hasPrefix("mochi_"), let hash = Token(String(key.dropFirst(6)))?.hash else { return nil }
        let now = now()
        return try await system.transaction { connection in
            let found = try connection.rows(
                """
                SELECT k.id, k.account_id, a.name, m.role, k.user_id,
                    k.last_used_at IS NULL OR k.last_used_at < \(now.addingTimeInterval(-60)) AS is_due
                FROM api_keys k JOIN accounts a ON a.id = k.account_id
                JOIN memberships m ON m.account_id = k.account_id AND m.user_id = k.user_id
                WHERE k.key_hash = \(hash) AND k.revoked_at IS NULL AND \(scope) = ANY (k.scopes)
                """
            ) { row in
                (
                    id: try row["id"] as Int64, isDue: try row["is_due"] as Bool,
                    access: AccountAccess(
                        account: try row["account_id"], accountName: try row["name"], role: try row["role"],
                        user: try row["user_id"], sessionID: nil)
                )
            }.first
            if let found, found.isDue {
                try connection.execute(
                    """
                    UPDATE api_keys SET last_used_at = \(now)
                    WHERE account_id = \(found.access.account) AND id = \(found.id)
                    """)
            }
            return found?.access
        }
    }
}
