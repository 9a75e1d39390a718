package import Auth
import FoundationEssentials
import Postgres

// Funnels and segments: goals one after the other, and filters with a name.

extension SiteGoals {
    /// A funnel as it is kept.
    package struct SavedFunnel: Sendable, Hashable {
        package let id: Int64
        package let name: String
        package let funnel: Funnel
    }

    /// All that a site's questions are asked with, in one look.
    package func everything(
        of site: SiteAccess
    ) async throws -> (goals: [Saved], funnels: [SavedFunnel], segments: [SavedSegment]) {
        try await app.transaction(site, readOnly: true) { connection in
            let goals = try SiteGoals.goals(of: site, connection)
            return (
                goals, try SiteGoals.funnels(of: site, goals, connection),
                try SiteGoals.segments(of: site, goals, connection)
            )
        }
    }

    /// By name.
    package func funnels(of site: SiteAccess) async throws -> [SavedFunnel] {
        try await app.transaction(site, readOnly: true) {
            try SiteGoals.funnels(of: site, try SiteGoals.goals(of: site, $0), $0)
        }
    }

    private static func funnels(
        of site: SiteAccess, _ goals: [Saved], _ connection: Connection
    ) throws -> [SavedFunnel] {
        let goals = Dictionary(uniqueKeysWithValues: goals.map { ($0.goal.id, $0.goal) })
        return try connection.rows(
            .prepared(
                """
                SELECT f.id, f.name, f.scope, array_agg(s.goal_id ORDER BY s.position) AS steps FROM funnels f
                JOIN funnel_steps s ON s.account_id = f.account_id AND s.funnel_id = f.id
                WHERE f.account_id = \(site.site.account) AND f.site_id = \(site.site.id)
                GROUP BY f.account_id, f.id ORDER BY f.name COLLATE "C", f.id
                """)
        ) { row in
            let steps: [Int64] = try row["steps"]
            return SavedFunnel(
                id: try row["id"], name: try row["name"],
                funnel: Funnel(
                    steps: steps.compactMap { goals[$0] },
                    scope: Funnel.Scope(rawValue: try row["scope"]) ?? .visit))
        }
    }

    /// - Parameter steps: 2 to 8 goals of the site, by id, in order.
    /// - Throws: ``FormError`` for what was entered.
    package func createFunnel(
        _ name: String, steps: [Int64], scope: Funnel.Scope, of site: SiteAccess
    ) async throws -> SavedFunnel {
        let name = try SavedName.checked(name)
        guard (2...8).contains(steps.count) else { throw FormError("steps", "A funnel has 2 to 8 steps.") }
        return try await SavedName.create(app, site, "funnel", name) { connection in
            let goals = Dictionary(
                uniqueKeysWithValues: try SiteGoals.goals(of: site, connection).map { ($0.goal.id, $0.goal) })
            let chosen = steps.compactMap { goals[$0] }
            guard chosen.count == steps.count else { throw FormError("steps", "Choose goals of this site.") }
            let id: Int64 = try connection.one(
                """
                INSERT INTO funnels (account_id, site_id, name, scope)
                VALUES (\(site.site.account), \(site.site.id), \(name), \(scope.rawValue)) RETURNING id
                """)
            try connection.execute(
                """
                INSERT INTO funnel_steps (account_id, funnel_id, position, goal_id)
                SELECT \(site.site.account), \(id), position - 1, goal
                FROM unnest(\(steps)) WITH ORDINALITY AS s (goal, position)
                """)
            return SavedFunnel(id: id, name: name, funnel: Funnel(steps: chosen, scope: scope))
        }
    }

