import Auth
import HTTPTypes
import Postgres
import TestSupport
import Testing

@testable import App

/// `/account/keys`.
@Suite struct KeysPageTests {
    @Test func `a key is made, shown once, used, and revoked`() async throws {
        try await withApplication { tab, database, _ in
            try await tab.signUp()
            _ = try await tab.get("/account/keys")
            let made = try await tab.post(
                "/account/keys", ["name": "Sheet <b>", "scope:stats:read": "on", "scope:sites:read": "on"])
            #expect(made.status == 201)
            let key = try #require(made.text.firstMatch(of: /mochi_[A-Za-z0-9_-]{43}/)).output
            #expect(made.text.contains("Sheet &lt;b&gt;"))
            let list = try await tab.get("/account/keys").text
            #expect(!list.contains(key) && list.contains(key.prefix(12)))
            #expect(list.contains("Read statistics, Read sites") && list.contains("Last used: Never"))

            let program = tab.another()
            func sites() async throws -> Int {
                try await program.send(.get, "/api/sites", headers: [.authorization: "Bearer \(key)"]).status
            }
            #expect(try await sites() == 200)
            #expect(try await !tab.get("/account/keys").text.contains("Last used: Never"))
            let ids: (Int64, Int64) = try await database.owner.withConnection {
                try $0.one("SELECT account_id, id FROM api_keys")
            }
            let revoked = try await tab.post(
                "/account/keys/revoke", ["account": "\(ids.0)", "key": "\(ids.1)"])
            #expect(revoked.location == "/account/keys")
            #expect(try await sites() == 401)
            #expect(try await tab.get("/account/keys").text.contains("Revoked on"))
            let actions: [String] = try await database.owner.withConnection {
                try $0.rows("SELECT action FROM audit_log WHERE action LIKE 'api_key.%' ORDER BY id")
            }
            #expect(actions == ["api_key.created", "api_key.revoked"])
        }
    }

    @Test func `a key without name or scope is not made, and what was entered stays`() async throws {
        try await withApplication { tab, database, _ in
            try await tab.signUp()
            _ = try await tab.get("/account/keys")
            let nameless = try await tab.post("/account/keys", ["name": " ", "scope:events:write": "on"])
            #expect(nameless.status == 422 && nameless.text.contains("Say what the key is for."))
            #expect(nameless.text.contains(#"name="scope:events:write" value="on" checked"#))
            let useless = try await tab.post("/account/keys", ["name": "Kept"])
            #expect(useless.status == 422 && useless.text.contains("Choose what the key may be used for."))
            #expect(useless.text.contains(#"value="Kept""#))
            let count: Int64 = try await database.owner.withConnection {
                try $0.one("SELECT count(*) FROM api_keys")
            }
            #expect(count == 0)
        }
    }

    @Test func `somebody else's key is not revoked, and viewers make none`() async throws {
        try await withApplication { tab, database, web in
            let theirs = try await database.site(domain: "theirs.example")
            let key = try await web.keys.create(name: "Theirs", scopes: [.readSites], in: theirs.account)
            try await tab.signUp()
            _ = try await tab.get("/account/keys")
            let own: Int64 = try await database.owner.withConnection {
                try $0.one("SELECT max(account_id) FROM memberships")
            }
            for account in [own, theirs.site.account.rawValue] {
                let page = try await tab.post(
                    "/account/keys/revoke", ["account": "\(account)", "key": "\(key.id.rawValue)"])
                #expect([303, 404].contains(page.status))
            }
            #expect(try await web.keys.authenticate(key.text, scope: .readSites) != nil)
            try await database.owner.withConnection {
                _ = try $0.execute("UPDATE memberships SET role = 'viewer'")
            }
            #expect(try await tab.get("/account/keys").text.contains("Only admins and owners"))
            #expect(
                try await tab.post("/account/keys", ["name": "x", "scope:stats:read": "on"]).status == 403)
        }
    }
}
