import Auth
import Days
import Foundation
import Postgres
import Stats
import TestSupport
import Worker

/// A site with raw events, as collectors would have loaded them.
struct CountedSite: Sendable {
    let database: TestDatabase
    let access: SiteAccess

    var account: Int64 { access.site.account.rawValue }
    var site: UUID { access.site.id.rawValue }
    var clock: @Sendable (Day) -> DayClock {
        let history = ZoneHistory(Zone.named(access.site.timeZone)!)
        return { history.clock(of: $0) }
    }

    init(_ database: TestDatabase, domain: String = "example.com", timeZone: String = "UTC") async throws {
        self.database = database
        access = try await database.site(domain: domain, timeZone: timeZone)
    }

    func siteDay(_ day: Day) -> Sealing.SiteDay { Sealing.SiteDay(account: account, site: site, day: day) }

    /// The end of a day, and so many hours later.
    func end(of day: Day, hours: Double = 0) -> Date {
        Date(timeIntervalSince1970: Double(clock(day).end) + hours * 3_600)
    }

    // MARK: Events

    struct Row: Sendable {
        var day: Day
        var event: RawEvents.Event
        var texts: [Column: String]
        var properties: [String: String] = [:]
    }

    /// What a few dozen people do on a day: always the same for the same numbers.
    func rows(_ count: Int, on day: Day, stream: Int64 = 7, from first: Int64 = 1) -> [Row] {
        var generator = Numbers(
            state: UInt64(bitPattern: stream) &+ UInt64(first) &* 7_919 &+ UInt64(day.rawValue))
        let clock = clock(day)
        return (0..<count).map { index in
            let second = clock.start + Int64(generator.next(below: Int(clock.end - clock.start)))
            var event = RawEvents.Event(
                time: second * 1_000_000,
                visitor: Int64(generator.next(below: count / 4 + 1)) &* 0x5851_F42D_4C95_7F2D,
                stream: stream, sequence: first + Int64(index))
            var texts: [Column: String] = [
                .name: "pageview", .hostname: "example.com", .page: "/\(generator.next(below: 20))",
                .source: ["", "Google", "Bing"][generator.next(below: 3)],
                .country: ["DE", "JP"][generator.next(below: 2)],
                .browser: "Firefox",
            ]
            var properties: [String: String] = [:]
            switch generator.next(below: 10) {
            case 0:
                texts[.name] = "engagement"
                event.engagementMilliseconds = Int32(generator.next(below: 60_000))
                event.scrollDepth = Int16(generator.next(below: 101))
            case 1:
                texts[.name] = "Sign \"up\""
                texts[.currency] = "EUR"
                event.revenue = Int64(generator.next(below: 50)) * 1_000_000
                properties = ["plan": "größer \\ \"\(generator.next(below: 3))\"\n", "seats": "\(index % 5)"]
            default: break
            }
            return Row(day: day, event: event, texts: texts, properties: properties)
        }
    }

    private struct Numbers {
        var state: UInt64

