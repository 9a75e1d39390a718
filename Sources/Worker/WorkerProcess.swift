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
        let owner = Database(options(configuration, .owner, nil, size: 2), logger: logger)
        let system = Database(options(configuration, .system, .system, size: 6), logger: logger)
        let mailer = try Mailer(configuration)

        health.register("database") {
            do {
                try await system.withConnection { _ = try $0.execute("SELECT 1") }
                return .ok
            } catch {
                return .failing("PostgreSQL does not answer")
            }
        }
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

    private static func options(
        _ configuration: Configuration, _ role: DatabaseRole, _ lesser: Database.Role?, size: Int
    ) -> Database.Options {
        let (url, setsRole) = configuration.databaseOptions(for: role)
        return Database.Options(
            url: url, role: setsRole ? lesser : nil, size: size, applicationName: "mochi worker")
    }
}
