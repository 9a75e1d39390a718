import Auth
import FoundationEssentials
import HTTPTypes
import Operations
import Postgres
import TestSupport
import Testing

@testable import App

@Suite struct InstanceTests {
    @Test func `only a confirmed address of the administrators' sees the instance`() async throws {
        try await withApplication(.test(admins: "root@example.org")) { tab, database, _ in
            try await tab.signUp("root@example.org")
            #expect(try await tab.get("/instance").status == 404)
            _ = try await tab.submit(database.link(to: "root@example.org"), [:])
            let other = tab.another()
            try await other.signUpConfirmed("other@example.org", database)
            try await other.addSite("squatted.example")
            #expect(try await other.get("/instance").status == 404)
            let page = try await tab.get("/instance").text
            #expect(page.contains("other@example.org") && page.contains("squatted.example"))
        }
    }

    @Test func `a squatted domain is released, and whose it is adds it`() async throws {
        try await withApplication(.test(admins: "root@example.org")) { tab, database, _ in
            try await tab.signUpConfirmed("root@example.org", database)
            let squatter = tab.another()
            try await squatter.signUp("squatter@example.org")
            try await squatter.addSite("victim.example")
            let missing = try await tab.submit(
                "/instance", to: "/instance/release-domain", ["domain": "nobodys.example"])
            #expect(missing.status == 422)
            let done = try await tab.submit(
                "/instance", to: "/instance/release-domain", ["domain": "victim.example"])
            #expect(done.location == "/instance?done=released")
            #expect(try await squatter.get("/sites/victim.example").status == 404)
            #expect(try await squatter.get("/sites").text.contains(".released.invalid"))
            try await tab.addSite("victim.example")
            #expect(try await tab.get("/sites/victim.example").status == 200)
            #expect(try await database.actions().contains("site.domain_released"))
        }
    }

    @Test func `an account is deleted with its number, its name and a password`() async throws {
        try await withApplication(.test(admins: "root@example.org")) { tab, database, _ in
            try await tab.signUpConfirmed("root@example.org", database)
            let other = tab.another()
            try await other.signUp("other@example.org")
            try await other.addSite("other.example")
            let id: Int64 = try await database.owner.withConnection {
                try $0.one("SELECT account_id FROM sites")
            }
            func delete(_ id: String, _ name: String, _ password: String = "rice cake steam") async throws
                -> Int
            {
                try await tab.submit(
                    "/instance", to: "/instance/delete-account",
                    ["account": id, "name": name, "current": password]
                ).status
            }
            #expect(try await delete("\(id)", "other@example.org", "wrong") == 422)
            #expect(try await delete("\(id)", "another") == 422)
            #expect(try await delete("999", "other@example.org") == 422)
            #expect(try await delete("nonsense", "other@example.org") == 422)
            #expect(try await other.get("/sites/other.example").status == 200)
            #expect(try await delete("\(id)", "other@example.org") == 303)
            #expect(try await other.get("/sites/other.example").status == 404)
            #expect(try await other.get("/settings/profile").status == 200)
            let jobs: [String] = try await database.system.transaction {
                try $0.rows("SELECT arguments ->> 'account' FROM jobs WHERE kind = 'erase_account'")
            }
            #expect(jobs == ["\(id)"])
        }
    }

    @Test func `the first person of an instance is made whatever the sign-up mode is`() async throws {
        for mode in ["open", "invite", "closed"] {
            try await withApplication(try .test(signUp: mode)) { tab, _, _ in
                #expect(try await tab.get("/").text.contains("/setup"))
                let made = try await tab.submit(
                    "/setup", ["email": "first@example.org", "password": "rice cake steam"])
                #expect(made.location == "/sites/new")
                #expect(try await tab.another().get("/setup").status == 404)
                #expect(!(try await tab.another().get("/").text.contains("/setup")))
            }
        }
    }

    @Test(arguments: [("open", 200, 200), ("invite", 403, 200), ("closed", 403, 403)])
    func `sign-up is for anybody, for who is invited, or for nobody`(mode: String, open: Int, invited: Int)
        async throws
    {
        try await withApplication(try .test(signUp: mode)) { tab, database, _ in
            _ = try await tab.submit("/setup", ["email": "owner@example.org", "password": "rice cake steam"])
            _ = try await tab.submit(database.link(to: "owner@example.org"), [:])
            _ = try await tab.submit(
                "/account/team", to: "/account/team/invite", ["email": "b@example.org", "role": "viewer"])
            let stranger = tab.another()
            #expect(try await stranger.get("/signup").status == open)
            let link = try await database.link(to: "b@example.org", "/invitations/")
            let joined = try await stranger.submit(link, ["password": "rice cake steam"])
            #expect(joined.status == (invited == 200 ? 303 : 403))
        }
    }

    @Test func `mails are shown on one's own machine alone`() async throws {
        try await withApplication { tab, _, web in
            try await tab.signUp()
            // This client has no socket, and so no address.
            #expect(try await tab.get("/mail").status == 404)
            #expect(try await web.lastMails().count == 1)
        }
    }
}
