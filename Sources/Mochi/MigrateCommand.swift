import ArgumentParser
import FoundationEssentials
import Logging
import Operations
import Postgres

struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Bring the database to the schema of this program.")

    @Flag(help: "Only say what is applied and what is missing. [MOCHI_MIGRATE_STATUS]")
    var status = false

    @OptionGroup var settings: Settings

    func run() async throws {
        try await reportingFailures {
            let configuration = try settings.configuration()
            Log.bootstrap(configuration, process: "migrate")
            let logger = Logger(label: "migrate")
            let owner = configuration.database(for: .owner, logger: logger)
            try await withDatabases([owner]) {
                let migrator = try Migrator(
                    directory: configuration.resources + "/migrations", database: owner, logger: logger)
                if settings.isOn(status, "MOCHI_MIGRATE_STATUS") {
                    for one in try await migrator.status() {
                        let state = one.appliedAt.map { "applied \($0.formatted(.iso8601))" } ?? "missing"
                        Terminal.print("\(one.name)  \(state)")
                    }
                } else {
                    let applied = try await migrator.migrate()
                    for name in applied { Terminal.print(name) }
                    Terminal.print(applied.isEmpty ? "Nothing to migrate." : "Migrated: \(applied.count).")
                }
            }
        }
    }
}
