import Auth
import FoundationEssentials
import HTTPTypes
import Postgres
import TestSupport
import Testing

@testable import App

@Suite struct OfferTests {
    private let transfer = "/sites/example.com/settings/transfer"

    private func offer(_ tab: Tab, to email: String, _ database: TestDatabase) async throws -> String {
        let page = try await tab.submit(
            transfer, to: transfer + "/offer", ["email": email, "current": "rice cake steam"])
        #expect(page.location == transfer + "?done=offered", "\(page.text.suffix(600))")
        return try await database.link(to: email.lowercased(), "/transfers/")
    }

    /// What moves which site to whom, as the job says.
    private func moves(_ database: TestDatabase) async throws -> [String] {
        try await database.system.transaction { connection in
            try connection.rows(
                """
                SELECT arguments ->> 'from' || ' ' || (arguments ->> 'to') || ' ' || (arguments ->> 'user') || ' '
                    || (arguments ->> 'receiver')
                FROM jobs WHERE kind = 'transfer_site'
                """)
        }
    }

    @Test func `a site is offered by mail, and who follows the link takes it, once`() async throws {
        try await withApplication { owner, database, _ in
            try await owner.signUpConfirmed("owner@example.org", database)
            try await owner.addSite()
            let link = try await offer(owner, to: "Bea@example.org", database)
            #expect(try await owner.get(transfer).text.contains("bea@example.org"))
            #expect(try await database.mails().last?.subject.contains("example.com") == true)

            #expect(try await owner.another().get(link).location == "/login?next=\(link)")
            let bea = owner.another()
            try await bea.signUpConfirmed("bea@example.org", database)
            let page = try await bea.get(link)
            #expect(page.status == 200 && page.text.contains("owner@example.org gives you example.com"))
            #expect(page.headers[HTTPField.Name("Referrer-Policy")!] == "no-referrer")
            let account = String(page.text.firstMatch(of: /option value="([0-9]+)"/)!.output.1)
            // Not into the account that it is in, nor into somebody else's.
            #expect(try await bea.post(link, ["account": "1", "account_id": "1"]).status == 404)
            #expect(try await owner.submit(link, ["account": account]).status == 404)
            #expect(try await moves(database) == [])

            _ = try await bea.get(link)
            let taken = try await bea.post(link, ["account": account])
            #expect(taken.status == 200 && taken.text.contains("on its way"))
            let ids = try await (database.id(of: "owner@example.org"), database.id(of: "bea@example.org"))
            let from: Int64 = try await database.owner.withConnection {
                try $0.one("SELECT account_id FROM sites")
            }
            #expect(try await moves(database) == ["\(from) \(account) \(ids.0) \(ids.1)"])
            #expect(try await bea.get(link).status == 404)
            #expect(try await bea.post(link, ["account": account]).status == 404)
            #expect(try await moves(database).count == 1)
            let log = try await database.actions().filter { $0.hasPrefix("site.offer") }
            #expect(log == ["site.offered", "site.offer_accepted"])
        }
    }

    @Test func `an offer is dead when it was withdrawn, replaced, is too old, or its maker lost the right`()
        async throws
    {
        try await withApplication { owner, database, _ in
            try await owner.signUpConfirmed("owner@example.org", database)
            try await owner.addSite()
            let bea = owner.another()
            try await bea.signUpConfirmed("bea@example.org", database)
            func isOpen(_ link: String) async throws -> Bool {
                let status = try await bea.get(link).status
                let sent = try await bea.post(link, ["account": "0"]).status
                #expect(sent == 404)
                return status == 200
            }
            let withdrawn = try await offer(owner, to: "bea@example.org", database)
            #expect(try await isOpen(withdrawn))
            let back = try await owner.submit(transfer, to: transfer + "/withdraw", [:])
            #expect(back.location == transfer + "?done=withdrawn")
            #expect(try await owner.submit(transfer, to: transfer + "/withdraw", [:]).status == 404)
            #expect(try await !isOpen(withdrawn))

            let replaced = try await offer(owner, to: "bea@example.org", database)
            let newer = try await offer(owner, to: "carl@example.org", database)
            #expect(try await !isOpen(replaced))
            #expect(try await isOpen(newer))

            let another = owner.another()
            try await another.join(owner, as: "partner@example.org", role: "owner", database)
            let orphan = try await offer(another, to: "bea@example.org", database)
            #expect(try await isOpen(orphan))
            _ = try await owner.submit(
                "/account/team", to: "/account/team/role",
                ["user": database.id(of: "partner@example.org"), "role": "admin"])
            #expect(try await !isOpen(orphan))
            #expect(try await another.get(transfer).status == 403)

            let old = try await offer(owner, to: "bea@example.org", database)
            try await database.owner.withConnection { connection in
                _ = try connection.execute("UPDATE site_offers SET expires_at = now() - interval '1 second'")
            }
            #expect(try await !isOpen(old))
        }
    }

    @Test func `offering takes a password and a confirmed address, and tells nothing of who has an account`()
        async throws
    {
        try await withApplication { owner, database, _ in
            try await owner.signUp("owner@example.org")
            try await owner.addSite()
            func send(_ fields: [String: String]) async throws -> Tab.Page {
                try await owner.submit(transfer, to: transfer + "/offer", fields)
            }
            let unconfirmed = try await send(["email": "b@example.org", "current": "rice cake steam"])
            #expect(unconfirmed.status == 422 && unconfirmed.text.contains("Confirm your own address first"))
            _ = try await owner.submit(database.link(to: "owner@example.org"), [:])
            #expect(try await send(["email": "b@example.org", "current": "wrong"]).status == 422)
            #expect(try await send(["email": "nonsense", "current": "rice cake steam"]).status == 422)
            let known = owner.another()
            try await known.signUpConfirmed("known@example.org", database)
            let mails = try await database.mails().count
            var answers: Set<String> = []
            for email in ["known@example.org", "nobodys@example.org"] {
                let page = try await send(["email": email, "current": "rice cake steam"])
                let text = try await owner.get(transfer).textWithoutTokens.replacing(email, with: "")
                answers.insert("\(page.status) \(page.location ?? "") \(text)")
            }
            #expect(answers.count == 1)
            #expect(try await database.mails().count == mails + 2)
        }
    }
}
