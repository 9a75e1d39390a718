package import Auth
import Days
package import FoundationEssentials
import Postgres

/// What a site counted in some days, from its roll-ups.
package struct SiteSums: Sendable, Hashable {
    /// Visitors of each day, today's last.
    package var byDay: [Int]
    package var visits = 0
    package var pageViews = 0
    package var bounces = 0
    /// Of all visits together.
    package var seconds = 0

    package init(days: Int) {
        byDay = Array(repeating: 0, count: days)
    }

    /// Days' visitors are disjoint, so that they add.
    package var visitors: Int { byDay.reduce(0, +) }

    package static func += (left: inout SiteSums, right: SiteSums) {
        for day in left.byDay.indices { left.byDay[day] += right.byDay[day] }
        left.visits += right.visits
        left.pageViews += right.pageViews
        left.bounces += right.bounces
        left.seconds += right.seconds
    }
}

extension SiteOverviews {
    /// Of every site of the account, in the last days by its own clock, today included.
    package func sums(
        days: Int, in access: AccountAccess, now: Date
    ) async throws -> [SiteID: SiteSums] {
        try await app.transaction(access, readOnly: true) { connection in
            let instant = Int64(now.timeIntervalSince1970.rounded(.down))
            let todays = try SiteOverviews.todays(access.account, at: instant, connection)
            var sums = todays.mapValues { _ in SiteSums(days: days) }
            try connection.stream(
                """
                SELECT site_id, date, unique_visitors, visits, page_views, bounces, visit_seconds
                FROM daily_site_metrics
                WHERE account_id = \(access.account) AND date >= \(Zone.utc.day(at: instant).advanced(by: -1 - days))
                """
            ) { row in
                let (site, day): (SiteID, Day) = (try row[0], try row[1])
                guard let today = todays[site] else { return }
                let place = days - 1 - day.distance(to: today)
                guard (0..<days).contains(place) else { return }
                func number(_ column: Int) throws -> Int { Int(try row[column] as Int64) }
                sums[site]?.byDay[place] = try number(2)
                sums[site]?.visits += try number(3)
                sums[site]?.pageViews += try number(4)
                sums[site]?.bounces += try number(5)
                sums[site]?.seconds += try number(6)
            }
            return sums
        }
    }
}
