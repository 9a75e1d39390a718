package import FoundationEssentials
package import Logging
import Metrics
package import Postgres
import ServiceLifecycle
import Stats

/// Runs each schedule when it is due, one beside the other; when that is stands in the table `schedules`, so that several
/// workers share them.
///
/// A failure is logged and counted, and tried again within a minute; so is what a worker began that was lost. On graceful
/// shutdown what runs is rolled back: the next worker does it.
package struct Scheduler: Service {
    private let schedules: [Schedule]
    private let owner: Database
    private let system: Database
    private let logger: Logger
    private let now: @Sendable () -> Date
    private let openDays = OpenDays()

    /// How often to look whether another worker has taken a round.
    private static let look: Duration = .seconds(5)

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
                        repeat { await turn(schedule) } while await sleep(pause(schedule))
                    }
                }
            }
        }
    }

    /// So that several workers, started together, do not meet each time.
    private func pause(_ schedule: Schedule) -> Duration {
        (schedule.isEverywhere ? schedule.interval : min(schedule.interval, Scheduler.look))
            * Double.random(in: 0.9...1)
    }

    /// Does the schedule if it is due and no other worker has taken this round.
    @discardableResult
    package func turn(_ schedule: Schedule) async -> Bool {
        if schedule.isEverywhere { return await once(schedule) }
        do {
            guard try await take(schedule) else { return false }
            let error = await attempt(schedule)
            try await finish(schedule, error)
            return error == nil
        } catch {
            if !Task.isCancelled {
                logger.debug("the schedules cannot be reached", metadata: ["error": "\(error)"])
            }
            return false
        }
    }

    /// The next round is due soon, in case that this worker is lost. A clock that was set back holds nothing up.
    private func take(_ schedule: Schedule) async throws -> Bool {
        let (now, name) = (now(), schedule.name)
        let soon = now + min(schedule.interval, .seconds(60))
        let latest = now + schedule.interval * 2 + .seconds(60)
        return try await system.withConnection { connection in
            let taken = try connection.execute(
                """
                UPDATE schedules SET next_run = \(soon), last_run = \(now)
                WHERE name = (
                    SELECT name FROM schedules WHERE name = \(name) AND (next_run <= \(now) OR next_run > \(latest))
                    FOR UPDATE SKIP LOCKED)
                """)
            if taken == 1 { return true }
            return try connection.execute(
                """
                INSERT INTO schedules (name, next_run, last_run)
                SELECT \(name), \(soon), \(now) WHERE NOT EXISTS (SELECT FROM schedules WHERE name = \(name))
                ON CONFLICT DO NOTHING
                """) == 1
        }
    }

    private func finish(_ schedule: Schedule, _ error: (any Error)?) async throws {
        let interval = error == nil ? schedule.interval : min(schedule.interval, .seconds(60))
        let next = now() + interval
        let reason = error.map { String("\($0)".prefix(1_000)) } ?? ""
        _ = try await system.withConnection { connection in
            try connection.execute(
                "UPDATE schedules SET next_run = \(next), last_error = \(reason) WHERE name = \(schedule.name)"
            )
        }
    }

    /// One round, due or not. False if it failed. Elsewhere is as good as here.
    @discardableResult
    package func once(_ schedule: Schedule) async -> Bool {
        await attempt(schedule) == nil
    }

    private func attempt(_ schedule: Schedule) async -> (any Error)? {
        let start = ContinuousClock.now
        let name = schedule.name
        do {
            try await schedule.run(
                Round(
                    name: name, owner: owner, system: system, now: now(), openDays: openDays, logger: logger))
            count(name, "done")
            Metrics.Timer(label: "mochi_schedule_seconds", dimensions: [("schedule", name)]).record(
                duration: ContinuousClock.now - start)
            return nil
        } catch is Round.Elsewhere {
            count(name, "elsewhere")
            return nil
        } catch {
            if Task.isCancelled { return error }
            count(name, "failed")
            logger.warning("a schedule failed", metadata: ["schedule": "\(name)", "error": "\(error)"])
            return error
        }
    }

    private func count(_ name: String, _ outcome: String) {
        Counter(label: "mochi_schedules_total", dimensions: [("schedule", name), ("outcome", outcome)])
            .increment()
    }
}
