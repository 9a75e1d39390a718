import Auth
import FoundationEssentials
import Outbound
import Postgres
import TestSupport
import Testing
import Worker

struct QueueTests {
    static let kinds = ["count", "other"]

    /// What is left of a job.
    struct Left: Equatable {
        var state: String
        var attempts: Int32 = 0
        var arguments = "{}"
        var error = ""
        var isLocked = false
        var isFinished = false
    }

    static func left(_ id: Int64?, _ database: TestDatabase) async throws -> Left? {
        try await database.system.transaction { connection in
            try connection.rows(
                """
                SELECT state, attempts, arguments::text AS arguments, last_error, locked_until IS NOT NULL AS locked,
                    finished_at IS NOT NULL AS finished
                FROM jobs WHERE id = \(id)
                """
            ) { row in
                try Left(
                    state: row["state"], attempts: row["attempts"], arguments: row["arguments"],
                    error: row["last_error"], isLocked: row["locked"], isFinished: row["finished"])
            }.first
        }
    }

    static func enqueue(
        _ database: TestDatabase, kind: String = "count", number: Int = 0, runAt: Date? = nil,
        key: String? = nil,
        attempts: Int32 = 10
    ) async throws -> Int64? {
        try await database.system.transaction { connection in
            try Jobs.enqueue(
                kind, ["number": number], runAt: runAt, uniqueKey: key, attempts: attempts, in: connection)
        }
    }

    static func take(_ database: TestDatabase, now: Date, kinds: [String] = kinds) async throws -> Job? {
        try await database.system.transaction { connection in
            try Jobs.take(kinds: kinds, lockedFor: .seconds(60), now: now, in: connection)
        }
    }

    let now = Date(timeIntervalSinceNow: 86_400)

