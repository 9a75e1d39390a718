package import Auth
import Days
package import FoundationEssentials
package import Postgres

/// Answers queries, straight from the raw events of open days.
package struct Statistics: Sendable {
    private let app: Database

    package init(app: Database) {
        self.app = app
    }

    package func answer(_ query: Query) async throws -> PlainAnswer {
        let series = query.series()
        let zeros = query.metrics.map { _ in 0.0 }
        return try await app.transaction(query.site, readOnly: true) { connection in
            let rows = try connection.rows(Statistics.statement(query, series)) { row in
                (
                    value: try row[0] as String, total: try row[1] as Int,
                    figures: try query.metrics.indices.map { try row[$0 + 2] as Double }
                )
            }
            if query.dimension == nil {
                return PlainAnswer(rows: [PlainAnswer.Row(value: "", figures: rows.first?.figures ?? zeros)], total: 1)
            }
            guard let series else {
                return PlainAnswer(
                    rows: rows.map { PlainAnswer.Row(value: $0.value, figures: $0.figures) },
                    total: rows.first?.total ?? 0)
            }
            // What had no visitor is there, with zeros.
            let known = Dictionary(rows.map { ($0.value, $0.figures) }) { first, _ in first }
            return PlainAnswer(
                rows: series.enumerated().map { index, bucket in
                    PlainAnswer.Row(value: bucket.label, figures: known[String(index + 1)] ?? zeros)
                }, total: series.count)
        }
    }

    /// Visitors since a moment, for each site of an account that had any.
    package func visitors(since: Date, in access: AccountAccess) async throws -> [SiteID: Int] {
        // A moment is in the day before, the same or the day after, whatever the site's zone.
        let day = Zone.utc.day(at: Int64(since.timeIntervalSince1970.rounded(.down)))
        return try await app.transaction(access, readOnly: true) { connection in
            let rows: [(SiteID, Int)] = try connection.rows(
                """
                SELECT site_id, count(DISTINCT (day, visitor)) FROM events
                WHERE account_id = \(access.account) AND day >= \(day.advanced(by: -1)) AND received_at >= \(since)
                GROUP BY site_id
                """)
            return Dictionary(uniqueKeysWithValues: rows)
        }
    }

    /// Whether a site has ever been sent an event that counted.
    package func hasEvents(_ site: SiteAccess) async throws -> Bool {
        try await app.transaction(site, readOnly: true) { connection in
            try connection.one(
                """
                SELECT EXISTS (SELECT FROM events
                    WHERE account_id = \(site.site.account) AND site_id = \(site.site.id))
                """)
        }
    }
}
