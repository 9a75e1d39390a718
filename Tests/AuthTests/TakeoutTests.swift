import Auth
import Foundation
import Postgres
import Synchronization
import TestSupport
import Testing

struct TakeoutTests {
    /// An account with a row in everything that is taken along.
    private func account(_ database: TestDatabase) async throws -> AccountAccess {
        let site = try await database.site(domain: "example.com", timeZone: "Asia/Tokyo")
        let shares = ShareLinks(app: database.app, system: database.system, passwords: testPasswords)
        _ = try await shares.create(NewShareLink(name: "Link"), of: site)
        let (account, id, user) = (site.site.account, site.site.id, site.account.user)
        try await database.owner.transaction { connection in
            let statements: [SQL] = [
                "INSERT INTO exclusions (account_id, site_id, kind, value) VALUES (\(account), \(id), 'page', '/x')",
                "INSERT INTO goals (account_id, site_id, name, kind, page_pattern) VALUES (\(account), \(id), 'G', 'page', '/1')",
                "INSERT INTO funnels (account_id, site_id, name, scope) VALUES (\(account), \(id), 'F', 'visit')",
                """
                INSERT INTO funnel_steps (account_id, funnel_id, position, goal_id)
                SELECT f.account_id, f.id, 0, g.id FROM funnels f, goals g
                """,
                "INSERT INTO segments (account_id, site_id, name, filter, owner) VALUES (\(account), \(id), 'S', '[\"and\", []]', \(user))",
                "INSERT INTO annotations (account_id, site_id, day, text) VALUES (\(account), \(id), '2026-01-01', 'A \"b\" <c>')",
                """
                INSERT INTO imports (account_id, site_id, kind, digest, from_time, to_time, from_day, to_day)
                VALUES (\(account), \(id), 'log', '\\x01', now(), now(), '2026-01-01', '2026-01-02')
                """,
                """
                INSERT INTO site_days (account_id, site_id, day, part, origin, format, visitors, visits, page_views, events,
                    checksum, summary, core, detail, properties, sealed_at)
                SELECT \(account), \(id), '2026-01-01'::date + n, 0, 'seal', 1, n, n, n, n, '\\x00ff', '\\x0102', '\\x03', '', '\\xdead', now()
                FROM generate_series(1, 20) n
                """,
                """
                INSERT INTO daily_site_metrics (account_id, site_id, date, page_views, unique_visitors, visits, bounces,
                    visit_seconds, events, updated_at)
                VALUES (\(account), \(id), '2026-01-01', 1, 1, 1, 1, 1, 1, now())
                """,
                """
                INSERT INTO daily_page_metrics (account_id, site_id, date, path, page_views, unique_visitors, visits)
                SELECT \(account), \(id), '2026-01-01', '/' || n, 1, 1, 1 FROM generate_series(1, 2500) n
                """,
                """
                INSERT INTO aggregation_state (account_id, site_id, day, vector)
                VALUES (\(account), \(id), current_date, '{"7": 3}')
                """,
                """
                INSERT INTO events SELECT current_date, \(account), 7, n, \(id), now(), -n, 'pageview', 'example.com', '/é', '', '',
                    '', 'Direct', '', '', '', '', '', '', 'DE', '', '', 'de', 'Firefox', '140', 'Linux', '', 'Desktop', '',
                    true, 0, NULL, NULL, '', '{"a": "b"}' FROM generate_series(1, 2100) n
                """,
                """
                INSERT INTO late_events SELECT '2026-01-01', \(account), 8, 1, \(id), now(), 5, 'pageview', 'example.com', '/', '', '',
                    '', 'Direct', '', '', '', '', '', '', 'DE', '', '', 'de', 'Firefox', '140', 'Linux', '', 'Desktop', '',
                    true, 0, NULL, NULL, '', '{}'
                """,
                "INSERT INTO drops VALUES (\(account), \(id), date_trunc('hour', now()), 'bot', '', 3)",
                "INSERT INTO ingest_positions (stream, collector, sequence, loaded_through) VALUES (7, gen_random_uuid(), 2100, now())",
            ]
            for statement in statements { try connection.execute(statement) }
        }
        return site.account
    }

