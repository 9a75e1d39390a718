import Auth
import FoundationEssentials
import HTTPTypes
import Postgres
import TestSupport
import Testing

@testable import App

extension Tab {
    /// Signs up and follows the link that confirms the address.
    func signUpConfirmed(_ email: String, _ database: TestDatabase) async throws {
        try await signUp(email)
        _ = try await submit(database.link(to: email), [:])
    }

    /// Joins the account of `inviter` with an account of their own, or a new one.
    func join(
        _ inviter: Tab, as email: String, role: String, site: String = "", _ database: TestDatabase
    ) async throws {
        _ = try await inviter.submit(
            "/account/team", to: "/account/team/invite", ["email": email, "role": role, "site": site])
        let link = try await database.link(to: email, "/invitations/")
        _ = try await submit(link, ["password": "rice cake steam", "name": email])
    }
}

extension TestDatabase {
    func id(of email: String) async throws -> String {
        try await owner.withConnection { connection in
            let id: Int64 = try connection.one("SELECT max(id) FROM users WHERE email = \(email)")
            return "\(id)"
        }
    }

    func actions() async throws -> [String] {
        try await owner.withConnection { connection in
            try connection.rows("SELECT action FROM audit_log ORDER BY id")
        }
    }
}

@Suite struct TeamTests {
    @Test func `who is invited signs up through the link, once, and is a member`() async throws {
        try await withApplication { owner, database, _ in
            try await owner.signUpConfirmed("owner@example.org", database)
            try await owner.addSite()
            let invited = try await owner.submit(
                "/account/team", to: "/account/team/invite", ["email": "Bea@example.org", "role": "editor"])
            #expect(invited.location == "/account/team?done=invited")
            #expect(try await owner.get("/account/team").text.contains("bea@example.org"))
            let again = try await owner.submit(
                "/account/team", to: "/account/team/invite", ["email": "bea@example.org", "role": "viewer"])
            #expect(again.status == 422)

            let link = try await database.link(to: "bea@example.org", "/invitations/")
            let bea = owner.another()
            let page = try await bea.get(link)
            #expect(page.text.contains("Join owner@example.org") && page.text.contains("as editor"))
            let joined = try await bea.post(link, ["password": "rice cake steam", "name": "Bea"])
            #expect(joined.location == "/sites")
            #expect(try await bea.get("/sites").text.contains("example.com"))
            #expect(try await bea.get("/settings/profile").text.contains("bea@example.org"))
            #expect(!(try await bea.get("/settings/profile").text.contains("Send the link again")))
            #expect(try await bea.get("/sites/example.com/settings/general").status == 403)
            #expect(try await owner.another().get(link).status == 404)
            #expect(try await owner.get("/account/team").text.contains("Bea"))
            #expect(try await database.actions().suffix(2) == ["member.invited", "member.joined"])
        }
    }

    @Test func `who has an account logs in, joins, and switches between the two`() async throws {
        try await withApplication { owner, database, _ in
            try await owner.signUpConfirmed("owner@example.org", database)
            try await owner.addSite()
            let bea = owner.another()
            try await bea.signUpConfirmed("bea@example.org", database)
            try await bea.addSite("bea.example")
            _ = try await owner.submit(
                "/account/team", to: "/account/team/invite", ["email": "bea@example.org", "role": "admin"])
            let link = try await database.link(to: "bea@example.org", "/invitations/")
            #expect(try await bea.another().get(link).location == "/login?next=\(link)")
            #expect(try await bea.submit(link, [:]).location == "/sites")
            let sites = try await bea.get("/sites").text
            #expect(sites.contains("/sites/example.com\"") && !sites.contains("/sites/bea.example\""))
            // The site of the other account is theirs all the same.
            #expect(try await bea.get("/sites/bea.example").status == 200)
            let id = try await bea.get("/account/general").text
                .firstMatch(of: /name="account" value="([0-9]+)"/)!.output.1
            _ = try await bea.post("/account/switch", ["account": String(id)])
            #expect(try await bea.get("/sites").text.contains("/sites/bea.example\""))
            #expect(try await bea.post("/account/switch", ["account": "999"]).status == 404)
        }
    }

    @Test func `an invitation is dead when it was revoked, replaced, or its maker lost the right`()
        async throws
    {
        try await withApplication { owner, database, _ in
            try await owner.signUpConfirmed("owner@example.org", database)
            func invite(_ email: String, by tab: Tab) async throws -> String {
                _ = try await tab.submit(
                    "/account/team", to: "/account/team/invite", ["email": email, "role": "viewer"])
                return try await database.link(to: email, "/invitations/")
            }
            func id(_ email: String) async throws -> String {
                try await database.owner.withConnection { connection in
                    let id: Int64 = try connection.one("SELECT id FROM invitations WHERE email = \(email)")
                    return "\(id)"
                }
            }
            let stranger = owner.another()
            let revoked = try await invite("a@example.org", by: owner)
            _ = try await owner.submit(
                "/account/team", to: "/account/team/revoke", ["id": id("a@example.org")])
            #expect(try await stranger.get(revoked).status == 404)

            let replaced = try await invite("b@example.org", by: owner)
            _ = try await owner.submit(
                "/account/team", to: "/account/team/resend", ["id": id("b@example.org")])
            let newer = try await database.link(to: "b@example.org", "/invitations/")
            #expect(newer != replaced)
            #expect(try await stranger.get(replaced).status == 404)
            #expect(try await stranger.get(newer).status == 200)

            let admin = owner.another()
            try await admin.join(owner, as: "admin@example.org", role: "admin", database)
            let orphan = try await invite("c@example.org", by: admin)
            #expect(try await stranger.get(orphan).status == 200)
            _ = try await owner.submit(
                "/account/team", to: "/account/team/role",
                ["user": database.id(of: "admin@example.org"), "role": "viewer"])
            #expect(try await stranger.get(orphan).status == 404)
            // And the removed right is gone with the next request.
            #expect(try await admin.get("/account/team").text.contains("Invite somebody") == false)
        }
    }

