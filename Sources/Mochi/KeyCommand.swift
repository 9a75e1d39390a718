import ArgumentParser
import Auth
import FoundationEssentials
import Logging
import Operations
import Postgres

struct KeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Make, list and revoke the API keys of an account.",
        subcommands: [CreateKeyCommand.self, ListKeysCommand.self, RevokeKeyCommand.self])
}

/// Which account, and how to reach it.
struct KeyOwner: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The e-mail address of the account's owner. [MOCHI_KEY_EMAIL]", valueName: "address"))
    var email: String?

    @Option(
        help: ArgumentHelp(
            "The account's number, where its owner has several. [MOCHI_KEY_ACCOUNT]", valueName: "number"))
    var account: String?

    @OptionGroup var settings: Settings

    /// Runs the body for the account, and prints what it answers as one JSON object.
    func printing<R: Encodable>(
        _ body: (Administration, AccountAccess) async throws -> R
    ) async throws {
        try await reportingFailures {
            let environment = settings.environment
            let configuration = try Configuration(environment: environment)
            guard let email = email ?? environment["MOCHI_KEY_EMAIL"] else {
                throw Failure("Say --email (or MOCHI_KEY_EMAIL): the address of the account's owner.")
            }
            var stated: AccountID?
            if let text = account ?? environment["MOCHI_KEY_ACCOUNT"] {
                guard let number = Int64(text) else { throw Failure("\(text) is no account's number.") }
                stated = AccountID(rawValue: number)
            }
            Log.bootstrap(configuration, process: "admin")
            let logger = Logger(label: "admin")
            let app = configuration.database(for: .app, logger: logger)
            let system = configuration.database(for: .system, logger: logger)
            try await withDatabases([app, system]) {
                let administration = Administration(app: app, system: system, passwords: PasswordHasher())
                let access = try await administration.account(ownedBy: email, stated: stated)
                Terminal.print(try JSON.text(try await body(administration, access)))
            }
        }
    }
}

struct CreateKeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Make an API key; print it as JSON. It is shown this once.")

    @Option(help: ArgumentHelp("What the key is for. [MOCHI_KEY_NAME]", valueName: "name"))
    var name: String?

    @Option(
        help: ArgumentHelp(
            """
            What it may be used for, separated by commas: \
            \(Scope.allCases.map(\.rawValue).joined(separator: ", ")). [MOCHI_KEY_SCOPES]
            """, valueName: "scopes"))
    var scopes: String?

    @OptionGroup var owner: KeyOwner

    private struct Made: Encodable {
        let account_id: String
        let id: String
        let name: String
        let scopes: [String]
        let api_key: String
    }

    func run() async throws {
        try await owner.printing { administration, access in
            let environment = owner.settings.environment
            guard let name = name ?? environment["MOCHI_KEY_NAME"],
                let stated = scopes ?? environment["MOCHI_KEY_SCOPES"]
            else { throw Failure("Say --name (or MOCHI_KEY_NAME) and --scopes (or MOCHI_KEY_SCOPES).") }
            let scopes = try stated.split(separator: ",").map { word in
                guard let scope = Scope(rawValue: String(word.filter { $0 != " " })) else {
                    throw Failure(
                        "\(word) is no scope; there are \(Scope.allCases.map(\.rawValue).joined(separator: ", "))."
                    )
                }
                return scope
            }
            let made = try await administration.createKey(name: name, scopes: scopes, in: access)
            return Made(
                account_id: "\(access.account.rawValue)", id: "\(made.id.rawValue)", name: name,
                scopes: scopes.map(\.rawValue), api_key: made.text)
        }
    }
}

struct ListKeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Print an account's API keys as JSON, without their texts.")

    @OptionGroup var owner: KeyOwner

    private struct Listed: Encodable {
        let account_id: String
        let keys: [Key]
    }

    private struct Key: Encodable {
        let key: ApiKey

        private enum Name: String, CodingKey {
            case id, name, prefix, scopes, created_at, last_used_at, revoked_at
        }

        /// What does not apply is null, not missing.
        func encode(to encoder: any Encoder) throws {
            var object = encoder.container(keyedBy: Name.self)
            try object.encode("\(key.id.rawValue)", forKey: .id)
            try object.encode(key.name, forKey: .name)
            try object.encode(key.prefix, forKey: .prefix)
            try object.encode(key.scopes.map(\.rawValue), forKey: .scopes)
            try object.encode(key.createdAt.formatted(.iso8601), forKey: .created_at)
            try object.encode(key.lastUsedAt?.formatted(.iso8601), forKey: .last_used_at)
            try object.encode(key.revokedAt?.formatted(.iso8601), forKey: .revoked_at)
        }
    }

    func run() async throws {
        try await owner.printing { administration, access in
            let keys = try await administration.listKeys(in: access)
            return Listed(account_id: "\(access.account.rawValue)", keys: keys.map { Key(key: $0) })
        }
    }
}

struct RevokeKeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "Revoke an API key; within a minute no collector takes it any more.")

    @Option(help: ArgumentHelp("The key's number, as list prints it. [MOCHI_KEY_ID]", valueName: "number"))
    var id: String?

    @OptionGroup var owner: KeyOwner

    private struct Revoked: Encodable {
        let account_id: String
        let id: String
        let revoked: Bool
    }

    func run() async throws {
        try await owner.printing { administration, access in
            guard let text = id ?? owner.settings.environment["MOCHI_KEY_ID"], let number = Int64(text) else {
                throw Failure(
                    "Say --id (or MOCHI_KEY_ID): the key's number, as `mochi admin key list` prints it.")
            }
            guard try await administration.revokeKey(ApiKeyID(rawValue: number), in: access) else {
                throw Failure("The account has no key \(number) that is not revoked already.")
            }
            return Revoked(account_id: "\(access.account.rawValue)", id: text, revoked: true)
        }
    }
}
