package import Days
package import FoundationEssentials
package import Postgres

/// What is added up of each day of a site for lists, reports and usage: `daily_site_metrics`, `daily_page_metrics`.
package enum RollUps {
    /// A day's row in the list of sites.
    package struct Totals: Sendable, Equatable {
        package var pageViews: Int64 = 0
        package var visitors: Int64 = 0
        package var visits: Int64 = 0
        package var bounces: Int64 = 0
        package var seconds: Int64 = 0
        package var events: Int64 = 0

        package init() {}

        package init(_ block: Block) {
            pageViews = block.pageViews.reduce(0) { $0 + Int64($1) }
            visitors = Int64(block.visitorCount)
            visits = Int64(block.visitCount)
            bounces = block.bounced.reduce(0) { $0 + Int64($1) }
            seconds = block.duration.reduce(0) { $0 + Int64($1) }
            events = Int64(block.eventCount)
        }

        init(_ summary: Summary) {
            func sum(_ sum: Sum) -> Int64 { summary.totals[sum.rawValue] }
            pageViews = sum(.pageViews)
            visitors = sum(.visitors)
            visits = sum(.visits)
            bounces = sum(.bounces)
            seconds = sum(.duration)
            events = sum(.events)
        }

        package static func += (left: inout Totals, right: Totals) {
            left.pageViews += right.pageViews
            left.visitors += right.visitors
            left.visits += right.visits
            left.bounces += right.bounces
            left.seconds += right.seconds
            left.events += right.events
        }
    }

    /// A row of `daily_page_metrics`; the path is nil for the rest.
    package struct Page: Sendable, Equatable {
        package var path: String?
        package var pageViews: Int64
        package var visitors: Int64
        package var visits: Int64
    }

    /// So many pages of a day have a row of their own.
    package static let pages = 500
    /// A longer path is of the rest: an index takes no more.
    private static let longestPath = 2_000

    /// Adds a day up anew from the summaries of all its parts. A day without parts has no rows.
    package static func recompute(
        account: Int64, site: UUID, day: Day, now: Date, in connection: Connection
    ) throws {
        let summaries = try summaries(account, site, day, connection)
        try connection.execute(
            "DELETE FROM daily_page_metrics WHERE account_id = \(account) AND site_id = \(site) AND date = \(day)"
        )
        guard !summaries.isEmpty else {
            try connection.execute(
                "DELETE FROM daily_site_metrics WHERE account_id = \(account) AND site_id = \(site) AND date = \(day)"
            )
            return
        }
        try store(totals(of: summaries), account: account, site: site, day: day, now: now, in: connection)
        let pages = pages(of: summaries)
        try connection.execute(
            """
            INSERT INTO daily_page_metrics (account_id, site_id, date, path, is_rest, page_views, unique_visitors, visits)
            SELECT \(account), \(site), \(day), * FROM unnest(\(pages.map { $0.path ?? "" }), \(pages.map { $0.path == nil }),
                \(pages.map(\.pageViews)), \(pages.map(\.visitors)), \(pages.map(\.visits)))
            """)
    }

    /// Writes the row of `daily_site_metrics` alone: of a day that is not over.
    package static func store(
        _ totals: Totals, account: Int64, site: UUID, day: Day, now: Date, in connection: Connection
    ) throws {
        try connection.execute(
            """
            INSERT INTO daily_site_metrics (account_id, site_id, date, page_views, unique_visitors, visits, bounces,
                visit_seconds, events, updated_at)
            VALUES (\(account), \(site), \(day), \(totals.pageViews), \(totals.visitors), \(totals.visits),
                \(totals.bounces), \(totals.seconds), \(totals.events), \(now))
            ON CONFLICT (account_id, site_id, date) DO UPDATE SET page_views = excluded.page_views,
                unique_visitors = excluded.unique_visitors, visits = excluded.visits, bounces = excluded.bounces,
                visit_seconds = excluded.visit_seconds, events = excluded.events, updated_at = excluded.updated_at
            """)
    }

    /// What the parts that a day has in `site_days` add up to.
    package static func stored(
        account: Int64, site: UUID, day: Day, in connection: Connection
    ) throws -> (totals: Totals, pages: [Page]) {
        let summaries = try summaries(account, site, day, connection)
        return (totals(of: summaries), pages(of: summaries))
    }

    private static func summaries(
        _ account: Int64, _ site: UUID, _ day: Day, _ connection: Connection
    ) throws -> [Summary] {
        let values: [([UInt8], [UInt8]?)] = try connection.rows(
            """
            SELECT summary, CASE WHEN octet_length(summary) = 0 THEN core END
            FROM site_days WHERE \(SiteDays.of(account, site, day)) ORDER BY part
            """)
        return try values.map { summary, core in
            try core.map { Summary(ofPages: try BlockFile.block(core: $0, columns: .times)) }
                ?? BlockFile.summary(summary, keys: [.column(.page)])
        }
    }

    private static func totals(of summaries: [Summary]) -> Totals {
        summaries.reduce(into: Totals()) { $0 += Totals($1) }
    }

    private static func pages(of summaries: [Summary]) -> [Page] {
        var byPath: [[UInt8]: Page] = [:]
        var rest = Page(path: nil, pageViews: 0, visitors: 0, visits: 0)
        func add(_ other: Page, to page: inout Page) {
            page.pageViews += other.pageViews
            page.visitors += other.visitors
            page.visits += other.visits
        }
        for summary in summaries {
            guard let table = summary.tables[.column(.page)] else { continue }
            let texts = summary.dictionaries[Int(Column.page.rawValue)]
            for (row, value) in table.values.enumerated() {
                let path = texts[Int(value)]
                func sum(_ sum: Sum) -> Int64 { table.sums[sum.rawValue][row] }
                let page = Page(
                    path: path, pageViews: sum(.pageViews), visitors: sum(.visitors), visits: sum(.visits))
                guard page.pageViews > 0 else { continue }
                if path == Block.other || path.utf8.count > longestPath || path.utf8.contains(0) {
                    add(page, to: &rest)
                } else {
                    // By its bytes: what Unicode holds for equal are two paths.
                    add(
                        page,
                        to: &byPath[
                            Array(path.utf8), default: Page(path: path, pageViews: 0, visitors: 0, visits: 0)]
                    )
                }
            }
        }
        let ranked = byPath.sorted { left, right in
            left.value.pageViews != right.value.pageViews
                ? left.value.pageViews > right.value.pageViews : left.key.lexicographicallyPrecedes(right.key)
        }
        for (_, page) in ranked.dropFirst(pages) { add(page, to: &rest) }
        return ranked.prefix(pages).map(\.value) + (rest.pageViews > 0 ? [rest] : [])
    }
}