    @Test func `nobody deals with somebody above themselves, and an account keeps an owner`() async throws {
        try await withApplication { owner, database, _ in
            try await owner.signUpConfirmed("owner@example.org", database)
            let admin = owner.another()
            try await admin.join(owner, as: "admin@example.org", role: "admin", database)
            let (ownerID, adminID) = try await (
                database.id(of: "owner@example.org"), database.id(of: "admin@example.org")
            )
            func answer(_ tab: Tab, _ action: String, _ fields: [String: String]) async throws -> Int {
                try await tab.submit("/account/team", to: "/account/\(action)", fields).status
            }
            #expect(try await answer(admin, "team/role", ["user": ownerID, "role": "viewer"]) == 422)
            #expect(try await answer(admin, "team/remove", ["user": ownerID]) == 422)
            #expect(try await answer(admin, "team/role", ["user": adminID, "role": "owner"]) == 422)
            #expect(
                try await answer(admin, "team/invite", ["email": "x@example.org", "role": "owner"]) == 422)
            #expect(
                try await answer(admin, "transfer", ["user": adminID, "current": "rice cake steam"]) == 403)
            #expect(try await answer(owner, "leave", [:]) == 422)
            #expect(try await answer(owner, "team/role", ["user": ownerID, "role": "viewer"]) == 422)
            #expect(try await answer(owner, "transfer", ["user": adminID, "current": "wrong"]) == 422)
            #expect(
                try await answer(owner, "transfer", ["user": adminID, "current": "rice cake steam"]) == 303)
            #expect(try await owner.get("/account/audit-log").status == 403)
            #expect(try await admin.get("/account/audit-log").status == 200)
            #expect(try await answer(owner, "leave", [:]) == 303)
            #expect(try await owner.get("/account/general").status == 404)
            #expect(
                try await database.actions().suffix(2) == ["account.ownership_transferred", "member.left"])
        }
    }

    @Test func `a guest sees one site and nothing else of the account`() async throws {
        try await withApplication { owner, database, _ in
            try await owner.signUpConfirmed("owner@example.org", database)
            try await owner.addSite("one.example")
            try await owner.addSite("two.example")
            let guest = owner.another()
            try await guest.join(
                owner, as: "guest@example.org", role: "viewer", site: "one.example", database)
            let sites = try await guest.get("/sites").text
            #expect(sites.contains("one.example") && !sites.contains("two.example"))
            #expect(try await guest.get("/sites/one.example").status == 200)
            #expect(try await guest.get("/sites/ONE.example").location == "/sites/one.example")
            #expect(try await guest.get("/sites/two.example").status == 404)
            #expect(try await guest.get("/sites/one.example/settings/general").status == 403)
            #expect(try await guest.get("/account/team").status == 404)
            _ = try await owner.submit(
                "/account/team", to: "/account/team/guests/remove",
                ["user": database.id(of: "guest@example.org"), "site": "one.example"])
            #expect(try await guest.get("/sites/one.example").status == 404)
        }
    }

    @Test func `inviting tells nothing of who has an account`() async throws {
        try await withApplication { owner, database, _ in
            try await owner.another().signUpConfirmed("known@example.org", database)
            try await owner.signUpConfirmed("owner@example.org", database)
            var pages: [String] = []
            for email in ["known@example.org", "other@example.org"] {
                let page = try await owner.submit(
                    "/account/team", to: "/account/team/invite", ["email": email, "role": "viewer"])
                pages.append("\(page.status) \(page.location ?? "") \(page.text)")
                let team = try await owner.get("/account/team").textWithoutTokens
                pages[pages.count - 1] += team.replacing(email, with: "").replacing(/value="\d+"/, with: "")
                let id: Int64 = try await database.owner.withConnection {
                    try $0.one("SELECT max(id) FROM invitations")
                }
                _ = try await owner.post("/account/team/revoke", ["id": "\(id)"])
            }
            #expect(pages[0] == pages[1])
        }
    }

    @Test func `whoever has not confirmed their address invites nobody`() async throws {
        try await withApplication { owner, _, _ in
            try await owner.signUp()
            let page = try await owner.submit(
                "/account/team", to: "/account/team/invite", ["email": "b@example.org", "role": "viewer"])
            #expect(page.status == 422 && page.text.contains("Confirm your own address first"))
        }
    }

    @Test func `the audit log is read by owners, as a page and as a table without formulas`() async throws {
        try await withApplication { owner, _, _ in
            try await owner.signUp()
            _ = try await owner.submit(
                "/account/general", ["name": #"=HYPERLINK("http://e") <script>alert(1)</script>"#])
            let page = try await owner.get("/account/audit-log").text
            #expect(page.contains("account renamed =HYPERLINK"))
            #expect(page.contains("&lt;script&gt;") && !page.contains("<script>alert"))
            let csv = try await owner.get("/account/audit-log.csv")
            #expect(csv.headers[.contentType] == "text/csv; charset=utf-8")
            let lines = csv.text.split(separator: "\r\n")
            #expect(lines[0] == "time,who,session,action,subject,detail")
            #expect(lines[1].contains(#","'=HYPERLINK(""http://e"")"#))
            #expect(lines.count == 3)
        }
    }
}
