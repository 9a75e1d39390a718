import Auth
import FoundationEssentials
import HTTPTypes
import Postgres
import Stats
import TestSupport
import Testing

@testable import App

@Suite struct JourneyTests {
    @Test func `from sign-up to a number on the dashboard`() async throws {
        try await withApplication { tab, database, web in
            let signedUp = try await tab.signUp()
            #expect(signedUp.location == "/sites/new")
            let mail: (String, String) = try await database.system.transaction {
                try $0.one(
                    "SELECT arguments -> 'to' ->> 'address', arguments ->> 'text' FROM jobs WHERE kind = 'mail'"
                )
            }
            #expect(mail.0 == "ada@example.org" && mail.1.contains("http://localhost:8080/sites"))
            let new = try await tab.get("/sites/new")
            #expect(new.text.contains(#"<option value="Europe/Paris" selected>Europe/Paris</option>"#))
            let added = try await tab.post(
                "/sites/new", ["domain": "https://www.Example.com/", "name": "My site", "time_zone": "UTC"])
            #expect(added.location == "/sites/example.com/install")

            let accounts = try await database.identity().session(token: tab.cookies["mochi"]!)!.accounts
            let site = try await web.sites.find(domain: "example.com", in: accounts[0])!.site
            let install = try await tab.get("/sites/example.com/install")
            #expect(
                install.text.contains(
                    "&lt;script defer src=&quot;https://in.example.net/js/mochi.js&quot; "
                        + "data-key=&quot;\(site.trackingKey)&quot;&gt;&lt;/script&gt;"))
            #expect(install.text.contains("Waiting for the first page view"))
            #expect(try await tab.get("/sites/example.com/install/status").text == #"{"received":false}"#)
            #expect(try await tab.get("/sites/example.com").text.contains("Waiting for the first page view"))

            for (path, visitor) in [("/", 1), ("/", 2), ("/pricing <b>", 1)] as [(String, Int64)] {
                try await database.pageView(site, path: path, visitor: visitor)
            }
            #expect(try await tab.get("/sites/example.com/install/status").text == #"{"received":true}"#)
            let dashboard = try await tab.get("/sites/example.com?period=today").text
            #expect(
                figures(dashboard) == [
                    "Visitors": "2", "Visits": "2", "Page views": "3", "Views per visit": "1.5",
                    "Bounce rate": "50%", "Visit duration": "0s",
                ])
            #expect(dashboard.contains(#"title="/pricing &lt;b&gt;""#))
            #expect(dashboard.contains("Germany"))
            #expect(
                dashboard.contains(
                    #"<a href="/sites/example.com?period=today" aria-current="true" data-key="D">"#))
            #expect(try await tab.get("/sites").text.contains(#"<span class="count">2</span>"#))
        }
    }

    @Test func `every panel is a page, JSON, CSV and SVG`() async throws {
        try await withApplication { tab, database, web in
            try await tab.signUp()
            try await tab.addSite()
            let accounts = try await database.identity().session(token: tab.cookies["mochi"]!)!.accounts
            let site = try await web.sites.find(domain: "example.com", in: accounts[0])!.site
            try await database.pageView(site, path: "/a", visitor: 1)
            let page = try await tab.get("/sites/example.com/panels/pages?period=today").text
            #expect(page.contains("<h1>Pages</h1>") && page.contains(#"title="/a""#))
            let json = try await tab.get("/sites/example.com/panels/pages.json?period=today")
            #expect(json.headers[.contentType] == "application/json; charset=utf-8")
            #expect(
                json.text
                    == #"{"dimension":"page","panel":"pages","rows":[{"label":"/a","metrics":{"bounce_rate":100,"#
                    + #""exit_rate":100,"pageviews":1,"percentage":100,"scroll_depth":null,"time_on_page":null,"#
                    + #""visitors":1,"visits":1},"value":"/a"}],"total":1}"#)
            let csv = try await tab.get("/sites/example.com/panels/pages.csv?period=today")
            #expect(
                csv.text
                    == "page,visitors,percentage,visits,pageviews,bounce_rate,time_on_page,scroll_depth,exit_rate\r\n"
                    + "/a,1,100,1,1,100,,,100\r\n")
            #expect(csv.headers[.contentDisposition] == #"attachment; filename="example.com-pages.csv""#)
            let svg = try await tab.get("/sites/example.com/panels/pages.svg?period=today")
            #expect(
                svg.headers[.contentType] == "image/svg+xml; charset=utf-8" && svg.text.contains(">/a</text>")
            )
            for panel in Panel.all {
                for ending in ["", ".json", ".csv", ".svg"] {
                    let answer = try await tab.get("/sites/example.com/panels/\(panel.id)\(ending)?period=7d")
                    #expect(answer.status == 200, "\(panel.id)\(ending)")
                }
            }
            #expect(try await tab.get("/sites/example.com/panels/nothing").status == 404)
            #expect(try await tab.get("/sites/example.com/panels/nothing.json").status == 404)
        }
    }

    @Test func `logging out ends the session everywhere`() async throws {
        try await withApplication { tab, _, _ in
            try await tab.signUp()
            let stolen = tab.cookies["mochi"]!
            _ = try await tab.get("/sites")
            #expect(try await tab.post("/logout", [:]).location == "/")
            #expect(tab.cookies["mochi"] == nil)
            #expect(
                try await tab.another().send(.get, "/sites", headers: [.cookie: "mochi=\(stolen)"]).status
                    == 303)
        }
    }

    @Test func `a wrong password and an unknown address get the same answer`() async throws {
        try await withApplication { tab, _, _ in
            try await tab.another().signUp()
            func answer(_ email: String) async throws -> String {
                _ = try await tab.get("/login")
                let page = try await tab.post("/login", ["email": email, "password": "wrong password"])
                #expect(page.status == 422)
                return page.textWithoutTokens.replacing(email, with: "")
            }
            #expect(try await answer("ada@example.org") == (try await answer("bob@example.org")))
        }
    }

    @Test func `sign-up can be closed`() async throws {
        try await withApplication(try .test(signUp: "closed")) { tab, _, _ in
            #expect(try await tab.get("/signup").status == 403)
            #expect(!(try await tab.get("/").text.contains("/signup")))
            _ = try await tab.get("/login")
            let form = ["email": "a@example.org", "password": "rice cake steam"]
            #expect(try await tab.post("/signup", form).status == 403)
        }
    }

    @Test func `programs add sites and read numbers with a key`() async throws {
        try await withApplication { tab, database, web in
            let access = try await database.account()
            let key = try await web.keys.create(
                name: "Test", scopes: [.readSites, .writeSites, .readStats], in: access)
            let headers: HTTPFields = [.authorization: "Bearer \(key.text)"]
            func get(_ path: String) async throws -> Tab.Page {
                try await tab.send(.get, path, headers: headers)
            }

            #expect(try await get("/api/sites").text == #"{"next":null,"sites":[]}"#)
            let made = try await tab.send(
                .post, "/api/sites", headers: headers,
                body: #"{"domain":"a.example","time_zone":"Asia/Tokyo"}"#)
            #expect(made.status == 201)
            let site = try await web.sites.list(in: access)[0]
            let id = site.id.rawValue.uuidString.lowercased()
            #expect(
                made.text.contains(
                    #""domain":"a.example","id":"\#(id)","name":"a.example","time_zone":"Asia/Tokyo""#))
            // Alone a site has its settings too.
            let shown = try JSONValue(parsing: Array(try await get("/api/sites/\(id)").text.utf8)).members
            let short = try JSONValue(parsing: Array(made.text.utf8)).members
            #expect(shown.filter { short[$0.key] != nil } == short)

            try await database.pageView(site, path: "/x", visitor: 7)
            let overview = try await get("/api/sites/\(id)/metrics/overview?days=2").text
            #expect(
                overview.contains(
                    #""totals":{"bounce_rate":100,"page_views":1,"unique_visitors":1,"visit_duration":0,"visits":1}"#
                ))
            let top = try await get("/api/sites/\(id)/metrics/top-pages?days=2&limit=5").text
            #expect(top.contains(#""pages":[{"page_views":1,"path":"/x","unique_visitors":1}]"#))

            #expect(try await get("/api/sites/\(id)/metrics/overview?days=0").status == 400)
            #expect(try await get("/api/sites/\(UUID())").status == 404)
            #expect(try await get("/api/sites/nonsense").status == 404)
            let again = try await tab.send(
                .post, "/api/sites", headers: headers, body: #"{"domain":"www.a.example"}"#)
            #expect(again.status == 409)
            let changed = try await tab.send(
                .patch, "/api/sites/\(id)", headers: headers,
                body: #"{"name":"Changed","kept_parameters":["page"],"tracker_features":["retry"]}"#)
            #expect(changed.status == 200 && changed.text.contains(#""name":"Changed""#))
            let settings: ([String], [String]?, [String]) = try await database.owner.withConnection {
                try $0.one("SELECT kept_parameters, tracker_features, hostnames FROM sites")
            }
            #expect(settings == (["page"], ["retry"], []))
            for body in [
                #"{"tracker_features":["mining"]}"#, #"{"name":""}"#, #"{"duplicate_window":61}"#, "7",
            ] {
                let wrong = try await tab.send(.patch, "/api/sites/\(id)", headers: headers, body: body)
                #expect(wrong.status == 400, "\(body)")
            }
            let refused = try await tab.send(
                .post, "/api/sites", headers: headers, body: #"{"domain":"a b"}"#)
            #expect(refused.status == 400)
            #expect(refused.text.contains(#""field":"domain""#))
            #expect(try await tab.send(.post, "/api/sites", headers: headers, body: "[]").status == 400)
        }
    }
}
