package import Auth
import FoundationEssentials
package import Postgres

/// A site's goals, funnels and segments.
package struct SiteGoals: Sendable {
    let app: Database

    package init(app: Database) {
        self.app = app
    }

    /// A goal as it is kept; the currency is that of the money that its events bring.
    package struct Saved: Sendable, Hashable {
        package let goal: Goal
        package let currency: String?
    }

    // MARK: Goals

    /// By name.
    package func list(of site: SiteAccess) async throws -> [Saved] {
        try await app.transaction(site, readOnly: true) { try SiteGoals.goals(of: site, $0) }
    }

    /// - Throws: ``FormError`` for what was entered, a name that is taken included.
    package func create(
        _ name: String, _ kind: Goal.Kind, condition: Filter? = nil, currency: String? = nil,
        of site: SiteAccess
    ) async throws -> Goal {
        let name = try SavedName.checked(name)
        let columns = try Columns(kind)
        try SiteGoals.check(condition, currency, columns.kind)
        let conditions = condition.map { JSON($0.json) }
        return try await SavedName.create(app, site, "goal", name) { connection in
            let id: Int64 = try connection.one(
                """
                INSERT INTO goals (account_id, site_id, name, kind, event_name, page_pattern, scroll_depth, currency,
                    conditions)
                VALUES (\(site.site.account), \(site.site.id), \(name), \(columns.kind), \(columns.event), \(columns.page),
                    \(columns.depth), \(currency), \(conditions))
                RETURNING id
                """)
            return Goal(id: id, name: name, kind: kind, condition: condition)
        }
    }

    /// Makes another goal of a goal, under its id; the funnels that it is part of follow. False when the site has none
    /// such.
    ///
    /// - Throws: as ``create(_:_:condition:currency:of:)``.
    package func change(
        goal id: Int64, _ name: String, _ kind: Goal.Kind, condition: Filter?, currency: String?,
        of site: SiteAccess
    ) async throws -> Bool {
        let name = try SavedName.checked(name)
        let columns = try Columns(kind)
        try SiteGoals.check(condition, currency, columns.kind)
        let conditions = condition.map { JSON($0.json) }
        return try await SavedName.save(app, site, "goal", "changed", name) { connection in
            try connection.execute(
                """
                UPDATE goals SET name = \(name), kind = \(columns.kind), event_name = \(columns.event),
                    page_pattern = \(columns.page), scroll_depth = \(columns.depth), currency = \(currency),
                    conditions = \(conditions)
                WHERE account_id = \(site.site.account) AND site_id = \(site.site.id) AND id = \(id)
                """) == 1
        }
    }

    private static func check(_ condition: Filter?, _ currency: String?, _ kind: String) throws {
        if let condition, condition.groupsGoals {
            throw FormError("conditions", "What a goal asks for cannot be another goal.")
        }
        if let currency {
            guard currency.utf8.count == 3, currency.utf8.allSatisfy({ (65...90).contains($0) }),
                kind == "event"
            else {
                throw FormError(
                    "currency", "Money comes with events; its currency has three capital letters.")
            }
        }
    }

    /// False when the site has no such goal.
    ///
    /// - Throws: ``FormError`` when a funnel needs it.
    @discardableResult
    package func delete(goal id: Int64, of site: SiteAccess) async throws -> Bool {
        try await app.transaction(site) { connection in
            let funnel: String? = try connection.first(
                """
                SELECT f.name FROM funnel_steps s JOIN funnels f ON f.account_id = s.account_id AND f.id = s.funnel_id
                WHERE s.account_id = \(site.site.account) AND s.goal_id = \(id) LIMIT 1
                """)
            if let funnel { throw FormError("goal", "The funnel “\(funnel)” needs it: delete that first.") }
            let name: String? = try connection.first(
                """
                DELETE FROM goals WHERE account_id = \(site.site.account) AND site_id = \(site.site.id) AND id = \(id)
                RETURNING name
                """)
            guard let name else { return false }
            try AuditLog.record("goal.deleted", subject: name, by: site.account, connection)
            return true
        }
    }

    static func goals(of site: SiteAccess, _ connection: Connection) throws -> [Saved] {
        try connection.rows(
            .prepared(
                """
                SELECT id, name, kind, event_name, page_pattern, scroll_depth, currency, conditions FROM goals
                WHERE account_id = \(site.site.account) AND site_id = \(site.site.id) ORDER BY name COLLATE "C", id
                """)
        ) { row in
            let columns = Columns(
                kind: try row["kind"], event: try row["event_name"], page: try row["page_pattern"],
                depth: try row["scroll_depth"])
            let conditions: JSON? = try row["conditions"]
            return Saved(
                goal: Goal(
                    id: try row["id"], name: try row["name"], kind: columns.goalKind,
                    condition: try conditions.map { try Filter(json: $0.text) }),
                currency: try row["currency"])
        }
    }

    /// What a goal asks for, as the table has it.
    private struct Columns {
        var kind: String
        var event: String?
        var page: String?
        var depth: Int16?

        init(kind: String, event: String?, page: String?, depth: Int16?) {
            self.kind = kind
            self.event = event
            self.page = page
            self.depth = depth
        }

        init(_ kind: Goal.Kind) throws {
            self.init(kind: "page", event: nil, page: nil, depth: nil)
            switch kind {
            case .event(let name):
                self.kind = "event"
                event = try SavedName.checked(name, field: "event_name")
                if name == Fold.pageView || name == Fold.engagement {
                    throw FormError(
                        "event_name", "Choose a custom event; for page views there are goals of pages.")
                }
            case .page(let pattern): page = try Columns.checked(pattern)
            case .scroll(let pattern, let depth):
                self.kind = "scroll"
                page = try Columns.checked(pattern)
                guard (1...100).contains(depth) else {
                    throw FormError("scroll_depth", "Use 1 to 100 per cent.")
                }
                self.depth = Int16(depth)
            }
        }

        private static func checked(_ pattern: String) throws -> String {
            guard pattern.hasPrefix("/") || pattern.hasPrefix("*"), pattern.utf8.count <= 2_000,
                !pattern.utf8.contains(where: { $0 < 0x20 })
            else { throw FormError("page_pattern", "Enter a path such as /thanks or /blog/**.") }
            return pattern
        }

        var goalKind: Goal.Kind {
            switch kind {
            case "event": .event(event ?? "")
            case "scroll": .scroll(page: page ?? "", depth: Int(depth ?? 0))
            default: .page(page ?? "")
            }
        }
    }
}

