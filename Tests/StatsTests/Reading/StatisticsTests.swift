import Auth
import Days
import FoundationEssentials
import Postgres
import TestSupport
import Testing

@testable import Stats

/// Answers out of PostgreSQL: sealed days from their rows, open days from raw events.
struct StatisticsTests {
    private struct Event {
        var minute: Double
        var visitor: Int
        var name = "pageview"
        var page = "/"
        var source = ""
        var country = ""
    }

    private let today = Day("2026-11-21")!
    private var yesterday: Day { today.advanced(by: -1) }

    /// Minutes are those of the day in UTC; sequences go on from one call to the next.
    private func load(
        _ events: [Event], day: Day, from first: Int = 1, _ site: SiteAccess, _ database: TestDatabase
    ) async throws {
        try await database.owner.withConnection { connection in
            _ = try connection.rows("SELECT make_event_partitions(\(day))") { _ in }
            try connection.execute(
                """
                INSERT INTO aggregation_state (account_id, site_id, day)
                VALUES (\(site.site.account), \(site.site.id), \(day)) ON CONFLICT DO NOTHING
                """)
            for (index, event) in events.enumerated() {
                let at = Date(timeIntervalSince1970: Double(day.rawValue) * 86_400 + event.minute * 60)
                try connection.execute(
                    """
                    INSERT INTO events VALUES (\(day), \(site.site.account), 1, \(first + index), \(site.site.id), \(at),
                        \(event.visitor), \(event.name), 'h', \(event.page), '', '', \(event.source), '', '', '', '', '',
                        '', '', \(event.country), '', '', '', '', '', '', '', '', '', true, 0, NULL, NULL, '', '{}')
                    """)
            }
            try connection.execute(
                """
                INSERT INTO ingest_positions (stream, collector, sequence, loaded_through)
                VALUES (1, gen_random_uuid(), \(first + events.count - 1), \(Double(day.rawValue) * 86_400)::float8 * interval '1 s' + timestamptz 'epoch')
                ON CONFLICT (stream) DO UPDATE SET sequence = excluded.sequence, updated_at = now()
                """)
        }
    }

    private func seal(_ events: [Event], day: Day, _ site: SiteAccess, _ database: TestDatabase) async throws
    {
        var raw = RawEvents()
        for (index, event) in events.enumerated() {
            raw.append(
                .init(
                    time: Int64(day.rawValue) * 86_400_000_000 + Int64(event.minute * 60_000_000),
                    visitor: Int64(event.visitor), stream: 2, sequence: Int64(index)),
                [
                    .name: event.name, .hostname: "h", .page: event.page, .source: event.source,
                    .country: event.country,
                ])
        }
        let clock = ZoneHistory(.utc).clock(of: day)
        let block = Fold.fold(raw, clock: clock).block
        try await database.system.transaction { connection in
            try SiteDays.replace(
                .seal, with: [.init(block)], account: site.site.account.rawValue, site: site.site.id.rawValue,
                clock: clock, now: Date(), in: connection)
            try connection.execute(
                """
                INSERT INTO aggregation_state (account_id, site_id, day, state, format, sealed_at)
                VALUES (\(site.site.account), \(site.site.id), \(day), 'sealed', \(BlockFile.format), now())
                ON CONFLICT (account_id, site_id, day) DO UPDATE SET state = 'sealed', format = excluded.format,
                    sealed_at = excluded.sealed_at
                """)
        }
    }

    private func question(_ days: ClosedRange<Day>, by dimensions: [Dimension] = []) -> Question {
        Question(span: Span(days: days), metrics: [.visitors, .visits, .pageViews], dimensions: dimensions)
    }

    private func totals(
        _ days: ClosedRange<Day>, _ site: SiteAccess, _ statistics: Statistics
    ) async throws -> [Figure] {
        try await statistics.answer(question(days), of: site).rows[0].figures
    }

    private func numbers(_ numbers: Double...) -> [Figure] { numbers.map { .number($0) } }

