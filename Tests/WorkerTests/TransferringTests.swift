import Auth
import Days
import Foundation
import Outbound
import Postgres
import Stats
import TestSupport
import Testing
import Worker

struct TransferringTests {
    /// A site with history, an open day and everything that hangs on it; and an account that may take it.
    private func setting(_ database: TestDatabase) async throws -> (CountedSite, AccountAccess) {
        let site = try await CountedSite(database)
        let day = CountedSite.yesterday
        for back in 10..<13 {
            let rows = site.rows(20, on: day.advanced(by: -back), from: Int64(back) * 100)
            try await site.load(rows, into: "late_events")
        }
        try await site.sealing(at: Date() + 86_400).run()
        try await site.load(site.rows(50, on: day.advanced(by: 1)))
        let target = try await database.account(email: "target@example.com")
        try await database.owner.transaction { connection in
            let user = site.access.account.user
            try connection.execute(
                """
                INSERT INTO memberships (account_id, user_id, role) VALUES (\(target.account), \(user), 'admin')
                """)
            try connection.execute(
                """
                INSERT INTO site_guests (account_id, site_id, user_id, role)
                VALUES (\(site.account), \(site.site), \(target.user), 'viewer')
                """)
            let goals: [Int64] = try connection.rows(
                """
                INSERT INTO goals (account_id, site_id, name, kind, page_pattern)
                VALUES (\(site.account), \(site.site), 'One', 'page', '/1'), (\(site.account), \(site.site), 'Two', 'page', '/2')
                RETURNING id
                """)
            let funnel: Int64 = try connection.one(
                """
                INSERT INTO funnels (account_id, site_id, name, scope)
                VALUES (\(site.account), \(site.site), 'Way', 'visit') RETURNING id
                """)
            for (position, goal) in goals.enumerated() {
                try connection.execute(
                    """
                    INSERT INTO funnel_steps (account_id, funnel_id, position, goal_id)
                    VALUES (\(site.account), \(funnel), \(Int32(position)), \(goal))
                    """)
            }
        }
        let shares = ShareLinks(app: database.app, system: database.system, passwords: testPasswords)
        _ = try await shares.create(NewShareLink(name: "Link"), of: site.access)
        return (site, target)
    }

    private func enqueue(_ site: CountedSite, _ target: AccountAccess, _ database: TestDatabase) async throws
    {
        let move = SiteJobs.Transfer(
            from: site.account, to: target.account.rawValue, site: site.site,
            user: site.access.account.user!.rawValue)
        _ = try await database.app.transaction(site.access) { try SiteJobs.transfer(move, in: $0) }
    }

    private func accounts(_ site: CountedSite) async throws -> [String: [Int64]] {
        try await site.database.owner.withConnection { connection in
            let tables: [String] = try connection.rows(
                """
                SELECT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'site_id'
                WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace
                """)
            var found: [String: [Int64]] = [:]
            for table in tables {
                let ids: [Int64] = try connection.rows(
                    "SELECT DISTINCT account_id FROM \(identifier: table) WHERE site_id = \(site.site)")
                if !ids.isEmpty { found[table] = ids }
            }
            return found
        }
    }

    private func visitors(_ access: SiteAccess, _ database: TestDatabase) async throws -> [Double?] {
        let statistics = Statistics(app: database.app)
        let span = try await statistics.calendar(access).span(of: .last(days: 30), at: Date())
        return try await statistics.answer(
            Question(span: span, metrics: [.visitors, .pageViews], dimensions: [.time(.day)]), of: access
        ).rows.flatMap { $0.figures.map(\.number) }
    }

    @Test func `a site moves with its history and its open days, and nothing of it is left behind`()
        async throws
    {
        try await withTestDatabase { database in
            let (site, target) = try await setting(database)
            let before = try await visitors(site.access, database)
            #expect(before.contains { ($0 ?? 0) > 5 })
            try await enqueue(site, target, database)
            #expect(try await ForgettingTests.work(database) == "transfer_site")

            let places = try await accounts(site)
            #expect(places.keys.contains("events") && places.keys.contains("site_days"))
            #expect(places.keys.contains("goals") && !places.keys.contains("site_guests"))
            #expect(!places.keys.contains("share_links"))
            #expect(places.allSatisfy { $0.value == [target.account.rawValue] })
            let steps: [Int64] = try await database.owner.withConnection {
                try $0.rows("SELECT DISTINCT account_id FROM funnel_steps")
            }
            #expect(steps == [target.account.rawValue])

            #expect(try await database.sites.list(in: site.access.account).isEmpty)
            let moved = try #require(try await database.sites.find(id: site.access.site.id, in: target))
            #expect(try await visitors(moved, database) == before)
            // What waits in a spool is loaded for the site, whoever's it is: sealing goes on there.
            try await site.sealing(at: Date() + 3 * 86_400).run()
            #expect(try await visitors(moved, database) == before)
            // Again it does nothing.
            let audit = try await site.number("SELECT count(*) FROM audit_log")
            try await enqueue(site, target, database)
            #expect(try await ForgettingTests.work(database) == "transfer_site")
            #expect(try await site.number("SELECT count(*) FROM audit_log") == audit)
        }
    }

    @Test func `a site that was offered moves to its receiver's account, while both have the right`()
        async throws
    {
        try await withTestDatabase { database in
            let (site, _) = try await setting(database)
            let receiver = try await database.account(email: "receiver@example.com")
            let before = try await visitors(site.access, database)
            func move(_ from: Int64, by user: Int64, receiver person: Int64) async throws {
                let move = SiteJobs.Transfer(
                    from: from, to: receiver.account.rawValue, site: site.site, user: user, receiver: person)
                try await database.system.transaction { try SiteJobs.transfer(move, in: $0) }
            }
            let giver = site.access.account.user!.rawValue
            try await move(site.account, by: giver, receiver: giver)
            await #expect(throws: GiveUp.self) { try await ForgettingTests.work(database) }
            try await database.owner.withConnection { _ = try $0.execute("DELETE FROM jobs") }
            try await move(site.account, by: giver, receiver: receiver.user!.rawValue)
            #expect(try await ForgettingTests.work(database) == "transfer_site")

            #expect(try await accounts(site).allSatisfy { $0.value == [receiver.account.rawValue] })
            #expect(try await database.sites.list(in: site.access.account).isEmpty)
            let moved = try #require(try await database.sites.find(id: site.access.site.id, in: receiver))
            #expect(try await visitors(moved, database) == before)
            // What a collector had spooled before knows its site alone.
            let log: [String] = try await database.owner.withConnection { connection in
                try connection.rows(
                    """
                    SELECT action || ' ' || u.email FROM audit_log l JOIN users u ON u.id = l.user_id
                    WHERE action IN ('site.given_away', 'site.received') ORDER BY l.id
                    """)
            }
            #expect(log == ["site.given_away owner@example.com", "site.received receiver@example.com"])
        }
    }

    @Test func `who lost the right meanwhile moves nothing`() async throws {
        try await withTestDatabase { database in
            let (site, target) = try await setting(database)
            try await enqueue(site, target, database)
            try await database.owner.withConnection { connection in
                _ = try connection.execute(
                    "UPDATE memberships SET role = 'viewer' WHERE account_id = \(target.account) AND role = 'admin'"
                )
            }
            await #expect(throws: GiveUp.self) { try await ForgettingTests.work(database) }
            #expect(try await accounts(site).allSatisfy { $0.value == [site.account] })
        }
    }
}
