import Auth
import Postgres
import TestSupport
import Testing

struct ApiKeysTests {
    @Test func `a key opens its account for its scopes, until it is revoked`() async throws {
        try await withTestDatabase { database in
            let access = try await database.account()
            let keys = ApiKeys(app: database.app, system: database.system)
            let made = try await keys.create(name: " Sheets ", scopes: [.readStats], in: access)
            #expect(try await keys.authenticate(made.text, scope: .readStats)?.account == access.account)
            #expect(try await keys.authenticate(made.text, scope: .writeSites) == nil)
            #expect(try await keys.authenticate(made.text + "x", scope: .readStats) == nil)
            #expect(try await keys.authenticate("", scope: .readStats) == nil)

            let listed = try await keys.list(in: access)
            #expect(listed.map(\.id) == [made.id] && listed.map(\.name) == ["Sheets"])
            #expect(listed.map(\.scopes) == [[.readStats]])
            #expect(listed.map(\.prefix) == [String(made.text.prefix(12))])
            #expect(listed[0].lastUsedAt != nil && listed[0].revokedAt == nil)

            #expect(try await keys.revoke(made.id, in: access))
            #expect(try await keys.authenticate(made.text, scope: .readStats) == nil)
            #expect(try await keys.revoke(made.id, in: access) == false)
            #expect(try await keys.list(in: access)[0].revokedAt != nil)

            let actions: [(String, String)] = try await database.app.transaction(access) {
                try $0.rows("SELECT action, subject FROM audit_log WHERE action LIKE 'api_key.%' ORDER BY id")
            }
            #expect(actions.map(\.0) == ["api_key.created", "api_key.revoked"])
            #expect(actions.map(\.1) == ["Sheets", "Sheets"])
        }
    }

    @Test func `nothing of a key's text is stored but how it begins`() async throws {
        try await withTestDatabase { database in
            let access = try await database.account()
            let made = try await ApiKeys(app: database.app, system: database.system)
                .create(name: "Sheets", scopes: [.readStats], in: access)
            let rows: [String] = try await database.owner.withConnection {
                try $0.rows("SELECT to_jsonb(k)::text FROM api_keys k")
            }
            #expect(rows.count == 1 && rows[0].contains(made.text.prefix(12)))
            #expect(!rows[0].contains(made.text.dropFirst(12)))
        }
    }

    @Test func `a key of somebody else's account is neither seen nor revoked`() async throws {
        try await withTestDatabase { database in
            let keys = ApiKeys(app: database.app, system: database.system)
            let access = try await database.account()
            let other = try await database.account(email: "other@example.org")
            let made = try await keys.create(name: "Sheets", scopes: [.readStats], in: access)
            #expect(try await keys.list(in: other) == [])
            #expect(try await keys.revoke(made.id, in: other) == false)
            #expect(try await keys.authenticate(made.text, scope: .readStats)?.account == access.account)
        }
    }

    @Test(arguments: [
        ("", [Scope.readStats], "name"), ("Sheets", [], "scopes"), ("a\nb", [.readStats], "name"),
    ])
    func `a key has a name and a scope`(name: String, scopes: [Scope], field: String) async throws {
        try await withTestDatabase { database in
            let access = try await database.account()
            let error = await #expect(throws: FormError.self) {
                try await ApiKeys(app: database.app, system: database.system)
                    .create(name: name, scopes: scopes, in: access)
            }
            #expect(error?.field == field)
        }
    }
}
