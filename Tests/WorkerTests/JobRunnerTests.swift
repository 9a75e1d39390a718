import Auth
import Foundation
import Outbound
import Postgres
import ServiceLifecycle
import TestSupport
import Testing
import Worker

struct JobRunnerTests {
    /// Runs workers beside `body`, then stops them gracefully and waits for their end.
    static func with(
        _ database: TestDatabase, workers: Int = 1, kinds: [JobKind], options: JobRunner.Options = patient,
        mailer: Mailer? = nil, _ body: (ServiceGroup) async throws -> Void
    ) async throws {
        let sender = try Mailbox(name: "Mochi", address: "mochi@example.com")
        let context = JobKind.Context(
            system: database.system, mailer: mailer ?? Mailer(.files(directory: "/dev/null"), sender: sender))
        let runners = (0..<workers).map { _ in
            JobRunner(kinds: kinds, context: context, options: options, logger: database.logger)
        }
        let group = ServiceGroup(services: runners, logger: database.logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            try await body(group)
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    /// Looks of its own accord only at the start: what comes later it must be told.
    static var patient: JobRunner.Options {
        var options = JobRunner.Options()
        options.poll = .seconds(3_600)
        return options
    }

    @Test func `a worker that waits is told of a new job at once`() async throws {
        try await withTestDatabase { database in
            let (numbers, said) = AsyncStream.makeStream(of: Int.self)
            let kind = JobKind("count", timeout: .seconds(10)) { job, _ in
                said.yield(try job.decodeArguments(as: [String: Int].self)["number"] ?? -1)
            }
            var ids: [Int64?] = []
            try await Self.with(database, kinds: [kind]) { _ in
                var heard = numbers.makeAsyncIterator()
                for number in 1...3 {
                    ids.append(try await QueueTests.enqueue(database, number: number))
                    #expect(await heard.next() == number)
                }
            }
            for id in ids {
                #expect(
                    try await QueueTests.left(id, database)
                        == QueueTests.Left(state: "done", attempts: 1, isFinished: true))
            }
        }
    }

    @Test func `two workers share the work, and each job is done once`() async throws {
        try await withTestDatabase { database in
            let (numbers, said) = AsyncStream.makeStream(of: Int.self)
            let kind = JobKind("count", timeout: .seconds(10)) { job, _ in
                said.yield(try job.decodeArguments(as: [String: Int].self)["number"] ?? -1)
            }
            for number in 0..<40 { _ = try await QueueTests.enqueue(database, number: number) }
            var seen: [Int] = []
            try await Self.with(database, workers: 2, kinds: [kind]) { _ in
                for await number in numbers {
                    seen.append(number)
                    if seen.count == 40 { break }
                }
            }
            said.finish()
            #expect(seen.sorted() == Array(0..<40))
            let states: [String] = try await database.system.withConnection {
                try $0.rows("SELECT DISTINCT state FROM jobs")
            }
            #expect(states == ["done"])
        }
    }

    enum Ending: CaseIterable {
        case error, giveUp, timeout

        @Sendable func run(_ job: Job, _ context: JobKind.Context) async throws {
            switch self {
            case .error: throw MailFailure.postponed("no route")
            case .giveUp: throw GiveUp("no such thing")
            case .timeout: try await Task.sleep(for: .seconds(3_600))
            }
        }

        var left: QueueTests.Left {
            let arguments = #"{"number": 0}"#
            return switch self {
            case .error:
                QueueTests.Left(
                    state: "ready", attempts: 1, arguments: arguments,
                    error: "the mail server did not take the message: no route")
            case .giveUp:
                QueueTests.Left(
                    state: "dead", attempts: 1, arguments: arguments, error: "no such thing", isFinished: true
                )
            case .timeout:
                QueueTests.Left(state: "ready", attempts: 1, arguments: arguments, error: "it took too long")
            }
        }
    }

    @Test(arguments: Ending.allCases)
    func `an attempt that does not succeed says why`(_ ending: Ending) async throws {
        try await withTestDatabase { database in
            let (starts, started) = AsyncStream.makeStream(of: Void.self)
            let kind = JobKind("count", timeout: .milliseconds(300)) { job, context in
                started.yield()
                try await ending.run(job, context)
            }
            let id = try await QueueTests.enqueue(database)
            try await Self.with(database, kinds: [kind]) { _ in
                var heard = starts.makeAsyncIterator()
                await heard.next()
            }
            #expect(try await QueueTests.left(id, database) == ending.left)
        }
    }

    @Test func `a worker that stops finishes what it has begun, and begins nothing`() async throws {
        try await withTestDatabase { database in
            let (starts, started) = AsyncStream.makeStream(of: Void.self)
            let (goes, go) = AsyncStream.makeStream(of: Void.self)
            let kind = JobKind("count", timeout: .seconds(60)) { _, _ in
                started.yield()
                for await _ in goes {}
            }
            var options = Self.patient
            options.lanes = 1
            let first = try await QueueTests.enqueue(database)
            let second = try await QueueTests.enqueue(database)
            try await Self.with(database, kinds: [kind], options: options) { group in
                var heard = starts.makeAsyncIterator()
                await heard.next()
                await group.triggerGracefulShutdown()
                go.finish()
            }
            #expect(try await QueueTests.left(first, database)?.state == "done")
            #expect(try await QueueTests.left(second, database)?.state == "ready")
        }
    }

    @Test func `a worker that stops gives back what takes too long`() async throws {
        try await withTestDatabase { database in
            let (starts, started) = AsyncStream.makeStream(of: Void.self)
            let kind = JobKind("count", timeout: .seconds(60)) { _, _ in
                started.yield()
                try await Task.sleep(for: .seconds(3_600))
            }
            var options = Self.patient
            options.drain = .milliseconds(50)
            let id = try await QueueTests.enqueue(database)
            try await Self.with(database, kinds: [kind], options: options) { _ in
                var heard = starts.makeAsyncIterator()
                await heard.next()
            }
            #expect(
                try await QueueTests.left(id, database)
                    == QueueTests.Left(state: "ready", arguments: #"{"number": 0}"#))
        }
    }

    @Test func `a worker keeps a long job, and lets go of one that is cancelled`() async throws {
        try await withTestDatabase { database in
            let (events, said) = AsyncStream.makeStream(of: String.self)
            let kind = JobKind("count", timeout: .seconds(60)) { _, _ in
                said.yield("begun")
                try? await Task.sleep(for: .seconds(3_600))
                said.yield("stopped")
                try Task.checkCancellation()
            }
            var options = Self.patient
            options.lock = .milliseconds(600)
            let id = try await QueueTests.enqueue(database)
            try await Self.with(database, workers: 2, kinds: [kind], options: options) { _ in
                var heard = events.makeAsyncIterator()
                #expect(await heard.next() == "begun")
                try await Task.sleep(for: .milliseconds(1_500))
                #expect(try await QueueTests.left(id, database)?.attempts == 1)
                _ = try await database.owner.withConnection { connection in
                    try connection.execute(
                        """
                        UPDATE jobs SET state = 'cancelled', locked_until = NULL, finished_at = now()
                        WHERE id = \(id)
                        """)
                }
                #expect(await heard.next() == "stopped")
            }
            #expect(try await QueueTests.left(id, database)?.state == "cancelled")
        }
    }

    @Test func `a mail in the outbox goes out`() async throws {
        try await withTestDatabase { database in
            let directory = NSTemporaryDirectory() + "mochi-\(UUID().uuidString)"
            defer { try? FileManager.default.removeItem(atPath: directory) }
            let sender = try Mailbox(name: "Mochi", address: "mochi@example.com")
            let message = Message(
                to: try Mailbox(address: "ada@example.com"), subject: "Grüße", text: "Hallo\u{0}!",
                html: "<p>Hallo!")
            let account = try await database.account().account.rawValue
            try await database.app.transaction(tenant: account) { connection in
                try Outbox.send(message, account: account, in: connection)
                try Outbox.send(message, account: account, in: connection)
            }
            let mailer = Mailer(.files(directory: directory), sender: sender)
            try await Self.with(database, kinds: JobKind.all, mailer: mailer) { _ in
                while try FileManager.default.fileExists(atPath: directory) == false
                    || FileManager.default.contentsOfDirectory(atPath: directory).isEmpty
                { try await Task.sleep(for: .milliseconds(20)) }
            }
            let files = try FileManager.default.contentsOfDirectory(atPath: directory)
            #expect(files.count == 1)
            #expect(
                try String(contentsOfFile: "\(directory)/\(files[0])", encoding: .utf8)
                    == message.rendered(from: sender))
            let kept: [(String, JSON)] = try await database.system.withConnection {
                try $0.rows("SELECT state, arguments FROM jobs")
            }
            #expect(kept.map(\.0) == ["done"])
            #expect(kept.map(\.1) == ["{}"])
        }
    }
}
