import Auth
import Days
import FoundationEssentials
import Postgres
import Stats
import TestSupport
import Testing

@testable import App

/// `/sites` and `/sites/roll-up`.
@Suite struct SitesPageTests {
    private func domains(_ text: String) -> [String] {
        text.matches(of: /<h2><a href="\/sites\/([^"]+)">/).map { String($0.output.1) }
    }

    private func site(_ domain: String, _ web: Web, _ database: TestDatabase, _ tab: Tab) async throws
        -> SiteAccess
    {
        let access = try await database.identity().session(token: tab.cookies["mochi"]!)!.accounts[0]
        return try await web.sites.find(domain: domain, in: access)!
    }

    private func rollUp(
        _ access: SiteAccess, daysAgo: Int, visitors: Int, _ database: TestDatabase
    ) async throws {
        try await database.owner.withConnection { connection in
            _ = try connection.execute(
                """
                INSERT INTO daily_site_metrics
                SELECT \(access.site.account), \(access.site.id), (now() AT TIME ZONE 'UTC')::date - \(Int32(daysAgo)),
                    \(2 * visitors), \(visitors), \(visitors), 0, \(60 * visitors), \(2 * visitors), now()
                """)
        }
    }

    @Test func `sites are searched, put in order, and pinned to the top`() async throws {
        try await withApplication { tab, database, web in
            try await tab.signUp()
            for domain in ["a.example", "b.example", "c.test"] { try await tab.addSite(domain) }
            try await rollUp(site("b.example", web, database, tab), daysAgo: 1, visitors: 5, database)
            #expect(try await domains(tab.get("/sites").text) == ["a.example", "b.example", "c.test"])
            #expect(try await domains(tab.get("/sites?order=visitors").text).first == "b.example")
            #expect(try await domains(tab.get("/sites?order=added").text).first == "c.test")
            #expect(try await domains(tab.get("/sites?q=EXAMPLE").text) == ["a.example", "b.example"])
            let nothing = try await tab.get("/sites?q=%3Cb%3E")
            #expect(nothing.text.contains("No site has “&lt;b&gt;” in its name."))

            _ = try await tab.get("/sites")
            let pinned = try await tab.post(
                "/sites/c.test/pin", ["pinned": "yes", "order": "name", "q": "a b"])
            #expect(pinned.location == "/sites?order=name&q=a%20b")
            #expect(try await domains(tab.get("/sites").text) == ["c.test", "a.example", "b.example"])
            _ = try await tab.post("/sites/c.test/pin", ["pinned": "no"])
            #expect(try await domains(tab.get("/sites").text).first == "a.example")
        }
    }

    @Test func `a card shows the last 24 hours, seven days, what they were before, and who is there`()
        async throws
    {
        try await withApplication { tab, database, web in
            try await tab.signUp()
            try await tab.addSite("a.example")
            let access = try await site("a.example", web, database, tab)
            for (days, visitors) in [(1, 30), (6, 10), (7, 15), (13, 5), (14, 99)] {
                try await rollUp(access, daysAgo: days, visitors: visitors, database)
            }
            try await database.pageView(access.site, path: "/", visitor: 1, secondsAgo: 30)
            try await database.pageView(access.site, path: "/b", visitor: 1, secondsAgo: 20)
            try await database.pageView(access.site, path: "/", visitor: 2, secondsAgo: 600)
            let text = try await tab.get("/sites").text
            #expect(text.contains(#"<span class="count">2</span>"#))
            #expect(
                text.contains(
                    #"<span class="count">40</span> <span class="change up" title="20 in the 7 days before">+100%</span>"#
                ))
            #expect(text.contains(#"<span class="pulse"></span>1 now"#))
            // A site with many events is asked about in another way, and says the same.
            try await rollUp(access, daysAgo: 0, visitors: 2, database)
            let account = access.account
            let one = try await web.overviews.overviews(in: account, now: Date())
            let other = try await web.overviews.overviews(in: account, now: Date(), many: 1)
            #expect(one == other && one[access.site.id]?.lastDay == 2)
        }
    }

    @Test func `the last 24 hours are the engine's, sealed days included`() async throws {
        try await withTestDatabase { database in
            let access = try await database.site(timeZone: "Asia/Tokyo")
            let statistics = Statistics(app: database.app)
            let overviews = SiteOverviews(app: database.app, statistics: statistics)
            let now = Date()
            let calendar = try await statistics.calendar(access)
            let instant = Int64(now.timeIntervalSince1970.rounded(.down))
            for ago in 0...3 {
                let day = calendar.today(at: now).advanced(by: -ago)
                let clock = calendar.history.clock(of: day)
                var raw = RawEvents()
                for number in 0..<400 {
                    let time = clock.start + Int64(number * 7_919 % 86_400)
                    if time > instant { continue }
                    raw.append(
                        .init(
                            time: time * 1_000_000, visitor: Int64(number * 31 % 90), stream: 2,
                            sequence: Int64(number)),
                        [.name: "pageview", .hostname: "h", .page: "/"])
                }
                let block = Fold.fold(raw, clock: clock).block
                try await database.system.transaction { connection in
                    try SiteDays.replace(
                        .seal, with: [.init(block)], account: access.site.account.rawValue,
                        site: access.site.id.rawValue, clock: clock, now: now, in: connection)
                }
            }
            func engine(_ window: Range<Int64>) async throws -> Int {
                let days =
                    calendar.history.localDay(at: window.lowerBound)
                    .day...calendar.history
                    .localDay(at: window.upperBound - 1).day
                let answer = try await statistics.answer(
                    Question(span: Span(days: days, window: window), metrics: [.visitors]), of: access)
                return Int(answer.rows[0].figures[0].number ?? 0)
            }
            // The second look finds everything in memory.
            for _ in 0..<2 {
                let overview = try await overviews.overviews(in: access.account, now: now)[access.site.id]!
                #expect(overview.lastDay > 0 && overview.dayBefore > 0)
                #expect(try await overview.lastDay == engine(instant + 1 - 86_400..<instant + 1))
                #expect(try await overview.dayBefore == engine(instant + 1 - 172_800..<instant + 1 - 86_400))
                #expect(overview.days.suffix(4).reduce(0, +) > 0)
            }
        }
    }

    @Test func `a hundred sites are on a page`() async throws {
        try await withApplication { tab, database, web in
            try await tab.signUp()
            let access = try await database.identity().session(token: tab.cookies["mochi"]!)!.accounts[0]
            for number in 0..<101 {
                _ = try await web.sites.create(domain: "s\(number).example", timeZone: "UTC", in: access)
            }
            #expect(try await domains(tab.get("/sites").text).count == 100)
            #expect(try await domains(tab.get("/sites?page=2").text).count == 1)
            #expect(try await domains(tab.get("/sites?page=99&q=s100").text) == ["s100.example"])
            #expect(try await tab.get("/sites?page=-7&order=x").status == 200)
        }
    }

    @Test func `a roll-up adds the chosen sites, and says that these are sums`() async throws {
        try await withApplication { tab, database, web in
            try await tab.signUp()
            for (domain, visitors) in [("a.example", 1_000), ("b.example", 234), ("c.example", 5)] {
                try await tab.addSite(domain)
                try await rollUp(site(domain, web, database, tab), daysAgo: 2, visitors: visitors, database)
            }
            let all = try await tab.get("/sites/roll-up").text
            #expect(all.contains("3 sites, added up") && all.contains("These are sums."))
            #expect(all.contains("<dt>Visitors, added</dt><dd><span class=\"big\">1,239</span></dd>"))
            let two = try await tab.get("/sites/roll-up?site=a.example&site=b.example&days=7").text
            #expect(two.contains("<dt>Visitors, added</dt><dd><span class=\"big\">1,234</span></dd>"))
            #expect(two.contains("<dt>Visit duration</dt><dd><span class=\"big\">1m 0s</span></dd>"))
            let other = tab.another()
            try await other.signUp("other@example.org")
            let theirs = try await other.get("/sites/roll-up?site=a.example").text
            #expect(!theirs.contains("a.example") && theirs.contains("Choose sites below."))
        }
    }
}
