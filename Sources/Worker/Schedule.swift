package import FoundationEssentials
import Ingest
package import Logging
import Outbound
package import Postgres
package import Stats

/// Work that comes round again by itself. Each may be interrupted anywhere, and may be done twice.
///
/// To add one, add a row to ``all``. When it is due stands in the table `schedules`, which workers share. What concerns
/// one tenant and takes long is a job, which a schedule may put into the queue.
package struct Schedule: Sendable {
    package let name: String
    package let interval: Duration
    /// Each worker does it for itself: its metrics are its own.
    package let isEverywhere: Bool
    package let run: @Sendable (Round) async throws -> Void

    package init(
        _ name: String, every interval: Duration, everywhere isEverywhere: Bool = false,
        run: @escaping @Sendable (Round) async throws -> Void
    ) {
        self.name = name
        self.interval = interval
        self.isEverywhere = isEverywhere
        self.run = run
    }

    package static let all = [
        Schedule("salts", every: .seconds(60)) { round in
            let now = Int64(round.now.timeIntervalSince1970)
            try await SaltKeeper.createAhead(round.system, now: now)
            try await SaltKeeper.destroyExpired(round.system, now: now)
        },
        Schedule("partitions", every: .seconds(600)) { try await Partitions.keep($0) },
        Schedule("lost_jobs", every: .seconds(60)) { round in
            try await round.step { _ = try Jobs.bury(now: round.now, in: $0) }
        },
        Schedule("finished_jobs", every: .seconds(3600)) { round in
            try await round.step { try Tidying.deleteFinishedJobs(now: round.now, in: $0) }
        },
        Schedule("expired_sessions", every: .seconds(3600)) { round in
            try await round.step { try Tidying.deleteExpiredSessions(now: round.now, in: $0) }
        },
        Schedule("sealing", every: .seconds(60)) { round in
            try await Sealing(system: round.system, now: round.now, logger: round.logger).run()
        },
        Schedule("formats", every: .seconds(60)) { try await Reencoding.run($0) },
        Schedule("today", every: .seconds(60)) { try await Today.refresh($0) },
        Schedule("closed_days", every: .seconds(300)) { try await ClosedDays.keep($0) },
        Schedule("retention", every: .seconds(3600)) { round in
            try await round.step { try Forgetting.schedule(now: round.now, in: $0) }
        },
        Schedule("scrub", every: .seconds(3600)) { try await Scrub.run($0) },
        Schedule("queue_depth", every: .seconds(15), everywhere: true) { round in
            try await round.system.transaction(readOnly: true) { connection in
                try Tidying.measureQueue(now: round.now, in: connection)
                try Tidying.measureDays(in: connection)
            }
        },
    ]
}

/// One time that a schedule comes round.
package struct Round: Sendable {
    package let name: String
    package let owner: Database
    package let system: Database
    package let now: Date
    package let logger: Logger
    /// What the worker keeps in memory of days that are not over.
    package let openDays: OpenDays

    package init(
        name: String, owner: Database, system: Database, now: Date, openDays: OpenDays = OpenDays(),
        logger: Logger = Logger(label: "mochi", factory: { _ in SwiftLogNoOpLogHandler() })
    ) {
        self.name = name
        self.owner = owner
        self.system = system
        self.now = now
        self.logger = logger
        self.openDays = openDays
    }

    /// A short transaction, as the system's role, in which no other worker does the same schedule.
    ///
    /// Throws ``Elsewhere`` when one does. No lock is waited for longer than two seconds.
    package func step<R: Sendable>(_ body: @escaping @Sendable (Connection) throws -> R) async throws -> R {
        try await step(on: system, body)
    }

    package func step<R: Sendable>(
        on database: Database, _ body: @escaping @Sendable (Connection) throws -> R
    ) async throws -> R {
        try await database.transaction { [name] connection in
            try connection.execute("SET LOCAL lock_timeout = '2s'")
            let isOurs: Bool = try connection.one(
                "SELECT pg_try_advisory_xact_lock(hashtextextended(\("schedule " + name), 0))")
            guard isOurs else { throw Elsewhere() }
            return try body(connection)
        }
    }

    /// The same outside a transaction, for the few statements that refuse to run in one.
    package func bareStep<R: Sendable>(
        on database: Database, _ body: @escaping @Sendable (Connection) throws -> R
    ) async throws -> R {
        try await database.withConnection { [name] connection in
            let key: SQL = "hashtextextended(\("schedule " + name), 0)"
            let isOurs: Bool = try connection.one("SELECT pg_try_advisory_lock(\(key))")
            guard isOurs else { throw Elsewhere() }
            // If this connection is lost, so is the lock.
            defer {
                _ = try? connection.execute("RESET lock_timeout")
                _ = try? connection.execute("SELECT pg_advisory_unlock(\(key))")
            }
            try connection.execute("SET lock_timeout = '2s'")
            return try body(connection)
        }
    }

    /// Another worker is at it.
    package struct Elsewhere: Error {
        package init() {}
    }
}
