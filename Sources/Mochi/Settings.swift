import ArgumentParser
import FoundationEssentials
import Operations

/// The flags of every command: the same as the environment's variables, and stronger.
struct Settings: ParsableArguments {
    @Option(help: ArgumentHelp("Directory of all state. [MOCHI_DATA]", valueName: "directory"))
    var data: String?

    @Option(help: ArgumentHelp("Port of the web application. [MOCHI_APP_PORT]", valueName: "port"))
    var appPort: String?

    @Option(help: ArgumentHelp("Port of the collector. [MOCHI_INGEST_PORT]", valueName: "port"))
    var ingestPort: String?

    @Option(
        help: ArgumentHelp("Port of the worker's health and metrics. [MOCHI_WORKER_PORT]", valueName: "port"))
    var workerPort: String?

    @Option(help: ArgumentHelp("The address to listen on. [MOCHI_BIND]", valueName: "address"))
    var bind: String?

    @Option(help: ArgumentHelp("logfmt or json. [MOCHI_LOG_FORMAT]", valueName: "format"))
    var logFormat: String?

    @Option(
        help: ArgumentHelp(
            "trace, debug, info, notice, warning, error. [MOCHI_LOG_LEVEL]", valueName: "level"))
    var logLevel: String?

    /// The environment with the flags laid over it.
    var environment: [String: String] {
        var environment = ProcessInfo.processInfo.environment
        let flags = [
            "MOCHI_DATA": data, "MOCHI_APP_PORT": appPort, "MOCHI_INGEST_PORT": ingestPort,
            "MOCHI_WORKER_PORT": workerPort, "MOCHI_BIND": bind, "MOCHI_LOG_FORMAT": logFormat,
            "MOCHI_LOG_LEVEL": logLevel,
        ]
        for (name, value) in flags {
            if let value { environment[name] = value }
        }
        return environment
    }

    func configuration() throws(ConfigurationError) -> Configuration {
        try Configuration(environment: environment)
    }

    /// A switch that may also be set by a variable: `1`, `true` or `yes`.
    func isOn(_ flag: Bool, _ variable: String) -> Bool {
        flag || ["1", "true", "yes"].contains(environment[variable]?.lowercased() ?? "")
    }
}
