import Auth
import Days
import Foundation
import Outbound
import Postgres
import Stats
import TestSupport
import Testing
import Worker

/// Retention, beginning anew, erasing.
struct ForgettingTests {
    let day = CountedSite.yesterday

    static func context(_ database: TestDatabase, now: Date = Date()) throws -> JobKind.Context {
        let sender = try Mailbox(name: "Mochi", address: "mochi@example.com")
        return JobKind.Context(
            system: database.system, mailer: Mailer(.files(directory: "/dev/null"), sender: sender),
            now: { now })
    }

    /// Does the only job that waits; answers what kind it was.
    @discardableResult
    static func work(_ database: TestDatabase, now: Date = Date()) async throws -> String? {
        let kinds = Dictionary(uniqueKeysWithValues: JobKind.all.map { ($0.name, $0) })
        let job = try await database.system.transaction { connection in
            try Jobs.take(
                kinds: Array(kinds.keys), lockedFor: .seconds(60), now: Date() + 60, in: connection)
        }
        guard let job, let kind = kinds[job.kind] else { return nil }
        try await kind.run(job, context(database, now: now))
        _ = try await database.system.withConnection { try Jobs.complete(job, now: now, in: $0) }
        return job.kind
    }

    /// Sealed days without raw events, the last of them `last`.
    func history(_ site: CountedSite, days: Int, last: Day) async throws {
        for back in 0..<days {
            let day = last.advanced(by: -back)
            try await site.load(site.rows(20, on: day, from: Int64(back) * 100 + 1), into: "late_events")
        }
        try await site.sealing(at: Date() + 86_400).run()
    }

