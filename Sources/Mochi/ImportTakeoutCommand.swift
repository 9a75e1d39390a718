import ArgumentParser
import Auth
import FoundationEssentials
import Ingest
import Logging
import Operations
import Postgres

struct ImportTakeoutCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import-takeout",
        abstract: "Read what an account was downloaded as into an account here; print counts as JSON.",
        discussion: """
            Sites keep their ids and tracking keys: point their scripts here and they go on. All of it is imported, or \
            nothing.
            """)

    @Argument(help: "The file, as it was downloaded or unpacked; - is standard input.")
    var file: String

    @Option(
        help: ArgumentHelp(
            "The e-mail address of the account's owner here. [MOCHI_IMPORT_EMAIL]", valueName: "address"))
    var email: String?

    @Option(
        help: ArgumentHelp(
            "The account's number, where its owner has several. [MOCHI_IMPORT_ACCOUNT]", valueName: "number"))
    var account: String?

    @OptionGroup var settings: Settings

    func run() async throws {
        try await reportingFailures {
            let environment = settings.environment
            let configuration = try Configuration(environment: environment)
            guard let email = email ?? environment["MOCHI_IMPORT_EMAIL"] else {
                throw Failure("Say --email (or MOCHI_IMPORT_EMAIL): the address of the account's owner.")
            }
            var stated: AccountID?
            if let text = account ?? environment["MOCHI_IMPORT_ACCOUNT"] {
                guard let number = Int64(text) else { throw Failure("\(text) is no account's number.") }
                stated = AccountID(rawValue: number)
            }
            Log.bootstrap(configuration, process: "import")
            let logger = Logger(label: "import")
            let app = configuration.database(for: .app, logger: logger)
            let system = configuration.database(for: .system, logger: logger)
            let owner = configuration.database(for: .owner, logger: logger)
            try await withDatabases([app, system, owner]) { [stated] in
                let administration = Administration(app: app, system: system, passwords: PasswordHasher())
                let access = try await administration.account(ownedBy: email, stated: stated)
                let counts = try await Self.read(file, into: access, owner)
                Terminal.print(
                    try JSON.text(["account_id": "\(access.account.rawValue)"].merging(counts) { $1 }))
            }
        }
    }

    /// Rows by table.
    private static func read(
        _ path: String, into access: AccountAccess, _ owner: Database
    ) async throws -> [String: String] {
        try await owner.transaction { connection in
            try connection.execute("SET LOCAL statement_timeout = 0")
            var takeout = try TakeoutImport(into: access, connection)
            // A day of a large site is one line.
            _ = try LogFile(path: path, longestLine: 1 << 30).read { line, _ in
                try takeout.take(String(decoding: line, as: UTF8.self))
            }
            try takeout.finish()
            return takeout.counts.mapValues { "\($0)" }
        }
    }
}