    @Test func `sealed days and the open day add`() async throws {
        try await withTestDatabase { database in
            let site = try await database.site()
            let statistics = Statistics(app: database.app)
            try await seal(
                [Event(minute: 1, visitor: 1), Event(minute: 2, visitor: 2, page: "/b")], day: yesterday,
                site,
                database)
            try await load(
                [Event(minute: 0, visitor: 1), Event(minute: 10, visitor: 1, page: "/b")], day: today, site,
                database)
            #expect(try await totals(yesterday...today, site, statistics) == numbers(3, 3, 4))
            #expect(try await totals(today...today, site, statistics) == numbers(1, 1, 2))
            let pages = try await statistics.answer(question(yesterday...today, by: [.page]), of: site)
            #expect(
                pages
                    == Figures(
                        rows: [
                            .init(values: ["/"], figures: numbers(2, 2, 2)),
                            .init(values: ["/b"], figures: numbers(2, 2, 2)),
                        ], total: 2))
        }
    }

    @Test func `what is new of a day is found without a look at the rest`() async throws {
        try await withTestDatabase { database in
            let site = try await database.site()
            try await load([Event(minute: 0, visitor: 1)], day: today, site, database)
            try await database.owner.withConnection { connection in
                try connection.execute(
                    """
                    INSERT INTO events SELECT e.day, e.account_id, e.stream, n, e.site_id, e.received_at, n, e.name, 'h',
                        '/', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '',
                        true, 0, NULL, NULL, '', '{}'
                    FROM events e CROSS JOIN generate_series(2, 20000) AS n
                    """)
                try connection.execute("UPDATE ingest_positions SET sequence = 20000 WHERE stream = 1")
                // With and without it another plan was made.
                try connection.execute("ANALYZE events")
            }
            let reading = EventReading(
                account: site.site.account.rawValue, site: site.site.id.rawValue, day: today)
            let (new, looked) = try await database.app.transaction(site, readOnly: true) { connection in
                var raw = RawEvents()
                _ = try reading.read(into: &raw, after: [1: 19_990], connection)
                let looked: Int64 = try connection.one(
                    """
                    SELECT coalesce(sum(seq_tup_read + coalesce(idx_tup_fetch, 0)), 0)::bigint
                    FROM pg_stat_xact_user_tables WHERE relname LIKE 'events%'
                    """)
                return (raw.count, looked)
            }
            #expect(new == 10)
            #expect(looked == 10)
        }
    }

    @Test func `what arrives is in the next answer, and a visitor who comes back is still one`() async throws
    {
        try await withTestDatabase { database in
            let site = try await database.site()
            let statistics = Statistics(app: database.app)
            #expect(try await totals(today...today, site, statistics) == numbers(0, 0, 0))
            try await load(
                [Event(minute: 0, visitor: 1), Event(minute: 0, visitor: 2)], day: today, site, database)
            #expect(try await totals(today...today, site, statistics) == numbers(2, 2, 2))
            try await load(
                [
                    Event(minute: 20, visitor: 1), Event(minute: 90, visitor: 2),
                    Event(minute: 91, visitor: 3),
                ],
                day: today, from: 3, site, database)
            #expect(try await totals(today...today, site, statistics) == numbers(3, 4, 5))
            #expect(try await totals(today...today, site, Statistics(app: database.app)) == numbers(3, 4, 5))
        }
    }

    @Test func `a day that is sealed, or sealed again, is read anew`() async throws {
        try await withTestDatabase { database in
            let site = try await database.site()
            let statistics = Statistics(app: database.app)
            let one = [Event(minute: 5, visitor: 1)]
            try await load(one, day: yesterday, site, database)
            #expect(try await totals(yesterday...today, site, statistics) == numbers(1, 1, 1))
            try await seal(one, day: yesterday, site, database)
            #expect(try await totals(yesterday...today, site, statistics) == numbers(1, 1, 1))
            try await seal(one + [Event(minute: 6, visitor: 2)], day: yesterday, site, database)
            #expect(try await totals(yesterday...today, site, statistics) == numbers(2, 2, 2))
            try await seal([], day: yesterday, site, database)
            #expect(try await totals(yesterday...today, site, statistics) == numbers(0, 0, 0))
        }
    }

    @Test func `columns that were not needed before are fetched when they are`() async throws {
        try await withTestDatabase { database in
            let site = try await database.site()
            let statistics = Statistics(app: database.app)
            try await seal(
                [Event(minute: 1, visitor: 1, country: "DE"), Event(minute: 2, visitor: 2, country: "FR")],
                day: yesterday, site, database)
            let filter = Filter.match(.init(.country, .equals, ["DE"]))
            for dimension in [Dimension.page, .hostname, .city, .property("plan"), .source] {
                var asked = question(yesterday...yesterday, by: [dimension])
                #expect(try await statistics.answer(asked, of: site).rows.count <= 1)
                asked.filter = filter
                let answer = try await statistics.answer(asked, of: site)
                #expect(answer.rows.allSatisfy { $0.figures[0] == .number(1) })
            }
        }
    }

    @Test func `whatever was asked before, the answer is that of a reader who begins with it`() async throws {
        try await withTestDatabase { database in
            let site = try await database.site()
            let events = (0..<40).map { number in
                Event(
                    minute: Double(number), visitor: number % 11,
                    name: number % 5 == 0 ? "Signup" : "pageview",
                    page: "/\(number % 3)", source: ["Google", "", "Bing"][number % 3],
                    country: ["DE", "FR"][number % 2])
            }
            try await seal(events, day: yesterday, site, database)
            let dimensions = Dimension.all.filter { $0 != .goal } + [.property("plan")]
            var asked = question(yesterday...yesterday)
            asked.filter = .match(.init(.page, .equals, ["/1"]))
            var expected: [Dimension: Figures] = [:]
            for dimension in dimensions {
                asked.dimensions = [dimension]
                expected[dimension] = try await Statistics(app: database.app).answer(asked, of: site)
            }
            for first in dimensions {
                let statistics = Statistics(app: database.app)
                for dimension in [first] + dimensions.shuffled().prefix(6) {
                    asked.dimensions = [dimension]
                    #expect(
                        try await statistics.answer(asked, of: site) == expected[dimension],
                        "\(dimension.id) after \(first.id)")
                }
            }
        }
    }

    @Test func `another account's site answers nothing, whatever is asked`() async throws {
        try await withTestDatabase { database in
            let site = try await database.site()
            try await seal([Event(minute: 1, visitor: 1)], day: yesterday, site, database)
            try await load([Event(minute: 1, visitor: 1)], day: today, site, database)
            let other = try await database.site(domain: "other.example")
            let statistics = Statistics(app: database.app)
            #expect(try await totals(yesterday...today, site, statistics) == numbers(2, 2, 2))
            #expect(try await totals(yesterday...today, other, statistics) == numbers(0, 0, 0))
            #expect(try await statistics.hasEvents(site))
            #expect(try await !statistics.hasEvents(other))
            #expect(try await statistics.calendar(site).firstDay == yesterday)
            #expect(try await statistics.calendar(other).firstDay == nil)
        }
    }

    @Test func `a cache that holds next to nothing answers the same, and so do many who ask at once`()
        async throws
    {
        try await withTestDatabase { database in
            let site = try await database.site()
            for back in 1...5 {
                try await seal(
                    (0..<20).map { Event(minute: Double($0), visitor: $0, page: "/\($0)") },
                    day: today.advanced(by: -back), site, database)
            }
            try await load([Event(minute: 1, visitor: 1)], day: today, site, database)
            let days = today.advanced(by: -5)...today
            for bytes in [0, 10_000, 100 << 20] {
                let statistics = Statistics(app: database.app, cacheBytes: bytes)
                try await withThrowingTaskGroup(of: [Figure].self) { group in
                    for _ in 0..<10 { group.addTask { try await totals(days, site, statistics) } }
                    for try await answer in group { #expect(answer == numbers(101, 101, 101)) }
                }
            }
        }
    }

    @Test func `a question for a part of a day counts its events alone`() async throws {
        try await withTestDatabase { database in
            let site = try await database.site()
            try await load(
                [Event(minute: 0, visitor: 1), Event(minute: 10, visitor: 1), Event(minute: 29, visitor: 2)],
                day: today, site, database)
            let now = Int64(today.rawValue) * 86_400 + 30 * 60
            let calendar = try await Statistics(app: database.app).calendar(site)
            let span = calendar.span(of: .realtime, at: Date(timeIntervalSince1970: Double(now)))
            let asked = Question(span: span, metrics: [.visitors, .pageViews])
            // The first was thirty minutes ago.
            #expect(
                try await Statistics(app: database.app).answer(asked, of: site).rows[0].figures
                    == numbers(2, 2))
        }
    }

    @Test func `statistics that were begun anew leave out what was received before`() async throws {
        try await withTestDatabase { database in
            let site = try await database.site()
            let statistics = Statistics(app: database.app)
            try await load(
                [Event(minute: 0, visitor: 1), Event(minute: 600, visitor: 2)], day: today, site, database)
            #expect(try await totals(today...today, site, statistics) == numbers(2, 2, 2))
            try await database.owner.withConnection { connection in
                _ = try connection.execute(
                    "UPDATE sites SET statistics_from = \(today)::timestamp AT TIME ZONE 'UTC' + interval '1 hour'"
                )
            }
            #expect(try await totals(today...today, site, statistics) == numbers(1, 1, 1))
        }
    }
}
