import Auth
import HTTPTypes
import Postgres
import TestSupport
import Testing

@testable import App

/// What each row answers to somebody who has not signed in, and to the owner of example.com.
private let expectations: [(method: HTTPRequest.Method, path: String, anonymous: Int, member: Int)] = [
    (.get, "/", 200, 200),
    (.get, "/docs", 200, 200),
    (.get, "/openapi.json", 200, 200),
    (.get, "/setup", 404, 404),
    (.post, "/setup", 403, 403),
    (.get, "/mail", 404, 404),
    (.get, "/instance", 303, 404),
    (.post, "/instance/release-domain", 303, 403),
    (.post, "/instance/delete-account", 303, 403),
    (.get, "/signup", 200, 303),
    (.post, "/signup", 403, 303),
    (.get, "/login", 200, 303),
    (.post, "/login", 403, 303),
    (.get, "/login/code", 303, 303),
    (.post, "/login/code", 403, 303),
    (.get, "/forgot", 200, 200),
    (.post, "/forgot", 403, 403),
    (.get, "/links/:token", 404, 404),
    (.post, "/links/:token", 403, 403),
    (.get, "/invitations/:token", 404, 404),
    (.post, "/invitations/:token", 403, 403),
    (.get, "/transfers/:token", 303, 404),
    (.post, "/transfers/:token", 303, 403),
    (.post, "/logout", 303, 403),
    (.get, "/settings", 303, 303),
    (.get, "/settings/profile", 303, 200),
    (.post, "/settings/profile", 303, 403),
    (.post, "/settings/profile/confirm", 303, 403),
    (.get, "/settings/password", 303, 200),
    (.post, "/settings/password", 303, 403),
    (.get, "/settings/address", 303, 200),
    (.post, "/settings/address", 303, 403),
    (.get, "/settings/two-factor", 303, 200),
    (.post, "/settings/two-factor/begin", 303, 403),
    (.post, "/settings/two-factor/on", 303, 403),
    (.post, "/settings/two-factor/codes", 303, 403),
    (.post, "/settings/two-factor/off", 303, 403),
    (.get, "/settings/delete", 303, 200),
    (.post, "/settings/delete", 303, 403),
    (.get, "/settings/sessions", 303, 200),
    (.post, "/settings/sessions/end", 303, 403),
    (.post, "/settings/sessions/end-others", 303, 403),
    (.get, "/account/profile", 303, 303),
    (.post, "/account/switch", 303, 403),
    (.get, "/account", 303, 303),
    (.get, "/account/general", 303, 200),
    (.post, "/account/general", 303, 403),
    (.post, "/account/leave", 303, 403),
    (.get, "/account/team", 303, 200),
    (.post, "/account/team/invite", 303, 403),
    (.post, "/account/team/resend", 303, 403),
    (.post, "/account/team/revoke", 303, 403),
    (.post, "/account/team/role", 303, 403),
    (.post, "/account/team/remove", 303, 403),
    (.post, "/account/team/guests/remove", 303, 403),
    (.post, "/account/transfer", 303, 403),
    (.get, "/account/keys", 303, 200),
    (.post, "/account/keys", 303, 403),
    (.post, "/account/keys/revoke", 303, 403),
    (.get, "/account/data", 303, 200),
    (.get, "/account/takeout", 303, 200),
    (.post, "/account/delete", 303, 403),
    (.get, "/account/audit-log", 303, 200),
    (.get, "/account/audit-log.csv", 303, 200),
    (.get, "/sites", 303, 200),
    (.get, "/sites/roll-up", 303, 200),
    (.get, "/sites/new", 303, 200),
    (.post, "/sites/new", 303, 403),
    (.get, "/sites/:domain", 303, 200),
    (.get, "/sites/:domain/panels/:panel", 303, 200),
    (.get, "/share/:slug", 404, 404),
    (.get, "/share/:slug/panels/:panel", 404, 404),
    (.get, "/share/:slug/filters", 404, 404),
    (.get, "/share/:slug/filters/values", 404, 404),
    (.get, "/share/:slug/live", 404, 404),
    (.get, "/share/:slug/password", 404, 404),
    (.post, "/share/:slug/password", 403, 403),
    (.get, "/embed/:slug", 404, 404),
    (.get, "/embed/:slug/panels/:panel", 404, 404),
    (.get, "/embed/:slug/filters", 404, 404),
    (.get, "/embed/:slug/filters/values", 404, 404),
    (.get, "/embed/:slug/live", 404, 404),
    (.post, "/sites/:domain/pin", 303, 403),
    (.get, "/sites/:domain/filters", 303, 200),
    (.get, "/sites/:domain/filters/values", 303, 200),
    (.get, "/sites/:domain/live", 303, 204),
    (.get, "/sites/:domain/export.zip", 303, 404),
    (.post, "/sites/:domain/segments", 303, 403),
    (.post, "/sites/:domain/segments/:id/delete", 303, 403),
    (.post, "/sites/:domain/annotations", 303, 403),
    (.post, "/sites/:domain/annotations/:id/delete", 303, 403),
    (.get, "/sites/:domain/goals", 303, 200),
    (.post, "/sites/:domain/goals", 303, 403),
    (.post, "/sites/:domain/goals/:id", 303, 403),
    (.post, "/sites/:domain/goals/:id/delete", 303, 403),
    (.get, "/sites/:domain/funnels", 303, 200),
    (.post, "/sites/:domain/funnels", 303, 403),
    (.post, "/sites/:domain/funnels/:id", 303, 403),
    (.post, "/sites/:domain/funnels/:id/delete", 303, 403),
    (.get, "/sites/:domain/install", 303, 200),
    (.get, "/sites/:domain/install/status", 401, 200),
    (.get, "/sites/:domain/settings/general", 303, 200),
    (.post, "/sites/:domain/settings/general", 303, 403),
    (.get, "/sites/:domain/settings/script", 303, 200),
    (.post, "/sites/:domain/settings/script", 303, 403),
    (.get, "/sites/:domain/settings/exclusions", 303, 200),
    (.post, "/sites/:domain/settings/exclusions", 303, 403),
    (.get, "/sites/:domain/settings/data", 303, 200),
    (.post, "/sites/:domain/settings/data", 303, 403),
    (.post, "/sites/:domain/settings/data/reset", 303, 403),
    (.post, "/sites/:domain/settings/data/erase", 303, 403),
    (.post, "/sites/:domain/settings/data/cancel", 303, 403),
    (.get, "/sites/:domain/settings/sharing", 303, 200),
    (.post, "/sites/:domain/settings/sharing/links", 303, 403),
    (.post, "/sites/:domain/settings/sharing/revoke", 303, 403),
    (.post, "/sites/:domain/settings/sharing/public", 303, 403),
    (.get, "/sites/:domain/settings/transfer", 303, 200),
    (.post, "/sites/:domain/settings/transfer", 303, 403),
    (.post, "/sites/:domain/settings/transfer/offer", 303, 403),
    (.post, "/sites/:domain/settings/transfer/withdraw", 303, 403),
    (.get, "/api/sites", 401, 401),
    (.post, "/api/sites", 401, 401),
    (.get, "/api/sites/:id", 401, 401),
    (.patch, "/api/sites/:id", 401, 401),
    (.delete, "/api/sites/:id", 401, 401),
    (.get, "/api/sites/:id/metrics/overview", 401, 401),
    (.get, "/api/sites/:id/metrics/top-pages", 401, 401),
    (.get, "/api/jobs", 401, 401),
    (.get, "/api/jobs/:job", 401, 401),
    (.delete, "/api/jobs/:job", 401, 401),
    (.post, "/api/v2/query", 401, 401),
    (.get, "/api/v1/stats/realtime/visitors", 401, 401),
    (.get, "/api/v1/stats/aggregate", 401, 401),
    (.get, "/api/v1/stats/timeseries", 401, 401),
    (.get, "/api/v1/stats/breakdown", 401, 401),
    (.get, "/assets/:file", 404, 404),
    (.get, "/favicon.ico", 303, 303),
    (.get, "/robots.txt", 200, 200),
    (.get, "/healthz", 200, 200),
    (.get, "/readyz", 200, 200),
    (.get, "/metrics", 200, 200),
]

