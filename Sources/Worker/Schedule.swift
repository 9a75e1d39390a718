package import FoundationEssentials
import Ingest
import Outbound
package import Postgres

/// Work that comes round again by itself. Each is quick, may be interrupted anywhere, and may be done twice.
///
/// To add one, add a row to ``all``. What takes long is a job, which a schedule may put into the queue.
package struct Schedule: Sendable {
    package let name: String
    package let interval: Duration
    package let run: @Sendable (Round) async throws -> Void

    package init(
        _ name: String, every interval: Duration, run: @escaping @Sendable (Round) async throws -> Void
    ) {
        self.name = name
        self.interval = interval
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
        Schedule("queue_depth", every: .seconds(15)) { round in
            try await round.step { try Tidying.measureQueue(now: round.now, in: $0) }
        },
    ]
}

/// One time that a schedule comes round.
package struct Round: Sendable {
    package let name: String
    package let owner: Database
    package let system: Database
    package let now: Date

    package init(name: String, owner: Database, system: Database, now: Date) {
        self.name = name
        self.owner = owner
        self.system = system
        self.now = now
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
