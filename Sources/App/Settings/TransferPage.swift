import Auth
import HTTPTypes
import Hummingbird
import Outbound

/// `/sites/{domain}/settings/transfer`: gives a site with its history to another account, one's own or somebody else's.
enum TransferPage {
    static func show(_ request: Request, _ context: SiteContext, _ web: Web) async throws -> Response {
        try await answer(nil, request, context, web)
    }

    static func submit(_ request: Request, _ context: SiteContext, _ web: Web) async throws -> Response {
        try await change(request, context, web) { session in
            guard let number = Int64(context.form["account"]),
                let target = targets(context).first(where: { $0.account.rawValue == number })
            else { throw HTTPError(.notFound) }
            try await PersonTabs.requirePassword(context.form, of: session.user, web)
            try await web.sites.transfer(context.site, to: target) { connection, from, to, site, user in
                try SiteJobs.transfer(
                    .init(from: from, to: to, site: site, user: user), in: connection)
            }
            return "/sites"
        }
    }

    static func offer(_ request: Request, _ context: SiteContext, _ web: Web) async throws -> Response {
        try await change(request, context, web) { session in
            let email = context.form["email"]
            try await PersonTabs.requirePassword(context.form, of: session.user, web)
            try await TeamPage.limit(email.lowercased(), context.site.account, web)
            try await web.offers.offer(context.site, to: email, by: session.user) {
                [letters = web.letters] connection, made in
                try letters.send(
                    letters.offer(made), to: made.offer.email, account: made.offer.account, in: connection)
            }
            return "\(path(context))?done=offered"
        }
    }

    static func withdraw(_ request: Request, _ context: SiteContext, _ web: Web) async throws -> Response {
        guard try await web.offers.withdraw(context.site) else { throw HTTPError(.notFound) }
        throw Redirect(to: "\(path(context))?done=withdrawn")
    }

    /// - Parameter body: does it, and says where to go then.
    private static func change(
        _ request: Request, _ context: SiteContext, _ web: Web, _ body: (Session) async throws -> String
    ) async throws -> Response {
        guard let session = context.browser.session else { throw HTTPError(.unauthorized) }
        do {
            throw Redirect(to: try await body(session))
        } catch let error as FormError {
            return try await answer(error, request, context, web, status: .unprocessableContent)
        }
    }

    // MARK: The page

    private static func path(_ context: SiteContext) -> String {
        "/sites/\(context.site.site.domain)/settings/transfer"
    }

    private static func targets(_ context: SiteContext) -> [AccountAccess] {
        let own = context.site.account.account
        return (context.browser.session?.accounts ?? []).filter { $0.role >= .admin && $0.account != own }
    }

    private static func answer(
        _ error: FormError?, _ request: Request, _ context: SiteContext, _ web: Web,
        status: HTTPResponse.Status = .ok
    ) async throws -> Response {
        let site = context.site.site
        let pending = try await web.offers.pending(of: context.site)
        var cards = [pending.map { pendingCard($0, context) } ?? offerCard(context)]
        let targets = targets(context)
        if !targets.isEmpty { cards.append(ownCard(targets, context)) }
        if let error {
            // The form that was sent is the one whose action this is.
            let sent = cards.firstIndex { $0.form?.action == request.uri.path } ?? 0
            cards[sent].form?.mark(error)
        }
        var page = SectionPage(
            title: "Transfer \(site.domain) · Mochi", heading: "Transfer", place: .sites,
            crumb: .init(label: site.domain, link: "/sites/\(site.domain)"), tabs: SiteTabs.tabs(site),
            current: path(context),
            notice: Notices.text((try? Fields(query: request))?["done"]).map { .init(text: $0) }, cards: cards
        )
        // Somebody made an offer in the meantime: there is no form to put it at.
        if let error, cards[0].form == nil, targets.isEmpty {
            page.notice = .init(text: error.message, isGood: false)
        }
        return web.page(page, for: request, context, status: status)
    }

    private static let what =
        "The history goes along, and counting goes on. Links, guests and invitations end, and nothing of it stays here."

    private static func offerCard(_ context: SiteContext) -> SectionPage.Card {
        .init(
            id: "offer", heading: "Give this site to somebody else",
            lead:
                "They get a mail with a link that is good for seven days, and choose which of their accounts takes it. \(what)",
            form: Form(
                action: "\(path(context))/offer", submit: "Offer it",
                fields: [
                    .init(
                        name: "email", label: "Their e-mail", kind: .email, value: context.form["email"],
                        maxLength: 254, isVerbatim: true),
                    PersonTabs.currentPassword,
                ]))
    }

    private static func pendingCard(_ offer: SiteOffer, _ context: SiteContext) -> SectionPage.Card {
        .init(
            id: "offer", heading: "This site is offered to somebody",
            lead: "It is theirs when they follow the link in the mail. Until then nothing changes.",
            table: .init(
                columns: ["To", "Until"],
                rows: [
                    .init(
                        cells: [.init(offer.email), .init(DayText.long(offer.expiresAt))],
                        actions: [.init(label: "Withdraw", path: "\(path(context))/withdraw")])
                ], empty: ""))
    }

    private static func ownCard(_ targets: [AccountAccess], _ context: SiteContext) -> SectionPage.Card {
        .init(
            id: "own", heading: "Move it to another account of yours",
            lead: "These are your accounts in which you may add sites. \(what)",
            form: Form(
                action: path(context), submit: "Move it",
                fields: [
                    .init(
                        name: "account", label: "Account",
                        kind: .choice(
                            targets.map { (value: "\($0.account.rawValue)", label: $0.accountName) },
                            guessesZone: false)),
                    PersonTabs.currentPassword,
                ], isQuiet: true))
    }
}
