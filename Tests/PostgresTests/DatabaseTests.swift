import Foundation
import Postgres
import Synchronization
import TestSupport
import Testing

struct DatabaseTests {
    @Test func `a transaction leaves all of its work or none`() async throws {
        struct Regret: Error {}
        try await withEmptyDatabase { database in
            try await database.owner.withConnection {
                _ = try $0.execute("CREATE TABLE t (n int PRIMARY KEY)")
            }
            _ = try await database.owner.transaction { try $0.execute("INSERT INTO t VALUES (1)") }
            await #expect(throws: Regret.self) {
                try await database.owner.transaction { connection in
                    try connection.execute("INSERT INTO t VALUES (2)")
                    throw Regret()
                }
            }
            await #expect(throws: UnexpectedResult.self) {
                try await database.owner.transaction { connection in
                    try connection.execute("INSERT INTO t VALUES (3)")
                    _ = try? connection.execute("INSERT INTO t VALUES (1)")
                }
            }
            try await database.owner.transaction { connection in
                try connection.execute("INSERT INTO t VALUES (4)")
                _ = try? connection.savepoint { try $0.execute("INSERT INTO t VALUES (1)") }
            }
            let left: [Int] = try await database.owner.withConnection {
                try $0.rows("SELECT n FROM t ORDER BY n")
            }
            #expect(left == [1, 4])
        }
    }

    @Test func `a transaction that PostgreSQL cannot serialize is run once more`() async throws {
        try await withEmptyDatabase { database in
            try await database.owner.withConnection { connection in
                try connection.execute("CREATE TABLE t (n int)")
                try connection.execute("INSERT INTO t VALUES (0)")
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        for _ in 0..<5 {
                            try await database.owner.transaction(isolation: .serializable, attempts: 100) {
                                connection in
                                let n: Int = try connection.one("SELECT n FROM t")
                                try connection.execute("UPDATE t SET n = \(n + 1)")
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await database.owner.withConnection { try $0.one("SELECT n FROM t") as Int } == 20)
        }
    }

    @Test func `the account is set for one transaction alone`() async throws {
        try await withTestDatabase { database in
            let inside: Int? = try await database.app.transaction(tenant: 42) {
                try $0.one("SELECT current_account()")
            }
            #expect(inside == 42)
            for _ in 0..<4 {
                let outside: Int? = try await database.app.transaction {
                    try $0.one("SELECT current_account()")
                }
                #expect(outside == nil)
            }
        }
    }

    @Test func `cancelling the task cancels the statement, and the pool stays whole`() async throws {
        try await withEmptyDatabase { database in
            let (started, began) = AsyncStream.makeStream(of: Void.self)
            let sleeper = Task {
                try await database.owner.withConnection { connection in
                    began.yield()
                    try connection.execute("SELECT pg_sleep(600)")
                }
            }
            for await _ in started { break }
            sleeper.cancel()
            await #expect(throws: CancellationError.self) { try await sleeper.value }
            for _ in 0..<8 {
                let one: Int = try await database.owner.withConnection { try $0.one("SELECT 1") }
                #expect(one == 1)
            }
        }
    }

    @Test func `who waits too long, or behind too many, is told so`() async throws {
        try await withEmptyDatabase { database in
            let small = Database(
                .init(url: database.url, role: nil, size: 1, maxWaiting: 1, waitTimeout: .seconds(2)),
                logger: quietLogger)
            let gate = DispatchSemaphore(value: 0)
            let (started, began) = AsyncStream.makeStream(of: Void.self)
            let holder = Task {
                try await small.withConnection { _ in
                    began.yield()
                    gate.wait()
                }
            }
            for await _ in started { break }
            let outcomes = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<2 {
                    group.addTask {
                        do {
                            try await small.withConnection { _ in }
                            return false
                        } catch DatabaseError.overloaded {
                            return true
                        } catch {
                            return false
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes == [true, true])
            gate.signal()
            try await holder.value
            #expect(try await small.withConnection { try $0.one("SELECT 1") as Int } == 1)
            await small.close()
            await #expect(throws: DatabaseError.self) { try await small.withConnection { _ in } }
        }
    }

    @Test func `a statement that takes too long is stopped by the server`() async throws {
        try await withEmptyDatabase { database in
            let hasty = Database(
                .init(url: database.url, role: nil, size: 1, statementTimeout: .milliseconds(20)),
                logger: quietLogger)
            let error = await #expect(throws: PostgresError.self) {
                try await hasty.withConnection { _ = try $0.execute("SELECT pg_sleep(60)") }
            }
            #expect(error?.kind == .queryCancelled)
            await hasty.close()
        }
    }

    @Test func `a connection that the server closed is replaced`() async throws {
        try await withEmptyDatabase { database in
            let first: Int = try await database.owner.withConnection { try $0.one("SELECT pg_backend_pid()") }
            let other = Database(.init(url: database.url, role: nil, size: 1), logger: quietLogger)
            _ = try await other.withConnection {
                try $0.execute("SELECT pg_terminate_backend(\(first)::int, 5000)")
            }
            let second: Int = try await database.owner.withConnection {
                try $0.one("SELECT pg_backend_pid()")
            }
            #expect(second != first)
            await other.close()
        }
    }

    @Test func `while nobody answers, attempts fail at once and say why`() async throws {
        let nowhere = Database(
            .init(url: "host=/nonexistent dbname=x", role: nil, size: 1), logger: quietLogger)
        for _ in 0..<3 {
            let error = await #expect(throws: DatabaseError.self) {
                try await nowhere.withConnection { _ in }
            }
            #expect(error?.description.contains("No such file or directory") == true)
        }
        await nowhere.close()
    }

    @Test func `notifications arrive, and go on after a lost connection`() async throws {
        try await withEmptyDatabase { database in
            let notify: @Sendable (String) async throws -> Void = { payload in
                _ = try await database.owner.withConnection {
                    try $0.execute("SELECT pg_notify('news', \(payload))")
                }
            }
            var heard: [Notifications.Event] = []
            for await event in database.owner.notifications(on: ["news"]) {
                heard.append(event)
                switch heard.count {
                case 1: try await notify("one")
                case 2:
                    try await database.owner.withConnection { connection in
                        _ = try connection.execute(
                            """
                            SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
                            WHERE query LIKE 'LISTEN%' AND datname = current_database()
                            """)
                    }
                case 3: try await notify("two")
                default: break
                }
                if heard.count == 4 { break }
            }
            #expect(
                heard == [
                    .listening, .message(channel: "news", payload: "one"), .listening,
                    .message(channel: "news", payload: "two"),
                ])
        }
    }
}
