package import Logging

/// Everything that can be set, read once from the environment and passed to every process.
///
/// The table of variables is ``variables``; all faults are reported at once.
package struct Configuration: Sendable {
    package enum SignUpMode: String, CaseIterable, Sendable { case open, invite, closed }
    package enum LogFormat: String, CaseIterable, Sendable { case logfmt, json }

    /// An absolute path, which need not exist yet.
    package var data: String
    package var databaseURL: String?
    package var appDatabaseURL: String?
    package var systemDatabaseURL: String?
    package var adminEmails: [String]
    /// A numeric address.
    package var bind: String
    package var appPort: Int
    package var ingestPort: Int
    package var workerPort: Int
    /// `https://host[:port]`, without a slash at the end.
    package var baseURL: String
    /// `https://host[:port][/path]`, without a slash at the end.
    package var ingestURL: String
    package var trustedProxies: [CIDR]
    package var smtpURL: String?
    /// An absolute path.
    package var geoIPDatabase: String?
    package var stripeKey: String?
    package var stripeWebhookSecret: String?
    package var stripeURL: String
    package var signUp: SignUpMode
    /// `/prefix`, without a slash at the end.
    package var pathPrefix: String?
    package var logFormat: LogFormat
    package var logLevel: Logger.Level
    /// The directory that holds `migrations/`, `templates/` and `public/`.
    package var resources: String
    /// Names that begin with MOCHI_ and mean nothing.
    package var unknownVariables: [String]
    /// MOCHI_SECRET_KEY if it is set; ``loadSecretKey()`` else reads or makes the file.
    var statedSecretKey: [UInt8]?

    package init(environment: [String: String]) throws(ConfigurationError) {
        var reader = ConfigurationReader(environment)
        data = Files.absolute(reader.text("MOCHI_DATA") ?? ".mochi")
        databaseURL = reader.databaseURL("DATABASE_URL")
        appDatabaseURL = reader.databaseURL("MOCHI_APP_DATABASE_URL")
        systemDatabaseURL = reader.databaseURL("MOCHI_SYSTEM_DATABASE_URL")
        adminEmails = reader.list("MOCHI_ADMIN_EMAILS", "an e-mail address") { text in
            text.contains("@") ? text.lowercased() : nil
        }
        bind = reader.address("MOCHI_BIND") ?? "127.0.0.1"
        appPort = reader.port("MOCHI_APP_PORT") ?? 8080
        ingestPort = reader.port("MOCHI_INGEST_PORT") ?? 8090
        workerPort = reader.port("MOCHI_WORKER_PORT") ?? 8091
        baseURL = reader.webURL("MOCHI_BASE_URL", path: false) ?? "http://localhost:\(appPort)"
        ingestURL = reader.webURL("MOCHI_INGEST_URL", path: true) ?? "http://localhost:\(ingestPort)"
        statedSecretKey = reader.secretKey("MOCHI_SECRET_KEY")
        trustedProxies = reader.list("MOCHI_TRUSTED_PROXIES", "an address range such as 10.0.0.0/8") {
            CIDR($0)
        }
        smtpURL = reader.smtpURL("MOCHI_SMTP_URL")
        geoIPDatabase = reader.text("MOCHI_GEOIP_DB").map(Files.absolute)
        stripeKey = reader.text("MOCHI_STRIPE_KEY")
        stripeWebhookSecret = reader.text("MOCHI_STRIPE_WEBHOOK_SECRET")
        stripeURL = reader.webURL("MOCHI_STRIPE_URL", path: false) ?? "https://api.stripe.com"
        signUp = reader.choice("MOCHI_SIGNUP") ?? .open
        pathPrefix = reader.pathPrefix("MOCHI_PATH_PREFIX")
        logFormat = reader.choice("MOCHI_LOG_FORMAT") ?? .logfmt
        logLevel = reader.choice("MOCHI_LOG_LEVEL") ?? .info
        resources = reader.resources("MOCHI_RESOURCES")
        unknownVariables = Configuration.unknownVariables(in: environment)

        let ports = [appPort, ingestPort, workerPort].filter { $0 != 0 }
        if Set(ports).count < ports.count {
            reader.faults.append(
                "MOCHI_APP_PORT (\(appPort)), MOCHI_INGEST_PORT (\(ingestPort)) and MOCHI_WORKER_PORT"
                    + " (\(workerPort)) must differ.")
        }
        if (stripeKey == nil) != (stripeWebhookSecret == nil) {
            reader.faults.append("MOCHI_STRIPE_KEY and MOCHI_STRIPE_WEBHOOK_SECRET must be set together.")
        }
        guard reader.faults.isEmpty else { throw ConfigurationError(faults: reader.faults) }
    }
}

/// Everything that is wrong with the environment, one sentence each, which name the variable and never a secret.
package struct ConfigurationError: Error, Equatable, CustomStringConvertible {
    package let faults: [String]

    package var description: String { faults.joined(separator: "\n") }
}