private func address(_ path: String) -> String {
    path.replacing(":domain", with: "example.com").replacing(":panel", with: "pages")
        .replacing(":id", with: "6f9619ff-8b86-4011-b42d-00c04fc964ff").replacing(
            ":file", with: "nothing.css")
}

@Suite struct RouteTests {
    @Test func `every row of the table has its expectations`() {
        #expect(
            Routes.all.map { "\($0.method) \($0.path)" } == expectations.map { "\($0.method) \($0.path)" })
    }

    @Test func `every route answers strangers and members as the table says`() async throws {
        try await withApplication { stranger, _, _ in
            let member = stranger.another()
            try await member.signUp()
            try await member.addSite()
            for row in expectations {
                let form: HTTPFields = [.contentType: "application/x-www-form-urlencoded"]
                let headers = row.method == .get ? [:] : form
                let one = try await stranger.another().send(row.method, address(row.path), headers: headers)
                #expect(one.status == row.anonymous, "\(row.method) \(row.path), not signed in")
                let other = try await member.send(row.method, address(row.path), headers: headers)
                #expect(other.status == row.member, "\(row.method) \(row.path), member")
            }
        }
    }

    @Test func `whoever is not signed in is led to the login page, and from there to where they wanted`()
        async throws
    {
        try await withApplication { tab, _, _ in
            try await tab.signUp()
            try await tab.addSite()
            _ = try await tab.get("/sites")
            _ = try await tab.post("/logout", [:])
            let turned = try await tab.get("/sites/example.com?period=7d")
            #expect(turned.location == "/login?next=/sites/example.com%3Fperiod%3D7d")
            _ = try await tab.get(turned.location!)
            let form = ["email": "ada@example.org", "password": "rice cake steam"]
            let wanted = try await tab.post(
                "/login", form.merging(["next": "/sites/example.com?period=7d"]) { $1 })
            #expect(wanted.location == "/sites/example.com?period=7d")
        }
    }

    @Test func `who has no account yet makes one on the way to where they wanted`() async throws {
        try await withApplication { tab, _, _ in
            let login = try await tab.get("/login?next=/transfers/a%3Fb")
            #expect(login.text.contains("href=\"/signup?next=/transfers/a%3Fb\""))
            let signUp = try await tab.get("/signup?next=/transfers/a%3Fb")
            #expect(signUp.text.contains("name=\"next\" value=\"/transfers/a?b\""))
            #expect(signUp.text.contains("href=\"/login?next=/transfers/a%3Fb\""))
            let elsewhere = try await tab.get("/signup?next=//evil.example")
            #expect(!elsewhere.text.contains("evil") && elsewhere.text.contains("href=\"/login\""))
            let fields = ["password": "rice cake steam", "time_zone": "UTC"]
            for (email, next, place) in [
                ("ada@example.org", "/transfers/a?b", "/transfers/a?b"),
                ("bea@example.org", "//evil", "/sites/new"),
                ("eve@example.org", "/sites/acme.example", "/sites/new"),
            ] {
                let newcomer = tab.another()
                _ = try await newcomer.get("/signup")
                let made = try await newcomer.post(
                    "/signup", fields.merging(["email": email, "next": next]) { $1 })
                #expect(made.location == place)
            }
        }
    }

    @Test(arguments: ["//e", "/\\e", "https://e", "e", "", "/a\nb", "/%0a\u{7f}", "\t//e"])
    func `login leads nowhere but to a path of ours`(next: String) {
        #expect(LoginPage.safePath(next) == nil)
    }

    @Test func `somebody else's site is the same 404 as no site`() async throws {
        try await withApplication { tab, _, _ in
            try await tab.signUp("owner@example.org")
            try await tab.addSite("theirs.example")
            let other = tab.another()
            try await other.signUp("other@example.org")
            for row in Routes.all where row.path.hasPrefix("/sites/:domain") && row.method == .get {
                let path = row.path.replacing(":panel", with: "pages")
                let foreign = try await other.get(path.replacing(":domain", with: "theirs.example"))
                let missing = try await other.get(path.replacing(":domain", with: "nobodys.example"))
                #expect(foreign.status == 404)
                #expect(foreign.textWithoutTokens == missing.textWithoutTokens)
            }
        }
    }

    @Test func `an id or capitals lead to the page of the domain`() async throws {
        try await withApplication { tab, database, _ in
            try await tab.signUp()
            try await tab.addSite()
            let id = try await database.owner.withConnection { connection in
                try connection.one("SELECT id::text FROM sites") as String
            }
            #expect(try await tab.get("/sites/\(id)?period=7d").location == "/sites/example.com?period=7d")
            #expect(try await tab.get("/sites/EXAMPLE.com/install").location == "/sites/example.com/install")
        }
    }
}
