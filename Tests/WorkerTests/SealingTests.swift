import Days
import Foundation
import Ingest
import Postgres
import Stats
import Synchronization
import TestSupport
import Testing
import Worker

struct ReadinessTests {
    static let end = Date(timeIntervalSince1970: 1_800_000_000)

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let hours: Double
        /// Hours after the day's end: when it was heard of, and until when it has loaded everything.
        var collectors: [(heard: Double, loaded: Double)] = []
        let readiness: Readiness
        var testDescription: String { name }
    }

    @Test(arguments: [
        Case(name: "at midnight", hours: 0, readiness: .open),
        Case(name: "just before the hour is over", hours: 0.999, readiness: .open),
        Case(name: "without any collector", hours: 1, readiness: .due),
        Case(name: "all are through", hours: 1.1, collectors: [(1.1, 1), (1.1, 1.05)], readiness: .due),
        Case(name: "one is not", hours: 1.1, collectors: [(1.1, 0.99), (1.1, 1.05)], readiness: .waiting),
        Case(
            name: "one is not, and was heard of a day ago", hours: 30, collectors: [(6, 0.5)],
            readiness: .waiting),
        Case(name: "it has been silent for longer", hours: 30.01, collectors: [(6, 0.5)], readiness: .due),
    ])
    func `a day is due an hour after its end, when every collector that lives is through`(_ one: Case) {
        let collectors = one.collectors.map {
            CollectorState(heard: Self.end + $0.heard * 3_600, loadedThrough: Self.end + $0.loaded * 3_600)
        }
        #expect(
            Readiness(dayEnds: Self.end, collectors: collectors, now: Self.end + one.hours * 3_600)
                == one.readiness)
    }

    @Test func `somebody has to look at a day that was not sealed in three days`() {
        #expect(!Readiness.isOverdue(dayEnds: Self.end, now: Self.end + 72 * 3_600 - 1))
        #expect(Readiness.isOverdue(dayEnds: Self.end, now: Self.end + 72 * 3_600))
    }
}

struct SealingTests {
    let day = CountedSite.yesterday