        mutating func next(below limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(limit))
        }
    }

    /// Puts rows where a loader would, and says that everything before `through` is loaded.
    ///
    /// - Parameter through: nil: the end of today, so that yesterday may be sealed whatever the time is
    func load(
        _ rows: [Row], into table: SQL = "events", collector: Int = 1, through: Date? = nil
    ) async throws {
        let (account, site) = (account, site)
        let through = through ?? end(of: CountedSite.yesterday, hours: 24)
        try await database.owner.transaction { connection in
            try connection.copy(
                into: """
                    \(table) (day, account_id, site_id, received_at, visitor, stream, sequence, interactive, engagement_ms,
                    scroll_depth, revenue_amount, props, title, click_id_param, name, hostname, pathname, revenue_currency,
                    referrer, source, channel, utm_source, utm_medium, utm_campaign, utm_content, utm_term, country,
                    region, city, language, browser, browser_version, os, os_version, device, viewport)
                    """
            ) { copy in
                for row in rows {
                    try copy.row(columns: 36)
                    copy.write(row.day)
                    copy.write(account)
                    copy.write(site)
                    copy.write(microseconds: row.event.time)
                    copy.write(row.event.visitor)
                    copy.write(row.event.stream)
                    copy.write(row.event.sequence)
                    copy.write(row.event.interactive)
                    copy.write(row.event.engagementMilliseconds)
                    if let depth = row.event.scrollDepth { copy.write(depth) } else { copy.writeNull() }
                    if let revenue = row.event.revenue { copy.write(revenue) } else { copy.writeNull() }
                    let json = try JSONSerialization.data(withJSONObject: row.properties)
                    json.withUnsafeBytes { copy.write(json: $0) }
                    copy.write(row.texts[.title] ?? "")
                    copy.write("")
                    let columns: [Column] = [
                        .name, .hostname, .page, .currency, .referrer, .source, .channel, .utmSource,
                        .utmMedium,
                        .utmCampaign, .utmContent, .utmTerm, .country, .region, .city, .language, .browser,
                        .browserVersion, .os, .osVersion, .device, .viewport,
                    ]
                    for column in columns { copy.write(row.texts[column] ?? "") }
                }
            }
            for day in Set(rows.map(\.day)) {
                try connection.execute(
                    """
                    INSERT INTO aggregation_state (account_id, site_id, day) VALUES (\(account), \(site), \(day))
                    ON CONFLICT DO NOTHING
                    """)
            }
            for (stream, sequence) in Dictionary(
                rows.map { ($0.event.stream, $0.event.sequence) }, uniquingKeysWith: max)
            {
                try connection.execute(
                    """
                    INSERT INTO ingest_positions (stream, collector, sequence, loaded_through)
                    VALUES (\(stream), \(CountedSite.collector(collector)), \(sequence), \(through))
                    ON CONFLICT (stream) DO UPDATE SET sequence = greatest(excluded.sequence, ingest_positions.sequence),
                        loaded_through = excluded.loaded_through, updated_at = now()
                    """)
            }
        }
    }

    static func collector(_ number: Int) -> UUID {
        UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, UInt8(number)))
    }

    /// Says of a collector what it says of itself.
    func heard(_ collector: Int, at: Date, loadedThrough: Date) async throws {
        _ = try await database.owner.withConnection { connection in
            try connection.execute(
                """
                INSERT INTO ingest_positions (stream, collector, sequence, loaded_through, updated_at)
                VALUES (\(Int64(1_000 + collector)), \(Self.collector(collector)), 1, \(loadedThrough), \(at))
                ON CONFLICT (stream) DO UPDATE SET loaded_through = excluded.loaded_through,
                    updated_at = excluded.updated_at
                """)
        }
    }

    /// The fold of rows, without a database.
    func fold(_ rows: [Row], on day: Day) -> (block: Block, dropped: Int) {
        var raw = RawEvents()
        for row in rows {
            raw.append(row.event, row.texts)
            for (key, value) in row.properties { raw.addProperty(raw.property(key, value)) }
        }
        return Fold.fold(raw, clock: clock(day))
    }

    // MARK: What became of them

    func sealing(at now: Date, _ change: (inout Sealing.Options) -> Void = { _ in }) -> Sealing {
        var options = Sealing.Options()
        change(&options)
        return Sealing(system: database.system, now: now, logger: database.logger, options: options)
    }

    func round(_ name: String = "test", at now: Date) -> Round {
        Round(name: name, owner: database.owner, system: database.system, now: now)
    }

    /// All that is stored of the site, without what is another each time (versions, instants).
    func stored() async throws -> [String] {
        try await database.owner.withConnection { [site] connection in
            try connection.rows(
                """
                SELECT concat_ws(' ', 'part', day, part, origin, format, visitors, visits, page_views, events, inexact,
                    encode(checksum, 'hex'), md5(summary), md5(core), md5(detail), md5(properties))
                FROM site_days WHERE site_id = \(site)
                UNION ALL SELECT concat_ws(' ', 'day', date, page_views, unique_visitors, visits, bounces, visit_seconds,
                    events) FROM daily_site_metrics WHERE site_id = \(site)
                UNION ALL SELECT concat_ws(' ', 'page', date, path, is_rest, page_views, unique_visitors, visits)
                    FROM daily_page_metrics WHERE site_id = \(site)
                UNION ALL SELECT concat_ws(' ', 'state', day, state, vector, format, dropped, attempts)
                    FROM aggregation_state WHERE site_id = \(site)
                UNION ALL SELECT concat_ws(' ', 'drops', hour, reason, detail, count) FROM drops WHERE site_id = \(site)
                ORDER BY 1
                """)
        }
    }

    func number(_ sql: SQL) async throws -> Int {
        try await database.owner.withConnection { try $0.one(sql) }
    }

    func days() async throws -> [Totals] {
        try await database.owner.withConnection { [site] connection in
            try connection.rows(
                """
                SELECT date, page_views, unique_visitors, visits, events FROM daily_site_metrics
                WHERE site_id = \(site) ORDER BY date
                """
            ) { row in
                try Totals(
                    day: row["date"], pageViews: row["page_views"], visitors: row["unique_visitors"],
                    visits: row["visits"], events: row["events"])
            }
        }
    }

    struct Totals: Equatable, Sendable {
        var day: Day
        var pageViews: Int
        var visitors: Int
        var visits: Int
        var events: Int

        init(day: Day, pageViews: Int, visitors: Int, visits: Int, events: Int) {
            self.day = day
            self.pageViews = pageViews
            self.visitors = visitors
            self.visits = visits
            self.events = events
        }

        init(_ block: Block) {
            day = block.day
            pageViews = block.kinds.count { $0.contains(.pageView) }
            visitors = block.visitorCount
            visits = block.visitCount
            events = block.eventCount
        }
    }

    /// Yesterday in UTC: the last day that is over.
    static var yesterday: Day {
        Zone.utc.day(at: Int64(Date().timeIntervalSince1970)).advanced(by: -1)
    }
}
