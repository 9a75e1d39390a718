import FoundationEssentials
import Logging
import Operations
import Postgres
import ServiceLifecycle
import Worker

/// What stands on PostgreSQL: brings the database to this program's schema, then runs the three processes.
struct Instance: Service {
    let configuration: Configuration
    let server: PostgresServer?
    let children: [SupervisedProcess]
    var demo: Demo?
    let logger: Logger

    func run() async throws {
        var said = ""
        do {
            said = try await cancelWhenGracefulShutdown { try await prepare() }
        } catch {
            // Whatever was interrupted is done again, or finished, by the next start.
            if !Task.isShuttingDownGracefully { throw error }
        }
        if Task.isShuttingDownGracefully { return }
        let announcement = Announcement(configuration: configuration, said: said, logger: logger)
        let services: [any Service] = children + [announcement]
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services.map {
                    .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup)
                },
                logger: logger))
        try await group.run()
    }

    /// Answers what is to be said once everything runs.
    private func prepare() async throws -> String {
        if let server {
            try await server.ready()
            try await makeDatabase()
        }
        let owner = configuration.database(for: .owner, logger: logger)
        try await withDatabases([owner]) {
            let migrator = try Migrator(
                directory: configuration.resources + "/migrations", database: owner, logger: logger)
            _ = try await migrator.migrate()
            if configuration.isPostgresPrivate {
                try await owner.withConnection { connection in
                    try connection.execute("ALTER ROLE mochi_app LOGIN")
                    try connection.execute("ALTER ROLE mochi_system LOGIN")
                }
            }
            _ = try await Partitions.makeAhead(database: owner, now: Date())
        }
        return try await demo?.make() ?? ""
    }

    /// initdb makes `postgres`; ours is made here, once.
    private func makeDatabase() async throws {
        let options = Database.Options(
            url: configuration.databaseOptions(for: .owner).url + " dbname=postgres", role: nil, size: 1,
            applicationName: "mochi")
        let cluster = Database(options, logger: logger)
        try await withDatabases([cluster]) {
            try await cluster.withConnection { connection in
                let exists: Bool = try connection.one(
                    "SELECT EXISTS (SELECT FROM pg_database WHERE datname = 'mochi')")
                if !exists { try connection.execute("CREATE DATABASE mochi") }
            }
        }
    }
}

/// Tells whoever started us where to go, once every process answers.
private struct Announcement: Service {
    let configuration: Configuration
    /// What else there is to say; empty or whole lines.
    let said: String
    let logger: Logger

    func run() async throws {
        try? await cancelWhenGracefulShutdown {
            try await waitUntilReady()
            let postgres =
                configuration.isPostgresPrivate ? "private PostgreSQL in it" : "PostgreSQL of DATABASE_URL"
            Terminal.print(
                """

                Mochi is up.
                  Web application  \(configuration.baseURL)
                  Collector        \(configuration.ingestURL)
                  Data             \(configuration.data), \(postgres)
                \(said)\
                Ctrl-C stops it.

                """)
        }
        try await gracefulShutdown()
    }

    private func waitUntilReady() async throws {
        let start = ContinuousClock.now
        var hasWarned = false
        while true {
            let missing = await ProcessState.all(configuration).filter { !$0.isReady }
            if missing.isEmpty { return }
            if !hasWarned, start.duration(to: .now) > .seconds(15) {
                hasWarned = true
                for state in missing {
                    logger.warning(
                        "Not ready yet.", metadata: ["child": "\(state.name)", "state": "\(state.detail)"])
                }
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}

/// What a process says about itself at `/readyz`.
struct ProcessState: Sendable {
    let name: String
    let port: Int
    let isReady: Bool
    let detail: String

    static func all(_ configuration: Configuration) async -> [ProcessState] {
        var states: [ProcessState] = []
        let host = Ports.localHost(configuration)
        for (name, port) in [
            ("app", configuration.appPort), ("ingest", configuration.ingestPort),
            ("worker", configuration.workerPort),
        ] {
            do {
                let answer = try await Probe.get(host: host, port: port, path: "/readyz")
                let body = answer.body.split(separator: "\n").first.map(String.init) ?? ""
                states.append(
                    ProcessState(name: name, port: port, isReady: answer.status == 200, detail: body))
            } catch {
                states.append(ProcessState(name: name, port: port, isReady: false, detail: "\(error)"))
            }
        }
        return states
    }
}
