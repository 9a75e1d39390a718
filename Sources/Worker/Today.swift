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
                    try refresh(siteDay, round, connection)
                }
            } catch let error as PostgresError where error.asksForRetry || error.kind == .uniqueViolation {
                // Somebody wrote the same row meanwhile; the next round sees to it.
                continue
            }
        }
    }

    private static func refresh(_ siteDay: Sealing.SiteDay, _ round: Round, _ connection: Connection) throws {
        try connection.execute("SET LOCAL statement_timeout = '1min'")
        // A seal that is under way writes the row itself.
        let state: String? = try connection.first(
            "SELECT state FROM aggregation_state WHERE \(siteDay.key) FOR UPDATE SKIP LOCKED")
        guard state == "open",
            let history = try ZoneHistory.ofSites([siteDay.site], connection)[siteDay.site]
        else { return }
        let (raw, vector) = try round.openDays.refresh(
            account: siteDay.account, site: siteDay.site, clock: history.clock(of: siteDay.day),
            since: try statisticsFrom(siteDay, connection), in: connection)
        // Its imported parts included.
        var totals = try RollUps.stored(
            account: siteDay.account, site: siteDay.site, day: siteDay.day, in: connection
        ).totals
        totals += raw
        try RollUps.store(
            totals, account: siteDay.account, site: siteDay.site, day: siteDay.day, now: round.now,
            in: connection)
        try connection.execute(
            "UPDATE aggregation_state SET vector = \(JSON(vector: vector)) WHERE \(siteDay.key)")
    }
}
