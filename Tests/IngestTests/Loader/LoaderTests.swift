import Auth
import Days
import FoundationEssentials
import Glibc
import Postgres
import TestSupport
import Testing

@testable import Ingest

@Suite struct LoaderTests {
    static let today = Zone.utc.day(at: Int64(time(nil)))

    static func event(_ name: String, site: UUID, day: Day = today, id: UInt64? = nil) -> [UInt8] {
        var event = Event(site: site, day: day, receivedAt: wallClock(), visitor: 7)
        event.name = name
        event.dedupe = id.map { (1, $0) }
        var bytes: [UInt8] = []
        Record.append(event, to: &bytes)
        return bytes
    }

    static func names(_ database: TestDatabase, _ table: SQL = "events") async throws -> [String] {
        try await database.owner.withConnection { connection in
            try connection.rows("SELECT name FROM \(table) ORDER BY stream, sequence")
        }
    }

    static func loader(_ spool: Spool, _ database: TestDatabase) -> Loader {
        Loader(spool: spool, database: database.system, collector: UUID(), logger: quiet)
    }

    @Test func `a frame is loaded once, whoever asks how often`() async throws {
        try await withTestDatabase { database in
            let site = try await database.site().site.id.rawValue
            try await withDirectory { folder in
                let spool = try Spool(folder, disk: RealDisk())
                for number in 0..<25 { #expect(await spool.store(Self.event("\(number)", site: site))) }
                // Each time a collector that knows nothing but what the database tells it.
                for _ in 0..<3 {
                    let loader = Self.loader(spool, database)
                    try await loader.readPositions()
                    while try await loader.loadBatch() {}
                    #expect(loader.backlog() == 0)
                }
                #expect(await spool.store(Self.event("25", site: site)))
                let loader = Self.loader(spool, database)
                try await loader.readPositions()
                #expect(loader.backlog() == 1)
                #expect(try await loader.loadBatch())
                #expect(try await Self.names(database) == (0...25).map { "\($0)" })
            }
        }
    }

    @Test func `every column arrives as it was`() async throws {
        try await withTestDatabase { database in
            let site = try await database.site().site.id.rawValue
            try await withDirectory { folder in
                var event = Event(
                    site: site, day: Self.today, receivedAt: 1_795_233_600_123_456,
                    visitor: 0xFFFF_FFFF_FFFF_FFFE)
                event.name = "Büy"
                event.title = "a \"title\"\n"
                event.props = Array(#"{"plan":"pro"}"#.utf8)
                event.interactive = false
                event.engagementMilliseconds = 1_234
                event.scrollDepth = 55
                event.revenueAmount = 13_290_000
                event.revenueCurrency = "EUR"
                var bytes: [UInt8] = []
                Record.append(event, to: &bytes)
                let spool = try Spool(folder, disk: RealDisk())
                #expect(await spool.store(bytes))
                let loader = Self.loader(spool, database)
                try await loader.readPositions()
                #expect(try await loader.loadBatch())
                let row: String = try await database.owner.withConnection { connection in
                    try connection.one(
                        """
                        SELECT concat_ws('|', name, title, props, interactive, engagement_ms, scroll_depth,
                            revenue_amount, revenue_currency, visitor, extract(epoch FROM received_at), pathname = '',
                            account_id = (SELECT account_id FROM sites)) FROM events
                        """)
                }
                #expect(
                    row
                        == "Büy|a \"title\"\n|{\"plan\": \"pro\"}|f|1234|55|13290000|EUR|-2|1795233600.123456|t|t"
                )
            }
        }
    }

    @Test func `a client's id counts once, within a batch and across them`() async throws {
        try await withTestDatabase { database in
            let site = try await database.site().site.id.rawValue
            try await withDirectory { folder in
                let spool = try Spool(folder, disk: RealDisk())
                let loader = Self.loader(spool, database)
                for (name, id) in [("a", 1), ("a again", 1), ("b", 2), ("none", nil)] as [(String, UInt64?)] {
                    #expect(await spool.store(Self.event(name, site: site, id: id)))
                }
                try await loader.readPositions()
                #expect(try await loader.loadBatch())
                for (name, id) in [("b again", 2), ("c", 3), ("none", nil)] as [(String, UInt64?)] {
                    #expect(await spool.store(Self.event(name, site: site, id: id)))
                }
                #expect(try await loader.loadBatch())
                #expect(try await Self.names(database) == ["a", "b", "none", "c", "none"])
                let drops: Int64 = try await database.owner.withConnection { connection in
                    try connection.one("SELECT count FROM drops WHERE reason = 'duplicate' AND detail = 'id'")
                }
                #expect(drops == 2)
            }
        }
    }

    @Test func `a day without a partition goes to the late events`() async throws {
        try await withTestDatabase { database in
            let site = try await database.site().site.id.rawValue
            try await withDirectory { folder in
                let spool = try Spool(folder, disk: RealDisk())
                #expect(await spool.store(Self.event("late", site: site, day: Self.today.advanced(by: -30))))
                #expect(await spool.store(Self.event("now", site: site)))
                // Of a site that is gone: there is nobody to tell.
                #expect(await spool.store(Self.event("gone", site: UUID())))
                let loader = Self.loader(spool, database)
                try await loader.readPositions()
                #expect(try await loader.loadBatch())
                #expect(try await Self.names(database) == ["now"])
                #expect(try await Self.names(database, "late_events") == ["late"])
            }
        }
    }

    @Test func `a day that takes no more has late events, though its partition is still there`() async throws
    {
        try await withTestDatabase { database in
            let site = try await database.site().site.id.rawValue
            try await withDirectory { folder in
                let spool = try Spool(folder, disk: RealDisk())
                let yesterday = Self.today.advanced(by: -1)
                _ = try await database.owner.withConnection {
                    try $0.execute("INSERT INTO closed_days (day) VALUES (\(yesterday))")
                }
                #expect(await spool.store(Self.event("late", site: site, day: yesterday)))
                #expect(await spool.store(Self.event("now", site: site)))
                let loader = Self.loader(spool, database)
                try await loader.readPositions()
                #expect(try await loader.loadBatch())
                #expect(try await Self.names(database) == ["now"])
                #expect(try await Self.names(database, "late_events") == ["late"])
            }
        }
    }

    @Test func `the days of sites that have events are listed, without waiting for who changes the list`()
        async throws
    {
        try await withTestDatabase { database in
            let one = try await database.site(domain: "one.example").site.id.rawValue
            let two = try await database.site(domain: "two.example").site.id.rawValue
            try await withDirectory { folder in
                let spool = try Spool(folder, disk: RealDisk())
                let loader = Self.loader(spool, database)
                try await loader.readPositions()
                for site in [one, two, one] { #expect(await spool.store(Self.event("x", site: site))) }
                #expect(try await loader.loadBatch())
                #expect(await spool.store(Self.event("y", site: one)))
                #expect(await spool.store(Self.event("y", site: two, day: Self.today.advanced(by: -30))))
                // While somebody seals.
                let (changed, change) = AsyncStream.makeStream(of: Void.self)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        try? await database.owner.transaction { connection in
                            try connection.execute("UPDATE aggregation_state SET attempts = 1")
                            change.finish()
                            try connection.execute("SELECT pg_sleep(50)")
                        }
                    }
                    for await _ in changed {}
                    let isLoaded = try await loader.loadBatch()
                    #expect(isLoaded)
                    group.cancelAll()
                }
                let days: [(Day, UUID)] = try await database.owner.withConnection {
                    try $0.rows("SELECT day, site_id FROM aggregation_state ORDER BY day, site_id = \(two)")
                }
                #expect(days.map(\.0) == [Self.today.advanced(by: -30), Self.today, Self.today])
                #expect(days.map(\.1) == [two, one, two])
            }
        }
    }

