import Auth
import FoundationEssentials
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Postgres
import Stats
import TestSupport
import Testing

@testable import App

@Suite struct DashboardTests {
    /// A member with a site on which two people have been, one of them on two pages.
    func withDashboard(_ body: @Sendable (Tab, TestDatabase, Web, Site) async throws -> Void)
        async throws
    {
        try await withApplication { tab, database, web in
            try await tab.signUp()
            try await tab.addSite()
            let accounts = try await database.identity().session(token: tab.cookies["mochi"]!)!.accounts
            let site = try await web.sites.find(domain: "example.com", in: accounts[0])!.site
            for (path, visitor) in [("/a", 1), ("/b", 1), ("/a", 2)] as [(String, Int64)] {
                try await database.pageView(site, path: path, visitor: visitor)
            }
            _ = try await tab.get("/sites/example.com?period=today")
            try await body(tab, database, web, site)
        }
    }

    let today = "/sites/example.com?period=today"

    @Test func `filters choose, exclude, and join`() async throws {
        try await withDashboard { tab, _, _, _ in
            func visitors(_ query: String) async throws -> String? {
                figures(try await tab.get(today + query).text)["Visitors"]
            }
            for (query, wanted) in [
                ("&f=is,page,/b", "1"), ("&f=is_not,page,/b", "2"), ("&f=contains,page,B", "1"),
                ("&f=has_not_done,page,/b", "1"), ("&f=is,page,/b&f=is,country,FR", "0"),
                ("&join=or&f=is,page,/b&f=is,country,DE", "2"), ("&f=matches,page,%5E/%5Bab%5D$", "2"),
            ] {
                let found = try await visitors(query)
                #expect(found == wanted, "\(query)")
            }
        }
    }

    @Test(arguments: [
        "f=is,nothing,x", "f=like", "f=is,goal,None", "f=is,segment,9", "f=matches,page,(", "f=%FF",
    ])
    func `a filter that is none is a 400 with a reason`(query: String) async throws {
        try await withDashboard { tab, _, _, _ in
            for path in [
                "", "/panels/pages", "/panels/pages.json", "/panels/pages.csv", "/export.zip", "/live",
            ] {
                let answer = try await tab.get("/sites/example.com\(path)?period=today&\(query)")
                #expect(answer.status == 400, "\(path)")
            }
        }
    }

    @Test func `a click on a row chooses its value, and a pill takes it away`() async throws {
        try await withDashboard { tab, _, _, _ in
            let page = try await tab.get(today).text
            #expect(
                page.contains(
                    #"href="/sites/example.com?period=today&amp;f=is,page,/b" title="/b" data-filter"#))
            let filtered = try await tab.get(today + "&f=is,country,DE").text
            #expect(filtered.contains("Country is <b>Germany</b>"))
            #expect(
                filtered.contains(#"<a href="/sites/example.com?period=today" aria-label="Remove the filter"#)
            )
            let versions = try await tab.get(today + "&f=is,browser,Firefox").text
            #expect(versions.contains("Browser version"))
        }
    }

    @Test func `the script gets the board alone`() async throws {
        try await withDashboard { tab, _, _, _ in
            let whole = try await tab.get(today).text
            let part = try await tab.send(.get, today, headers: [DashboardPage.part: "board"]).text
            #expect(part.hasPrefix(#"<div class="board" data-board>"#))
            #expect(whole.contains(part.prefix(200)))
        }
    }

    @Test func `a page that only looks leads nowhere into the account`() async throws {
        try await withDashboard { tab, database, web, site in
            let accounts = try await database.identity().session(token: tab.cookies["mochi"]!)!.accounts
            let access = try await web.sites.find(domain: "example.com", in: accounts[0])!
            var state = BoardState()
            state.period = .today
            let board = try await Board.load(access, state, for: Audience(base: "/share/x"), web)
            let content = DashboardPage.Content(
                site: site, audience: Audience(base: "/share/x"), snippet: "", board: board, others: [])
            let page = web.templates.render(web.frame(content, csrf: nil, Browser()), with: "board")
            #expect(!page.contains("/sites/") && !page.contains("<form method=\"post\""))
            #expect(page.contains(#"href="/share/x?period=today&amp;f=is,page,/b""#))
        }
    }

    @Test func `panel pages search, sort and turn pages`() async throws {
        try await withDashboard { tab, _, _, _ in
            let path = "/sites/example.com/panels/pages.json?period=today"
            func values(_ query: String) async throws -> [String] {
                try await tab.get(path + query).text.matches(of: /"value":"([^"]*)"/).map { String($0.1) }
            }
            for (query, wanted) in [
                ("", ["/a", "/b"]), ("&sort=visitors:asc", ["/b", "/a"]), ("&search=B", ["/b"]),
                ("&limit=1&page=2", ["/b"]),
            ] {
                let found = try await values(query)
                #expect(found == wanted)
            }
            for wrong in ["&page=0", "&page=201", "&limit=0", "&limit=10001", "&page=x"] {
                #expect(try await tab.get(path + wrong).status == 400)
            }
            let countries = "/sites/example.com/panels/countries.json?period=today&search=germ"
            #expect(try await tab.get(countries).text.contains(#""value":"DE""#))
        }
    }

