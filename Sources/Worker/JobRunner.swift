package import FoundationEssentials
package import Logging
import Metrics
import Outbound
import Postgres
import ServiceLifecycle

/// Takes jobs from the queue and does them, a few at a time. Any number of workers may share one queue.
///
/// On graceful shutdown it takes no more, waits for what runs, and gives back what takes too long.
package struct JobRunner: Service {
    package struct Options: Sendable {
        /// Jobs at a time.
        package var lanes = 4
        /// How long a silent worker keeps a job.
        package var lock: Duration = .seconds(60)
        /// How often to look without having been told.
        package var poll: Duration = .seconds(5)
        /// How long shutting down waits for what runs.
        package var drain: Duration = .seconds(10)

        package init() {}
    }

    private let kinds: [String: JobKind]
    private let context: JobKind.Context
    private let options: Options
    private let logger: Logger
    private let now: @Sendable () -> Date

    package init(
        kinds: [JobKind] = JobKind.all, context: JobKind.Context, options: Options = Options(),
        logger: Logger,
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.kinds = Dictionary(uniqueKeysWithValues: kinds.map { ($0.name, $0) })
        self.context = context
        self.options = options
        self.logger = logger
        self.now = now
    }

    package func run() async throws {
        let bell = Bell()
        await withDiscardingTaskGroup { group in
            for _ in 0..<options.lanes {
                let rings = bell.listen()
                group.addTask { await work(rings) }
            }
            group.addTask {
                await cancelWhenGracefulShutdown {
                    for await _ in context.system.notifications(on: [Jobs.channel]) { bell.ring() }
                }
            }
            group.addTask {
                await cancelWhenGracefulShutdown {
                    repeat { bell.ring() } while await sleep(options.poll)
                }
            }
        }
    }

    /// One job after the other while there are any, then until the next ring.
    private func work(_ rings: AsyncStream<Void>) async {
        for await _ in rings.cancelOnGracefulShutdown() {
            do {
                while !Task.isShuttingDownGracefully, let job = try await take() {
                    try await finish(job, await attempt(job))
                }
            } catch {
                // The next ring tries again. A job that could not be reported is taken again in time.
                logger.warning("the queue cannot be reached", metadata: ["error": "\(error)"])
            }
        }
    }

    private func take() async throws -> Job? {
        let names = Array(kinds.keys)
        let now = now()
        return try await context.system.transaction { [lock = options.lock] connection in
            try Jobs.take(kinds: names, lockedFor: lock, now: now, in: connection)
        }
    }

    // MARK: One attempt

    private enum Outcome: Sendable {
        case done
        case failed(any Error)
        case timedOut
        /// Another worker has it, or somebody cancelled it.
        case lost
        /// The worker stops.
        case interrupted
        /// A watcher that was no longer needed.
        case unwatched
    }

    private func attempt(_ job: Job) async -> Outcome {
        guard let kind = kinds[job.kind] else { return .failed(GiveUp("an unknown kind")) }
        let start = ContinuousClock.now
        let outcome = await withTaskGroup(of: Outcome.self) { group in
            group.addTask {
                do {
                    try await kind.run(job, context)
                    return .done
                } catch is Jobs.Stopped {
                    return .lost
                } catch {
                    return .failed(error)
                }
            }
            group.addTask { await sleep(kind.timeout) ? .timedOut : .unwatched }
            group.addTask { await keepLocked(job) ? .unwatched : .lost }
            group.addTask {
                guard (try? await gracefulShutdown()) != nil, await sleep(options.drain) else {
                    return .unwatched
                }
                return .interrupted
            }
            guard var outcome = await group.next() else { return Outcome.lost }
            group.cancelAll()
            // What was done after all is done, whatever made us wait no longer.
            for await last in group {
                if case .done = last { outcome = .done }
            }
            return outcome
        }
        Metrics.Timer(label: "mochi_job_seconds", dimensions: [("kind", job.kind)]).record(
            duration: ContinuousClock.now - start)
        return outcome
    }

    /// Until the task is cancelled, or false when the job is no longer ours.
    private func keepLocked(_ job: Job) async -> Bool {
        while await sleep(options.lock / 3) {
            let now = now()
            let isOurs = try? await context.system.withConnection { [lock = options.lock] connection in
                try Jobs.extendLock(of: job, by: lock, now: now, in: connection)
            }
            // A database that is away for a moment is no reason to stop.
            if isOurs == false { return false }
        }
        return true
    }

    private func finish(_ job: Job, _ outcome: Outcome) async throws {
        let now = now()
        let word: String
        switch outcome {
        case .done:
            word = "done"
            _ = try await context.system.withConnection { try Jobs.complete(job, now: now, in: $0) }
        case .failed(let error):
            let retryAt =
                error is GiveUp ? nil : now.addingTimeInterval(Jobs.pause(afterAttempt: job.attempt))
            word = try await fail(job, because: "\(error)", retryAt: retryAt, now: now)
        case .timedOut:
            let retryAt = now.addingTimeInterval(Jobs.pause(afterAttempt: job.attempt))
            word = try await fail(job, because: "it took too long", retryAt: retryAt, now: now)
        case .interrupted:
            word = "given back"
            _ = try await context.system.withConnection { try Jobs.giveBack(job, in: $0) }
        case .lost, .unwatched:
            let isCancelled = try await context.system.withConnection {
                try Jobs.acknowledgeCancellation(of: job, now: now, in: $0)
            }
            word = isCancelled ? "cancelled" : "lost"
        }
        Counter(label: "mochi_jobs_total", dimensions: [("kind", job.kind), ("outcome", word)]).increment()
        logger.debug("job", metadata: metadata(job, word))
    }

    private func fail(_ job: Job, because reason: String, retryAt: Date?, now: Date) async throws -> String {
        let reason = String(reason.prefix(1_000))
        _ = try await context.system.withConnection {
            try Jobs.fail(job, because: reason, retryAt: retryAt, now: now, in: $0)
        }
        let isDead = retryAt == nil || job.attempt >= job.maxAttempts
        var metadata = metadata(job, isDead ? "dead" : "failed")
        metadata["error"] = "\(reason)"
        logger.log(level: isDead ? .error : .warning, "a job failed", metadata: metadata)
        return isDead ? "dead" : "failed"
    }

    private func metadata(_ job: Job, _ outcome: String) -> Logger.Metadata {
        ["job": "\(job.id)", "kind": "\(job.kind)", "attempt": "\(job.attempt)", "outcome": "\(outcome)"]
    }
}

/// False when the task was cancelled meanwhile.
func sleep(_ duration: Duration) async -> Bool {
    (try? await Task.sleep(for: duration)) != nil
}
