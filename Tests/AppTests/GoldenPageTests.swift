import Auth
import Days
import FoundationEssentials
import Postgres
import Stats
import TestSupport
import Testing

@testable import App

/// What pages and files look like, byte for byte, on a day that does not pass, of a site whose traffic is always the
/// same. A change of markup shows as a difference of `GoldenPages/`; when it is meant,
/// `MOCHI_TEST_REWRITE=1 swift test --filter GoldenPageTests` writes them anew.
@Suite struct GoldenPageTests {
    private static let folder = repository + "/Tests/AppTests/GoldenPages/"

    private static let pages: [(file: String, path: String)] = [
        ("dashboard.html", "/sites/inkwell.example?period=7d"),
        (
            "dashboard-filtered.html",
            "/sites/inkwell.example?period=today&compare=off&metric=bounce_rate&interval=hour&tabs=cities,properties"
                + "&f=is,browser,Firefox&f=contains_not,page,/docs"
        ),
        ("dashboard-realtime.html", "/sites/inkwell.example?period=realtime"),
        ("dashboard-empty.html", "/sites/quiet.example"),
        ("panel.html", "/sites/inkwell.example/panels/pages?period=7d&sort=time_on_page:desc&search=o"),
        ("panel.json", "/sites/inkwell.example/panels/goals.json?period=7d"),
        ("panel.csv", "/sites/inkwell.example/panels/countries.csv?period=7d&f=is,device,Mobile"),
        ("panel.svg", "/sites/inkwell.example/panels/sources.svg?period=7d"),
        (
            "filters.html",
            "/sites/inkwell.example/filters?period=7d&f=is,country,DE,EE&f=is,goal,Signup&join=or"
        ),
        ("goals.html", "/sites/inkwell.example/goals"),
        ("funnels.html", "/sites/inkwell.example/funnels"),
        ("sites.html", "/sites"),
        ("refused.html", "/sites/inkwell.example?f=is,color,red"),
    ]

    @Test func `pages and files are what they were`() async throws {
        let rewrites = ProcessInfo.processInfo.environment["MOCHI_TEST_REWRITE"] != nil
        // A Monday.
        let now = Date(timeIntervalSince1970: 1_781_532_420)
        try await withApplication(now: { now }) { tab, database, web in
            try await tab.signUp()
            for domain in ["inkwell.example", "quiet.example"] { try await tab.addSite(domain) }
            let identity = database.identity(now: { now })
            let account = try await identity.session(token: tab.cookies["mochi"]!)!.accounts[0]
            let site = try await web.sites.find(domain: "inkwell.example", in: account)!
            try await database.owner.transaction { connection in
                try connection.execute(
                    """
                    SELECT make_event_partitions(d::date)
                    FROM generate_series(timestamp '2026-06-12', '2026-06-16', '1 day') d
                    """)
                // Its history began before the traffic.
                try connection.execute("UPDATE site_zones SET from_day = '2026-01-01'")
            }
            try await database.traffic(site.site, events: 400, until: now)
            let goals = [
                try await web.goals.create("Signup", .event("Signup"), of: site),
                try await web.goals.create("Paid", .event("Purchase"), currency: "EUR", of: site),
            ]
            _ = try await web.goals.createFunnel(
                "To the money", steps: goals.map(\.id), scope: .day, of: site)
            _ = try await web.annotations.create("A <b>note</b>", on: .init("2026-06-14")!, of: site)
            for (file, path) in Self.pages {
                let page = try await tab.get(path)
                #expect([200, 400].contains(page.status), "\(path): \(page.status)")
                let shown = Self.normalized(page.text)
                if rewrites {
                    try FileManager.default.createDirectory(
                        atPath: Self.folder, withIntermediateDirectories: true)
                    #expect(
                        FileManager.default.createFile(
                            atPath: Self.folder + file, contents: Data(shown.utf8)))
                    continue
                }
                let kept = FileManager.default.contents(atPath: Self.folder + file) ?? Data()
                let difference = Self.difference(String(decoding: kept, as: UTF8.self), shown)
                #expect(difference == nil, "\(file): \(difference ?? "")")
            }
        }
    }

    /// Without what is new in every answer, or changes with a stylesheet.
    private static func normalized(_ text: String) -> String {
        text.replacing(/name="csrf" value="[^"]*"/, with: #"name="csrf" value="…""#)
            .replacing(/(\/assets\/[a-z]+)\.[0-9a-f]{12}\./) { "\($0.1)." }
            .replacing(/\/js\/[A-Za-z0-9_-]+\.js/, with: "/js/….js")
            .replacing(/data-key=&quot;[a-z0-9]+&quot;/, with: "data-key=&quot;…&quot;")
    }

    /// The first line that is another.
    private static func difference(_ kept: String, _ shown: String) -> String? {
        guard kept != shown else { return nil }
        let (old, new) = (kept.split(separator: "\n"), shown.split(separator: "\n"))
        for (number, (before, after)) in zip(old, new).enumerated() where before != after {
            return "line \(number + 1) was \(before.prefix(300)) and is \(after.prefix(300))"
        }
        return "\(old.count) lines have become \(new.count)"
    }
}
