package import FoundationEssentials
package import Postgres

/// Leave to act for an account. Only this target can make one, from a session or an API key that it has checked;
/// no tenant's row is reachable without.
package struct AccountAccess: Sendable {
    package let account: AccountID
    package let accountName: String
    package let role: Role
    /// The person who acts; an API key acts for the one who made it.
    package let user: UserID?
    package let sessionID: UUID?

    init(account: AccountID, accountName: String, role: Role, user: UserID?, sessionID: UUID?) {
        self.account = account
        self.accountName = accountName
        self.role = role
        self.user = user
        self.sessionID = sessionID
    }
}

/// Leave to act for one site of an account.
package struct SiteAccess: Sendable {
    package let site: Site
    package let account: AccountAccess
    /// Within which bounds somebody who is nobody's member may look; nil for members.
    package let sharing: Sharing?

    init(site: Site, account: AccountAccess, sharing: Sharing? = nil) {
        self.site = site
        self.account = account
        self.sharing = sharing
    }
}

/// What a shared dashboard shows.
package struct Sharing: Sendable, Hashable {
    /// Nil when the site itself is public.
    package let link: ShareLinkID?
    /// No figure tells of fewer visitors than this; 1 is no bound.
    package let leastVisitors: Int
    /// A filter that always holds, as JSON.
    package let segment: String?
    /// Whether it shows less than there is.
    package var isBounded: Bool { leastVisitors > 1 || segment != nil }

    package init(link: ShareLinkID?, leastVisitors: Int = 1, segment: String? = nil) {
        self.link = link
        self.leastVisitors = leastVisitors
        self.segment = segment
    }
}

extension Database {
    /// The door to a tenant's rows: a transaction that row-level security binds to the account of `access`.
    package func transaction<R: Sendable>(
        _ access: AccountAccess, isolation: Isolation = .readCommitted, readOnly: Bool = false,
        attempts: Int = 1,
        _ body: @escaping @Sendable (Connection) throws -> R
    ) async throws -> R {
        try await transaction(
            tenant: access.account.rawValue, isolation: isolation, readOnly: readOnly, attempts: attempts,
            body)
    }

    package func transaction<R: Sendable>(
        _ access: SiteAccess, isolation: Isolation = .readCommitted, readOnly: Bool = false,
        attempts: Int = 1,
        _ body: @escaping @Sendable (Connection) throws -> R
    ) async throws -> R {
        try await transaction(
            access.account, isolation: isolation, readOnly: readOnly, attempts: attempts, body)
    }
}
