import Auth
import HTTPTypes
import Hummingbird
import Outbound

/// `/sites/{domain}/settings/transfer`: gives a site with its history to another account in which one may add sites.
enum TransferPage {
    static func show(_ request: Request, _ context: SiteContext, _ web: Web) async throws -> Response {
        answer(nil, request, context, web)
    }

    static func submit(_ request: Request, _ context: SiteContext, _ web: Web) async throws -> Response {
        do {
            guard let session = context.browser.session else { throw HTTPError(.unauthorized) }
            try await PersonTabs.requirePassword(context.form, of: session.user, web)
            guard let number = Int64(context.form["account"]),
                let target = targets(context).first(where: { $0.account.rawValue == number })
            else { throw HTTPError(.notFound) }
            try await web.sites.transfer(context.site, to: target) { connection, from, to, site, user in
                try SiteJobs.transfer(
                    .init(from: from, to: to, site: site, user: user), in: connection)
            }
        } catch let error as FormError {
            return answer(error, request, context, web, status: .unprocessableContent)
        }
        throw Redirect(to: "/sites")
    }

    private static func targets(_ context: SiteContext) -> [AccountAccess] {
        let own = context.site.account.account
        return (context.browser.session?.accounts ?? []).filter { $0.role >= .admin && $0.account != own }
    }

    private static func answer(
        _ error: FormError?, _ request: Request, _ context: SiteContext, _ web: Web,
        status: HTTPResponse.Status = .ok
    ) -> Response {
        let site = context.site.site
        var card = SectionPage.Card(
            id: "transfer", heading: "Give this site to another account",
            lead:
                "Its history goes along, and counting goes on. Links, guests and invitations end. Choose among your accounts in which you may add sites; to give it to somebody else, have them invite you as an administrator."
        )
        let targets = targets(context)
        if targets.isEmpty {
            card.table = .init(columns: [], rows: [], empty: "You have no other account that could take it.")
        } else {
            var form = Form(
                action: "/sites/\(site.domain)/settings/transfer", submit: "Give it away",
                fields: [
                    .init(
                        name: "account", label: "Account",
                        kind: .choice(
                            targets.map { (value: "\($0.account.rawValue)", label: $0.accountName) },
                            guessesZone: false)),
                    PersonTabs.currentPassword,
                ])
            if let error { form.mark(error) }
            card.form = form
        }
        let page = SectionPage(
            title: "Transfer \(site.domain) · Mochi", heading: "Transfer", place: .sites,
            crumb: .init(label: site.domain, link: "/sites/\(site.domain)"), tabs: SiteTabs.tabs(site),
            current: "/sites/\(site.domain)/settings/transfer", cards: [card])
        return web.page(page, for: request, context, status: status)
    }
}
