import Days
import FoundationEssentials
import Postgres
import TestSupport
import Testing

@testable import Worker

@Suite struct DemoSeederTests {
    private static func checksums(_ database: TestDatabase) async throws -> [String] {
        try await database.owner.withConnection { connection in
            try connection.rows(
                "SELECT concat_ws(' ', day, part, origin, encode(checksum, 'hex')) AS line FROM site_days ORDER BY day, part"
            ) { try $0["line"] }
        }
    }

    private static func options(_ seed: UInt64 = 1, until: String? = "2026-10-31") -> DemoSeeder.Options {
        var options = DemoSeeder.Options()
        (options.days, options.events, options.seed) = (20, 4_000, seed)
        options.until = until.flatMap { Day($0) }
        return options
    }

    @Test func `past days are sealed, with roll-ups that add up`() async throws {
        try await withTestDatabase { database in
            _ = try await database.site(domain: "example.com", timeZone: "Europe/Berlin")
            let report = try await DemoSeeder(database: database.owner).run(
                site: "example.com", Self.options())
            #expect(report.events == 4_000 && report.eventsToday == 0)
            #expect([report.firstDay, report.lastDay] == [Day("2026-10-12"), Day("2026-10-31")])
            #expect((report.goals, report.funnels) == (10, 2))
            let (days, views, visitors, visits): (Int64, Int64, Int64, Int64) = try await database.owner
                .withConnection {
                    try $0.one(
                        """
                        SELECT count(*), sum(page_views)::bigint, sum(unique_visitors)::bigint, sum(visits)::bigint
                        FROM daily_site_metrics
                        """)
                }
            #expect(days == 20)
            #expect(
                [Int(views), Int(visitors), Int(visits)] == [
                    report.pageViews, report.visitors, report.visits,
                ])
            let sealed: Int64 = try await database.owner.withConnection {
                try $0.one("SELECT count(*) FROM aggregation_state WHERE state = 'sealed'")
            }
            #expect(sealed == 20)
            let steps: Int64 = try await database.owner.withConnection {
                try $0.one("SELECT count(*) FROM funnel_steps")
            }
            #expect(steps == 7)
        }
    }

    @Test func `the same seed writes the same bytes, another others`() async throws {
        let made = try await withTestDatabase { database in
            _ = try await database.site(domain: "example.com")
            let seeder = DemoSeeder(database: database.owner)
            _ = try await seeder.run(site: "example.com", Self.options())
            let first = try await Self.checksums(database)
            var again = Self.options()
            again.replaces = true
            _ = try await seeder.run(site: "example.com", again)
            #expect(try await Self.checksums(database) == first)
            again.seed = 2
            _ = try await seeder.run(site: "example.com", again)
            #expect(try await Self.checksums(database) != first)
            return first
        }
        try await withTestDatabase { database in
            _ = try await database.site(domain: "example.com")
            _ = try await DemoSeeder(database: database.owner).run(site: "example.com", Self.options())
            #expect(try await Self.checksums(database) == made)
        }
    }

    @Test func `a site that has statistics keeps them`() async throws {
        try await withTestDatabase { database in
            _ = try await database.site(domain: "example.com")
            let seeder = DemoSeeder(database: database.owner)
            _ = try await seeder.run(site: "example.com", Self.options())
            let first = try await Self.checksums(database)
            await #expect(throws: DemoSeeder.Refusal.self) {
                try await seeder.run(site: "example.com", Self.options(2))
            }
            await #expect(throws: DemoSeeder.Refusal.self) {
                try await seeder.run(site: "nobody.example", Self.options())
            }
            #expect(try await Self.checksums(database) == first)
        }
    }

    @Test func `today is raw, and ends now`() async throws {
        try await withTestDatabase { database in
            _ = try await database.site(domain: "example.com")
            let now = Date(
                timeIntervalSince1970: (Date().timeIntervalSince1970 / 86_400).rounded(.down) * 86_400
                    + 43_200)
            let report = try await DemoSeeder(database: database.owner).run(
                site: "example.com", Self.options(until: nil), now: now)
            #expect(report.eventsToday > 0)
            let (rows, isPast, days): (Int64, Bool, Int64) = try await database.owner.withConnection {
                connection in
                try connection.one(
                    "SELECT count(*), bool_and(received_at <= \(now)), count(DISTINCT day) FROM events")
            }
            #expect(Int(rows) == report.eventsToday && isPast && days == 1)
            let states: [String] = try await database.owner.withConnection { connection in
                try connection.rows("SELECT state FROM aggregation_state ORDER BY day")
            }
            #expect(states == Array(repeating: "sealed", count: 19) + ["open"])
            // The worker finds it like what a collector has loaded, and does not wait for such a collector.
            func round(at moment: Date) -> Round {
                Round(name: "test", owner: database.owner, system: database.system, now: moment)
            }
            try await Today.refresh(round(at: now))
            let views: [Int64] = try await database.owner.withConnection { connection in
                try connection.rows("SELECT page_views FROM daily_site_metrics ORDER BY date DESC LIMIT 1")
            }
            #expect(views[0] > 0 && views[0] <= rows)
            let night = round(at: now + 86_400 * 0.6)
            try await Sealing(system: night.system, now: night.now, logger: night.logger).run()
            let left: Int64 = try await database.owner.withConnection { connection in
                try connection.one("SELECT count(*) FROM aggregation_state WHERE state <> 'sealed'")
            }
            #expect(left == 0)
        }
    }
}
