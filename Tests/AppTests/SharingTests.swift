import Auth
import FoundationEssentials
import HTTPTypes
import Postgres
import TestSupport
import Testing

@testable import App

private let robots = HTTPField.Name("X-Robots-Tag")!
private let referrer = HTTPField.Name("Referrer-Policy")!

/// A member with a site that has been visited, and their browser.
private func withVisitedSite(
    _ body: @Sendable (Tab, TestDatabase, Web, SiteAccess) async throws -> Void
) async throws {
    try await withApplication { tab, database, web in
        try await tab.signUp()
        try await tab.addSite()
        let accounts = try await database.identity().session(token: tab.cookies["mochi"]!)!.accounts
        let site = try await web.sites.find(domain: "example.com", in: accounts[0])!
        try await database.pageView(site.site, path: "/a", visitor: 1)
        try await body(tab, database, web, site)
    }
}

@Suite struct SharingTests {
    @Test func `a link shows the dashboard to anybody, and nothing else of the site`() async throws {
        try await withVisitedSite { tab, database, web, site in
            _ = try await tab.get("/sites/example.com/settings/sharing")
            let made = try await tab.post(
                "/sites/example.com/settings/sharing/links", ["name": "The <agency>"])
            #expect(made.location == "/sites/example.com/settings/sharing")
            let link = try await web.shares.list(of: site)[0]
            let settings = try await tab.get("/sites/example.com/settings/sharing").text
            #expect(settings.contains("The &lt;agency&gt;"))
            #expect(settings.contains("http://localhost:8080/share/\(link.slug)"))

            let reader = tab.another()
            let page = try await reader.get("/share/\(link.slug)?period=today")
            #expect(page.status == 200)
            #expect(page.headers[robots] == "noindex, nofollow" && page.headers[referrer] == "no-referrer")
            #expect(figures(page.text)["Visitors"] == "1")
            #expect(!page.text.contains("/settings/") && !page.text.contains(site.site.trackingKey))
            #expect(page.text.contains("/share/\(link.slug)?period=7d"))
            #expect(
                try await reader.get("/share/\(link.slug)/panels/pages.json?period=today").text
                    .contains(#""value":"/a""#))
            #expect(reader.cookies.isEmpty)
            #expect(try await reader.get("/sites/example.com").status == 303)
            #expect(try await reader.get("/embed/\(link.slug)").status == 404)
            #expect(try await web.shares.list(of: site)[0].views == 1)

            _ = try await tab.get("/sites/example.com/settings/sharing")
            let revoked = try await tab.post(
                "/sites/example.com/settings/sharing/revoke", ["id": "\(link.id.rawValue)"])
            #expect(revoked.status == 303)
            #expect(try await reader.get("/share/\(link.slug)").status == 404)
            let actions: [String] = try await database.owner.withConnection {
                try $0.rows("SELECT action FROM audit_log WHERE action LIKE 'share%' ORDER BY id")
            }
            #expect(actions == ["share_link.created", "share_link.revoked"])
        }
    }

    @Test func `a link with a password asks for it once, and an ended link is no link`() async throws {
        try await withVisitedSite { tab, _, web, site in
            var wanted = NewShareLink(name: "Board")
            wanted.password = "steamed rice cake"
            let link = try await web.shares.create(wanted, of: site)
            let reader = tab.another()
            #expect(try await reader.get("/share/\(link.slug)").location == "/share/\(link.slug)/password")
            #expect(
                try await reader.get("/share/\(link.slug)/panels/pages.json").location
                    == "/share/\(link.slug)/password")
            #expect(try await reader.get("/share/\(link.slug)/password").status == 200)
            let wrong = try await reader.post("/share/\(link.slug)/password", ["password": "steamed"])
            #expect(wrong.status == 422 && wrong.headers[robots] == "noindex, nofollow")
            let right = try await reader.post(
                "/share/\(link.slug)/password", ["password": "steamed rice cake"])
            #expect(right.location == "/share/\(link.slug)")
            #expect(try await reader.get("/share/\(link.slug)").status == 200)

            // A proof for one link opens no other.
            let other = try await web.shares.create(wanted, of: site)
            let proof = reader.cookies["mochi-share-\(link.slug)"]!
            let forged: HTTPFields = [.cookie: "mochi-share-\(other.slug)=\(proof)"]
            #expect(try await tab.another().send(.get, "/share/\(other.slug)", headers: forged).status == 303)

            var over = NewShareLink(name: "Soon over")
            over.endsAt = Date().addingTimeInterval(0.05)
            let ended = try await web.shares.create(over, of: site)
            while Date() < over.endsAt! { await Task.yield() }
            #expect(try await reader.get("/share/\(ended.slug)").status == 404)
        }
    }

