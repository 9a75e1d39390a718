package import FoundationEssentials
package import Logging
import Metrics
package import Postgres
import ServiceLifecycle

/// Runs each schedule at once and then at its interval, one beside the other.
///
/// A failure is logged and counted, and tried again within a minute. On graceful shutdown what runs is rolled
/// back: the next worker does it.
package struct Scheduler: Service {
    private let schedules: [Schedule]
    private let owner: Database
    private let system: Database
    private let logger: Logger
    private let now: @Sendable () -> Date

    package init(
        schedules: [Schedule] = Schedule.all, owner: Database, system: Database, logger: Logger,
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.schedules = schedules
        self.owner = owner
        self.system = system
        self.logger = logger
        self.now = now
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                for schedule in schedules {
                    group.addTask {
                        var pause: Duration
                        repeat {
                            let succeeded = await once(schedule)
                            pause = succeeded ? schedule.interval : min(schedule.interval, .seconds(60))
                            // So that several workers, started together, do not meet each time.
                        } while await sleep(pause * Double.random(in: 0.9...1))
                    }
                }
            }
        }
    }

    /// False if it failed. Elsewhere is as good as here.
    @discardableResult
    package func once(_ schedule: Schedule) async -> Bool {
        let start = ContinuousClock.now
        let name = schedule.name
        do {
            try await schedule.run(Round(name: name, owner: owner, system: system, now: now()))
            count(name, "done")
            Metrics.Timer(label: "mochi_schedule_seconds", dimensions: [("schedule", name)]).record(
                duration: ContinuousClock.now - start)
            return true
        } catch is Round.Elsewhere {
            count(name, "elsewhere")
            return true
        } catch {
            if Task.isCancelled { return false }
            count(name, "failed")
            logger.warning("a schedule failed", metadata: ["schedule": "\(name)", "error": "\(error)"])
            return false
        }
    }

    private func count(_ name: String, _ outcome: String) {
        Counter(label: "mochi_schedules_total", dimensions: [("schedule", name), ("outcome", outcome)])
            .increment()
    }
}
