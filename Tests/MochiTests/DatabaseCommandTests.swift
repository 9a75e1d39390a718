import Foundation
import Operations
import Postgres
import Subprocess
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct DatabaseCommandTests {
    @Test func `two migrations at once take turns, and a third has nothing to do`() async throws {
        try await withEmptyDatabase { database in
            let environment = ["DATABASE_URL": database.url]
            async let first = Program.run(["migrate"], environment)
            async let second = Program.run(["migrate"], environment)
            let outcomes = try await [first, second]
            #expect(outcomes.map(\.status) == [.exited(0), .exited(0)])
            let files = try Files.list(Program.repository + "/migrations").filter { $0.hasSuffix(".sql") }
                .sorted { $0.compare($1, options: .numeric) == .orderedAscending }
            #expect(
                outcomes.map(\.output).sorted()
                    == [
                        files.map { $0 + "\n" }.joined() + "Migrated: \(files.count).\n",
                        "Nothing to migrate.\n",
                    ].sorted())

            let third = try await Program.run(["migrate"], environment)
            #expect(third.output == "Nothing to migrate.\n")
            let status = try await Program.run(["migrate", "--status"], environment)
            #expect(status.output.split(separator: "\n").allSatisfy { $0.contains("  applied ") })
        }
    }

    @Test func `a database that is newer than the program is left alone`() async throws {
        try await withTestDatabase { database in
            try await database.owner.withConnection { connection in
                _ = try connection.execute(
                    "INSERT INTO migrations (name, checksum) VALUES ('9999-01-01-1-future.sql', '\\x00')")
            }
            let outcome = try await Program.run(["migrate"], ["DATABASE_URL": database.url])
            #expect(outcome.status == .exited(1))
            #expect(outcome.errors.contains("mochi: The database is newer than this program"))
        }
    }

    @Test func `bootstrap makes what is missing, and an API key each time`() async throws {
        try await withTestDatabase { database in
            func bootstrap() async throws -> [String: String?] {
                let outcome = try await Program.run(
                    [
                        "admin", "bootstrap", "--email", "Ann@Example.com", "--site",
                        "https://www.example.com/",
                    ],
                    ["DATABASE_URL": database.url, "MOCHI_BOOTSTRAP_TIME_ZONE": "Europe/Berlin"])
                #expect(outcome.status == .exited(0), "\(outcome.errors)")
                return try JSONDecoder().decode([String: String?].self, from: Data(outcome.output.utf8))
            }
            let first = try await bootstrap()
            #expect(
                Set(first.keys) == [
                    "account_id", "user_id", "password", "site_id", "domain", "tracking_key", "api_key",
                ])
            #expect(first["domain"] == "example.com")
            #expect(first["password"] != .some(nil))

            var second = try await bootstrap()
            #expect(second["password"] == .some(nil))
            #expect(second["api_key"] != first["api_key"])
            second["password"] = first["password"]
            second["api_key"] = first["api_key"]
            #expect(second == first)
        }
    }

    @Test func `keys are made, listed and revoked; each command prints one object`() async throws {
        try await withTestDatabase { database in
            _ = try await database.account(email: "ann@example.com")
            let account: String = try await database.owner.withConnection {
                try $0.one("SELECT id::text FROM accounts")
            }
            func key(_ arguments: String..., status: Int32 = 0) async throws -> String {
                let outcome = try await Program.run(
                    ["admin", "key"] + arguments,
                    ["DATABASE_URL": database.url, "MOCHI_KEY_EMAIL": "Ann@Example.com"])
                #expect(outcome.status == .exited(status), "\(outcome.errors)")
                return status == 0 ? outcome.output : outcome.errors
            }
            struct Made: Decodable {
                let account_id: String
                let id: String
                let name: String
                let scopes: [String]
                let api_key: String
            }
            let text = try await key("create", "--name", "Shop", "--scopes", "events:write, stats:read")
            let made = try JSONDecoder().decode(Made.self, from: Data(text.utf8))
            #expect(made.account_id == account)
            #expect(made.name == "Shop" && made.scopes == ["events:write", "stats:read"])
            #expect(made.api_key.hasPrefix("mochi_"))

            struct Listed: Decodable {
                struct Key: Decodable {
                    let id: String
                    let name: String
                    let prefix: String
                    let scopes: [String]
                    let created_at: String
                    let last_used_at: String?
                    let revoked_at: String?
                }
                let account_id: String
                let keys: [Key]
            }
            let list = try await key("list")
            #expect(!list.contains(made.api_key))
            #expect(list.contains(#""last_used_at":null,"name":"Shop""#))
            let listed = try JSONDecoder().decode(Listed.self, from: Data(list.utf8))
            #expect(listed.keys.map(\.id) == [made.id])
            #expect(listed.keys.map(\.prefix) == [String(made.api_key.prefix(12))])

            let revoked = try await key("revoke", "--id", made.id)
            #expect(
                revoked == #"{"account_id":"\#(made.account_id)","id":"\#(made.id)","revoked":true}"# + "\n")
            let again = try await key("revoke", "--id", made.id, status: 1)
            #expect(again.contains("no key \(made.id) that is not revoked"))
            let unknown = try await key("create", "--name", "x", "--scopes", "all", status: 1)
            #expect(unknown.contains("all is no scope"))
            let nobody = try await key("list", "--email", "bob@example.com", status: 1)
            #expect(nobody.contains("owns an account"))
            let wrong = try await key("list", "--account", "99", status: 1)
            #expect(wrong.contains("owns no account 99"))
        }
    }

    @Test func `accounts are listed and deleted, and a squatted domain is released`() async throws {
        try await withTestDatabase { database in
            _ = try await database.site(domain: "squatted.example")
            let id: String = try await database.owner.withConnection {
                try $0.one("SELECT id::text FROM accounts")
            }
            func admin(_ arguments: String..., status: Int32 = 0) async throws -> String {
                let outcome = try await Program.run(["admin"] + arguments, ["DATABASE_URL": database.url])
                #expect(outcome.status == .exited(status), "\(outcome.errors)")
                return status == 0 ? outcome.output : outcome.errors
            }
            struct Listed: Decodable {
                struct Account: Decodable, Equatable {
                    let account_id: String
                    let name: String
                    let owners: [String]
                    let sites: [String]
                    let page_views: Int
                }
                let people: Int
                let accounts: [Account]
            }
            func list() async throws -> Listed {
                try JSONDecoder().decode(Listed.self, from: Data(try await admin("accounts", "list").utf8))
            }
            let owner = "owner@squatted.example"
            let listed = try await list()
            #expect(listed.people == 1)
            #expect(
                listed.accounts == [
                    .init(
                        account_id: id, name: owner, owners: [owner], sites: ["squatted.example"],
                        page_views: 0)
                ])
            let nobodys = try await admin("release-domain", "--domain", "nobodys.example", status: 1)
            #expect(nobodys.contains("No site has the domain nobodys.example"))
            let released = try await admin("release-domain", "--domain", "squatted.example")
            #expect(released == #"{"domain":"squatted.example","released":true}"# + "\n")
            #expect(try await list().accounts[0].sites[0].hasSuffix(".released.invalid"))

            let wrong = try await admin("accounts", "delete", "--account", id, "--name", "other", status: 1)
            #expect(wrong.contains("not the name of account \(id)"))
            let unknown = try await admin("accounts", "delete", "--account", "99", "--name", "x", status: 1)
            #expect(unknown.contains("no account 99"))
            let deleted = try await admin("accounts", "delete", "--account", id, "--name", owner)
            #expect(deleted == #"{"account_id":"\#(id)","deleted":true}"# + "\n")
            #expect(try await list().accounts[0].owners == [])
            let jobs: [String] = try await database.owner.withConnection {
                try $0.rows("SELECT kind FROM jobs WHERE kind = 'erase_account'")
            }
            #expect(jobs == ["erase_account"])
        }
    }

    @Test func `the doctor finds what is well, what is not, and tells no secret`() async throws {
        try await withTestDatabase { database in
            var environment = try Program.freePorts()
            environment["DATABASE_URL"] = database.url + " password=hunter2"
            environment["MOCHI_SMTP_URL"] = "smtp://me:hunter2@127.0.0.1:1"
            environment["MOCHI_SECRET_KEY"] = String(repeating: "ab", count: 32)
            environment["MOCHI_DATA"] = "/tmp"
            let outcome = try await Program.run(["doctor", "--json"], environment)
            #expect(outcome.status == .exited(1))
            #expect(!outcome.output.contains("hunter2") && !outcome.output.contains("abab"))
            struct Report: Decodable {
                struct Check: Decodable {
                    let name: String
                    let state: String
                    let remedy: String?
                }
                let healthy: Bool
                let checks: [Check]
            }
            let report = try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8))
            let states = Dictionary(uniqueKeysWithValues: report.checks.map { ($0.name, $0.state) })
            let expected = [
                "settings": "ok", "PostgreSQL": "ok", "clock": "ok", "migrations": "ok",
                "role mochi_app": "ok",
                "role mochi_system": "ok", "secret key": "ok", "time zones": "ok", "app": "failing",
                "ingest": "failing", "worker": "failing", "mail": "failing",
            ]
            #expect(states.filter { expected[$0.key] != nil } == expected)
            #expect(report.checks.allSatisfy { ($0.state == "ok") == ($0.remedy == nil) })
            #expect(!report.healthy)

            let text = try await Program.run(["doctor"], environment)
            #expect(!text.output.contains("hunter2") && text.output.contains("smtp://me:…@127.0.0.1:1"))
        }
    }
}
