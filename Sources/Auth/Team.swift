package import FoundationEssentials
package import Postgres

/// Somebody who belongs to an account, or looks at one of its sites.
package struct Member: Sendable, Hashable {
    package let user: UserID
    package let email: String
    package let name: String
    package let role: Role
    package let since: Date
    /// The domain of the only site that a guest sees; nil for members.
    package let site: String?
}

/// Who belongs to an account, and what they may do there.
///
/// Nobody gives or takes more than they have: an administrator deals with everybody but owners, an owner with all. An
/// account has an owner always. People are no tenant's, so that their names are read as `mochi_system`, of the access'
/// account alone; what changes is changed as `mochi_app`, within the tenant's wall.
package struct Team: Sendable {
    let app: Database
    let system: Database
    let now: @Sendable () -> Date

    package init(app: Database, system: Database, now: @escaping @Sendable () -> Date = { Date() }) {
        self.app = app
        self.system = system
        self.now = now
    }

    // MARK: Members

    /// The most powerful first.
    package func members(in access: AccountAccess) async throws -> [Member] {
        try await list(
            """
            SELECT u.id, u.email, u.name, m.role, m.created_at, NULL::text AS site
            FROM memberships m JOIN users u ON u.id = m.user_id WHERE m.account_id = \(access.account)
            """
        ).sorted { ($1.role, $0.email) < ($0.role, $1.email) }
    }

    /// By site.
    package func guests(in access: AccountAccess) async throws -> [Member] {
        try await list(
            """
            SELECT u.id, u.email, u.name, g.role, g.created_at, s.domain AS site
            FROM site_guests g JOIN users u ON u.id = g.user_id
            JOIN sites s ON s.account_id = g.account_id AND s.id = g.site_id
            WHERE g.account_id = \(access.account) ORDER BY s.domain, u.email
            """)
    }

    private func list(_ query: SQL) async throws -> [Member] {
        try await system.transaction(readOnly: true) { connection in
            try connection.rows(query) { row in
                Member(
                    user: try row["id"], email: try row["email"], name: try row["name"],
                    role: try row["role"], since: try row["created_at"], site: try row["site"])
            }
        }
    }

    /// Gives a member another role.
    ///
    /// - Throws: ``FormError`` where it is not theirs to give or take, or the account would be without an owner. False
    ///   when there is no such member.
    package func setRole(_ role: Role, of user: UserID, in access: AccountAccess) async throws -> Bool {
        try await app.transaction(access) { connection in
            guard let current = try Team.lockedRole(of: user, in: access, connection) else { return false }
            guard current != role else { return true }
            try Team.require(access.role, over: max(current, role))
            if current == .owner { try Team.requireAnotherOwner(than: user, connection) }
            try connection.execute(
                """
                UPDATE memberships SET role = \(role)
                WHERE account_id = \(access.account) AND user_id = \(user)
                """)
            try AuditLog.record(
                "member.role_changed", subject: "\(user.rawValue)",
                detail: JSON(#"{"from": "\#(current.rawValue)", "to": "\#(role.rawValue)"}"#), by: access,
                connection)
            return true
        }
    }

    /// Ends a membership, with the keys and invitations that its person made: they are worth what their maker may do.
    ///
    /// - Throws: ``FormError`` as with ``setRole(_:of:in:)``. False when there is no such member.
    package func remove(_ user: UserID, in access: AccountAccess) async throws -> Bool {
        try await app.transaction(access) { connection in
            guard let current = try Team.lockedRole(of: user, in: access, connection) else { return false }
            let leaves = user == access.user
            if !leaves { try Team.require(access.role, over: current) }
            if current == .owner { try Team.requireAnotherOwner(than: user, connection) }
            try connection.execute(
                "DELETE FROM memberships WHERE account_id = \(access.account) AND user_id = \(user)")
            try AuditLog.record(
                leaves ? "member.left" : "member.removed", subject: "\(user.rawValue)", by: access, connection
            )
            return true
        }
    }

    /// Makes somebody an owner, and oneself an administrator.
    ///
    /// - Throws: ``FormError``. False when there is no such member.
    package func transferOwnership(to user: UserID, in access: AccountAccess) async throws -> Bool {
        guard access.role == .owner, let own = access.user, own != user else { return false }
        return try await app.transaction(access) { connection in
            guard try Team.lockedRole(of: user, in: access, connection) != nil else { return false }
            for (person, role) in [(user, Role.owner), (own, Role.admin)] {
                try connection.execute(
                    """
                    UPDATE memberships SET role = \(role)
                    WHERE account_id = \(access.account) AND user_id = \(person)
                    """)
            }
            try AuditLog.record(
                "account.ownership_transferred", subject: "\(user.rawValue)", by: access, connection)
            return true
        }
    }

    /// False when the account has no such guest.
    package func removeGuest(_ user: UserID, site domain: String, in access: AccountAccess) async throws
        -> Bool
    {
        try await app.transaction(access) { connection in
            let gone = try connection.execute(
                """
                DELETE FROM site_guests WHERE account_id = \(access.account) AND user_id = \(user)
                    AND site_id = (SELECT id FROM sites WHERE account_id = \(access.account) AND domain = \(domain))
                """)
            guard gone == 1 else { return false }
            try AuditLog.record(
                "guest.removed", subject: domain, detail: JSON(#"{"user": \#(user.rawValue)}"#), by: access,
                connection)
            return true
        }
    }

    /// - Throws: ``FormError`` for the name.
    package func rename(to name: String, in access: AccountAccess) async throws {
        let name = try Identity.checkedName(name)
        guard !name.isEmpty else { throw FormError("name", "Give the account a name.") }
        try await app.transaction(access) { connection in
            try connection.execute("UPDATE accounts SET name = \(name) WHERE id = \(access.account)")
            try AuditLog.record("account.renamed", subject: name, by: access, connection)
        }
    }

    // MARK: Rules

    /// Nobody deals with somebody, or gives a role, above their own; only owners with owners.
    static func require(_ own: Role, over other: Role) throws {
        guard own >= .admin, own == .owner || other < .owner else {
            throw FormError("role", "Only an owner may do that.")
        }
    }

    /// The role of a member, while nobody else changes the account's members.
    private static func lockedRole(
        of user: UserID, in access: AccountAccess, _ connection: Connection
    ) throws -> Role? {
        try connection.execute("SELECT id FROM accounts WHERE id = \(access.account) FOR UPDATE")
        return try connection.first(
            "SELECT role FROM memberships WHERE account_id = \(access.account) AND user_id = \(user)")
    }

    /// Row-level security leaves only the account's own.
    private static func requireAnotherOwner(than user: UserID, _ connection: Connection) throws {
        let others: Bool = try connection.one(
            "SELECT EXISTS (SELECT FROM memberships WHERE role = 'owner' AND user_id <> \(user))")
        guard others else {
            throw FormError(
                "role", "An account needs an owner. Make somebody else an owner first.")
        }
    }
}
