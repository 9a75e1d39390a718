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
            #expect(page.headers[values: .setCookie] == [])
            #expect(page.text.contains(#"data-theme="dark""#))
            // It does not even look at the session's cookie.
            #expect(!page.text.contains("Log out") && !page.text.contains("/logout"))
            #expect(
                try await tab.get("/share/\(link.slug)").headers[.contentSecurityPolicy]?
                    .contains("frame-ancestors 'none'") == true)
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
            let shifted = try await tab.get("/share/\(link.slug)?period=custom&from=2026-01-01&to=2026-01-02")
            #expect(shifted.location == "/share/\(link.slug)")
        }
    }
}