    @Test func `a frame belongs to the origins that its owner named, and gets no cookie`() async throws {
        try await withVisitedSite { tab, _, web, site in
            var wanted = NewShareLink(name: "Blog")
            wanted.origins = ["https://blog.example", "http://localhost:3000"]
            let link = try await web.shares.create(wanted, of: site)
            let page = try await tab.get("/embed/\(link.slug)?theme=dark&period=today")
            #expect(page.status == 200)
            #expect(
                page.headers[.contentSecurityPolicy]?.contains(
                    "frame-ancestors https://blog.example http://localhost:3000;") == true)
            #expect(
                page.headers[values: .setCookie] == [] && page.headers[SecurityHeaders.frameOptions] == nil)
            #expect(page.text.contains(#"data-theme="dark""#))
            // It does not even look at the session's cookie.
            #expect(!page.text.contains("Log out") && !page.text.contains("/logout"))
            #expect(
                try await tab.get("/share/\(link.slug)").headers[.contentSecurityPolicy]?
                    .contains("frame-ancestors 'none'") == true)
            #expect(try await tab.get("/share/\(link.slug)").headers[SecurityHeaders.frameOptions] == "DENY")
        }
    }

    @Test(arguments: [
        "https://a.example/path", "https://a.example; script-src *", "javascript:alert(1)", "*", "https://",
        "https://a.example\r\nX: y", "ftp://a.example",
    ])
    func `an origin is a scheme and a host`(origin: String) async throws {
        try await withTestDatabase { database in
            let site = try await database.site()
            var wanted = NewShareLink(name: "Blog")
            wanted.origins = [origin]
            let shares = ShareLinks(app: database.app, system: database.system, passwords: testPasswords)
            let error = await #expect(throws: FormError.self) { try await shares.create(wanted, of: site) }
            #expect(error?.field == "origins")
        }
    }

    @Test func `a public site is anybody's to look at until it is private again`() async throws {
        try await withVisitedSite { tab, _, _, _ in
            let stranger = tab.another()
            #expect(try await stranger.get("/sites/example.com").status == 303)
            _ = try await tab.get("/sites/example.com/settings/sharing")
            _ = try await tab.post("/sites/example.com/settings/sharing/public", ["public": "yes"])
            let page = try await stranger.get("/sites/example.com?period=today")
            #expect(page.status == 200 && page.headers[robots] == "noindex, nofollow")
            #expect(figures(page.text)["Visitors"] == "1")
            #expect(try await stranger.get("/sites/example.com/settings/sharing").status == 303)
            _ = try await tab.get("/sites/example.com/settings/sharing")
            _ = try await tab.post("/sites/example.com/settings/sharing/public", ["public": "no"])
            #expect(try await stranger.get("/sites/example.com").status == 303)
        }
    }

    @Test func `nobody makes or revokes links of a site that is not theirs`() async throws {
        try await withVisitedSite { tab, database, web, site in
            let link = try await web.shares.create(NewShareLink(name: "Mine"), of: site)
            let other = tab.another()
            try await other.signUp("other@example.org")
            try await other.addSite("other.example")
            _ = try await other.get("/sites/other.example/settings/sharing")
            for domain in ["example.com", "other.example"] {
                let page = try await other.post(
                    "/sites/\(domain)/settings/sharing/revoke", ["id": "\(link.id.rawValue)"])
                #expect(page.status == 404)
            }
            #expect(try await web.shares.open(slug: link.slug) != nil)
        }
    }

    @Test func `with a bound, small rows are folded and shifted periods are not answered`() async throws {
        try await withVisitedSite { tab, database, web, site in
            for visitor in Int64(1)...10 {
                try await database.pageView(site.site, path: "/common", visitor: visitor)
            }
            for visitor in Int64(11)...13 {
                try await database.pageView(site.site, path: "/rare-\(visitor)", visitor: visitor)
            }
            var wanted = NewShareLink(name: "Public report")
            wanted.leastVisitors = 3
            let link = try await web.shares.create(wanted, of: site)
            let panel = try await tab.get("/share/\(link.slug)/panels/pages.json?period=today").text
            #expect(panel.contains(#""value":"/common""#) && panel.contains(#""value":"(other)""#))
            #expect(!panel.contains("/rare") && !panel.contains(#""/a""#))
            for shifted in [
                "period=custom&from=2026-01-01&to=2026-01-02", "from=2026-01-01",
                "period=month&date=2026-01-01",
                "compare=custom&compare_from=2026-01-01&compare_to=2026-01-02", "period=realtime",
            ] {
                let page = try await tab.get("/share/\(link.slug)?\(shifted)")
                #expect(page.location == "/share/\(link.slug)", "\(shifted)")
            }
        }
    }

    /// What a reader could work out by asking in many ways: every label and every number that any of the answers holds.
    @Test func `with a bound, no page, list, file or filter tells of fewer, alone or by comparing`()
        async throws
    {
        try await withVisitedSite { tab, database, web, site in
            // Visitor 1 saw /a already. Twelve on /common from Germany, of whom nine are on /blog; three are rare.
            for visitor in Int64(1)...12 {
                try await database.pageView(site.site, path: "/common", visitor: visitor)
            }
            for visitor in Int64(1)...9 {
                try await database.pageView(site.site, path: "/blog", visitor: visitor)
            }
            for visitor in Int64(13)...15 {
                try await database.pageView(site.site, path: "/rare-\(visitor)", visitor: visitor)
            }
            let least = 5
            var wanted = NewShareLink(name: "Public report")
            wanted.leastVisitors = least
            let link = try await web.shares.create(wanted, of: site)
            let reader = tab.another()
            func text(_ rest: String) async throws -> String {
                let page = try await reader.get("/share/\(link.slug)\(rest)")
                #expect(page.status == 200 || page.status == 400, "\(rest): \(page.status)")
                return page.text
            }
            struct Panel: Decodable {
                struct Row: Decodable {
                    struct Metrics: Decodable { let visitors: Int? }
                    let value: String
                    let metrics: Metrics
                }
                let rows: [Row]
            }
            /// Visitors by label of a panel's rows.
            func rows(_ query: String) async throws -> [String: Int] {
                let json = try await text("/panels/pages.json?period=today\(query)")
                guard let panel = try? JSONDecoder().decode(Panel.self, from: Data(json.utf8)) else {
                    return [:]
                }
                return Dictionary(panel.rows.map { ($0.value, $0.metrics.visitors ?? 0) }) { $0 + $1 }
            }
            let whole = try await rows("")
            #expect(whole["/common"] == 12 && whole["(other)"] ?? 0 >= least, "\(whole)")
            // However it is cut, sorted and searched, a label has the same number, and none is of fewer.
            for query in [
                "&limit=1", "&limit=1&page=2", "&limit=2", "&limit=2&page=2", "&sort=visitors:asc&limit=1",
                "&search=common", "&search=rare", "&search=blog", "&f=is,page,/common", "&f=is,page,/rare-13",
                "&f=is_not,page,/common", "&f=is_not,page,/rare-13", "&f=contains,page,rare",
                "&f=is_not,country,DE", "&f=is,country,DE", "&interval=hour",
            ] {
                let found = try await rows(query)
                #expect(found.values.allSatisfy { $0 >= least }, "\(query): \(found)")
                for (label, visitors) in found where !query.contains("&f=") && !query.contains("search") {
                    #expect(whole[label] == visitors, "\(query): \(label)")
                }
                let page = try await text("?period=today\(query)")
                #expect(figures(page)["Visitors"].map { $0 == "0" || Int($0)! >= least } ?? true, "\(query)")
                #expect(!page.contains("/rare-1") || query.contains("rare-1"), "\(query)")
            }
            for file in [".csv", ".json", ".svg", ""] {
                #expect(!(try await text("/panels/pages\(file)?period=today")).contains("/rare"), "\(file)")
            }
            for typed in ["", "rare", "/r"] {
                let values = try await text("/filters/values?period=today&dimension=page&q=\(typed)")
                #expect(!values.contains("/rare"), "\(typed)")
            }
            // One filter at a time.
            #expect(
                try await reader.get(
                    "/share/\(link.slug)/panels/pages.json?period=today&f=is,page,/blog&f=is,country,DE"
                ).status == 400)
            #expect(try await reader.get("/share/\(link.slug)/live").status == 204)
        }
    }

    @Test func `with a bound or a segment there are no funnels, and the segment always holds`() async throws {
        try await withVisitedSite { tab, database, web, site in
            for visitor in Int64(1)...9 {
                try await database.pageView(site.site, path: "/blog", visitor: visitor)
            }
            _ = try await tab.get("/sites/example.com")
            let segment: Int64 = try await database.owner.withConnection { connection in
                let goals: [Int64] = try connection.rows(
                    """
                    INSERT INTO goals (account_id, site_id, name, kind, page_pattern)
                    SELECT account_id, id, g.name, 'page', g.name FROM sites, (VALUES ('/a'), ('/blog')) AS g (name)
                    RETURNING id
                    """)
                let funnel: Int64 = try connection.one(
                    """
                    INSERT INTO funnels (account_id, site_id, name, scope)
                    SELECT account_id, id, 'Secret way', 'visit' FROM sites RETURNING id
                    """)
                for (position, goal) in goals.enumerated() {
                    try connection.execute(
                        """
                        INSERT INTO funnel_steps (account_id, funnel_id, position, goal_id)
                        SELECT account_id, \(funnel), \(Int32(position)), \(goal) FROM sites
                        """)
                }
                return try connection.one(
                    """
                    INSERT INTO segments (account_id, site_id, name, filter)
                    SELECT account_id, id, 'Blog', '["is", "page", ["/blog"]]' FROM sites RETURNING id
                    """)
            }
            var bounded = NewShareLink(name: "Bounded")
            bounded.leastVisitors = 3
            var within = NewShareLink(name: "Within")
            within.segment = segment
            for wanted in [bounded, within] {
                let link = try await web.shares.create(wanted, of: site)
                for query in ["", "&tabs=funnels", "&tabs=pages,funnels"] {
                    let page = try await tab.another().get("/share/\(link.slug)?period=today\(query)")
                    #expect(
                        page.status == 200 && !page.text.contains("Secret way"), "\(wanted.name) \(query)")
                }
            }
            let link = try await web.shares.list(of: site).first { $0.name == "Within" }!
            let reader = tab.another()
            for query in ["", "&f=is,page,/a", "&f=is_not,page,/blog"] {
                let json = try await reader.get("/share/\(link.slug)/panels/pages.json?period=today\(query)")
                    .text
                #expect(!json.contains(#""value":"/a""#), "\(query)")
            }
        }
    }
}
