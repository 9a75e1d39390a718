import Postgres

/// What somebody is to an account. The order is of power over its sites.
package enum Role: String, Sendable, CaseIterable, Comparable, PostgresValue {
    case billing, viewer, editor, admin, owner

    package static func < (one: Role, other: Role) -> Bool { one.power < other.power }

    private var power: Int { Role.allCases.firstIndex(of: self)! }
}

/// What an API key may be used for.
package enum Scope: String, Sendable, CaseIterable, PostgresValue {
    case readStats = "stats:read"
    case readSites = "sites:read"
    case writeSites = "sites:write"
    case writeEvents = "events:write"
}
