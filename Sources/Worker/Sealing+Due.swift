import Days
import FoundationEssentials
import Logging
import Metrics
import Postgres
import Stats

/// Which days are to be sealed.
extension Sealing {
    /// Oldest first.
    package func due() async throws -> [SiteDay] {
        try await system.transaction(readOnly: true) { [now] connection in
            try connection.execute("SET LOCAL statement_timeout = '5min'")
            let candidates =
                try Sealing.unsealed(now, connection) + Sealing.late(now, connection)
                + Sealing.outdated(now, connection)
            let collectors = try Sealing.collectors(connection)
            let histories = try ZoneHistory.ofSites(Set(candidates.map(\.site)), connection)
            var seen: Set<SiteDay> = []
            return candidates.filter { siteDay in
                guard seen.insert(siteDay).inserted, let history = histories[siteDay.site] else {
                    return false
                }
                return Readiness(dayEnds: history.endDate(of: siteDay.day), collectors: collectors, now: now)
                    == .due
            }.sorted { ($0.day, $0.account) < ($1.day, $1.account) }
        }
    }

    /// By id: what each said last.
    static func collectors(_ connection: Connection) throws -> [CollectorState] {
        try connection.rows(
            """
            SELECT max(greatest(updated_at, loaded_through)) AS heard, max(loaded_through) AS loaded_through
            FROM ingest_positions GROUP BY collector
            """
        ) { CollectorState(heard: try $0["heard"], loadedThrough: try $0["loaded_through"]) }
    }

    /// Days that are not sealed and could be over. Sites that are gone are for those who erase them.
    private static func unsealed(_ now: Date, _ connection: Connection) throws -> [SiteDay] {
        try siteDays(
            """
            SELECT a.account_id, a.site_id, a.day FROM aggregation_state a
            JOIN sites s ON s.id = a.site_id AND s.account_id = a.account_id
            WHERE a.state <> 'sealed' AND a.day <= \(newest(now)) AND coalesce(a.retry_at <= \(now), true)
            """, connection)
    }

    /// Days of events that came after their raw events were gone, or before there was room for them.
    private static func late(_ now: Date, _ connection: Connection) throws -> [SiteDay] {
        try siteDays(
            """
            SELECT l.account_id, l.site_id, l.day FROM late_events l
            JOIN sites s ON s.id = l.site_id AND s.account_id = l.account_id
            LEFT JOIN aggregation_state a ON a.account_id = l.account_id AND a.site_id = l.site_id AND a.day = l.day
            WHERE l.day <= \(newest(now)) AND coalesce(a.retry_at <= \(now), true)
            GROUP BY 1, 2, 3
            """, connection)
    }

    /// Sealed days for which more was loaded since, or that are written in an older format.
    private static func outdated(_ now: Date, _ connection: Connection) throws -> [SiteDay] {
        var found: [SiteDay] = []
        for day in try Partitions.openDays(connection) where day <= newest(now) {
            found += try siteDays(
                """
                SELECT account_id, site_id, day FROM (\(Sealing.withNews(on: day, "a.state = 'sealed'"))) AS a
                WHERE coalesce(retry_at <= \(now), true)
                """, connection)
        }
        return found
    }

    /// Rows of `aggregation_state` for which there are events that their vector does not know.
    ///
    /// LIMIT keeps the planner from hashing the whole day: it is a few looks at the key of `events` for each row.
    static func withNews(on day: Day, _ condition: SQL) -> SQL {
        """
        SELECT a.* FROM aggregation_state a
        CROSS JOIN LATERAL (
            SELECT 1 FROM ingest_positions p
            JOIN events e ON e.day = \(day) AND e.account_id = a.account_id AND e.stream = p.stream
                AND e.sequence > coalesce((a.vector ->> p.stream::text)::bigint, 0) AND e.site_id = a.site_id
            WHERE p.sequence > coalesce((a.vector ->> p.stream::text)::bigint, 0) AND \(EventReading.mayHold(day))
            LIMIT 1) AS news
        WHERE a.day = \(day) AND \(condition)
        """
    }

    private static func siteDays(_ sql: SQL, _ connection: Connection) throws -> [SiteDay] {
        try connection.rows(sql) {
            SiteDay(account: try $0["account_id"], site: try $0["site_id"], day: try $0["day"])
        }
    }

    /// The last day that is over somewhere, the grace included: the earliest zone is 14 hours ahead of UTC.
    private static func newest(_ now: Date) -> Day {
        Zone.utc.day(at: Int64((now.timeIntervalSince1970 + 14 * 3_600 - Readiness.grace).rounded(.down)))
            .advanced(by: -1)
    }

    // MARK: What cannot be sealed

    /// Marks the days that should have been sealed long ago, and says so, once each. They are still tried.
    func quarantine() async throws {
        let overdue = try await system.transaction { [now] connection in
            let open: [SiteDay] = try Sealing.siteDays(
                """
                SELECT a.account_id, a.site_id, a.day FROM aggregation_state a
                JOIN sites s ON s.id = a.site_id AND s.account_id = a.account_id
                WHERE a.state = 'open' AND a.day <= \(Sealing.newest(now).advanced(by: -2))
                """, connection)
            let histories = try ZoneHistory.ofSites(Set(open.map(\.site)), connection)
            let overdue = open.filter { siteDay in
                guard let history = histories[siteDay.site] else { return false }
                return Readiness.isOverdue(dayEnds: history.endDate(of: siteDay.day), now: now)
            }
            for siteDay in overdue {
                try connection.execute(
                    "UPDATE aggregation_state SET state = 'quarantined' WHERE \(siteDay.key) AND state = 'open'"
                )
            }
            return overdue
        }
        for siteDay in overdue {
            Counter(label: "mochi_days_quarantined_total").increment()
            logger.error(
                "a day is over for three days and could not be sealed; see mochi doctor",
                metadata: ["site": "\(siteDay.site)", "day": "\(siteDay.day)"])
        }
    }
}

extension ZoneHistory {
    /// Of those sites that are there.
    static func ofSites(_ sites: Set<UUID>, _ connection: Connection) throws -> [UUID: ZoneHistory] {
        var zones: [UUID: [(from: Day, zone: Zone)]] = [:]
        try connection.stream(
            "SELECT site_id, from_day, zone FROM site_zones WHERE site_id = ANY (\(Array(sites)))"
        ) {
            zones[try $0["site_id"], default: []].append(
                (try $0["from_day"], Zone.named(try $0["zone"]) ?? .utc))
        }
        return zones.compactMapValues { ZoneHistory($0) }
    }

    func endDate(of day: Day) -> Date {
        Date(timeIntervalSince1970: TimeInterval(end(of: day)))
    }
}