    @Test func `what was received before a site's statistics began anew is not loaded`() async throws {
        try await withTestDatabase { database in
            let site = try await database.site().site.id.rawValue
            try await withDirectory { folder in
                let spool = try Spool(folder, disk: RealDisk())
                #expect(await spool.store(Self.event("before", site: site)))
                _ = try await database.owner.withConnection {
                    try $0.execute("UPDATE sites SET statistics_from = \(Date())")
                }
                #expect(await spool.store(Self.event("after", site: site)))
                let loader = Self.loader(spool, database)
                try await loader.readPositions()
                #expect(try await loader.loadBatch())
                #expect(try await Self.names(database) == ["after"])
            }
        }
    }

    @Test func `a row that the database refuses is set aside, and the rest goes on`() async throws {
        try await withTestDatabase { database in
            let site = try await database.site().site.id.rawValue
            try await withDirectory { folder in
                let spool = try Spool(folder, disk: RealDisk())
                for number in 0..<40 {
                    // A title with a NUL, which the scanner would never let through.
                    let name = number == 17 || number == 30 ? "x\0y" : "\(number)"
                    #expect(await spool.store(Self.event(name, site: site)))
                }
                let loader = Self.loader(spool, database)
                try await loader.readPositions()
                for _ in 0..<100 where loader.backlog() > 0 { try await loader.loadBatch() }
                #expect(
                    try await Self.names(database) == (0..<40).filter { $0 != 17 && $0 != 30 }.map { "\($0)" }
                )
                let aside = try RealDisk().names(in: folder + "/damaged")
                #expect(aside.count { $0.hasSuffix(".frame") } == 2)
            }
        }
    }

    @Test func `refusals add up, with at most fifty details an hour`() async throws {
        try await withTestDatabase { database in
            let site = try await database.site().site.id.rawValue
            try await withDirectory { folder in
                let spool = try Spool(folder, disk: RealDisk())
                let loader = Self.loader(spool, database)
                try await loader.readPositions()
                for _ in 0..<2 {
                    for number in 0..<70 {
                        var bytes: [UInt8] = []
                        Record.append(
                            Drop(.wrongHost, detail: "host\(number).test"), site: site, at: wallClock(),
                            count: 2,
                            to: &bytes)
                        #expect(await spool.store(bytes))
                    }
                    #expect(try await loader.loadBatch())
                }
                let rows = try await database.owner.withConnection { connection in
                    try connection.rows("SELECT detail, count FROM drops") as [(String, Int64)]
                }
                #expect(rows.reduce(0) { $0 + $1.1 } == 280)
                #expect(rows.count { $0.0 != "" } == 50)
            }
        }
    }

    @Test func `an idle collector goes on saying that it lives, with one row through all its starts`()
        async throws
    {
        try await withTestDatabase { database in
            let site = try await database.site().site.id.rawValue
            let collector = UUID()
            func positions() async throws -> [String] {
                try await database.owner.withConnection { connection in
                    try connection.rows(
                        """
                        SELECT concat_ws(' ', collector, stream, sequence, loaded_through > now() - interval '1 minute')
                        FROM ingest_positions
                        """)
                }
            }
            try await withDirectory { folder in
                var rows: [String] = []
                // Nothing has arrived yet; the second start finds the row of the first.
                for _ in 0..<2 {
                    let spool = try Spool(folder, disk: RealDisk())
                    let loader = Loader(
                        spool: spool, database: database.system, collector: collector, logger: quiet)
                    try await loader.readPositions()
                    try await loader.sendHeartbeat()
                    try await loader.sendHeartbeat()
                    if rows.isEmpty { rows = try await positions() }
                    #expect(try await positions() == rows)
                    await spool.close()
                }
                #expect(rows.count == 1 && rows[0].hasSuffix(" 0 t"))
            }
            try await withDirectory { folder in
                let spool = try Spool(folder, disk: RealDisk())
                let loader = Loader(
                    spool: spool, database: database.system, collector: collector, logger: quiet)
                try await loader.readPositions()
                #expect(await spool.store(Self.event("a", site: site)))
                let stream = spool.segments()[0].stream
                #expect(try await loader.loadBatch())
                await spool.close()
                // A day later the segment is gone.
                spool.loaded([stream: 1], now: .now + spool.options.retention)
                spool.loaded([stream: 1], now: .now + spool.options.retention * 3)
                #expect(spool.segments() == [])
                try await database.owner.withConnection { connection in
                    _ = try connection.execute("UPDATE ingest_positions SET loaded_through = 'epoch'")
                }
                try await loader.sendHeartbeat()
                let row = "\(collector.uuidString.lowercased()) \(stream) 1 t"
                #expect(try await positions().contains(row))
            }
        }
    }

    @Test func `the position says until when everything is loaded`() async throws {
        try await withTestDatabase { database in
            let site = try await database.site().site.id.rawValue
            try await withDirectory { folder in
                let spool = try Spool(folder, disk: RealDisk())
                #expect(await spool.store(Self.event("a", site: site)))
                let loader = Self.loader(spool, database)
                try await loader.readPositions()
                #expect(try await loader.loadBatch())
                let (sequence, age): (Int64, Double) = try await database.owner.withConnection { connection in
                    try connection.one(
                        """
                        SELECT sequence, extract(epoch FROM now() - loaded_through)::float8 FROM ingest_positions
                        """)
                }
                #expect(sequence == 1)
                #expect((29...60).contains(age))
            }
        }
    }
}
