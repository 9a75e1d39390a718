import Days
import Foundation
import Postgres
import Stats
import TestSupport
import Testing
import Worker

/// The end of raw events, and what comes after it.
struct LateEventsTests {
    let day = CountedSite.yesterday

    /// Late enough that yesterday is over in every zone.
    func afterAll(_ site: CountedSite) -> Date { site.end(of: day, hours: 14) }

    /// Sealed, closed and dropped.
    func drop(_ site: CountedSite) async throws {
        let now = afterAll(site)
        try await site.sealing(at: now).run()
        #expect(try await ClosedDays.close(site.round(at: now)).contains(day))
        try await ClosedDays.drop(site.round(at: now))
    }

    func partition(_ site: CountedSite) async throws -> Int {
        let name = "events_" + day.description.filter { $0 != "-" }
        return try await site.number(
            "SELECT count(*) FROM pg_class WHERE relname LIKE \(name + "%") AND relkind = 'r'")
    }

    @Test func `when all of a day is sealed, its raw events are unlinked`() async throws {
        try await withTestDatabase { database in
            let site = try await CountedSite(database)
            try await site.load(site.rows(100, on: day), through: afterAll(site))
            #expect(try await partition(site) == 16)
            try await drop(site)
            #expect(try await partition(site) == 0)
            #expect(try await site.number("SELECT count(*) FROM events") == 0)
            // Nobody makes the day again.
            #expect(
                try await Partitions.makeAhead(database: database.owner, now: site.end(of: day, hours: 1)) > 0
            )
            #expect(try await partition(site) == 0)
        }
    }

    @Test func `a day stays open as long as anything of it might be lost`() async throws {
        try await withTestDatabase { database in
            let site = try await CountedSite(database)
            let now = afterAll(site)
            try await site.load(site.rows(100, on: day), through: now)
            let round = site.round(at: now)
            // Not sealed.
            #expect(try await ClosedDays.close(round).contains(day) == false)
            try await site.sealing(at: now).run()
            // Not over in the last of all zones.
            #expect(
                try await ClosedDays.close(site.round(at: site.end(of: day, hours: 12.9))).contains(day)
                    == false)
            // More was loaded since.
            try await site.load(site.rows(10, on: day, from: 500), through: now)
            #expect(try await ClosedDays.close(round).contains(day) == false)
            try await site.sealing(at: now).run()
            // Something came late.
            try await site.load(site.rows(10, on: day, from: 600), into: "late_events", through: now)
            #expect(try await ClosedDays.close(round).contains(day) == false)
            try await site.sealing(at: now).run()
            #expect(try await site.number("SELECT count(*) FROM events") == 120)
            // An event whose day nobody has listed.
            _ = try await database.owner.withConnection {
                try $0.execute("DELETE FROM aggregation_state WHERE day = \(day)")
            }
            #expect(try await ClosedDays.close(round).contains(day) == false)
            try await site.sealing(at: now).run()
            #expect(try await ClosedDays.close(round).contains(day))
        }
    }

    @Test func `a loader at work keeps the day open`() async throws {
        try await withTestDatabase { database in
            let site = try await CountedSite(database)
            let now = afterAll(site)
            try await site.load(site.rows(100, on: day), through: now)
            try await site.sealing(at: now).run()
            try await ScheduleTests.whileHeld(
                database.system,
                { try $0.execute("SELECT pg_advisory_xact_lock_shared(\(0x6D6F_6368_6901 as Int64))") }
            ) {
                let error = await #expect(throws: PostgresError.self) {
                    try await ClosedDays.close(site.round(at: now))
                }
                #expect(error?.kind == .lockTimeout)
            }
            #expect(try await ClosedDays.close(site.round(at: now)).contains(day))
        }
    }

    @Test func `what comes after the raw events are gone is added, and said to be inexact`() async throws {
        try await withTestDatabase { database in
            let site = try await CountedSite(database)
            let rows = site.rows(100, on: day)
            try await site.load(rows, through: afterAll(site))
            try await drop(site)
            let first = site.rows(30, on: day, from: 500)
            let second = site.rows(20, on: day, from: 600)
            for late in [first, second] {
                try await site.load(late, into: "late_events", through: afterAll(site))
                #expect(
                    try await site.sealing(at: afterAll(site)).run() == [site.siteDay(day): .supplemented])
                #expect(try await site.number("SELECT count(*) FROM late_events") == 0)
            }
            let parts: [(Int16, String, Bool)] = try await database.system.withConnection {
                try $0.rows("SELECT part, origin, inexact FROM site_days ORDER BY part")
            }
            #expect(parts.map(\.0) == [0, 1, 2])
            #expect(parts.map(\.1) == ["seal", "late", "late"])
            #expect(parts.map(\.2) == [false, true, true])
            let around = day.advanced(by: -1)...day.advanced(by: 1)
            let asked = try await Statistics(app: database.app).asked(
                [Question(span: Span(days: around), metrics: [.visitors])], funnels: [], of: site.access)
            #expect(asked.inexactDays == [day])
            let folds = [rows, first, second].map { site.fold($0, on: day) }
            let totals = folds.map { CountedSite.Totals($0.block) }
            #expect(
                try await site.days() == [
                    CountedSite.Totals(
                        day: day, pageViews: totals.map(\.pageViews).reduce(0, +),
                        visitors: totals.map(\.visitors).reduce(0, +),
                        visits: totals.map(\.visits).reduce(0, +),
                        events: totals.map(\.events).reduce(0, +))
                ])
            #expect(
                try await site.number("SELECT sum(count)::bigint FROM drops")
                    == folds.map(\.dropped).reduce(0, +))
        }
    }

    @Test func `a supplement that ends anywhere is neither lost nor added twice`() async throws {
        try await withTestDatabase { database in
            let site = try await CountedSite(database)
            let rows = site.rows(100, on: day)
            try await site.load(rows, through: afterAll(site))
            try await drop(site)
            let late = site.rows(30, on: day, from: 500)
            try await site.load(late, into: "late_events", through: afterAll(site))
            let before = try await site.stored()
            for step in ["claimed", "read events", "folded", "added", "written", "noted drops", "finished"] {
                let sealing = site.sealing(at: afterAll(site)) { options in
                    options.between = { if "\($0)" == step { throw SealingTests.Killed() } }
                }
                await #expect(throws: SealingTests.Killed.self) { try await sealing.run() }
                #expect(try await site.stored() == before)
            }
            try await site.sealing(at: afterAll(site)).run()
            let events = [rows, late].map { site.fold($0, on: day).block.eventCount }
            #expect(try await site.days().map(\.events) == [events.reduce(0, +)])
        }
    }

    @Test func `what was loaded while a day had no partition counts with the rest of it`() async throws {
        try await withTestDatabase { database in
            let site = try await CountedSite(database)
            let rows = site.rows(100, on: day)
            let early = site.rows(50, on: day, from: 200)
            try await site.load(early, into: "late_events")
            try await site.load(rows)
            try await site.sealing(at: site.end(of: day, hours: 2)).run()
            #expect(try await site.days() == [CountedSite.Totals(site.fold(rows + early, on: day).block)])
            #expect(try await site.number("SELECT count(*) FROM late_events") == 0)
            #expect(try await site.number("SELECT count(*) FROM site_days WHERE inexact") == 0)
        }
    }

    @Test func `a day that never had a partition is sealed from what came late, exactly`() async throws {
        try await withTestDatabase { database in
            let site = try await CountedSite(database)
            let old = day.advanced(by: -30)
            let rows = site.rows(100, on: old)
            try await site.load(rows, into: "late_events")
            #expect(try await site.sealing(at: Date()).run() == [site.siteDay(old): .sealed])
            #expect(try await site.days() == [CountedSite.Totals(site.fold(rows, on: old).block)])
            #expect(try await site.number("SELECT count(*) FROM site_days WHERE inexact") == 0)
        }
    }

    @Test func `sealed and dropped, no table holds a visitor's hash`() async throws {
        try await withTestDatabase { database in
            let site = try await CountedSite(database)
            let rows = site.rows(100, on: day)
            try await site.load(rows, through: afterAll(site))
            let hashes = Set(rows.map(\.event.visitor).filter { $0 != 0 }.prefix(8))
            let before = try await tables(holding: hashes, database)
            #expect(before.contains { $0.hasPrefix("events_") })
            try await drop(site)
            let holding = try await tables(holding: hashes, database)
            #expect(holding == [])
        }
    }

    /// Looks for numbers in each row of each table, as text and as bytes, statistics included.
    private func tables(holding hashes: Set<Int64>, _ database: TestDatabase) async throws -> [String] {
        func hexadecimal(_ hash: Int64) -> String {
            let digits = String(UInt64(bitPattern: hash), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }
        let texts = hashes.flatMap { ["\($0)", hexadecimal($0), hexadecimal($0.byteSwapped)] }
        return try await database.owner.withConnection { connection in
            let tables: [String] = try connection.rows(
                """
                SELECT relname::text FROM pg_class
                WHERE relkind = 'r' AND (relnamespace = 'public'::regnamespace OR relname = 'pg_statistic') ORDER BY 1
                """)
            try connection.execute("ANALYZE")
            return try tables.filter { table in
                try connection.one(
                    """
                    SELECT EXISTS (SELECT FROM \(identifier: table) t, unnest(\(texts)) AS hash
                        WHERE position(hash IN t::text) > 0)
                    """)
            }
        }
    }
}
