import Auth
import Days
import Foundation
import Postgres
import Stats
import TestSupport
import Testing

/// A few events written by hand, asked for in every way.
struct StatisticsTests {
    private struct Event {
        var minute: Double
        var visitor: Int64
        var name = "pageview"
        var page = "/"
        var country = "JP"
        var source = ""
        var interactive = true
    }

    private let metrics = Metric.all

    private func insert(_ events: [Event], _ site: SiteAccess, _ database: TestDatabase, start: Date)
        async throws
    {
        let zone = Zone.named(site.site.timeZone)!
        try await database.owner.withConnection { connection in
            for (index, event) in events.enumerated() {
                let at = start.addingTimeInterval(event.minute * 60)
                try connection.execute(
                    """
                    INSERT INTO events VALUES (\(zone.day(at: Int64(at.timeIntervalSince1970))), \(site.site.account),
                        1, \(Int.random(in: 0..<1_000_000_000) * 100 + index), \(site.site.id), \(at), \(event.visitor),
                        \(event.name), 'h', \(event.page), '', '', \(event.source), '', '', '', '', '', '', '', \(event.country), '',
                        '', '', '', '', '', '', '', '', \(event.interactive), 0, NULL, NULL, '', '{}')
                    """)
            }
        }
    }

    /// Noon of the day before, so that nothing runs into a midnight.
    private var noon: Date {
        Date(timeIntervalSince1970: (Date().timeIntervalSince1970 / 86_400).rounded(.down) * 86_400 - 43_200)
    }

    private func day(_ date: Date) -> Day { Zone.utc.day(at: Int64(date.timeIntervalSince1970)) }

    @Test func `visits end after thirty minutes of silence, and visitors count once a day`() async throws {
        try await withTestDatabase { database in
            let site = try await database.site()
            try await insert(
                [
                    Event(minute: 0, visitor: 1), Event(minute: 30, visitor: 1, page: "/b"),
                    Event(minute: 60.1, visitor: 1), Event(minute: 1, visitor: 2, page: "/b"),
                    Event(minute: 1, visitor: 3, name: "engagement"),
                ], site, database, start: noon)
            let today = day(noon)
            let answer = try await Statistics(app: database.app).answer(
                Query(site: site, days: today...today, metrics: metrics))
            #expect(answer.rows == [.init(value: "", figures: [2, 3, 4, 200.0 / 3, 600])])
            let pages = try await Statistics(app: database.app).answer(
                Query(
                    site: site, days: today...today, metrics: [.visitors, .visits, .pageViews],
                    dimension: .page))
            #expect(
                pages
                    == PlainAnswer(
                        rows: [
                            .init(value: "/b", figures: [2, 2, 2]), .init(value: "/", figures: [1, 2, 2]),
                        ], total: 2))
        }
    }

    @Test
    func `what is not interactive leaves a bounce, what is ends it, and engagement keeps a visit alive`()
        async throws
    {
        try await withTestDatabase { database in
            let site = try await database.site()
            try await insert(
                [
                    Event(minute: 0, visitor: 1),
                    Event(minute: 1, visitor: 1, name: "Seen", interactive: false),
                    Event(minute: 0, visitor: 2), Event(minute: 1, visitor: 2, name: "Sign-up"),
                    Event(minute: 0, visitor: 3), Event(minute: 25, visitor: 3, name: "engagement"),
                    Event(minute: 50, visitor: 3),
                ], site, database, start: noon)
            let today = day(noon)
            let answer = try await Statistics(app: database.app).answer(
                Query(site: site, days: today...today, metrics: [.visits, .bounceRate, .visitDuration]))
            #expect(answer.rows[0].figures == [3, 100.0 / 3, 1_040])
        }
    }

    @Test func `a visit's source is that of its first event, whatever comes later`() async throws {
        try await withTestDatabase { database in
            let site = try await database.site()
            try await insert(
                [
                    Event(minute: 0, visitor: 1, source: "Google"),
                    Event(minute: 1, visitor: 1, source: "Stripe"),
                    Event(minute: 90, visitor: 1),
                    Event(minute: 0, visitor: 2, name: "engagement", source: "Bing"),
                    Event(minute: 1, visitor: 2),
                ], site, database, start: noon)
            let answer = try await Statistics(app: database.app).answer(
                Query(
                    site: site, days: day(noon)...day(noon), metrics: [.visitors, .visits, .pageViews],
                    dimension: .source))
            #expect(
                answer.rows == [
                    .init(value: "", figures: [2, 2, 2]), .init(value: "Google", figures: [1, 1, 2]),
                ])
        }
    }

    @Test func `every dimension can be asked for`() async throws {
        try await withTestDatabase { database in
            let site = try await database.site()
            try await insert([Event(minute: 0, visitor: 1)], site, database, start: noon)
            for dimension in Dimension.all {
                let answer = try await Statistics(app: database.app).answer(
                    Query(site: site, days: day(noon)...day(noon), metrics: Metric.all, dimension: dimension))
                let figures = answer.rows.map(\.figures).filter { $0[0] > 0 }
                #expect(figures == [[1, 1, 1, 100, 0]], "\(dimension.id)")
            }
        }
    }

    @Test func `days and hours without visitors are there with zeros`() async throws {
        try await withTestDatabase { database in
            let site = try await database.site(timeZone: "Asia/Kathmandu")
            try await insert([Event(minute: 0, visitor: 1)], site, database, start: noon)
            let zone = Zone.named("Asia/Kathmandu")!
            let today = zone.day(at: Int64(noon.timeIntervalSince1970))
            let days = try await Statistics(app: database.app).answer(
                Query(
                    site: site, days: today.advanced(by: -1)...today.advanced(by: 1), metrics: [.visitors],
                    dimension: .day))
            #expect(days.rows.map(\.value) == (-1...1).map { today.advanced(by: $0).description })
            #expect(days.rows.map(\.figures) == [[0], [1], [0]])
            let hours = try await Statistics(app: database.app).answer(
                Query(site: site, days: today...today, metrics: [.pageViews], dimension: .hour))
            #expect(hours.rows.count == 24)
            #expect(hours.rows.filter { $0.figures == [1] }.map(\.value) == ["\(today) 17:00"])
        }
    }

    @Test func `the first of many are answered with how many there are`() async throws {
        try await withTestDatabase { database in
            let site = try await database.site()
            try await insert(
                (0..<9).map { Event(minute: 0, visitor: $0, page: "/\($0)") }, site, database, start: noon)
            let answer = try await Statistics(app: database.app).answer(
                Query(
                    site: site, days: day(noon)...day(noon), metrics: [.visitors], dimension: .page, limit: 2,
                    offset: 1))
            #expect(answer == PlainAnswer(rows: ["/1", "/2"].map { .init(value: $0, figures: [1]) }, total: 9))
        }
    }

    @Test func `nobody's events are counted for somebody else`() async throws {
        try await withTestDatabase { database in
            let mine = try await database.site(domain: "mine.example")
            let other = try await database.site(domain: "other.example")
            try await insert([Event(minute: 0, visitor: 1)], other, database, start: noon)
            let statistics = Statistics(app: database.app)
            #expect(try await statistics.hasEvents(other))
            #expect(try await !statistics.hasEvents(mine))
            #expect(try await statistics.visitors(since: noon, in: mine.account) == [:])
            #expect(try await statistics.visitors(since: noon, in: other.account) == [other.site.id: 1])
            let answer = try await statistics.answer(
                Query(site: mine, days: day(noon)...day(noon), metrics: [.visitors]))
            #expect(answer.rows == [.init(value: "", figures: [0])])
        }
    }
}
