package import FoundationEssentials
package import Postgres

/// A key as lists show it. Its text was shown once and is kept nowhere.
package struct ApiKey: Sendable, Hashable {
    package let id: ApiKeyID
    package let name: String
    /// How its text begins.
    package let prefix: String
    package let scopes: [Scope]
    package let createdAt: Date
    package let lastUsedAt: Date?
    package let revokedAt: Date?
}

/// Keys for programs: `mochi_` and 256 random bits, shown once, stored as a hash.
package struct ApiKeys: Sendable {
    package struct Created: Sendable, Hashable {
        package let id: ApiKeyID
        /// The key itself, which cannot be had again.
        package let text: String
    }

    private let app: Database
    private let system: Database
    private let now: @Sendable () -> Date

    package init(app: Database, system: Database, now: @escaping @Sendable () -> Date = { Date() }) {
        self.app = app
        self.system = system
        self.now = now
    }

    // MARK: Keeping

    /// - Parameter detail: for the audit log.
    /// - Throws: ``FormError`` for a name or scopes that cannot be.
    package func create(
        name: String, scopes: [Scope], detail: JSON = "{}", in access: AccountAccess
    ) async throws -> Created {
        let name = try Identity.checkedName(name)
        guard !name.isEmpty else { throw FormError("name", "Say what the key is for.") }
        guard !scopes.isEmpty else { throw FormError("scopes", "Choose what the key may be used for.") }
        return try await app.transaction(access) { connection in
            let token = Token.random()
            let text = "mochi_" + token.text
            let id: ApiKeyID = try connection.one(
                """
                INSERT INTO api_keys (account_id, user_id, name, prefix, key_hash, scopes)
                VALUES (\(access.account), \(access.user), \(name), \(String(text.prefix(12))), \(token.hash),
                    \(scopes.map(\.rawValue))) RETURNING id
                """)
            try AuditLog.record("api_key.created", subject: name, detail: detail, by: access, connection)
            return Created(id: id, text: text)
        }
    }

    /// The account's keys in the order of their making, revoked ones too.
    package func list(in access: AccountAccess) async throws -> [ApiKey] {
        try await app.transaction(access, readOnly: true) { connection in
            try connection.rows(
                "SELECT id, name, prefix, scopes, created_at, last_used_at, revoked_at FROM api_keys ORDER BY id"
            ) { row in
                ApiKey(
                    id: try row["id"], name: try row["name"], prefix: try row["prefix"],
                    scopes: (try row["scopes"] as [String]).compactMap { Scope(rawValue: $0) },
                    createdAt: try row["created_at"], lastUsedAt: try row["last_used_at"],
                    revokedAt: try row["revoked_at"])
            }
        }
    }

    /// False when the account has no such key, or it was revoked before.
    package func revoke(
        _ id: ApiKeyID, detail: JSON = "{}", in access: AccountAccess
    ) async throws -> Bool {
        try await app.transaction(access) { [now] connection in
            let name: String? = try connection.first(
                """
                UPDATE api_keys SET revoked_at = \(now())
                WHERE account_id = \(access.account) AND id = \(id) AND revoked_at IS NULL RETURNING name
                """)
            guard let name else { return false }
            try AuditLog.record("api_key.revoked", subject: name, detail: detail, by: access, connection)
            return true
        }
    }

    // MARK: Use

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