    private func takeout(_ access: AccountAccess, _ database: TestDatabase) async throws -> [String] {
        let text = Mutex("")
        try await Takeout(app: database.app, access: access).write { piece in
            text.withLock { $0 += piece }
        }
        return text.withLock { $0 }.split(separator: "\n").map(String.init)
    }

    private func read(_ lines: [String], into access: AccountAccess, _ database: TestDatabase) async throws {
        try await database.owner.transaction { connection in
            var takeout = try TakeoutImport(into: access, connection)
            for line in lines { try takeout.take(line) }
            try takeout.finish()
        }
    }

    /// Rows of every table that is taken along, without what belongs to the instance.
    private func everything(_ access: AccountAccess, _ database: TestDatabase) async throws -> [String] {
        try await database.owner.withConnection { connection in
            try Takeout.tables.flatMap { table -> [String] in
                try connection.rows(
                    """
                    SELECT \(table.name) || ' ' || (to_jsonb(t) - 'account_id' - 'version' - 'owner' - 'created_by')::text
                    FROM \(identifier: table.name) t WHERE account_id = \(access.account) ORDER BY 1
                    """)
            }
        }
    }

    @Test func `what is taken out is the same elsewhere, without loss`() async throws {
        try await withTestDatabase { database in
            let access = try await account(database)
            let lines = try await takeout(access, database)
            let before = try await everything(access, database)
            #expect(before.count > 4_600)
            #expect(Set(before.map { $0.prefix { $0 != " " } }).count == Takeout.tables.count)
            try await withTestDatabase { elsewhere in
                // Another instance, with accounts of its own.
                _ = try await elsewhere.account(email: "first@example.org")
                let target = try await elsewhere.account(email: "second@example.org")
                try await read(lines, into: target, elsewhere)
                #expect(try await everything(target, elsewhere) == before)
                let owners: [Int64?] = try await elsewhere.owner.withConnection {
                    try $0.rows("SELECT owner FROM segments UNION ALL SELECT created_by FROM share_links")
                }
                #expect(owners == [target.user!.rawValue, target.user!.rawValue])
                // What is made next does not meet what came along.
                try await elsewhere.owner.withConnection { connection in
                    _ = try connection.execute(
                        """
                        INSERT INTO goals (account_id, site_id, name, kind, page_pattern)
                        SELECT account_id, id, 'Next', 'page', '/2' FROM sites
                        """)
                }
                // The same once more is refused as a whole.
                await #expect(throws: TakeoutImport.Refused.self) {
                    try await read(lines, into: target, elsewhere)
                }
                #expect(try await everything(target, elsewhere).count == before.count + 1)
            }
        }
    }

    @Test func `a takeout has nothing of another account, and nothing that lets anybody in`() async throws {
        try await withTestDatabase { database in
            let access = try await account(database)
            let other = try await database.site(domain: "other.example")
            let text = try await takeout(access, database).joined(separator: "\n")
            #expect(
                !text.contains("other.example")
                    && !text.contains(other.site.id.rawValue.uuidString.lowercased()))
            for table in [
                "users", "sessions", "api_keys", "memberships", "invitations", "mail_links", "jobs",
            ] {
                #expect(!text.contains("\"table\":\"\(table)\""))
            }
        }
    }

    @Test func `a file that is cut off, changed or something else is refused`() async throws {
        try await withTestDatabase { database in
            let lines = try await takeout(account(database), database)
            try await withTestDatabase { elsewhere in
                let target = try await elsewhere.account()
                var without = lines
                without.remove(at: 1)
                for wrong in [
                    Array(lines.dropLast()), Array(lines.dropFirst()), without, ["not JSON"], [],
                    [lines[0], #"{"table":"users","row":{"email":"a@example.com"}}"#],
                    [#"{"mochi_takeout":99}"#],
                ] {
                    await #expect(throws: (any Error).self) { try await read(wrong, into: target, elsewhere) }
                    #expect(try await everything(target, elsewhere) == [])
                }
            }
        }
    }
}
