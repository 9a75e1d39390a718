import Auth
import HTTPTypes
import Hummingbird

/// `/account/general`: the account's name, which of one's accounts is shown, and leaving it.
enum AccountPage {
    static func show(_ request: Request, _ context: AccountContext, _ web: Web) async throws -> Response {
        answer(request, context, web)
    }

    static func rename(_ request: Request, _ context: AccountContext, _ web: Web) async throws -> Response {
        do {
            try await web.team.rename(to: context.form["name"], in: context.account)
        } catch let error as FormError {
            return answer(request, context, web, error: error, status: .unprocessableContent)
        }
        throw Redirect(to: "/account/general?done=saved")
    }

    static func leave(_ request: Request, _ context: AccountContext, _ web: Web) async throws -> Response {
        do {
            _ = try await web.team.remove(context.session.user.id, in: context.account)
        } catch let error as FormError {
            return answer(request, context, web, error: error, status: .unprocessableContent)
        }
        throw Redirect(to: "/sites")
    }

    /// Shows another of one's accounts from now on.
    static func choose(_ request: Request, _ context: MemberContext, _ web: Web) async throws -> Response {
        guard let number = Int64(context.form["account"]),
            try await web.identity.choose(AccountID(rawValue: number), in: context.session)
        else { throw HTTPError(.notFound) }
        throw Redirect(to: LoginPage.safePath(context.form["next"]) ?? "/sites")
    }

    private static func answer(
        _ request: Request, _ context: AccountContext, _ web: Web, error: FormError? = nil,
        status: HTTPResponse.Status = .ok
    ) -> Response {
        let account = context.account
        var cards: [SectionPage.Card] = []
        if account.role >= .admin {
            var form = Form(
                action: "/account/general", submit: "Save",
                fields: [.init(name: "name", label: "Name of the account", value: account.accountName)])
            if let error, error.field == "name" { form.mark(error) }
            cards.append(.init(id: "name", heading: "Name", form: form))
        }
        cards.append(
            .init(
                id: "role", heading: "You here",
                lead: "You are \(account.role.title.lowercased()): \(account.role.meaning)."))
        if context.session.accounts.count > 1 {
            cards.append(
                .init(
                    id: "accounts", heading: "Your accounts",
                    table: .init(
                        columns: ["Account", "Your role"],
                        rows: context.session.accounts.map { row($0, current: account) }, empty: "")))
        }
        var leave = Form(action: "/account/leave", submit: "Leave this account", fields: [], isQuiet: true)
        if let error, error.field != "name" { leave.problem = error.message }
        cards.append(
            .init(
                id: "leave", heading: "Leave",
                lead: "You lose access at once. API keys that you made here stop working.", form: leave))
        return web.page(
            AccountTabs.page("general", request, account, cards), for: request, context, status: status)
    }

    private static func row(_ account: AccountAccess, current: AccountAccess) -> SectionPage.Row {
        let isCurrent = account.account == current.account
        return .init(
            cells: [
                .init(account.accountName, note: isCurrent ? "this one" : nil), .init(account.role.title),
            ],
            actions: isCurrent
                ? []
                : [
                    .init(
                        label: "Switch", path: "/account/switch",
                        fields: [
                            (name: "account", value: "\(account.account.rawValue)"),
                            (name: "next", value: "/account/general"),
                        ])
                ])
    }
}
