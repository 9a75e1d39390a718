package import Days
package import FoundationEssentials
package import Postgres

/// Counting again what is stored.
extension SiteDays {
    /// A row of `site_days`, as it was found.
    package struct Stored: Sendable {
        package let encoded: EncodedBlock
        package let block: Block
        /// Nil if it is so small that it has none.
        package let summary: Summary?

        /// What does not agree, a sentence each.
        package func differences(clock: DayClock) -> [String] {
            var differences: [String] = []
            if BlockFile.checksum(of: encoded) != encoded.checksum {
                differences.append("its checksum is another")
            }
            func compare(_ name: String, _ stored: Int, _ counted: Int) {
                if stored != counted { differences.append("\(stored) \(name) are noted, \(counted) counted") }
            }
            let totals = RollUps.Totals(block)
            compare("visitors", encoded.visitors, Int(totals.visitors))
            compare("visits", encoded.visits, Int(totals.visits))
            compare("page views", encoded.pageViews, Int(totals.pageViews))
            compare("events", encoded.events, Int(totals.events))
            if block.day != clock.day { differences.append("it says that it is of \(block.day)") }
            if let summary, summary != Summary(of: block, clock: clock) {
                differences.append("its summary is not what its events add up to")
            }
            return differences
        }
    }

    /// Nil when there is no such part.
    package static func stored(
        account: Int64, site: UUID, day: Day, part: Int16, in connection: Connection
    ) throws -> Stored? {
        let rows = try connection.rows(
            """
            SELECT format, visitors, visits, page_views, events, checksum, summary, core, detail, properties
            FROM site_days WHERE \(of(account, site, day)) AND part = \(part)
            """
        ) { row in
            EncodedBlock(
                format: try row["format"], visitors: try row["visitors"], visits: try row["visits"],
                pageViews: try row["page_views"], events: try row["events"], checksum: try row["checksum"],
                summary: try row["summary"], core: try row["core"], detail: try row["detail"],
                properties: try row["properties"])
        }
        guard let encoded = rows.first else { return nil }
        return Stored(
            encoded: encoded,
            block: try BlockFile.block(
                core: encoded.core, detail: encoded.detail, properties: encoded.properties),
            summary: encoded.summary.isEmpty ? nil : try BlockFile.summary(encoded.summary))
    }
}

extension RollUps {
    /// What does not agree with the parts that a day has, a sentence each.
    package static func differences(
        account: Int64, site: UUID, day: Day, in connection: Connection
    ) throws -> [String] {
        let (totals, pages) = try stored(account: account, site: site, day: day, in: connection)
        let isOpen: Bool = try connection.one(
            """
            SELECT EXISTS (SELECT FROM aggregation_state
                WHERE account_id = \(account) AND site_id = \(site) AND day = \(day) AND state <> 'sealed')
            """)
        // Today's row counts raw events too.
        if isOpen { return [] }
        let noted: [Totals] = try connection.rows(
            """
            SELECT page_views, unique_visitors, visits, bounces, visit_seconds, events FROM daily_site_metrics
            WHERE account_id = \(account) AND site_id = \(site) AND date = \(day)
            """
        ) { row in
            var totals = Totals()
            totals.pageViews = try row["page_views"]
            totals.visitors = try row["unique_visitors"]
            totals.visits = try row["visits"]
            totals.bounces = try row["bounces"]
            totals.seconds = try row["visit_seconds"]
            totals.events = try row["events"]
            return totals
        }
        let notedPages: [Page] = try connection.rows(
            """
            SELECT CASE WHEN is_rest THEN NULL ELSE path END AS path, page_views, unique_visitors, visits
            FROM daily_page_metrics WHERE account_id = \(account) AND site_id = \(site) AND date = \(day)
            ORDER BY is_rest, page_views DESC, path COLLATE "C"
            """
        ) { row in
            try Page(
                path: row["path"], pageViews: row["page_views"], visitors: row["unique_visitors"],
                visits: row["visits"])
        }
        return [
            noted == [totals] ? nil : "daily_site_metrics does not agree with the parts",
            notedPages == pages ? nil : "daily_page_metrics does not agree with the parts",
        ].compactMap { $0 }
    }
}
