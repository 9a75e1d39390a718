import Days
import FoundationEssentials
import Outbound
import Postgres
import Stats

/// Removes days of a site that stays: those that are older than it keeps, or all when its statistics begin anew.
enum Forgetting {
    /// Days of one step.
    static let step = 100

    // MARK: Retention

    /// Puts a job into the queue for each site that has days older than it keeps.
    static func schedule(now: Date, in connection: Connection) throws {
        let today = Zone.utc.day(at: Int64(now.timeIntervalSince1970.rounded(.down)))
        let sites: [(Int64, UUID)] = try connection.rows(
            """
            SELECT s.account_id, s.id FROM sites s
            WHERE s.retention_days IS NOT NULL AND EXISTS (
                SELECT FROM aggregation_state a WHERE a.account_id = s.account_id AND a.site_id = s.id
                    AND a.day < \(today) - s.retention_days - 1
                UNION ALL SELECT FROM site_days d WHERE d.account_id = s.account_id AND d.site_id = s.id
                    AND d.day < \(today) - s.retention_days - 1)
            """)
        for (account, site) in sites {
            try SiteJobs.applyRetention(account: account, site: site, in: connection)
        }
    }

    @Sendable static func applyRetention(_ job: Job, _ context: JobKind.Context) async throws {
        let arguments = try SiteJobs.Arguments(job)
        guard let site = arguments.site else { throw GiveUp("the arguments name no site") }
        let now = context.now()
        let found = try await context.system.transaction(readOnly: true) { connection -> (Day, [Day])? in
            let row: Int32?? = try connection.first(
                "SELECT retention_days FROM sites WHERE id = \(site) AND account_id = \(arguments.account)")
            guard let kept = row ?? nil, let history = try ZoneHistory.ofSites([site], connection)[site]
            else {
                return nil
            }
            let today = history.localDay(at: Int64(now.timeIntervalSince1970.rounded(.down))).day
            // What has raw events still is sealed first.
            let limit = min(
                today.advanced(by: -Int(kept)), try Partitions.openDays(connection).min() ?? today)
            return (limit, try days(of: arguments.account, site, before: limit, connection))
        }
        guard let (limit, days) = found else { return }
        let key: SQL = "account_id = \(arguments.account) AND site_id = \(site)"
        try await inSteps(job, context, days) { days, connection in
            try connection.execute("DELETE FROM aggregation_state WHERE \(key) AND day = ANY (\(days))")
            try connection.execute("DELETE FROM site_days WHERE \(key) AND day = ANY (\(days))")
            try connection.execute("DELETE FROM late_events WHERE \(key) AND day = ANY (\(days))")
            try connection.execute("DELETE FROM scrub_findings WHERE \(key) AND day = ANY (\(days))")
            for day in days {
                try RollUps.recompute(
                    account: arguments.account, site: site, day: day, now: now, in: connection)
            }
        }
        _ = try await context.system.withConnection { connection in
            try connection.execute("DELETE FROM imports WHERE \(key) AND to_day < \(limit)")
        }
    }

    // MARK: Beginning anew

    @Sendable static func reset(_ job: Job, _ context: JobKind.Context) async throws {
        let arguments = try SiteJobs.Arguments(job)
        guard let site = arguments.site else { throw GiveUp("the arguments name no site") }
        let account = arguments.account
        let now = context.now()
        // Batches that do not know of it yet are over afterwards.
        try await Erasing.waitForLoaders(context.system)
        let found = try await context.system.transaction(readOnly: true) {
            connection -> (Date, [Day], Set<Day>)? in
            let row: Date?? = try connection.first(
                """
                SELECT nullif(statistics_from, '-infinity') FROM sites WHERE id = \(site) AND account_id = \(account)
                """)
            guard let since = row ?? nil, let history = try ZoneHistory.ofSites([site], connection)[site]
            else {
                return nil
            }
            let last = history.localDay(at: Int64(since.timeIntervalSince1970.rounded(.down))).day
            return (
                since, try days(of: account, site, before: last.advanced(by: 1), connection),
                try Partitions.openDays(connection)
            )
        }
        guard let (since, days, open) = found else { return }
        let key: SQL = "account_id = \(account) AND site_id = \(site)"
        // A seal that began a moment before knows nothing of it.
        let moment = since + 60
        try await inSteps(job, context, days) { days, connection in
            // First, so that a seal that is under way ends before.
            try connection.execute(
                """
                UPDATE aggregation_state SET state = 'open', vector = '{}', sealed_at = NULL, format = NULL, attempts = 0,
                    retry_at = NULL, last_error = ''
                WHERE \(key) AND day = ANY (\(days.filter(open.contains))) AND coalesce(sealed_at <= \(moment), true)
                """)
            try connection.execute(
                """
                DELETE FROM aggregation_state
                WHERE \(key) AND day = ANY (\(days.filter { !open.contains($0) })) AND coalesce(sealed_at <= \(moment), true)
                """)
            try connection.execute("SET LOCAL statement_timeout = '5min'")
            try connection.execute(
                "DELETE FROM events WHERE \(key) AND day = ANY (\(days)) AND received_at < \(since)")
            try connection.execute(
                "DELETE FROM late_events WHERE \(key) AND day = ANY (\(days)) AND received_at < \(since)")
            try connection.execute("DELETE FROM open_blocks WHERE \(key) AND day = ANY (\(days))")
            try connection.execute("DELETE FROM scrub_findings WHERE \(key) AND day = ANY (\(days))")
            try connection.execute(
                """
                DELETE FROM site_days WHERE \(key) AND day = ANY (\(days))
                    AND (sealed_at <= \(since) OR origin <> 'import' AND sealed_at <= \(moment))
                """)
            for day in days {
                try RollUps.recompute(account: account, site: site, day: day, now: now, in: connection)
            }
        }
        _ = try await context.system.transaction { connection in
            try connection.execute("DELETE FROM imports WHERE \(key) AND created_at <= \(since)")
            try connection.execute(
                "DELETE FROM drops WHERE \(key) AND hour < date_trunc('hour', \(since), 'UTC')")
        }
    }

    // MARK: Underneath

    /// Days before one of which anything is stored.
    private static func days(
        of account: Int64, _ site: UUID, before limit: Day, _ connection: Connection
    ) throws -> [Day] {
        let key: SQL = "account_id = \(account) AND site_id = \(site)"
        return try connection.rows(
            """
            SELECT day FROM aggregation_state WHERE \(key) AND day < \(limit)
            UNION SELECT day FROM site_days WHERE \(key) AND day < \(limit)
            UNION SELECT date FROM daily_site_metrics WHERE \(key) AND date < \(limit)
            UNION SELECT day FROM late_events WHERE \(key) AND day < \(limit)
            ORDER BY day
            """)
    }

    private static func inSteps(
        _ job: Job, _ context: JobKind.Context, _ days: [Day],
        _ body: @escaping @Sendable ([Day], Connection) throws -> Void
    ) async throws {
        for start in stride(from: 0, to: days.count, by: step) {
            let some = Array(days[start..<min(start + step, days.count)])
            try await context.system.transaction(attempts: 3) { connection in
                try connection.execute("SET LOCAL lock_timeout = '1min'")
                try body(some, connection)
                try Jobs.note(
                    job, done: Int64(start + some.count), of: Int64(days.count), "days", in: connection)
            }
        }
    }
}
