import FoundationEssentials
import TestSupport
import Testing

@testable import App

/// Addresses of the dashboard that somebody has cut off, mistyped, or made up.
@Suite struct DashboardAddressTests {
    /// What is wrong, and a part of what is said about it.
    private static let refusals: [(query: String, reason: String)] = [
        ("f=like,page,/", "begins with no operator"),
        ("f=is", "has a dimension and 1 to 100 values"),
        ("f=is,page", "has a dimension and 1 to 100 values"),
        ("f=is,page" + String(repeating: ",x", count: 101), "has a dimension and 1 to 100 values"),
        (Array(repeating: "f=is,page,/", count: 21).joined(separator: "&"), "may have 20 filters"),
        ("f=is,page," + String(repeating: "x", count: 20_001), "too long"),
        ("f=is,color,red", "nothing that can be filtered by"),
        ("f=is,day,2026-01-01", "nothing that can be filtered by"),
        ("f=is,prop:,x", "nothing that can be filtered by"),
        ("f=contains,goal,Sign", "chosen by its name"),
        ("f=is,goal,None", "There is no goal"),
        ("f=has_done,goal,None", "There is no goal"),
        ("f=is,segment,999999999999999999999", "no more"),
        ("f=matches,page,(", "regular expression"),
        ("f=has_not_done,page,/&f=matches_not,page,%5B", "regular expression"),
        ("f=matches,page,(%3F=a)", "regular expression"),
        ("f=%FF", ""), ("%FF=1", ""), ("f=is,page,%00", ""),
    ]

    private static let paths = [
        "", "/panels/pages", "/panels/pages.json", "/panels/goals.csv", "/panels/countries.svg",
    ]

    private func withSite(_ body: @Sendable (Program) async throws -> Void) async throws {
        try await Program.withSite(events: 60) { program in
            try await program.addGoals()
            _ = try await program.tab.get("/login")
            _ = try await program.tab.post(
                "/login", ["email": "owner@dummy.site", "password": "a long enough one"])
            try await body(program)
        }
    }

    @Test func `what is wrong is a 400 that says it, on the page and in every file`() async throws {
        try await withSite { program in
            for (query, reason) in Self.refusals {
                for path in Self.paths {
                    let answer = try await program.tab.get("/sites/dummy.site\(path)?\(query)")
                    let name = Comment(rawValue: "\(path)?\(query.prefix(80))")
                    #expect(answer.status == 400, name)
                    #expect(answer.text.contains(reason) && answer.text.utf8.count > 40, name)
                }
            }
            for wrong in ["page=0", "page=201", "page=-1", "page=x", "limit=0", "limit=10001", "limit=1e3"] {
                let answer = try await program.tab.get("/sites/dummy.site/panels/pages.json?\(wrong)")
                #expect(answer.status == 400 && answer.text.contains(#""field":""#), "\(wrong)")
            }
            for panel in ["nothing", "pages.xml", "property-", ".json", "%FF", "pages%00.json"] {
                let answer = try await program.tab.get("/sites/dummy.site/panels/\(panel)")
                #expect([400, 404].contains(answer.status), "\(panel): \(answer.status)")
            }
        }
    }

    private static let whole = [
        "period=custom&from=2026-11-01&to=2026-11-21&compare=custom&compare_from=2026-10-01&compare_to=2026-10-21",
        "period=month&date=2026-11-01&weekdays=match&metric=bounce_rate&interval=day&tabs=cities,funnels,properties",
        "period=12mo&compare=year&join=or&f=is,country,DE,FR&f=contains_not,page,/blog&property=is_customer",
        "period=30d&f=is,goal,Signup&f=matches,page,%5E/(a%7Cb)$&metric=conversion_rate&sort=visits:asc&page=2",
        "period=realtime&f=has_done,page,/docs&f=is,prop:is_customer,a%5C,b&search=%E6%97%A5&limit=10",
    ]

    private static let pieces = [
        "&", "=", ",", "\\", "%", "%00", "%FF", "%F0%9F%92%A9", "%0A", "%22", "'", "<b>", "f=", "is,",
        "prop:",
        "-1", "99999999999999999999", "0001-01-01", "2999-12-31", "0d", "36525d", "36526d", "(", "%5B", "**",
        "%EF%BF%BF", "%E2%80%AE", "goal", "segment", "matches,", "has_done,", "&join=or", "&period=", "NaN",
        "1e9",
    ]

    @Test func `an address that is changed anywhere is answered or refused, and never breaks anything`()
        async throws
    {
        let count = ProcessInfo.processInfo.environment["MOCHI_TEST_LONG"] == nil ? 400 : 20_000
        try await withSite { program in
            var draws = Draws(7_112_026)
            var counts: [Int: Int] = [:]
            for number in 0..<count {
                var query = Array(Self.whole.randomElement(using: &draws)!.utf8)
                for _ in 0..<Int.random(in: 1...4, using: &draws) {
                    let place = Int.random(in: 0...query.count, using: &draws)
                    switch Int.random(in: 0..<4, using: &draws) {
                    case 0:
                        query.insert(contentsOf: Self.pieces.randomElement(using: &draws)!.utf8, at: place)
                    case 1:
                        let end = min(query.count, place + Int.random(in: 1...8, using: &draws))
                        query.removeSubrange(place..<end)
                    case 2 where place < query.count:
                        query[place] = UInt8.random(in: 0x21...0x7E, using: &draws)
                    default: query += Self.whole.randomElement(using: &draws)!.utf8.dropFirst(place)
                    }
                }
                // A fragment is never sent.
                query.removeAll { $0 == UInt8(ascii: "#") }
                let text = String(decoding: query, as: UTF8.self)
                let path = Self.paths[number % Self.paths.count]
                let answer = try await program.tab.get("/sites/dummy.site\(path)?\(text)")
                counts[answer.status, default: 0] += 1
                #expect([200, 400].contains(answer.status), "\(answer.status): \(path)?\(text)")
                #expect(answer.text.utf8.count > 40, "\(path)?\(text)")
            }
            #expect((counts[200] ?? 0) > count / 10 && (counts[400] ?? 0) > count / 10, "\(counts)")
        }
    }
}