    /// Makes another funnel of a funnel. False when the site has none such.
    ///
    /// - Throws: as ``createFunnel(_:steps:scope:of:)``.
    package func change(
        funnel id: Int64, _ name: String, steps: [Int64], scope: Funnel.Scope, of site: SiteAccess
    ) async throws -> Bool {
        let name = try SavedName.checked(name)
        guard (2...8).contains(steps.count) else { throw FormError("steps", "A funnel has 2 to 8 steps.") }
        return try await SavedName.save(app, site, "funnel", "changed", name) { connection in
            let goals = Set(try SiteGoals.goals(of: site, connection).map(\.goal.id))
            guard steps.allSatisfy(goals.contains) else {
                throw FormError("steps", "Choose goals of this site.")
            }
            let changed = try connection.execute(
                """
                UPDATE funnels SET name = \(name), scope = \(scope.rawValue)
                WHERE account_id = \(site.site.account) AND site_id = \(site.site.id) AND id = \(id)
                """)
            guard changed == 1 else { return false }
            try connection.execute(
                "DELETE FROM funnel_steps WHERE account_id = \(site.site.account) AND funnel_id = \(id)")
            try connection.execute(
                """
                INSERT INTO funnel_steps (account_id, funnel_id, position, goal_id)
                SELECT \(site.site.account), \(id), position - 1, goal
                FROM unnest(\(steps)) WITH ORDINALITY AS s (goal, position)
                """)
            return true
        }
    }

    /// False when the site has no such funnel.
    @discardableResult
    package func delete(funnel id: Int64, of site: SiteAccess) async throws -> Bool {
        try await delete("funnel", of: site) { connection in
            try connection.first(
                """
                DELETE FROM funnels WHERE account_id = \(site.site.account) AND site_id = \(site.site.id) AND id = \(id)
                RETURNING name
                """)
        }
    }

    // MARK: Segments

    /// A filter with a name.
    package struct SavedSegment: Sendable, Hashable {
        package let id: Int64
        package let name: String
        /// Nil when it names a goal that is no more.
        package let filter: Filter?
        /// Whose own it is; nil is everybody's.
        package let owner: UserID?
    }

    /// Everybody's, and the person's own; by name.
    package func segments(of site: SiteAccess) async throws -> [SavedSegment] {
        try await app.transaction(site, readOnly: true) {
            try SiteGoals.segments(of: site, try SiteGoals.goals(of: site, $0), $0)
        }
    }

    private static func segments(
        of site: SiteAccess, _ goals: [Saved], _ connection: Connection
    ) throws -> [SavedSegment] {
        try connection.rows(
            .prepared(
                """
                SELECT id, name, filter, owner FROM segments
                WHERE account_id = \(site.site.account) AND site_id = \(site.site.id)
                    AND (owner IS NULL OR owner = \(site.account.user))
                ORDER BY name COLLATE "C", id
                """)
        ) { row in
            let filter: JSON = try row["filter"]
            return SavedSegment(
                id: try row["id"], name: try row["name"],
                filter: try? Filter(json: filter.text, goals: goals.map(\.goal)),
                owner: try row["owner"])
        }
    }

    /// - Parameter isOwn: only the person who makes it sees it.
    /// - Throws: ``FormError`` for what was entered.
    package func createSegment(
        _ name: String, _ filter: Filter, isOwn: Bool, of site: SiteAccess
    ) async throws -> SavedSegment {
        let name = try SavedName.checked(name)
        let owner = isOwn ? site.account.user : nil
        if isOwn, owner == nil { throw FormError("owner", "Only a person has segments of their own.") }
        return try await SavedName.create(app, site, "segment", name) { connection in
            let id: Int64 = try connection.one(
                """
                INSERT INTO segments (account_id, site_id, name, filter, owner)
                VALUES (\(site.site.account), \(site.site.id), \(name), \(JSON(filter.json)), \(owner)) RETURNING id
                """)
            return SavedSegment(id: id, name: name, filter: filter, owner: owner)
        }
    }

    /// False when there is no such segment, or it is another person's.
    @discardableResult
    package func delete(segment id: Int64, of site: SiteAccess) async throws -> Bool {
        try await delete("segment", of: site) { connection in
            try connection.first(
                """
                DELETE FROM segments WHERE account_id = \(site.site.account) AND site_id = \(site.site.id) AND id = \(id)
                    AND (owner IS NULL OR owner = \(site.account.user))
                RETURNING name
                """)
        }
    }

    private func delete(
        _ thing: String, of site: SiteAccess, _ body: @escaping @Sendable (Connection) throws -> String?
    ) async throws -> Bool {
        try await app.transaction(site) { connection in
            guard let name = try body(connection) else { return false }
            try AuditLog.record("\(thing).deleted", subject: name, by: site.account, connection)
            return true
        }
    }
}