    @Test func `a job exists when its transaction commits, else it never did`() async throws {
        try await withTestDatabase { database in
            struct Changed: Error {}
            await #expect(throws: Changed.self) {
                try await database.system.transaction { connection in
                    try Jobs.enqueue("count", ["number": 1], in: connection)
                    throw Changed()
                }
            }
            #expect(try await Self.take(database, now: now) == nil)

            let id = try await Self.enqueue(database, number: 2)
            #expect(
                try await Self.take(database, now: now)
                    == Job(
                        id: try #require(id), kind: "count", arguments: #"{"number": 2}"#, account: nil,
                        attempt: 1,
                        maxAttempts: 10))
        }
    }

    @Test func `jobs are taken in the order of their times, when these have come, of known kinds`()
        async throws
    {
        try await withTestDatabase { database in
            let late = try await Self.enqueue(database, runAt: now.addingTimeInterval(20))
            let early = try await Self.enqueue(database, runAt: now.addingTimeInterval(10))
            _ = try await Self.enqueue(database, kind: "unknown", runAt: now)
            #expect(try await Self.take(database, now: now) == nil)
            #expect(try await Self.take(database, now: now.addingTimeInterval(30))?.id == early)
            #expect(try await Self.take(database, now: now.addingTimeInterval(30))?.id == late)
            #expect(try await Self.take(database, now: now.addingTimeInterval(30)) == nil)
        }
    }

    @Test func `many takers at once take each job once`() async throws {
        try await withTestDatabase { database in
            for number in 0..<60 { _ = try await Self.enqueue(database, number: number) }
            let taken = try await withThrowingTaskGroup(of: [Int64].self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        var mine: [Int64] = []
                        while let job = try await Self.take(database, now: now) { mine.append(job.id) }
                        return mine
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(taken.count == 60)
            #expect(Set(taken).count == 60)
        }
    }

    @Test func `the job of a lost worker is taken again when its lock has run out`() async throws {
        try await withTestDatabase { database in
            _ = try await Self.enqueue(database)
            let lost = try #require(try await Self.take(database, now: now))
            #expect(try await Self.take(database, now: now.addingTimeInterval(59)) == nil)

            // It is heard of, and keeps the job for another minute.
            let held = now.addingTimeInterval(50)
            let isHeld = try await database.system.withConnection {
                try Jobs.extendLock(of: lost, by: .seconds(60), now: held, in: $0)
            }
            #expect(isHeld)
            #expect(try await Self.take(database, now: now.addingTimeInterval(109)) == nil)

            let again = try #require(try await Self.take(database, now: now.addingTimeInterval(110)))
            #expect(again.id == lost.id)
            #expect(again.attempt == 2)

            // Whatever the lost one still says, it is not its job any more.
            let later = now.addingTimeInterval(120)
            let said = try await database.system.withConnection { connection in
                [
                    try Jobs.complete(lost, now: later, in: connection),
                    try Jobs.fail(lost, because: "late", retryAt: later, now: later, in: connection),
                    try Jobs.giveBack(lost, in: connection),
                    try Jobs.extendLock(of: lost, by: .seconds(60), now: later, in: connection),
                    try Jobs.complete(again, now: later, in: connection),
                ]
            }
            #expect(said == [false, false, false, false, true])
            #expect(
                try await Self.left(lost.id, database) == Left(state: "done", attempts: 2, isFinished: true))
        }
    }

    @Test func `a failed job is tried again later, and is dead after its last attempt`() async throws {
        try await withTestDatabase { database in
            let id = try await Self.enqueue(database, runAt: now, attempts: 2)
            let retryAt = now.addingTimeInterval(30)
            for (moment, expected) in [
                (now, Left(state: "ready", attempts: 1, arguments: #"{"number": 0}"#, error: "no luck")),
                (
                    retryAt,
                    Left(
                        state: "dead", attempts: 2, arguments: #"{"number": 0}"#, error: "no luck",
                        isFinished: true)
                ),
            ] {
                #expect(try await Self.take(database, now: moment.addingTimeInterval(-1)) == nil)
                let job = try #require(try await Self.take(database, now: moment))
                _ = try await database.system.withConnection {
                    try Jobs.fail(job, because: "no luck", retryAt: retryAt, now: moment, in: $0)
                }
                #expect(try await Self.left(id, database) == expected)
            }
            #expect(try await Self.take(database, now: now.addingTimeInterval(86_400)) == nil)
        }
    }

    @Test func `a job without hope is dead at once`() async throws {
        try await withTestDatabase { database in
            let id = try await Self.enqueue(database)
            let job = try #require(try await Self.take(database, now: now))
            _ = try await database.system.withConnection {
                try Jobs.fail(job, because: "refused", retryAt: nil, now: now, in: $0)
            }
            #expect(try await Self.left(id, database)?.state == "dead")
        }
    }

    @Test func `a job whose worker was lost in the last attempt is dead`() async throws {
        try await withTestDatabase { database in
            let id = try await Self.enqueue(database, attempts: 1)
            _ = try await Self.take(database, now: now)
            let later = now.addingTimeInterval(61)
            #expect(try await Self.take(database, now: later) == nil)
            let buried = try await database.system.withConnection { connection in
                [try Jobs.bury(now: now, in: connection), try Jobs.bury(now: later, in: connection)]
            }
            #expect(buried == [0, 1])
            #expect(try await Self.left(id, database)?.state == "dead")
        }
    }

    @Test func `one job of a key waits or runs`() async throws {
        try await withTestDatabase { database in
            let first = try await Self.enqueue(database, key: "count:1")
            #expect(first != nil)
            #expect(try await Self.enqueue(database, key: "count:1") == nil)
            #expect(try await Self.enqueue(database, key: "count:2", attempts: 1) != nil)
            let job = try #require(try await Self.take(database, now: now))
            #expect(try await Self.enqueue(database, key: "count:1") == nil)
            _ = try await database.system.withConnection { try Jobs.complete(job, now: now, in: $0) }
            #expect(try await Self.enqueue(database, key: "count:1") != nil)
        }
    }

    @Test func `the web puts in jobs of its own account alone`() async throws {
        try await withTestDatabase { database in
            let account = try await database.account().account.rawValue
            let other = try await database.account(email: "other@example.com").account.rawValue
            let id = try await database.app.transaction(tenant: account) { connection in
                try Jobs.enqueue("count", ["number": 7], account: account, in: connection)
            }
            #expect(id != nil)
            for foreign in [other, nil] {
                let error = await #expect(throws: PostgresError.self) {
                    try await database.app.transaction(tenant: account) { connection in
                        _ = try Jobs.enqueue("count", ["number": 7], account: foreign, in: connection)
                    }
                }
                #expect(error?.kind == .insufficientPrivilege)
            }
            let seen: [Int] = try await [account, other].asyncMap { tenant in
                try await database.app.transaction(tenant: tenant) { try $0.one("SELECT count(*) FROM jobs") }
            }
            #expect(seen == [1, 0])
        }
    }

    @Test(arguments: [
        (1, 0, 7.5), (1, 0.5, 10), (1, 1, 12.5), (2, 0.5, 30), (3, 0.5, 90), (7, 0.5, 7_290),
        (8, 0.5, 21_600),
        (100, 1, 27_000),
    ])
    func `pauses grow threefold up to six hours, give or take a quarter`(
        _ attempt: Int32, _ luck: Double, _ seconds: Double
    ) {
        #expect(Jobs.pause(afterAttempt: attempt, luck: luck) == seconds)
    }
}

extension Array {
    fileprivate func asyncMap<R>(_ transform: (Element) async throws -> R) async rethrows -> [R] {
        var results: [R] = []
        for element in self { results.append(try await transform(element)) }
        return results
    }
}