    @Test func `days older than a site keeps are removed, and no others`() async throws {
        try await withTestDatabase { database in
            let site = try await CountedSite(database)
            let other = try await CountedSite(database, domain: "other.example")
            try await history(site, days: 6, last: day.advanced(by: -10))
            try await history(other, days: 6, last: day.advanced(by: -10))
            let untouched = try await other.stored()
            let now = site.end(of: day, hours: 1)
            let schedule: @Sendable () async throws -> Void = {
                try await Schedule.all.first { $0.name == "retention" }!.run(site.round("retention", at: now))
            }
            try await schedule()
            #expect(try await Self.work(database, now: now) == nil)
            _ = try await database.owner.withConnection {
                try $0.execute("UPDATE sites SET retention_days = 13 WHERE id = \(site.site)")
            }
            try await schedule()
            try await schedule()
            #expect(try await Self.work(database, now: now) == "retention")
            #expect(try await Self.work(database, now: now) == nil)
            // Today is the day after `day`: thirteen days before it is the third of the six.
            #expect(try await site.days().map(\.day) == [-12, -11, -10].map { day.advanced(by: $0) })
            #expect(
                try await site.number("SELECT count(*) FROM aggregation_state WHERE site_id = \(site.site)")
                    == 3)
            #expect(try await other.stored() == untouched)
            try await schedule()
            #expect(try await Self.work(database, now: now) == nil)
        }
    }

    @Test func `statistics that begin anew have nothing of before, and what is on its way is ignored`()
        async throws
    {
        try await withTestDatabase { database in
            let site = try await CountedSite(database)
            try await history(site, days: 5, last: day.advanced(by: -10))
            try await site.load(site.rows(50, on: day))
            try await site.sealing(at: site.end(of: day, hours: 2)).run()
            let today = day.advanced(by: 1)
            let rows = site.rows(200, on: today, stream: 9)
            try await site.load(rows)
            // In the middle of the events of today, so to say.
            _ = try await database.app.transaction(site.access) {
                try SiteJobs.reset(account: site.account, site: site.site, in: $0)
            }
            let since = site.end(of: day, hours: 12)
            _ = try await database.owner.withConnection {
                try $0.execute("UPDATE sites SET statistics_from = \(since)")
            }
            _ = try await database.owner.withConnection {
                try $0.execute("UPDATE aggregation_state SET sealed_at = least(sealed_at, \(since - 3_600))")
            }
            _ = try await database.owner.withConnection {
                try $0.execute("UPDATE site_days SET sealed_at = least(sealed_at, \(since - 3_600))")
            }
            #expect(try await Self.work(database) == "reset_site")
            #expect(try await site.days() == [])
            #expect(try await site.number("SELECT count(*) FROM site_days") == 0)
            #expect(try await site.number("SELECT count(*) FROM events WHERE day = \(day)") == 0)

            try await site.sealing(at: site.end(of: today, hours: 30)).run()
            let kept = rows.filter { $0.event.time >= Int64(since.timeIntervalSince1970) * 1_000_000 }
            #expect(kept.count > 50 && kept.count < 150)
            #expect(try await site.days() == [CountedSite.Totals(site.fold(kept, on: today).block)])
        }
    }

    @Test func `a site that is erased leaves no row behind, and others alone`() async throws {
        try await withTestDatabase { database in
            let site = try await CountedSite(database)
            let other = try await CountedSite(database, domain: "other.example")
            for each in [site, other] {
                try await history(each, days: 3, last: day.advanced(by: -10))
                try await each.load(each.rows(50, on: day.advanced(by: 1)))
                try await each.load(each.rows(5, on: day.advanced(by: -40)), into: "late_events")
            }
            let untouched = try await other.stored()
            let id = try await database.app.transaction(site.access) { connection in
                try SiteJobs.erase(account: site.account, site: site.site, in: connection)
                return try Jobs.list(kinds: SiteJobs.kinds, account: site.account, in: connection).first?.id
            }
            #expect(try await Self.work(database) == "erase_site")
            #expect(try await rows(of: site.site, database) == [])
            #expect(try await rows(of: other.site, database) != [])
            #expect(try await other.stored() == untouched)
            let status = try await database.app.transaction(site.access) { connection in
                try Jobs.list(kinds: SiteJobs.kinds, account: site.account, in: connection).first
            }
            #expect(status?.id == id)
            #expect(status?.state == "done")
            #expect(status.map { $0.done == $0.total && $0.total > 50 } == true)
        }
    }

    /// Tables that have rows of a site.
    private func rows(of site: UUID, _ database: TestDatabase) async throws -> [String] {
        try await database.owner.withConnection { connection in
            let tables: [String] = try connection.rows(
                """
                SELECT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'site_id'
                WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace
                ORDER BY 1
                """)
            return try tables.filter { table in
                try connection.one(
                    "SELECT EXISTS (SELECT FROM \(identifier: table) WHERE site_id = \(site))")
            }
        }
    }

    @Test func `an account that is erased leaves no row of a tenant behind`() async throws {
        try await withTestDatabase { database in
            let site = try await CountedSite(database)
            try await history(site, days: 3, last: day.advanced(by: -10))
            try await site.load(site.rows(50, on: day.advanced(by: 1)))
            _ = try await database.system.transaction { try SiteJobs.eraseAccount(site.account, in: $0) }
            #expect(try await Self.work(database) == "erase_account")
            let left: [String] = try await database.owner.withConnection { connection in
                let tables: [String] = try connection.rows(
                    """
                    SELECT c.relname::text FROM pg_class c
                    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'account_id'
                    WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace
                    """)
                return try tables.filter { table in
                    try connection.one(
                        "SELECT EXISTS (SELECT FROM \(identifier: table) WHERE account_id = \(site.account))")
                }
            }
            #expect(left == [])
            #expect(try await site.number("SELECT count(*) FROM accounts") == 0)
        }
    }

    @Test func `a job that is cancelled stops at its next step and is not begun again`() async throws {
        try await withTestDatabase { database in
            let site = try await CountedSite(database)
            try await history(site, days: 3, last: day.advanced(by: -10))
            let id = try await database.app.transaction(site.access) { connection in
                try SiteJobs.reset(account: site.account, site: site.site, in: connection)
                return try Jobs.list(kinds: SiteJobs.kinds, account: site.account, in: connection)[0].id
            }
            let job = try #require(
                try await database.system.transaction {
                    try Jobs.take(
                        kinds: [SiteJobs.reset], lockedFor: .seconds(60), now: Date() + 60, in: $0)
                })
            let other = try await database.account(email: "nobody@example.com")
            #expect(
                try await database.app.transaction(other) {
                    try Jobs.cancel(id, account: other.account.rawValue, in: $0)
                } == false)
            #expect(
                try await database.app.transaction(site.access) {
                    try Jobs.cancel(id, account: site.account, in: $0)
                })
            let kind = try #require(JobKind.all.first { $0.name == SiteJobs.reset })
            await #expect(throws: Jobs.Stopped.self) { try await kind.run(job, Self.context(database)) }
            // The step in which it heard of it is undone.
            #expect(try await site.days().count == 3)
            #expect(
                try await database.system.withConnection {
                    try Jobs.acknowledgeCancellation(of: job, now: Date(), in: $0)
                })
            let states: [String] = try await database.system.withConnection {
                try $0.rows("SELECT state FROM jobs WHERE kind = 'reset_site'")
            }
            #expect(states == ["cancelled"])
        }
    }

    @Test func `a waiting job that is cancelled is never taken`() async throws {
        try await withTestDatabase { database in
            let site = try await CountedSite(database)
            _ = try await database.app.transaction(site.access) { connection in
                try SiteJobs.reset(account: site.account, site: site.site, in: connection)
                let job = try Jobs.list(kinds: SiteJobs.kinds, account: site.account, in: connection)[0]
                try Jobs.cancel(job.id, account: site.account, in: connection)
            }
            #expect(try await Self.work(database) == nil)
            #expect(try await database.system.withConnection { try Jobs.bury(now: Date(), in: $0) } == 1)
        }
    }

    @Test(arguments: [SiteJobs.reset, SiteJobs.erase, SiteJobs.eraseAccount])
    func `what erases may be lost after any of its steps, and ends the same when it is repeated`(
        _ name: String
    ) async throws {
        try await withTestDatabase { database in
            let site = try await CountedSite(database)
            try await history(site, days: 3, last: day.advanced(by: -10))
            try await site.load(site.rows(50, on: day.advanced(by: 1)))
            _ = try await database.owner.transaction { connection in
                for table in ["site_days", "aggregation_state"] {
                    try connection.execute(
                        "UPDATE \(identifier: table) SET sealed_at = now() - interval '1 hour'")
                }
                switch name {
                case SiteJobs.reset:
                    try SiteJobs.reset(account: site.account, site: site.site, in: connection)
                case SiteJobs.erase:
                    try SiteJobs.erase(account: site.account, site: site.site, in: connection)
                default: try SiteJobs.eraseAccount(site.account, in: connection)
                }
            }
            let kind = try #require(JobKind.all.first { $0.name == name })
            // Each attempt notes one step more before its worker is lost: the trigger is where it dies.
            _ = try await database.owner.withConnection { connection in
                try connection.execute("CREATE SEQUENCE steps")
                try connection.execute(
                    """
                    CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$
                    BEGIN
                        IF NEW.progress_text <> '' AND nextval('steps') >= NEW.attempts THEN RAISE 'lost'; END IF;
                        RETURN NEW;
                    END $$
                    """)
                try connection.execute("GRANT USAGE ON SEQUENCE steps TO mochi_system")
                try connection.execute(
                    "CREATE TRIGGER die BEFORE UPDATE ON jobs FOR EACH ROW EXECUTE FUNCTION die()")
            }
            var attempts = 0
            while true {
                attempts += 1
                let time = Date() + Double(attempts) * 120
                _ = try await database.owner.withConnection {
                    let _: Int = try $0.one("SELECT setval('steps', 1, false)")
                }
                let job = try #require(
                    try await database.system.transaction {
                        try Jobs.take(kinds: [name], lockedFor: .seconds(60), now: time, in: $0)
                    })
                do {
                    try await kind.run(job, Self.context(database))
                    break
                } catch let error as PostgresError where error.message == "lost" {
                    continue
                }
            }
            #expect(attempts > 1)
            if name == SiteJobs.reset {
                #expect(try await site.number("SELECT count(*) FROM site_days") == 0)
                #expect(try await site.days() == [])
            } else {
                #expect(try await rows(of: site.site, database) == [])
            }
        }
    }
}
