import Days
import FoundationEssentials
import Postgres
import Stats

/// Keeps the rows of `daily_site_metrics` of days that are not over up to date, for the lists of sites.
enum Today {
    /// Counts a day of a site that has news since its row was written.
    static func refresh(_ round: Round) async throws {
        let siteDays = try await round.system.transaction(readOnly: true) { connection in
            var found: [Sealing.SiteDay] = []
            let around = Partitions.days(around: round.now)
            for day in try Partitions.openDays(connection).sorted() where around.contains(day) {
                found += try connection.rows(Sealing.withNews(on: day, "a.state = 'open'")) {
                    Sealing.SiteDay(
                        account: try $0["account_id"], site: try $0["site_id"], day: try $0["day"])
                }
            }
            return found
        }
        for siteDay in siteDays {
            try Task.checkCancellation()
            do {
                try await round.system.transaction(isolation: .repeatableRead) { connection in
                    try refresh(siteDay, now: round.now, connection)
                }
            } catch let error as PostgresError where error.asksForRetry || error.kind == .uniqueViolation {
                // Somebody wrote the same row meanwhile; the next round sees to it.
                continue
            }
        }
    }

    private static func refresh(_ siteDay: Sealing.SiteDay, now: Date, _ connection: Connection) throws {
        try connection.execute("SET LOCAL statement_timeout = '1min'")
        // A seal that is under way writes the row itself.
        let state: String? = try connection.first(
            "SELECT state FROM aggregation_state WHERE \(siteDay.key) FOR UPDATE SKIP LOCKED")
        guard state == "open",
            let history = try ZoneHistory.ofSites([siteDay.site], connection)[siteDay.site]
        else { return }
        let (totals, vector) = try count(siteDay, history.clock(of: siteDay.day), connection)
        try RollUps.store(
            totals, account: siteDay.account, site: siteDay.site, day: siteDay.day, now: now, in: connection)
        try connection.execute(
            "UPDATE aggregation_state SET vector = \(JSON(vector: vector)) WHERE \(siteDay.key)")
    }

    /// What the day adds up to until now, its imported parts included, and what was read for that.
    private static func count(
        _ siteDay: Sealing.SiteDay, _ clock: DayClock, _ connection: Connection
    ) throws -> (RollUps.Totals, [Int64: Int64]) {
        var raw = RawEvents()
        var reading = EventReading(account: siteDay.account, site: siteDay.site, day: siteDay.day)
        reading.since = try statisticsFrom(siteDay, connection)
        let vector = try reading.read(into: &raw, connection)
        var totals = try RollUps.stored(
            account: siteDay.account, site: siteDay.site, day: siteDay.day, in: connection
        ).totals
        totals += RollUps.Totals(Fold.fold(raw, clock: clock).block)
        return (totals, vector)
    }
}
