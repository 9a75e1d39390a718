import ArgumentParser
import Glibc
import Logging
import Operations
import ServiceLifecycle
import UnixSignals

struct UpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract:
            "Run everything: collector, worker, web application, and a PostgreSQL unless DATABASE_URL is set."
    )

    @Flag(
        help: ArgumentHelp(
            "Make an account with three sites and ninety days of generated traffic, unless they are there. [MOCHI_DEMO]"
        ))
    var demo = false

    @OptionGroup var settings: Settings

    func run() async throws {
        try await reportingFailures {
            let configuration = try settings.configuration()
            signal(SIGPIPE, SIG_IGN)
            // Mail, spool and logs are nobody else's business.
            umask(0o077)
            Log.bootstrap(configuration, process: "up")
            let logger = Logger(label: "up")
            for name in configuration.unknownVariables {
                logger.warning("An unknown variable is set.", metadata: ["variable": "\(name)"])
            }
            let directory = try DataDirectory(path: configuration.data)
            _ = try configuration.loadSecretKey()
            try await Ports.check(configuration, patience: directory.wasLeftOpen ? .seconds(10) : .zero)
            try await supervise(configuration, logger)
            directory.markClosed()
        }
    }

    /// A closed terminal too, unless whoever started us said not to mind it (nohup).
    private static var endingSignals: [UnixSignal] {
        var action = sigaction()
        sigaction(SIGHUP, nil, &action)
        let isIgnored = unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
        return isIgnored ? [.sigterm, .sigint] : [.sigterm, .sigint, .sighup]
    }

    private func supervise(_ configuration: Configuration, _ logger: Logger) async throws {
        let haste = Haste()
        // Before anything is started: nobody is to be left behind by a signal that comes early.
        let signals = await UnixSignalsSequence(trapping: UpCommand.endingSignals)
        var server: PostgresServer?
        if configuration.isPostgresPrivate {
            let cluster = try await PostgresCluster.prepared(configuration)
            server = PostgresServer(cluster: cluster, haste: haste, logger: logger)
        }

        var environment = settings.environment
        environment["MOCHI_DATA"] = configuration.data
        environment["MOCHI_RESOURCES"] = configuration.resources
        environment[ParentWatch.variable] = "\(getpid())"
        let children = ["worker", "ingest", "app"].map {
            SupervisedProcess(name: $0, environment: environment, haste: haste, logger: logger)
        }
        let instance = Instance(
            configuration: configuration, server: server, children: children,
            demo: settings.isOn(demo, "MOCHI_DEMO")
                ? Demo(configuration: configuration, logger: logger) : nil,
            logger: logger)

        // Ended in the reverse order: the instance (app, ingest, worker), then PostgreSQL.
        var services: [any Service] = [instance]
        if let server { services.insert(server, at: 0) }
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services.map {
                    .init(service: $0, failureTerminationBehavior: .gracefullyShutdownGroup)
                },
                logger: logger))
        try await withThrowingTaskGroup { tasks in
            tasks.addTask {
                var count = 0
                for await signal in signals {
                    count += 1
                    if count == 1 {
                        logger.notice("Stopping.", metadata: ["signal": "\(signal)"])
                        await group.triggerGracefulShutdown()
                    } else {
                        logger.warning("Ending everything at once.", metadata: ["signal": "\(signal)"])
                        haste.endAll()
                    }
                }
            }
            tasks.addTask { try await group.run() }
            defer { tasks.cancelAll() }
            // The signals do not end by themselves: the first to end is the group.
            try await tasks.next()
        }
        Terminal.print("Stopped.")
    }
}