    @Test func `a sealed day is the fold of its rows, and its roll-ups are what that adds up to`()
        async throws
    {
        try await withTestDatabase { database in
            let site = try await CountedSite(database)
            let rows = site.rows(500, on: day)
            try await site.load(rows)
            let now = site.end(of: day, hours: 2)
            #expect(try await site.sealing(at: now).seal(site.siteDay(day)) == .sealed)

            let (block, dropped) = site.fold(rows, on: day)
            #expect(block.eventCount > 300)
            #expect(dropped > 0)
            let part = try await database.system.withConnection { [day] connection in
                try SiteDays.stored(account: site.account, site: site.site, day: day, part: 0, in: connection)
            }
            #expect(part?.block == block)
            #expect(part?.differences(clock: site.clock(day)) == [])
            #expect(try await site.days() == [CountedSite.Totals(block)])
            #expect(
                try await site.number("SELECT sum(page_views)::bigint FROM daily_page_metrics")
                    == CountedSite.Totals(block).pageViews)
            // In the ledger of the day's last hour.
            #expect(
                try await site.number(
                    """
                    SELECT count FROM drops WHERE reason = 'no_visit' AND detail = ''
                        AND hour = \(site.end(of: day, hours: -1))
                    """) == dropped)
        }
    }

    @Test func `what no visitor may outlast is gone when the day is sealed`() async throws {
        try await withTestDatabase { database in
            let site = try await CountedSite(database)
            try await site.load(site.rows(50, on: day))
            _ = try await database.system.withConnection { [day] connection in
                try connection.execute(
                    """
                    INSERT INTO open_blocks (account_id, site_id, day, vector, raw)
                    VALUES (\(site.account), \(site.site), \(day), '{}', \([1, 2, 3] as [UInt8]))
                    """)
            }
            _ = try await site.sealing(at: site.end(of: day, hours: 2)).run()
            #expect(try await site.number("SELECT count(*) FROM open_blocks") == 0)
        }
    }

    @Test func `a day waits for its end and for its collectors`() async throws {
        try await withTestDatabase { database in
            let site = try await CountedSite(database)
            try await site.load(site.rows(50, on: day), through: site.end(of: day, hours: 0.5))
            let tooEarly = site.sealing(at: site.end(of: day, hours: 0.9))
            let waits = site.sealing(at: site.end(of: day, hours: 2))
            #expect(try await tooEarly.run() == [:])
            #expect(try await waits.run() == [:])
            try await site.heard(
                1, at: site.end(of: day, hours: 2), loadedThrough: site.end(of: day, hours: 1.9))
            #expect(try await waits.run() == [site.siteDay(day): .sealed])
            #expect(try await waits.run() == [:])
        }
    }

    @Test func `a site's day ends where the site is`() async throws {
        try await withTestDatabase { database in
            let east = try await CountedSite(database, domain: "east.example", timeZone: "Pacific/Kiritimati")
            let west = try await CountedSite(database, domain: "west.example", timeZone: "Etc/GMT+12")
            let now = east.end(of: day, hours: 1.5)
            try await east.load(east.rows(20, on: day), through: west.end(of: day, hours: 9))
            try await west.load(
                west.rows(20, on: day, stream: 8), collector: 2, through: west.end(of: day, hours: 9))
            #expect(try await east.sealing(at: now).run() == [east.siteDay(day): .sealed])
            #expect(try await east.sealing(at: west.end(of: day, hours: 0.9)).run() == [:])
            #expect(
                try await east.sealing(at: west.end(of: day, hours: 1.1)).run() == [
                    west.siteDay(day): .sealed
                ])
        }
    }

    @Test func `a day that cannot be sealed alarms after three days, and is sealed when it can be`()
        async throws
    {
        try await withTestDatabase { database in
            let site = try await CountedSite(database)
            try await site.load(site.rows(50, on: day), through: site.end(of: day, hours: -1))
            // It is alive all the time, and stuck.
            try await site.heard(
                1, at: site.end(of: day, hours: 71), loadedThrough: site.end(of: day, hours: -1))
            try await site.sealing(at: site.end(of: day, hours: 71)).run()
            #expect(try await state(site) == "open")
            try await site.heard(
                1, at: site.end(of: day, hours: 73), loadedThrough: site.end(of: day, hours: -1))
            try await site.sealing(at: site.end(of: day, hours: 73)).run()
            #expect(try await state(site) == "quarantined")
            try await site.heard(
                1, at: site.end(of: day, hours: 74), loadedThrough: site.end(of: day, hours: 73))
            try await site.sealing(at: site.end(of: day, hours: 74)).run()
            #expect(try await state(site) == "sealed")
        }
    }

    private func state(_ site: CountedSite) async throws -> String {
        try await site.database.system.withConnection { [day] connection in
            try connection.one(
                "SELECT state FROM aggregation_state WHERE site_id = \(site.site) AND day = \(day)")
        }
    }

    @Test func `a day that fails is tried again later, and holds nothing up`() async throws {
        try await withTestDatabase { database in
            let broken = try await CountedSite(database, domain: "broken.example")
            let fine = try await CountedSite(database, domain: "fine.example")
            let rows = broken.rows(50, on: day)
            try await broken.load(rows)
            try await fine.load(fine.rows(60, on: day, stream: 8), collector: 2)
            let now = broken.end(of: day, hours: 2)
            let events = Int64(broken.fold(rows, on: day).block.eventCount)
            _ = try await database.owner.withConnection { connection in
                try connection.execute(
                    "ALTER TABLE site_days ADD CONSTRAINT broken CHECK (events <> \(literal: events))")
            }
            #expect(
                try await broken.sealing(at: now).run()
                    == [broken.siteDay(day): .failed, fine.siteDay(day): .sealed])
            #expect(try await broken.sealing(at: now + 30).run() == [:])
            #expect(try await broken.sealing(at: now + 3_600).run() == [broken.siteDay(day): .failed])
            #expect(
                try await broken.stored() == ["state \(day) open {} 0 2"])
            _ = try await database.owner.withConnection {
                try $0.execute("ALTER TABLE site_days DROP CONSTRAINT broken")
            }
            #expect(try await broken.sealing(at: now + 2 * 3_600).run() == [broken.siteDay(day): .sealed])
        }
    }

    @Test func `sealing again gives the same and counts nothing twice`() async throws {
        try await withTestDatabase { database in
            let site = try await CountedSite(database)
            try await site.load(site.rows(400, on: day))
            let now = site.end(of: day, hours: 2)
            try await site.sealing(at: now).run()
            let first = try await site.stored()
            for _ in 0..<2 {
                #expect(try await site.sealing(at: now + 60).seal(site.siteDay(day), again: true) == .sealed)
                #expect(try await site.stored() == first)
            }
        }
    }

    @Test func `slices of a large day have no visitor in common, and add up to it`() async throws {
        try await withTestDatabase { database in
            let site = try await CountedSite(database)
            let rows = site.rows(2_000, on: day)
            try await site.load(rows)
            let now = site.end(of: day, hours: 2)
            try await site.sealing(at: now) { $0.slice = 300 }.run()
            #expect(try await site.number("SELECT count(*) FROM site_days") == 9)
            #expect(try await site.days() == [CountedSite.Totals(site.fold(rows, on: day).block)])
            #expect(
                try await site.number("SELECT sum(count)::bigint FROM drops")
                    == site.fold(rows, on: day).dropped)
            // Sealed in one piece after all, nothing of the slices is left.
            _ = try await site.sealing(at: now).seal(site.siteDay(day), again: true)
            #expect(try await site.number("SELECT count(*) FROM site_days") == 1)
        }
    }

    @Test func `a load that commits in the middle of a seal is found by the next round`() async throws {
        try await withTestDatabase { database in
            let site = try await CountedSite(database)
            let rows = site.rows(300, on: day)
            let late = site.rows(40, on: day, from: 1_000)
            try await site.load(rows)
            let now = site.end(of: day, hours: 2)
            let (reached, reach) = AsyncStream.makeStream(of: Void.self)
            let goOn = DispatchSemaphore(value: 0)
            let outcome = try await withThrowingTaskGroup(of: Sealing.Outcome.self) { group in
                group.addTask {
                    let sealing = site.sealing(at: now) { options in
                        options.between = { step in
                            guard "\(step)" == "read events" else { return }
                            reach.finish()
                            goOn.wait()
                        }
                    }
                    return try await sealing.seal(site.siteDay(day))
                }
                for await _ in reached {}
                try await site.load(late)
                goOn.signal()
                return try await group.next()
            }
            #expect(outcome == .sealed)
            #expect(try await site.days() == [CountedSite.Totals(site.fold(rows, on: day).block)])
            #expect(try await site.sealing(at: now).run() == [site.siteDay(day): .sealed])
            #expect(try await site.days() == [CountedSite.Totals(site.fold(rows + late, on: day).block)])
            #expect(try await site.sealing(at: now).run() == [:])
        }
    }

    @Test func `workers that seal at once leave what one alone does`() async throws {
        try await withTestDatabase { database in
            let days = (-2...0).map { day.advanced(by: $0 + 1) }
            let sites = try await [
                CountedSite(database, domain: "one.example"), CountedSite(database, domain: "two.example"),
            ]
            for (number, site) in sites.enumerated() {
                for day in days {
                    try await site.load(
                        site.rows(200, on: day, stream: Int64(number * 10 + day.distance(to: days[0]) + 20)),
                        through: site.end(of: days[2], hours: 9))
                }
            }
            let now = sites[0].end(of: days[2], hours: 2)
            try await sites[0].sealing(at: now).run()
            let undisturbed = try await (sites[0].stored(), sites[1].stored())
            _ = try await database.owner.withConnection { connection in
                try connection.execute(
                    """
                    TRUNCATE site_days, daily_site_metrics, daily_page_metrics, drops;
                    """)
                try connection.execute(
                    """
                    UPDATE aggregation_state SET state = 'open', vector = '{}', dropped = 0, sealed_at = NULL, format = NULL
                    """)
            }
            try await withThrowingTaskGroup(of: [Sealing.SiteDay: Sealing.Outcome].self) { group in
                for _ in 0..<3 { group.addTask { try await sites[0].sealing(at: now).run() } }
                var sealed: [Sealing.SiteDay: Int] = [:]
                for try await outcomes in group {
                    for (siteDay, outcome) in outcomes where outcome == .sealed {
                        sealed[siteDay, default: 0] += 1
                    }
                }
                #expect(sealed.values.allSatisfy { $0 == 1 })
                #expect(sealed.count == 6)
            }
            #expect(try await sites[0].stored() == undisturbed.0)
            #expect(try await sites[1].stored() == undisturbed.1)
        }
    }

    struct Killed: Error {}

    @Test func `a seal that ends anywhere leaves nothing half done`() async throws {
        try await withTestDatabase { database in
            let site = try await CountedSite(database)
            let day = day
            try await site.load(site.rows(200, on: day))
            try await site.load(site.rows(20, on: day, stream: 8), into: "late_events")
            let now = site.end(of: day, hours: 2)
            let before = try await site.stored()
            var steps = 0
            while true {
                let left = Mutex(steps)
                let sealing = site.sealing(at: now) { options in
                    options.slice = 60
                    options.between = { _ in
                        try left.withLock { left in
                            if left == 0 { throw Killed() }
                            left -= 1
                        }
                    }
                }
                do {
                    _ = try await sealing.seal(site.siteDay(day))
                    break
                } catch is Killed {
                    steps += 1
                    #expect(try await site.stored() == before)
                }
            }
            #expect(steps >= 10)
            let after = try await site.stored()
            let alone = try await CountedSite(database, domain: "alone.example")
            #expect(alone.account != site.account)
            #expect(after.contains { $0.hasPrefix("state \(day) sealed") })
            #expect(try await site.number("SELECT count(*) FROM late_events") == 0)
            #expect(
                try await site.days()
                    == [
                        CountedSite.Totals(
                            site.fold(site.rows(200, on: day) + site.rows(20, on: day, stream: 8), on: day)
                                .block)
                    ])
        }
    }

    /// Of all steps of all seals: one in nine, or each, twenty times, one after the other and two beside each other.
    @Test func `days whose worker died anywhere are what an undisturbed one makes of them`() async throws {
        let isLong = ProcessInfo.processInfo.environment["MOCHI_TEST_LONG"] != nil
        try await withTestDatabase { database in
            let days = [day, day.advanced(by: 1)]
            let site = try await CountedSite(database)
            let other = try await CountedSite(database, domain: "other.example")
            let now = site.end(of: days[1], hours: 2)
            for (number, each) in [site, other].enumerated() {
                for day in days {
                    let stream = Int64(number) * 10 + 20
                    try await each.load(each.rows(150, on: day, stream: stream), through: now)
                    try await each.load(
                        each.rows(20, on: day, stream: stream + 1), into: "late_events", through: now)
                }
            }
            /// Seals all that is due, or dies after so many steps; answers how many there were.
            @Sendable func run(dyingAfter limit: Int, lanes: Int = 1) async throws -> Int {
                let steps = Mutex(0)
                let sealing = site.sealing(at: now) { options in
                    options.slice = 40
                    options.lanes = lanes
                    options.between = { _ in
                        try steps.withLock { steps in
                            if steps == limit { throw Killed() }
                            steps += 1
                        }
                    }
                }
                do {
                    try await sealing.run()
                } catch is Killed {}
                return steps.withLock { $0 }
            }
            let steps = try await run(dyingAfter: .max)
            #expect(steps >= 50)
            let undisturbed = try await (site.stored(), other.stored())
            for turn in 0..<(isLong ? 20 : 1) {
                for point in stride(from: turn % 2, to: steps, by: isLong ? 1 : 9) {
                    _ = try await database.owner.transaction { connection in
                        try connection.execute(
                            "TRUNCATE site_days, daily_site_metrics, daily_page_metrics, drops, aggregation_state"
                        )
                        try connection.execute(
                            """
                            INSERT INTO aggregation_state (account_id, site_id, day)
                            SELECT DISTINCT account_id, site_id, day FROM events
                            """)
                    }
                    let died = try await run(dyingAfter: point, lanes: 1 + turn % 2)
                    #expect(died == point)
                    _ = try await run(dyingAfter: .max)
                    #expect(try await site.stored() == undisturbed.0)
                    #expect(try await other.stored() == undisturbed.1)
                }
            }
        }
    }
}
