import Auth
import FoundationEssentials
import HTTPTypes
import Hummingbird

/// `/account/keys`: keys for programs, made and revoked.
enum KeysPage {
    /// What a scope lets a program do, as people read it.
    static let scopes: [(scope: Scope, title: String, hint: String)] = [
        (.readStats, "Read statistics", "Ask about visitors: the Stats API and the metrics."),
        (.readSites, "Read sites", "List sites, their settings, and the work on them."),
        (.writeSites, "Change sites", "Add sites, change their settings, erase them."),
        (.writeEvents, "Send events", "Count events from a server, with addresses and past times."),
    ]

    /// The keys of an account that the person looks after.
    struct Holding: Sendable {
        let account: AccountAccess
        let keys: [ApiKey]
    }

    /// What was entered for a new key.
    struct Draft: Sendable {
        var name = ""
        var account: AccountID?
        var chosen: Set<Scope> = [.readStats]
        var error: FormError?
    }

    struct Content: Page {
        static let template = "keys"
        let holdings: [Holding]
        /// The account's other sections.
        let tabs: [SectionPage.Tab]
        var draft = Draft()
        /// The text of the key that was just made: it is shown this once.
        var made: String?

        var title: String { "API keys · Mochi" }
        var place: Place? { .account }
        var model: Model {
            [
                "tabs": tabs.map {
                    $0.model.merging(["current": $0.link == "/account/keys"]) { _, new in new }
                },
                "made": made ?? false, "snippet": made ?? "", "mayMake": !holdings.isEmpty,
                "name": draft.name,
                "nameError": error("name"), "scopesError": error("scopes"),
                "several": holdings.count > 1,
                "accounts": holdings.map { holding in
                    [
                        "id": String(holding.account.account.rawValue), "label": holding.account.accountName,
                        "selected": holding.account.account == draft.account,
                    ] as Model
                },
                "scopes": KeysPage.scopes.map { row in
                    [
                        "scope": row.scope.rawValue, "title": row.title, "hint": row.hint,
                        "checked": draft.chosen.contains(row.scope),
                    ] as Model
                },
                "holdings": holdings.map { holding in
                    let living = holding.keys.filter { $0.revokedAt == nil }
                    let revoked = holding.keys.filter { $0.revokedAt != nil }
                    return [
                        "account": holding.account.accountName,
                        "accountID": String(holding.account.account.rawValue), "any": !living.isEmpty,
                        "keys": living.map(Content.row), "anyRevoked": !revoked.isEmpty,
                        "revoked": revoked.map(Content.row),
                    ] as Model
                },
            ]
        }

        private func error(_ field: String) -> any Sendable {
            draft.error.flatMap { $0.field == field ? $0.message : nil } ?? false
        }

        private static func row(_ key: ApiKey) -> Model {
            [
                "key": String(key.id.rawValue), "keyName": key.name, "prefix": key.prefix,
                "may": key.scopes.map { scope in
                    KeysPage.scopes.first { $0.scope == scope }?.title ?? scope.rawValue
                }.joined(separator: ", "),
                "created": DayText.long(key.createdAt),
                "used": key.lastUsedAt.map { DayText.long($0) } ?? "Never",
                "ended": key.revokedAt.map { DayText.long($0) } ?? "",
            ]
        }
    }

    static func show(_ request: Request, _ context: AccountContext, _ web: Web) async throws -> Response {
        let holdings = try await holdings(context, web)
        return web.page(
            Content(holdings: holdings, tabs: AccountTabs.tabs(of: context.account)), for: request, context)
    }

    static func create(_ request: Request, _ context: AccountContext, _ web: Web) async throws -> Response {
        let form = context.form
        let accounts = try accounts(context)
        let wanted = Int64(form["account"]).map { AccountID(rawValue: $0) }
        let account = accounts.first { $0.account == wanted } ?? (form["account"].isEmpty ? accounts[0] : nil)
        guard let account else { throw HTTPError(.notFound) }
        let chosen = scopes.map(\.scope).filter { form["scope:\($0.rawValue)"] == "on" }
        var draft = Draft(name: form["name"], account: account.account, chosen: Set(chosen))
        do {
            let made = try await web.keys.create(name: form["name"], scopes: chosen, in: account)
            let content = Content(
                holdings: try await holdings(context, web), tabs: AccountTabs.tabs(of: context.account),
                made: made.text)
            return web.page(content, for: request, context, status: .created)
        } catch let error as FormError {
            draft.error = error
            let content = Content(
                holdings: try await holdings(context, web), tabs: AccountTabs.tabs(of: context.account),
                draft: draft)
            return web.page(content, for: request, context, status: .unprocessableContent)
        }
    }

    static func revoke(_ request: Request, _ context: AccountContext, _ web: Web) async throws -> Response {
        let accounts = try accounts(context)
        guard let account = accounts.first(where: { String($0.account.rawValue) == context.form["account"] }),
            let key = Int64(context.form["key"])
        else { throw HTTPError(.notFound) }
        _ = try await web.keys.revoke(ApiKeyID(rawValue: key), in: account)
        throw Redirect(to: "/account/keys")
    }

    /// The person's accounts whose keys are theirs to make.
    private static func accounts(_ context: AccountContext) throws -> [AccountAccess] {
        let accounts = context.session.accounts.filter { $0.role >= .admin }
        guard !accounts.isEmpty else { throw HTTPError(.forbidden) }
        return accounts
    }

    private static func holdings(_ context: AccountContext, _ web: Web) async throws -> [Holding] {
        var holdings: [Holding] = []
        for account in context.session.accounts where account.role >= .admin {
            holdings.append(Holding(account: account, keys: try await web.keys.list(in: account)))
        }
        return holdings
    }
}
