import Auth
import HTTPTypes
import Hummingbird
import Outbound
import Postgres

/// `/account/data` and `/settings/delete`: taking everything along, and going for good.
enum DataPage {
    static func show(_ request: Request, _ context: AccountContext, _ web: Web) async throws -> Response {
        answer(nil, request, context, web)
    }

    static func deleteAccount(_ request: Request, _ context: AccountContext, _ web: Web) async throws
        -> Response
    {
        do {
            try await PersonTabs.requirePassword(context.form, of: context.session.user, web)
            try await web.identity.deleteAccount(
                context.account, name: context.form["name"], erase: DataPage.erase)
        } catch let error as FormError {
            return answer(error, request, context, web, status: .unprocessableContent)
        }
        throw Redirect(to: "/sites?done=erasing")
    }

    static let erase: @Sendable (Connection, AccountID) throws -> Void = { connection, account in
        try SiteJobs.eraseAccount(account.rawValue, in: connection)
    }

    private static func answer(
        _ error: FormError?, _ request: Request, _ context: AccountContext, _ web: Web,
        status: HTTPResponse.Status = .ok
    ) -> Response {
        var form = Form(
            action: "/account/delete", submit: "Delete the account and everything in it",
            fields: [
                .init(
                    name: "name", label: "Name of the account, once more",
                    placeholder: context.account.accountName),
                PersonTabs.currentPassword,
            ], isQuiet: true)
        if let error { form.mark(error) }
        let cards = [
            SectionPage.Card(
                id: "takeout", heading: "Take everything along",
                lead:
                    "One file with the account’s sites, settings, goals and all figures. “mochi import-takeout” reads it on another instance without loss.",
                links: [.init(label: "Download", link: "/account/takeout")]),
            SectionPage.Card(
                id: "delete", heading: "Delete the account",
                lead:
                    "All sites and figures of \(context.account.accountName) are erased, for everybody. There is no way back: download them first.",
                form: form),
        ]
        return web.page(
            AccountTabs.page("data", request, context.account, cards), for: request, context, status: status)
    }

    // MARK: The person

    static func showPerson(_ request: Request, _ context: MemberContext, _ web: Web) async throws -> Response
    {
        personAnswer(nil, request, context, web)
    }

    static func deletePerson(_ request: Request, _ context: MemberContext, _ web: Web) async throws
        -> Response
    {
        let user = context.session.user
        do {
            try await PersonTabs.requirePassword(context.form, of: user, web)
            try await web.identity.deletePerson(user, erase: DataPage.erase) {
                [letters = web.letters] connection in
                try letters.send(letters.deleted, to: user, in: connection)
            }
        } catch let error as FormError {
            return personAnswer(error, request, context, web, status: .unprocessableContent)
        }
        var response = Redirect(to: "/").response
        response.headers.append(HTTPField(name: .setCookie, value: web.cookies.endSession()))
        return response
    }

    private static func personAnswer(
        _ error: FormError?, _ request: Request, _ context: MemberContext, _ web: Web,
        status: HTTPResponse.Status = .ok
    ) -> Response {
        var form = Form(
            action: "/settings/delete", submit: "Delete me", fields: [PersonTabs.currentPassword],
            isQuiet: true)
        if let error { form.mark(error) }
        let alone = context.session.accounts.filter { $0.role == .owner }.map(\.accountName)
        let card = SectionPage.Card(
            id: "delete", heading: "Delete yourself",
            lead:
                "Your name, address, password and sessions are deleted at once. Accounts to which nobody else belongs are erased with their sites and figures\(alone.isEmpty ? "" : " (you own \(alone.joined(separator: ", ")))"). Download them first: Account, Data.",
            form: form, links: [.init(label: "Download your data", link: "/account/data")])
        return web.page(PersonTabs.page("delete", request, [card]), for: request, context, status: status)
    }
}