    @Test func `the filter form writes the address`() async throws {
        try await withDashboard { tab, _, _, _ in
            let form =
                "/sites/example.com/filters?period=today&apply=1&d0=country&o0=is&v0=Germany%0D%0AJapan"
                + "&d1=page&o1=contains_not&v1=/x&any=yes"
            #expect(
                try await tab.get(form).location
                    == "/sites/example.com?period=today&join=or&f=is,country,DE,JP&f=contains_not,page,/x")
            let wrong = try await tab.get("/sites/example.com/filters?apply=1&d0=page&o0=matches&v0=(")
            #expect(wrong.status == 400 && wrong.text.contains(#"role="alert""#))
            let values = try await tab.get(
                "/sites/example.com/filters/values?period=today&dimension=country&q=ger")
            #expect(values.text == #"{"values":["Germany"]}"#)
            #expect(try await tab.get("/sites/example.com/filters/values?dimension=x").status == 400)
        }
    }

    @Test func `filters are kept as a segment, and taken away again`() async throws {
        try await withDashboard { tab, _, _, _ in
            let made = try await tab.post(
                "/sites/example.com/segments", ["name": "Page b", "back": "?period=today&f=is,page,/b"])
            let location = try #require(made.location)
            #expect(location.hasPrefix("/sites/example.com?period=today&f=is,segment,"))
            let page = try await tab.get(location).text
            #expect(page.contains("Segment is <b>Page b</b>") && figures(page)["Visitors"] == "1")
            let id = location.split(separator: ",").last!
            let gone = try await tab.post(
                "/sites/example.com/segments/\(id)/delete", ["back": "?period=today&f=is,segment,\(id)"])
            #expect(gone.location == "/sites/example.com?period=today")
            #expect(
                try await tab.post("/sites/example.com/segments", ["name": "x", "back": ""]).status == 400)
        }
    }

    @Test func `a note stands on its day`() async throws {
        try await withDashboard { tab, _, web, _ in
            let day = String(try await tab.get(today).text.firstMatch(of: /name="day" value="([^"]+)"/)!.1)
            let made = try await tab.post(
                "/sites/example.com/annotations", ["day": day, "text": "Sent <b>", "back": "?period=today"])
            #expect(made.location == "/sites/example.com?period=today")
            let page = try await tab.get("/sites/example.com?period=7d").text
            #expect(page.contains("<circle") && page.contains("Sent &lt;b&gt;"))
            let id = page.firstMatch(of: /annotations\/(\d+)\/delete/)!.1
            _ = try await tab.post("/sites/example.com/annotations/\(id)/delete", ["back": ""])
            let without = try await tab.get("/sites/example.com?period=7d").text
            #expect(!without.contains("<circle"))
            #expect(
                try await tab.post("/sites/example.com/annotations", ["day": "x", "text": "y"]).status == 400)
        }
    }

    @Test func `goals and funnels are made, changed and deleted`() async throws {
        try await withDashboard { tab, _, _, _ in
            let goals = "/sites/example.com/goals"
            for page in ["/a", "/b"] {
                #expect(try await tab.post(goals, ["kind": "page", "what": page]).location == goals)
            }
            #expect(try await tab.post(goals, ["kind": "page", "what": "/a"]).status == 409)
            #expect(try await tab.post(goals, ["kind": "event", "what": ""]).status == 400)
            let list = try await tab.get(goals).text
            let ids = list.matches(of: /goals\?edit=(\d+)/).map { String($0.1) }
            #expect(ids.count == 2)
            #expect(try await tab.get("\(goals)?edit=\(ids[1])").text.contains(#"value="/b""#))
            #expect(
                try await tab.post("\(goals)/\(ids[1])", ["kind": "page", "what": "/b*", "name": "Saw b"])
                    .location == goals)

            let funnels = "/sites/example.com/funnels"
            let steps = ["name": "From a to b", "scope": "visit", "step0": ids[0], "step1": ids[1]]
            #expect(try await tab.post(funnels, steps.merging(["step1": ""]) { $1 }).status == 400)
            #expect(try await tab.post(funnels, steps).location == funnels)
            let board = try await tab.get(today).text
            #expect(board.contains(#"title="Saw b""#))
            #expect(try await tab.get(today + "&tabs=funnels").text.contains("From a to b"))
            #expect(figures(try await tab.get(today + "&f=is,goal,Saw%20b").text)["Conversion rate"] == "50%")
            let id = try await tab.get(funnels).text.firstMatch(of: /funnels\?edit=(\d+)/)!.1
            #expect(try await tab.post("\(goals)/\(ids[0])/delete", [:]).status == 409)
            #expect(
                try await tab.post("\(funnels)/\(id)", steps.merging(["scope": "day"]) { $1 }).location
                    == funnels)
            #expect(try await tab.post("\(funnels)/\(id)/delete", [:]).location == funnels)
            #expect(try await tab.post("\(goals)/\(ids[0])/delete", [:]).location == goals)
            #expect(try await tab.post("\(goals)/\(ids[0])/delete", [:]).status == 404)
        }
    }

    @Test func `the export is a zip of all panels`() async throws {
        try await withDashboard { tab, _, _, _ in
            let answer = try await tab.client.execute(
                uri: "/sites/example.com/export.zip?period=today", method: .get,
                headers: [.cookie: tab.cookies.map { "\($0)=\($1)" }.joined(separator: "; ")])
            #expect(answer.headers[.contentType] == "application/zip")
            let bytes = Array(answer.body.readableBytesView)
            #expect(bytes.starts(with: Array("PK".utf8)))
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(
                ["pages.csv", "visitors.csv", "countries.csv", "chart.csv", "chart.svg"].allSatisfy(
                    text.contains))
            #expect(!text.contains("map.csv"))
        }
    }

    @Test func `streams of one session and of all are bounded`() {
        let live = LiveCounts()
        for _ in 0..<LiveCounts.mostOfSession { #expect(live.enter("a")) }
        #expect(!live.enter("a") && live.enter("b"))
        live.leave("a")
        #expect(live.enter("a"))
    }
}
