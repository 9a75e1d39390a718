import Auth
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Operations

/// `/instance`: accounts, usage and health of the instance, for MOCHI_ADMIN_EMAILS.
enum InstancePage {
    static func show(_ request: Request, _ context: MemberContext, _ web: Web) async throws -> Response {
        try await answer(nil, request, context, web)
    }

    static func release(_ request: Request, _ context: MemberContext, _ web: Web) async throws -> Response {
        guard let instance = web.instance(context.session) else { throw HTTPError(.notFound) }
        do {
            guard try await instance.releaseDomain(context.form["domain"]) else {
                throw FormError("domain", "No site has this domain.")
            }
        } catch let error as FormError {
            return try await answer(error, request, context, web, status: .unprocessableContent)
        }
        throw Redirect(to: "/instance?done=released")
    }

    /// Asks for the password, and the account's name: there is no way back.
    static func deleteAccount(_ request: Request, _ context: MemberContext, _ web: Web) async throws
        -> Response
    {
        guard let instance = web.instance(context.session) else { throw HTTPError(.notFound) }
        do {
            guard let number = Int64(context.form["account"]) else {
                throw FormError("account", "Enter the account’s number.")
            }
            try await PersonTabs.requirePassword(context.form, of: context.session.user, web)
            try await instance.deleteAccount(
                AccountID(rawValue: number), name: context.form["name"], erase: DataPage.erase)
        } catch let error as FormError {
            return try await answer(error, request, context, web, status: .unprocessableContent)
        }
        throw Redirect(to: "/instance?done=erasing")
    }

    private static func answer(
        _ error: FormError?, _ request: Request, _ context: MemberContext, _ web: Web,
        status: HTTPResponse.Status = .ok
    ) async throws -> Response {
        guard let instance = web.instance(context.session) else { throw HTTPError(.notFound) }
        async let accounts = instance.accounts(now: web.now())
        let counts = try await instance.counts()
        var release = Form(
            action: "/instance/release-domain", submit: "Release the domain",
            fields: [
                .init(
                    name: "domain", label: "Domain", value: context.form["domain"],
                    placeholder: "example.com", isVerbatim: true)
            ], isQuiet: true)
        var delete = Form(
            action: "/instance/delete-account", submit: "Delete the account and everything in it",
            fields: [
                .init(
                    name: "account", label: "Number of the account", value: context.form["account"],
                    isVerbatim: true),
                .init(name: "name", label: "Its name, once more", value: context.form["name"]),
                PersonTabs.currentPassword,
            ], isQuiet: true)
        if let error {
            if request.uri.path == delete.action { delete.mark(error) } else { release.mark(error) }
        }
        let page = SectionPage(
            title: "This instance · Mochi", heading: "This instance", place: .person, tabs: [],
            current: "/instance",
            notice: Notices.text((try? Fields(query: request))?["done"]).map { .init(text: $0) },
            cards: [
                .init(id: "health", heading: "Health", table: health(counts, web)),
                .init(
                    id: "accounts", heading: "Accounts",
                    lead: "Those with the most page views in thirty days first; at most 200.",
                    table: .init(
                        columns: ["Account", "Sites", "Page views", "Since"],
                        rows: try await accounts.map(row), empty: "Nobody has signed up yet.")),
                .init(
                    id: "release", heading: "Release a domain",
                    lead:
                        "When somebody has added a domain that is not theirs: their site keeps its figures under another name, and whose domain it is can add it.",
                    form: release),
                .init(
                    id: "delete", heading: "Delete an account",
                    lead:
                        "All its sites and figures are erased, for everybody. Its people stay. There is no way back.",
                    form: delete),
            ])
        return web.page(page, for: request, context, status: status)
    }

    private static func health(_ counts: Instance.Counts, _ web: Web) -> SectionPage.Table {
        let lines: [(String, String)] = [
            ("Sign-up (MOCHI_SIGNUP)", web.configuration.signUp.rawValue),
            ("Mail", web.configuration.smtpURL == nil ? "files in MOCHI_DATA/mail" : "SMTP"),
            ("People", Numbers.whole(Int(counts.people))),
            ("Accounts", Numbers.whole(Int(counts.accounts))), ("Sites", Numbers.whole(Int(counts.sites))),
            ("Jobs that wait or run", Numbers.whole(Int(counts.waitingJobs))),
            ("Jobs that were given up", Numbers.whole(Int(counts.deadJobs))),
            ("Days that cannot be sealed", Numbers.whole(Int(counts.quarantinedDays))),
        ]
        return .init(
            columns: ["What", "State"], rows: lines.map { .init(cells: [.init($0.0), .init($0.1)]) },
            empty: "")
    }

    private static func row(_ account: Instance.Account) -> SectionPage.Row {
        .init(cells: [
            .init(
                account.name, note: "No. \(account.id.rawValue) · \(account.owners.joined(separator: ", "))"),
            .init(
                "\(account.sites.count)",
                note: account.sites.isEmpty ? nil : account.sites.prefix(5).joined(separator: ", ")),
            .init(Numbers.whole(Int(account.pageViews))), .init(DayText.long(account.createdAt)),
        ])
    }
}
