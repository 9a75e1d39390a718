import Auth
import FoundationEssentials
import Operations
import Outbound
import Postgres
import Synchronization
import TestSupport
import Testing
import Worker

struct ScheduleTests {
    static func round(_ name: String, _ database: TestDatabase, now: Date) -> Round {
        Round(name: name, owner: database.owner, system: database.system, now: now)
    }

    /// 2027-03-04T05:06:07Z
    static let future = Date(timeIntervalSince1970: 1_804_136_767)

    static func partitions(of parent: String, _ database: TestDatabase) async throws -> [String] {
        try await database.owner.withConnection { connection in
            try connection.rows(
                """
                SELECT relname::text FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
                WHERE inhparent = \(parent)::regclass AND NOT inhdetachpending ORDER BY relname
                """)
        }
    }

    /// Runs `body` while a transaction that has done `first` stays open.
    static func whileHeld(
        _ database: Database, _ first: @escaping @Sendable (Connection) throws -> Void,
        _ body: () async throws -> Void
    ) async throws {
        let (holds, held) = AsyncStream.makeStream(of: Void.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try? await database.transaction { connection in
                    try first(connection)
                    held.finish()
                    try connection.execute("SELECT pg_sleep(50)")
                }
            }
            for await _ in holds {}
            try await body()
            group.cancelAll()
        }
    }

    @Test(arguments: Schedule.all.map(\.name))
    func `every schedule may come round at any time, again and again`(_ name: String) async throws {
        let schedule = try #require(Schedule.all.first { $0.name == name })
        try await withTestDatabase { database in
            for now in [Date(), Date(), Self.future, Self.future] {
                try await schedule.run(Self.round(name, database, now: now))
            }
        }
    }

    @Test func `names in the tables are unique`() {
        #expect(Set(Schedule.all.map(\.name)).count == Schedule.all.count)
        #expect(Set(JobKind.all.map(\.name)).count == JobKind.all.count)
    }

    // MARK: Partitions

    @Test func `partitions are made ahead, once`() async throws {
        try await withTestDatabase { database in
            #expect(
                try await Partitions.missing(database: database.system, now: Self.future)
                    == [
                        "events of 2027-03-03", "events of 2027-03-04", "events of 2027-03-05",
                        "events of 2027-03-06",
                        "ids of 2027030405", "ids of 2027030406",
                    ])
            #expect(try await Partitions.makeAhead(database: database.owner, now: Self.future) == 10 + 50)
            #expect(try await Partitions.makeAhead(database: database.owner, now: Self.future) == 0)
            #expect(try await Partitions.missing(database: database.system, now: Self.future) == [])
            #expect(try await Partitions.makeAhead(database: database.owner, now: Self.future + 3_600) == 1)

            let days = try await Self.partitions(of: "events", database)
            // The day before: it is not over yet in zones behind UTC.
            #expect(days.suffix(10).first == "events_20270303")
            #expect(days.last == "events_20270312")
            let hours = try await Self.partitions(of: "ingestion_dedupe", database)
            #expect(hours.last == "ingestion_dedupe_2027030606")
        }
    }

    @Test(arguments: [("2027-03-04T12:59:59Z", 3), ("2027-03-04T13:00:00Z", 4)])
    func `a day has a partition until it is over everywhere, an hour's grace included`(
        _ now: String, _ first: Int
    ) async throws {
        try await withTestDatabase { database in
            let now = try Date(now, strategy: .iso8601)
            _ = try await Partitions.makeAhead(database: database.owner, now: now)
            let days = try await Self.partitions(of: "events", database).filter {
                $0.hasPrefix("events_202703")
            }
            #expect(days.first == "events_2027030\(first)")
            #expect(days.last == "events_20270312")
        }
    }

    @Test func `workers that make partitions at once make each once`() async throws {
        try await withTestDatabase { database in
            let made = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<3 {
                    group.addTask {
                        try await Partitions.makeAhead(database: database.owner, now: Self.future)
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(made == 60)
        }
    }

    @Test func `hours of client ids are dropped a day later`() async throws {
        try await withTestDatabase { database in
            let before = try await Self.partitions(of: "ingestion_dedupe", database)
            // One that an earlier round detached and did not come to drop.
            let left = try #require(before.first)
            _ = try await database.owner.withConnection { connection in
                try connection.execute("ALTER TABLE ingestion_dedupe DETACH PARTITION \(identifier: left)")
            }
            let schedule = try #require(Schedule.all.first { $0.name == "partitions" })
            let now = Date()
            try await schedule.run(Self.round("partitions", database, now: now + 2 * 3_600))

            let after = try await Self.partitions(of: "ingestion_dedupe", database)
            #expect(Array(after.prefix(before.count - 2)) == Array(before.dropFirst(2)))
            let tables: Int = try await database.owner.withConnection { connection in
                try connection.one(
                    "SELECT count(*) FROM pg_class WHERE relname IN (\(before[0]), \(before[1]))")
            }
            #expect(tables == 0)
        }
    }

    @Test func `a drop that a long transaction held up is finished by the next round`() async throws {
        try await withTestDatabase { database in
            let schedule = try #require(Schedule.all.first { $0.name == "partitions" })
            let before = try await Self.partitions(of: "ingestion_dedupe", database)
            let later = Date() + 2 * 3_600
            try await Self.whileHeld(
                database.system,
                { connection in let _: Int = try connection.one("SELECT count(*) FROM ingestion_dedupe") }
            ) {
                let error = await #expect(throws: PostgresError.self) {
                    try await schedule.run(Self.round("partitions", database, now: later))
                }
                #expect(error?.kind == .lockTimeout)
            }
            try await schedule.run(Self.round("partitions", database, now: later))
            let after = try await Self.partitions(of: "ingestion_dedupe", database)
            #expect(after.contains(before[0]) == false)
            let pending: Int = try await database.owner.withConnection {
                try $0.one("SELECT count(*) FROM pg_inherits WHERE inhdetachpending")
            }
            #expect(pending == 0)
        }
    }

    // MARK: Rounds

    @Test func `a step is one worker's at a time`() async throws {
        try await withTestDatabase { database in
            let round = Self.round("tidy", database, now: Date())
            let lock: @Sendable (Connection) throws -> Void = { connection in
                try connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('schedule tidy', 0))")
            }
            try await Self.whileHeld(database.system, lock) {
                await #expect(throws: Round.Elsewhere.self) { try await round.step { _ in } }
                await #expect(throws: Round.Elsewhere.self) {
                    try await round.bareStep(on: database.owner) { _ in }
                }
                try await Self.round("other", database, now: Date()).step { _ in }
            }
            try await round.step { _ in }
            try await round.bareStep(on: database.owner) { _ in }
            // The lock of a bare step ended with it.
            try await round.step { _ in }
        }
    }

    @Test func `a failed schedule is noted, and one that another worker does is not a failure`() async throws
    {
        try await withTestDatabase { database in
            struct Broken: Error {}
            let scheduler = Scheduler(
                schedules: [], owner: database.owner, system: database.system, logger: database.logger)
            let outcomes = [
                await scheduler.once(Schedule("fine", every: .seconds(1)) { _ in }),
                await scheduler.once(Schedule("broken", every: .seconds(1)) { _ in throw Broken() }),
                await scheduler.once(
                    Schedule("elsewhere", every: .seconds(1)) { _ in throw Round.Elsewhere() }),
            ]
            #expect(outcomes == [true, false, true])
        }
    }

    @Test func `workers take turns with a schedule, each round once`() async throws {
        try await withTestDatabase { database in
            let rounds = Mutex(0)
            let schedule = Schedule("count", every: .seconds(600)) { _ in rounds.withLock { $0 += 1 } }
            func scheduler(_ now: Date) -> Scheduler {
                Scheduler(
                    schedules: [], owner: database.owner, system: database.system, logger: database.logger,
                    now: { now })
            }
            let now = Date()
            for (seconds, expected) in [(0, 1), (0, 1), (599, 1), (601, 2), (700, 2), (1_202, 3)] {
                await withTaskGroup(of: Void.self) { group in
                    for _ in 0..<3 { group.addTask { await scheduler(now + Double(seconds)).turn(schedule) } }
                }
                #expect(rounds.withLock { $0 } == expected, "after \(seconds) seconds")
            }
            // A clock that was far ahead holds nothing up when it is set right.
            await scheduler(now - 86_400).turn(schedule)
            #expect(rounds.withLock { $0 } == 4)
        }
    }

    @Test func `a round that failed, or whose worker was lost, comes again within a minute`() async throws {
        try await withTestDatabase { database in
            struct Broken: Error {}
            let rounds = Mutex(0)
            let schedule = Schedule("broken", every: .seconds(600)) { _ in
                rounds.withLock { $0 += 1 }
                throw Broken()
            }
            let now = Date()
            for (seconds, expected) in [(0.0, 1), (59, 1), (61, 2)] {
                await Scheduler(
                    schedules: [], owner: database.owner, system: database.system, logger: database.logger,
                    now: { now + seconds }
                ).turn(schedule)
                #expect(rounds.withLock { $0 } == expected)
            }
            let error: String = try await database.system.withConnection {
                try $0.one("SELECT last_error FROM schedules WHERE name = 'broken'")
            }
            #expect(error == "Broken()")
            // Taken, and never finished.
            _ = try await database.system.withConnection {
                try $0.execute("INSERT INTO schedules (name, next_run) VALUES ('lost', \(now + 60))")
            }
            let lost = Schedule("lost", every: .seconds(600)) { _ in rounds.withLock { $0 += 1 } }
            let scheduler = Scheduler(
                schedules: [], owner: database.owner, system: database.system, logger: database.logger,
                now: { now + 61 })
            await scheduler.turn(lost)
            #expect(rounds.withLock { $0 } == 3)
        }
    }

    // MARK: What is over

    @Test func `expired sessions and jobs long finished are deleted`() async throws {
        try await withTestDatabase { database in
            let now = Date()
            _ = try await database.account()
            try await database.system.transaction { connection in
                try connection.execute(
                    """
                    INSERT INTO sessions (token_hash, user_id, expires_at)
                    SELECT sha256(hours::text::bytea), (SELECT id FROM users), \(now) + hours * interval '1 hour'
                    FROM generate_series(-3, 3) AS hours
                    """)
                try connection.execute(
                    """
                    INSERT INTO jobs (kind, state, finished_at)
                    SELECT 'count', state, \(now) - days * interval '1 day'
                    FROM generate_series(5, 9) AS days, unnest(ARRAY['done', 'dead']) AS state
                    """)
                try connection.execute("INSERT INTO jobs (kind) VALUES ('count')")
            }
            for name in ["expired_sessions", "finished_jobs"] {
                let schedule = try #require(Schedule.all.first { $0.name == name })
                try await schedule.run(Self.round(name, database, now: now))
            }
            let (sessions, jobs): (Int, Int) = try await database.system.withConnection {
                try $0.one("SELECT (SELECT count(*) FROM sessions), (SELECT count(*) FROM jobs)")
            }
            // The three of the coming hours, and the one of signing up; three days of two states (seven days
            // are not yet over seven), and what waits.
            #expect(sessions == 4)
            #expect(jobs == 3 * 2 + 1)
        }
    }

    @Test func `statistics hold no salt`() async throws {
        try await withTestDatabase { database in
            let known: Int = try await database.owner.withConnection { connection in
                try connection.execute(
                    """
                    INSERT INTO salts (day, zone, salt)
                    SELECT current_date, 'zone' || number, decode(md5(number::text), 'hex')
                    FROM generate_series(1, 200) AS number
                    """)
                try connection.execute("ANALYZE salts")
                return try connection.one(
                    "SELECT count(*) FROM pg_stats WHERE tablename = 'salts' AND attname = 'salt'")
            }
            #expect(known == 0)
        }
    }
}
