import Days
import Foundation
import Postgres
import Stats
import TestSupport
import Testing
import Worker

struct ScrubTests {
    let day = CountedSite.yesterday

    @Test(arguments: ["summary", "core", "detail", "properties"])
    func `a flipped bit anywhere in a sealed day is found`(_ column: String) async throws {
        try await withTestDatabase { database in
            let site = try await CountedSite(database)
            // So many that it has a summary.
            try await site.load(site.rows(column == "summary" ? 2 * SiteDays.leastSummarized : 200, on: day))
            let now = site.end(of: day, hours: 2)
            try await site.sealing(at: now).run()
            try await Scrub.run(site.round("scrub", at: now))
            #expect(try await site.number("SELECT count(*) FROM scrub_findings") == 0)
            let size = try await site.number("SELECT length(\(identifier: column)) FROM site_days")
            for place in [0, 9, size / 2, size - 1] {
                try await flip(place, of: column, site)
                try await Scrub.run(site.round("scrub", at: now))
                #expect(
                    try await site.number("SELECT count(*) FROM scrub_findings") == 1,
                    "at \(place) of \(size)")
                try await flip(place, of: column, site)
                try await Scrub.run(site.round("scrub", at: now))
                #expect(try await site.number("SELECT count(*) FROM scrub_findings") == 0)
            }
        }
    }

    private func flip(_ place: Int, of column: String, _ site: CountedSite) async throws {
        _ = try await site.database.owner.withConnection { connection in
            let place = Int32(place)
            try connection.execute(
                """
                UPDATE site_days SET \(identifier: column) = set_byte(\(identifier: column), \(place),
                    get_byte(\(identifier: column), \(place)) # 4)
                """)
        }
    }

    @Test(
        arguments: [
            "UPDATE daily_site_metrics SET visits = visits + 1",
            "UPDATE daily_page_metrics SET page_views = 0",
            "DELETE FROM daily_page_metrics", "UPDATE site_days SET visitors = visitors - 1",
        ] as [SQL])
    func `roll-ups that do not add up are found`(_ damage: SQL) async throws {
        try await withTestDatabase { database in
            let site = try await CountedSite(database)
            try await site.load(site.rows(200, on: day))
            let now = site.end(of: day, hours: 2)
            try await site.sealing(at: now).run()
            _ = try await database.owner.withConnection { try $0.execute(damage) }
            #expect(
                try await Scrub.check(
                    account: site.account, site: site.site, day: day, now: now, in: database.system
                ).count == 1)
        }
    }

    @Test func `parts of an older format are written anew and say the same`() async throws {
        try await withTestDatabase { database in
            let site = try await CountedSite(database)
            try await site.load(site.rows(200, on: day))
            let now = site.end(of: day, hours: 2)
            try await site.sealing(at: now).run()
            let before = try await site.stored()
            let version = try await site.number("SELECT version FROM site_days")
            _ = try await database.owner.withConnection { try $0.execute("UPDATE site_days SET format = 0") }
            try await Reencoding.run(site.round("formats", at: now))
            #expect(try await site.stored() == before)
            #expect(try await site.number("SELECT version FROM site_days") > version)
        }
    }

    @Test func `today's row counts what has come until now`() async throws {
        try await withTestDatabase { database in
            let site = try await CountedSite(database)
            let today = day.advanced(by: 1)
            let schedule = try #require(Schedule.all.first { $0.name == "today" })
            var rows = site.rows(100, on: today)
            for turn in 0..<3 {
                let more = site.rows(10, on: today, from: Int64(turn) * 100 + 500)
                try await site.load(turn == 0 ? rows : more)
                if turn > 0 { rows += more }
                try await schedule.run(site.round("today", at: site.end(of: day, hours: 14)))
                #expect(try await site.days() == [CountedSite.Totals(site.fold(rows, on: today).block)])
            }
            let written: Date = try await database.system.withConnection {
                try $0.one("SELECT updated_at FROM daily_site_metrics")
            }
            // Without news nothing is written.
            try await schedule.run(site.round("today", at: site.end(of: day, hours: 15)))
            #expect(
                try await database.system.withConnection {
                    try $0.one("SELECT updated_at FROM daily_site_metrics")
                }
                    == written)
            try await site.sealing(at: site.end(of: today, hours: 30)).run()
            #expect(try await site.days() == [CountedSite.Totals(site.fold(rows, on: today).block)])
        }
    }
}