extension Filter {
    /// There is a goal anywhere in it.
    var groupsGoals: Bool {
        switch self {
        case .all(let filters), .any(let filters): filters.contains(where: \.groupsGoals)
        case .not(let filter), .hasDone(let filter): filter.groupsGoals
        case .match: false
        case .goal: true
        }
    }
}

/// What things that people save have in common.
enum SavedName {
    static func checked(_ name: String, field: String = "name") throws -> String {
        let scalars = name.unicodeScalars
        let isBlank = { (scalar: Unicode.Scalar) in scalar.properties.isWhitespace }
        guard let first = scalars.firstIndex(where: { !isBlank($0) }),
            let last = scalars.lastIndex(where: { !isBlank($0) })
        else { throw FormError(field, "Give it a name.") }
        let trimmed = String(scalars[first...last])
        guard trimmed.unicodeScalars.count <= 200 else {
            throw FormError(field, "Use at most 200 characters.")
        }
        guard !trimmed.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            throw FormError(field, "Use one line.")
        }
        return trimmed
    }

    /// Inserts a thing and notes it; a name that is taken is a ``FormError``.
    static func create<R: Sendable>(
        _ app: Database, _ site: SiteAccess, _ thing: String, _ name: String,
        _ body: @escaping @Sendable (Connection) throws -> R
    ) async throws -> R {
        try await save(app, site, thing, "created", name, body)
    }

    /// The same for any change of one.
    static func save<R: Sendable>(
        _ app: Database, _ site: SiteAccess, _ thing: String, _ change: String, _ name: String,
        _ body: @escaping @Sendable (Connection) throws -> R
    ) async throws -> R {
        do {
            return try await app.transaction(site) { connection in
                let made = try body(connection)
                try AuditLog.record("\(thing).\(change)", subject: name, by: site.account, connection)
                return made
            }
        } catch let error as PostgresError where error.kind == .uniqueViolation {
            throw FormError("name", "There is a \(thing) of this name already.", isTaken: true)
        }
    }
}
