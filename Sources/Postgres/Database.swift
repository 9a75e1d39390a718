import CLibPQ
package import Logging
import Metrics
import NIOCore
import NIOPosix
import Synchronization

/// A pool of connections to one PostgreSQL under one role. Each is used by one blocking thread at a time; closures
/// run on those threads, so that neither an event loop nor the cooperative pool ever waits for the server.
///
/// Usable at once; connects when asked. As a `Service` it closes itself at the end of the process.
package final class Database: Sendable {
    package enum Role: String, Sendable {
        /// The web: bound by row-level security to the account that the transaction names.
        case app = "mochi_app"
        /// Collector, worker, and look-ups before an account is known.
        case system = "mochi_system"
    }

    package struct Options: Sendable {
        /// A libpq connection URI or string.
        package var url: String
        /// `SET ROLE` after connecting; nil keeps the role that logged in.
        package var role: Role?
        package var size: Int
        package var statementTimeout: Duration
        package var applicationName: String
        /// How many may wait for a connection, and how long.
        package var maxWaiting: Int
        package var waitTimeout: Duration

        package init(
            url: String, role: Role?, size: Int = 4, statementTimeout: Duration = .seconds(15),
            applicationName: String = "mochi", maxWaiting: Int = 256, waitTimeout: Duration = .seconds(5)
        ) {
            self.url = url
            self.role = role
            self.size = size
            self.statementTimeout = statementTimeout
            self.applicationName = applicationName
            self.maxWaiting = maxWaiting
            self.waitTimeout = waitTimeout
        }
    }

    private struct Pool: Sendable {
        var idle: [Idle] = []
        var waiting = 0
        /// Set while nobody answers: until when attempts fail at once, with what, and the pause after the next.
        var outage: (until: ContinuousClock.Instant, reason: String, pause: Duration)?
        var isShutDown = false
    }

    /// A connection at rest: only whoever takes it out of the pool touches it.
    private struct Idle: @unchecked Sendable {
        let connection: Connection
    }

    package let options: Options
    let logger: Logger
    private let pool = Mutex(Pool())
    private let threads: NIOThreadPool
    /// Cancelling blocks too, and must not wait behind what it cancels.
    private let cancelThread = NIOThreadPool(numberOfThreads: 1)
    private let timers: any EventLoop
    private let waits: Metrics.Timer

    package init(_ options: Options, logger: Logger) {
        self.options = options
        self.logger = logger
        threads = NIOThreadPool(numberOfThreads: options.size)
        threads.start()
        cancelThread.start()
        timers = MultiThreadedEventLoopGroup.singleton.any()
        waits = Metrics.Timer(
            label: "mochi_database_wait_seconds", dimensions: [("pool", options.role?.rawValue ?? "owner")])
    }

    /// Closes the connections once what runs has ended; what waits or comes later gets `shuttingDown`.
    package func close() async {
        let idle = pool.withLock { pool in
            defer { pool.idle = [] }
            pool.isShutDown = true
            return pool.idle
        }
        withExtendedLifetime(idle) {}
        try? await threads.shutdownGracefully()
        try? await cancelThread.shutdownGracefully()
    }

    /// Runs `body` with a connection outside any transaction.
    ///
    /// Throws ``DatabaseError`` when none can be had, `CancellationError` when the task is cancelled, which also
    /// cancels the running statement.
    package func withConnection<R: Sendable>(
        _ body: @escaping @Sendable (Connection) throws -> R
    ) async throws -> R {
        let lease = Lease<R>()
        try pool.withLock { pool in
            if pool.isShutDown { throw DatabaseError.shuttingDown }
            if let outage = pool.outage, outage.until > .now {
                throw DatabaseError.unavailable(outage.reason)
            }
            if pool.waiting >= options.maxWaiting { throw DatabaseError.overloaded }
            pool.waiting += 1
        }
        let asked = ContinuousClock.now
        let deadline = timers.scheduleTask(in: .init(options.waitTimeout)) {
            _ = lease.giveUp(DatabaseError.overloaded, self.isNotWaiting)
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                guard lease.wait(continuation) else {
                    deadline.cancel()
                    isNotWaiting()
                    return
                }
                threads.submit { thread in
                    deadline.cancel()
                    guard thread == .active else {
                        _ = lease.giveUp(DatabaseError.shuttingDown, self.isNotWaiting)
                        return
                    }
                    // Who has given up no longer counts as waiting, though its turn comes only now.
                    guard lease.begin() else { return }
                    self.isNotWaiting()
                    self.waits.recordNanoseconds((ContinuousClock.now - asked).nanoseconds)
                    lease.end(Result { try self.use(lease, body) })
                }
            }
        } onCancel: {
            if lease.giveUp(CancellationError(), isNotWaiting) {
                deadline.cancel()
            } else if lease.cancelRunning() {
                cancelThread.submit { _ in lease.cancelStatement() }
            }
        }
    }

    /// Who asked has a connection, or has given up.
    private func isNotWaiting() {
        pool.withLock { $0.waiting -= 1 }
    }

    // MARK: On a thread of the pool

    private func use<R>(_ lease: Lease<R>, _ body: (Connection) throws -> R) throws -> R {
        let connection = try checkOut()
        guard lease.hold(connection.canceller) else {
            checkIn(connection)
            throw CancellationError()
        }
        defer {
            if !lease.letGo() { checkIn(connection) }
        }
        return try body(connection)
    }

    private func checkOut() throws -> Connection {
        while let idle = pool.withLock({ $0.idle.popLast() }) {
            if !idle.connection.wasClosedWhileIdle { return idle.connection }
        }
        let outage = pool.withLock { $0.outage }
        if let outage, outage.until > .now { throw DatabaseError.unavailable(outage.reason) }
        do {
            let connection = try Connection(
                url: options.url, applicationName: options.applicationName, connectTimeout: 5,
                settings: settings)
            let wasDown = pool.withLock { pool in
                defer { pool.outage = nil }
                return pool.outage != nil
            }
            if wasDown { logger.notice("PostgreSQL answers again") }
            return connection
        } catch {
            let reason = (error as? DatabaseError).map(\.reason) ?? String(describing: error)
            let isNew = pool.withLock { pool in
                let pause = pool.outage?.pause ?? .milliseconds(100)
                let isNew = pool.outage == nil
                let jitter = Double.random(in: 0.5...1)
                pool.outage = (.now + pause * jitter, reason, min(pause * 2, .seconds(5)))
                return isNew
            }
            if isNew { logger.error("PostgreSQL cannot be reached", metadata: ["reason": "\(reason)"]) }
            throw DatabaseError.unavailable(reason)
        }
    }

    private func checkIn(_ connection: Connection) {
        guard !connection.isBroken, connection.isIdle else { return }
        pool.withLock { pool in
            if !pool.isShutDown { pool.idle.append(Idle(connection: connection)) }
        }
    }

    private var settings: String {
        let timeout = options.statementTimeout.nanoseconds / 1_000_000
        let role = options.role.map { "SET ROLE \($0.rawValue);" } ?? ""
        return """
            \(role) SET statement_timeout = \(timeout); SET idle_in_transaction_session_timeout = '1min';
            SET TIME ZONE 'UTC'; SET jit = off
            """
    }

    /// A connection outside the pool, for what keeps it for long: LISTEN.
    func dedicatedConnection() throws -> Connection {
        try Connection(
            url: options.url, applicationName: options.applicationName, connectTimeout: 5, settings: settings)
    }
}

extension DatabaseError {
    var reason: String {
        if case .unavailable(let reason) = self { return reason }
        return description
    }
}

extension Duration {
    var nanoseconds: Int64 {
        components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
    }
}
