import App
import ArgumentParser
import Glibc
import Ingest
import Logging
import Operations
import ServiceLifecycle
import UnixSignals
import Worker

struct AppCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "app", abstract: "Serve the web application: pages, dashboards, the Stats API.")
    @OptionGroup var settings: Settings

    func run() async throws {
        try await runProcess("app", settings, WebApplication.services)
    }
}

struct IngestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ingest", abstract: "Collect events: receive, spool, load into PostgreSQL.")
    @OptionGroup var settings: Settings

    func run() async throws {
        try await runProcess("ingest", settings, Collector.services)
    }
}

struct WorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker", abstract: "Do what is due: partitions, salts, mail and other jobs.")
    @OptionGroup var settings: Settings

    func run() async throws {
        try await runProcess("worker", settings, WorkerProcess.services)
    }
}

typealias MakeServices = (Configuration, Health, Logger) async throws -> [any Service]

/// Runs one of the three processes until a signal, or the end of the supervisor that started it.
private func runProcess(_ name: String, _ settings: Settings, _ makeServices: MakeServices) async throws {
    try await reportingFailures {
        let environment = settings.environment
        let configuration = try Configuration(environment: environment)
        // A peer that hangs up is an error of the write, not of the process.
        signal(SIGPIPE, SIG_IGN)
        Log.bootstrap(configuration, process: name)
        MetricsRegistry.bootstrap()
        let logger = Logger(label: name)
        let health = Health(process: name)
        let services = try await makeServices(configuration, health, logger)
        let watch = ParentWatch(environment: environment, logger: logger)

        var group = ServiceGroupConfiguration(
            services: services.map { .init(service: $0) } + [
                .init(service: watch, successTerminationBehavior: .gracefullyShutdownGroup),
                .init(service: Farewell(health: health)),
            ],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        group.maximumGracefulShutdownDuration = .seconds(25)
        logger.info("Starting.", metadata: ["version": "\(Version.current)", "pid": "\(getpid())"])
        do {
            try await ServiceGroup(configuration: group).run()
        } catch is CancellationError {
            // A service that was told to stop while it waited for something.
        }
        logger.info("Stopped.")
    }
}

/// The last to start and so the first to hear of the end: `/readyz` says it before anything closes.
private struct Farewell: Service {
    let health: Health

    func run() async throws {
        try await gracefulShutdown()
        health.stopping()
    }
}
