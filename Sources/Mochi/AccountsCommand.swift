import ArgumentParser
import Auth
import FoundationEssentials
import Logging
import Operations
import Outbound
import Postgres

struct AccountsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accounts", abstract: "List and delete accounts, whosever they are.",
        subcommands: [ListAccountsCommand.self, DeleteAccountCommand.self])
}

/// How to reach the instance.
struct InstanceSettings: ParsableArguments {
    @OptionGroup var settings: Settings

    /// Runs the body, and prints what it answers as one JSON object. What was entered wrong is a failure with a sentence.
    func printing<R: Encodable>(_ body: (Auth.Instance) async throws -> R) async throws {
        try await reportingFailures {
            let configuration = try Configuration(environment: settings.environment)
            Log.bootstrap(configuration, process: "admin")
            let logger = Logger(label: "admin")
            let app = configuration.database(for: .app, logger: logger)
            let system = configuration.database(for: .system, logger: logger)
            try await withDatabases([app, system]) {
                let administration = Administration(app: app, system: system, passwords: PasswordHasher())
                Terminal.print(try JSON.text(try await body(administration.instance)))
            }
        }
    }

    func account(_ stated: String?) throws -> AccountID {
        guard let text = stated ?? settings.environment["MOCHI_ACCOUNT"] else {
            throw Failure(
                "Say --account (or MOCHI_ACCOUNT): the number that `mochi admin accounts list` prints.")
        }
        guard let number = Int64(text) else { throw Failure("\(text) is no account's number.") }
        return AccountID(rawValue: number)
    }
}

struct ListAccountsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Print the accounts as JSON, those with the most page views of thirty days first.")

    @Option(
        help: ArgumentHelp("At most so many. [MOCHI_ACCOUNTS_LIMIT] (default: 1000)", valueName: "number"))
    var limit: String?

    @OptionGroup var instance: InstanceSettings

    private struct Listed: Encodable {
        struct Account: Encodable {
            let account_id: String
            let name: String
            let owners: [String]
            let sites: [String]
            /// Of the last thirty days.
            let page_views: Int64
            let created_at: String
        }
        let people: Int64
        let accounts: [Account]
    }

    func run() async throws {
        try await instance.printing { instance in
            let stated = limit ?? self.instance.settings.environment["MOCHI_ACCOUNTS_LIMIT"] ?? "1000"
            guard let most = Int64(stated), (1...1_000_000).contains(most) else {
                throw Failure("The limit is a number from 1 to 1000000, not \(stated).")
            }
            return Listed(
                people: try await instance.counts().people,
                accounts: try await instance.accounts(now: Date(), limit: most).map {
                    .init(
                        account_id: "\($0.id.rawValue)", name: $0.name, owners: $0.owners, sites: $0.sites,
                        page_views: $0.pageViews, created_at: $0.createdAt.formatted(.iso8601))
                })
        }
    }
}

struct DeleteAccountCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete an account with all its sites and figures; its people stay.",
        discussion: "Nobody sees it from then on, and a worker erases what was counted. There is no way back."
    )

    @Option(help: ArgumentHelp("The account's number. [MOCHI_ACCOUNT]", valueName: "number"))
    var account: String?

    @Option(
        help: ArgumentHelp("Its name, so that it is the right one. [MOCHI_ACCOUNT_NAME]", valueName: "name"))
    var name: String?

    @OptionGroup var instance: InstanceSettings

    private struct Deleted: Encodable {
        let account_id: String
        let deleted: Bool
    }

    func run() async throws {
        try await instance.printing { instance in
            let id = try self.instance.account(account)
            guard let name = name ?? self.instance.settings.environment["MOCHI_ACCOUNT_NAME"] else {
                throw Failure(
                    "Say --name (or MOCHI_ACCOUNT_NAME): the account's name, so that it is the right one.")
            }
            try await instance.deleteAccount(id, name: name) { connection, account in
                try SiteJobs.eraseAccount(account.rawValue, in: connection)
            }
            return Deleted(account_id: "\(id.rawValue)", deleted: true)
        }
    }
}

struct ReleaseDomainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release-domain",
        abstract: "Take a domain off the site that has it, so that whose it is can add it.",
        discussion: "The site keeps its figures and goes on under another name.")

    @Option(help: ArgumentHelp("The domain. [MOCHI_DOMAIN]", valueName: "domain"))
    var domain: String?

    @OptionGroup var instance: InstanceSettings

    private struct Released: Encodable {
        let domain: String
        let released: Bool
    }

    func run() async throws {
        try await instance.printing { instance in
            guard let domain = domain ?? self.instance.settings.environment["MOCHI_DOMAIN"] else {
                throw Failure("Say --domain (or MOCHI_DOMAIN).")
            }
            guard try await instance.releaseDomain(domain) else {
                throw Failure("No site has the domain \(domain).")
            }
            return Released(domain: domain, released: true)
        }
    }
}
