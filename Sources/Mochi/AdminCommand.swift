import ArgumentParser
import Auth
import FoundationEssentials
import Logging
import Operations
import Postgres

struct AdminCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "admin", abstract: "Administer the instance.",
        subcommands: [
            BootstrapCommand.self, KeyCommand.self, AccountsCommand.self, ReleaseDomainCommand.self,
        ])
}

struct BootstrapCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bootstrap",
        abstract: "Make a person, their account, a site and an API key; print them as JSON.",
        discussion: "What exists already stays as it is; an API key is made each time.")

    @Option(help: ArgumentHelp("The person's e-mail address. [MOCHI_BOOTSTRAP_EMAIL]", valueName: "address"))
    var email: String?

    @Option(help: ArgumentHelp("The site's domain. [MOCHI_BOOTSTRAP_SITE]", valueName: "domain"))
    var site: String?

    @Option(help: ArgumentHelp("A new site's time zone. [MOCHI_BOOTSTRAP_TIME_ZONE]", valueName: "zone"))
    var timeZone: String?

    @OptionGroup var settings: Settings

    func run() async throws {
        try await reportingFailures {
            let environment = settings.environment
            let configuration = try Configuration(environment: environment)
            guard let email = email ?? environment["MOCHI_BOOTSTRAP_EMAIL"],
                let domain = site ?? environment["MOCHI_BOOTSTRAP_SITE"]
            else {
                throw Failure(
                    "Say --email (or MOCHI_BOOTSTRAP_EMAIL) and --site (or MOCHI_BOOTSTRAP_SITE).")
            }
            Log.bootstrap(configuration, process: "admin")
            let logger = Logger(label: "admin")
            let app = configuration.database(for: .app, logger: logger)
            let system = configuration.database(for: .system, logger: logger)
            try await withDatabases([app, system]) {
                let made = try await Administration(app: app, system: system, passwords: PasswordHasher())
                    .bootstrap(
                        email: email, domain: domain,
                        timeZone: timeZone ?? environment["MOCHI_BOOTSTRAP_TIME_ZONE"] ?? "UTC")
                Terminal.print(try Self.json(made))
            }
        }
    }

    private static func json(_ made: Administration.Bootstrapped) throws -> String {
        // A nil in a dictionary is written, one in a struct is left out.
        let answer: [String: String?] = [
            "account_id": "\(made.account.rawValue)", "user_id": "\(made.user.rawValue)",
            "password": made.password, "site_id": made.site.id.rawValue.uuidString.lowercased(),
            "domain": made.site.domain, "tracking_key": made.site.trackingKey, "api_key": made.apiKey,
        ]
        return try JSON.text(answer)
    }
}
