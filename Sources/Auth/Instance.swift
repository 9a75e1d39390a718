package import FoundationEssentials
package import Postgres

/// What those who run the instance see and do across all accounts. The loud door: in the browser, only who is signed in
/// with a confirmed address of MOCHI_ADMIN_EMAILS gets one of these; on the machine itself, `mochi admin` has one.
package struct Instance: Sendable {
    package struct Account: Sendable, Hashable {
        package let id: AccountID
        package let name: String
        /// Addresses.
        package let owners: [String]
        package let sites: [String]
        /// Of the last thirty days.
        package let pageViews: Int64
        package let createdAt: Date
    }

    package struct Counts: Sendable, Hashable {
        package let people: Int64
        package let accounts: Int64
        package let sites: Int64
        package let waitingJobs: Int64
        package let deadJobs: Int64
        package let quarantinedDays: Int64
    }

    private let system: Database
    /// Nil on the machine itself.
    private let administrator: UserID?

    /// Nil for everybody else.
    package init?(_ session: Session, administrators: [String], system: Database) {
        guard session.user.emailConfirmedAt != nil, administrators.contains(session.user.email) else {
            return nil
        }
        self.system = system
        administrator = session.user.id
    }

    init(system: Database) {
        self.system = system
        administrator = nil
    }

    package func counts() async throws -> Counts {
        try await system.transaction(readOnly: true) { connection in
            try connection.rows(
                """
                SELECT (SELECT count(*) FROM users) AS people, (SELECT count(*) FROM accounts) AS accounts,
                    (SELECT count(*) FROM sites) AS sites,
                    (SELECT count(*) FROM jobs WHERE state IN ('ready', 'running')) AS waiting,
                    (SELECT count(*) FROM jobs WHERE state = 'dead') AS dead,
                    (SELECT count(*) FROM aggregation_state WHERE state = 'quarantined') AS quarantined
                """
            ) { row in
                Counts(
                    people: try row["people"], accounts: try row["accounts"], sites: try row["sites"],
                    waitingJobs: try row["waiting"], deadJobs: try row["dead"],
                    quarantinedDays: try row["quarantined"])
            }[0]
        }
    }

    /// Those with the most page views first.
    package func accounts(now: Date, limit: Int64 = 200) async throws -> [Account] {
        let since = now.addingTimeInterval(-30 * 86_400)
        return try await system.transaction(readOnly: true) { connection in
            try connection.rows(
                """
                SELECT a.id, a.name, a.created_at,
                    ARRAY(SELECT u.email FROM memberships m JOIN users u ON u.id = m.user_id
                        WHERE m.account_id = a.id AND m.role = 'owner' ORDER BY u.email) AS owners,
                    ARRAY(SELECT s.domain FROM sites s WHERE s.account_id = a.id ORDER BY s.domain) AS domains,
                    coalesce((SELECT sum(d.page_views) FROM daily_site_metrics d
                        WHERE d.account_id = a.id AND d.date >= \(since)::date), 0)::bigint AS views
                FROM accounts a ORDER BY views DESC, a.id DESC LIMIT \(limit)
                """
            ) { row in
                Account(
                    id: try row["id"], name: try row["name"], owners: try row["owners"],
                    sites: try row["domains"], pageViews: try row["views"], createdAt: try row["created_at"])
            }
        }
    }

    /// Takes an account out of everybody's sight and has everything of it erased. Its people stay, with whatever other
    /// accounts they have.
    ///
    /// - Parameters:
    ///   - name: the account's, entered once more.
    ///   - erase: puts that work into the queue.
    /// - Throws: ``FormError`` when there is no such account, or its name is another.
    package func deleteAccount(
        _ id: AccountID, name: String, erase: @escaping @Sendable (Connection, AccountID) throws -> Void
    ) async throws {
        try await system.transaction { connection in
            let found: String? = try connection.first("SELECT name FROM accounts WHERE id = \(id) FOR UPDATE")
            guard let found else { throw FormError("account", "There is no account \(id.rawValue).") }
            guard found == FormText.trimmed(name) else {
                throw FormError("name", "This is not the name of account \(id.rawValue).")
            }
            try Identity.erase(id, erase, connection)
        }
    }

    /// Takes a domain off the site that has it, so that whose it is can add it. The site keeps its figures and goes on
    /// under another name. False when no site has it.
    package func releaseDomain(_ text: String) async throws -> Bool {
        let domain = try DomainName.normalized(text)
        return try await system.transaction { [administrator] connection in
            let account: AccountID? = try connection.first(
                """
                UPDATE sites SET domain = left(id::text, 8) || '.released.invalid', is_public = false
                WHERE domain = \(domain) RETURNING account_id
                """)
            guard let account else { return false }
            try AuditLog.record(
                "site.domain_released", subject: domain, account: account, user: administrator, session: nil,
                connection)
            return true
        }
    }
}

extension Identity {
    /// Whether nobody has signed up here yet.
    package func isNew() async throws -> Bool {
        try await system.transaction(readOnly: true) { connection in
            try connection.one("SELECT NOT EXISTS (SELECT FROM users)")
        }
    }
}
