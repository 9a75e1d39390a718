package import FoundationEssentials
import Postgres

// Typed ids: an account's number cannot be passed where a person's is meant.

package struct AccountID: RawRepresentable, Hashable, Sendable, PostgresValue {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
}

package struct UserID: RawRepresentable, Hashable, Sendable, PostgresValue {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
}

package struct SiteID: RawRepresentable, Hashable, Sendable, PostgresValue {
    package let rawValue: UUID
    package init(rawValue: UUID) { self.rawValue = rawValue }
}

package struct ApiKeyID: RawRepresentable, Hashable, Sendable, PostgresValue {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
}

package struct ShareLinkID: RawRepresentable, Hashable, Sendable, PostgresValue {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
}
