import FoundationEssentials
package import Logging
package import Operations
import Outbound
import Postgres
package import ServiceLifecycle

/// `mochi worker`: the queue, and everything that comes round by itself.
package enum WorkerProcess {
    /// What runs, in the order of start. Any number of workers may run against one database.
    package static func services(
        configuration: Configuration, health: Health, logger: Logger
    ) async throws -> [any Service] {
        let owner = Database(
            configuration, as: .owner, size: 2, applicationName: "mochi worker", logger: logger)
        let system = Database(
            configuration, as: .system, size: 6, applicationName: "mochi worker", logger: logger)
        let mailer = try Mailer(configuration)

        health.register("database") { await system.check() }
        health.register("partitions") {
            do {
                let missing = try await Partitions.missing(database: system, now: Date())
                return missing.isEmpty ? .ok : .failing("missing: \(missing.joined(separator: ", "))")
            } catch {
                return .failing("unknown")
            }
        }

        return [
            owner, system,
            StatusServer(
                host: configuration.bind, port: configuration.workerPort, health: health, logger: logger),
            Scheduler(owner: owner, system: system, logger: logger),
            JobRunner(context: JobKind.Context(system: system, mailer: mailer), logger: logger),
        ]
    }
}
