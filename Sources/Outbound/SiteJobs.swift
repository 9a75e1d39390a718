package import FoundationEssentials
package import Postgres

/// Work on a site's statistics that takes longer than a request: jobs with a progress, which may be interrupted anywhere
/// and are repeated until they are through.
package enum SiteJobs {
    package static let reset = "reset_site"
    package static let erase = "erase_site"
    package static let eraseAccount = "erase_account"
    package static let retention = "retention"
    package static let transfer = "transfer_site"

    /// What the account's people see of them.
    package static let kinds = [reset, erase, retention]

    package struct Arguments: Codable, Sendable, Hashable {
        package var account: Int64
        /// Nil for a whole account.
        package var site: UUID?

        package init(account: Int64, site: UUID?) {
            self.account = account
            self.site = site
        }
    }

    /// Begins a site's statistics anew: what was received until now is no more of them, what is still on its way included.
    @discardableResult
    package static func reset(account: Int64, site: UUID, in connection: Connection) throws -> Int64? {
        try connection.execute(
            """
            UPDATE sites SET statistics_from = clock_timestamp() WHERE id = \(site) AND account_id = \(account)
            """)
        return try enqueue(reset, account, site, connection)
    }

    /// Removes a site and everything that was counted of it. Its tracking keys are dead at once.
    @discardableResult
    package static func erase(account: Int64, site: UUID, in connection: Connection) throws -> Int64? {
        try connection.execute("DELETE FROM sites WHERE id = \(site) AND account_id = \(account)")
        return try enqueue(erase, account, site, connection)
    }

    /// Removes an account with all its sites, its members' memberships, and everything that was counted. Under the
    /// system's role: the account's own jobs go with it, so that this one is nobody's.
    package static func eraseAccount(_ account: Int64, in connection: Connection) throws {
        try Jobs.enqueue(
            eraseAccount, Arguments(account: account, site: nil), uniqueKey: "\(eraseAccount):\(account)",
            attempts: patience, in: connection)
    }

    /// A site that moves to another account.
    package struct Transfer: Codable, Sendable, Hashable {
        package var from: Int64
        package var to: Int64
        package var site: UUID
        /// Who gives it away, and must still be allowed to when it is done.
        package var user: Int64
        /// Who takes it, with the same condition; nil is the same person.
        package var receiver: Int64?

        package init(from: Int64, to: Int64, site: UUID, user: Int64, receiver: Int64? = nil) {
            self.from = from
            self.to = to
            self.site = site
            self.user = user
            self.receiver = receiver
        }
    }

    /// Moves a site with everything that was counted.
    package static func transfer(_ move: Transfer, in connection: Connection) throws {
        try Jobs.enqueue(
            transfer, move, uniqueKey: "\(transfer):\(move.from):\(move.site.uuidString)",
            account: move.from, in: connection)
    }

    /// Removes the days that are older than the site keeps; nil if that is under way.
    @discardableResult
    package static func applyRetention(account: Int64, site: UUID, in connection: Connection) throws -> Int64?
    {
        try enqueue(retention, account, site, connection)
    }

    /// The jobs of an account, or of one of its sites, that wait or run, the newest first.
    package static func underWay(
        account: Int64, site: UUID? = nil, in connection: Connection
    ) throws -> [Jobs.Status] {
        let ofSite: SQL = site.map { "AND (arguments ->> 'site')::uuid = \($0)" } ?? ""
        return try Jobs.statuses(
            "account_id = \(account) AND kind = ANY (\(kinds)) AND state IN ('ready', 'running') \(ofSite)",
            limit: 50, in: connection)
    }

    /// Two resets are two jobs: the one that runs may not know of the later.
    @discardableResult
    private static func enqueue(
        _ kind: String, _ account: Int64, _ site: UUID, _ connection: Connection
    ) throws -> Int64? {
        try Jobs.enqueue(
            kind, Arguments(account: account, site: site),
            uniqueKey: kind == reset ? nil : "\(kind):\(account):\(site.uuidString)", account: account,
            attempts: patience, in: connection)
    }

    /// Attempts: what has to be erased is not given up on within a month.
    private static let patience: Int32 = 200
}
