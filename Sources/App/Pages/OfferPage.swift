import Auth
import HTTPTypes
import Hummingbird
import Outbound

/// `/transfers/{token}`: takes a site that somebody offers into an account of one's own.
enum OfferPage {
    static func show(_ request: Request, _ context: MemberContext, _ web: Web) async throws -> Response {
        let offer = try await offer(context, web)
        return answer(offer, nil, request, context, web)
    }

    static func submit(_ request: Request, _ context: MemberContext, _ web: Web) async throws -> Response {
        let offer = try await offer(context, web)
        guard let number = Int64(context.form["account"]),
            let target = targets(offer, context).first(where: { $0.account.rawValue == number })
        else { throw HTTPError(.notFound) }
        do {
            let isTaken = try await web.offers.accept(token(context), into: target) {
                connection, offer, account, receiver in
                try SiteJobs.transfer(
                    .init(
                        from: offer.account.rawValue, to: account.rawValue, site: offer.site.rawValue,
                        user: offer.offeredBy.rawValue, receiver: receiver.rawValue), in: connection)
            }
            guard isTaken else { throw PageError.linkIsOver }
        } catch let error as FormError {
            return answer(offer, error, request, context, web, status: .unprocessableContent)
        }
        let page = EntryPage(
            title: "A site for you · Mochi", heading: "\(offer.domain) is on its way",
            lead:
                "It is among the sites of \(target.accountName) within a minute or so, with its history.",
            form: nil, other: .init(question: "Then:", answer: "Your sites", link: "/sites"))
        return web.page(page, for: request, context)
    }

    private static func token(_ context: MemberContext) -> String { context.parameters.get("token") ?? "" }

    private static func offer(_ context: MemberContext, _ web: Web) async throws -> SiteOffer {
        guard let offer = try await web.offers.offer(token(context)) else { throw PageError.linkIsOver }
        return offer
    }

    /// The accounts in which somebody may add sites.
    private static func targets(_ offer: SiteOffer, _ context: MemberContext) -> [AccountAccess] {
        context.session.accounts.filter { $0.role >= .admin && $0.account != offer.account }
    }

    private static func answer(
        _ offer: SiteOffer, _ error: FormError?, _ request: Request, _ context: MemberContext, _ web: Web,
        status: HTTPResponse.Status = .ok
    ) -> Response {
        let targets = targets(offer, context)
        let page = page(
            offer, targets.map { (value: "\($0.account.rawValue)", label: $0.accountName) }, error: error,
            action: "/transfers/\(token(context))", reader: context.session.user.email)
        var response = web.page(page, for: request, context, status: status)
        response.headers[HTTPField.Name("Referrer-Policy")!] = "no-referrer"
        return response
    }

    static func page(
        _ offer: SiteOffer, _ targets: [(value: String, label: String)], error: FormError?, action: String,
        reader: String
    ) -> EntryPage {
        var form: Form?
        if !targets.isEmpty {
            form = Form(
                action: action, submit: "Take the site",
                fields: [
                    .init(
                        name: "account", label: "Account", kind: .choice(targets, guessesZone: false))
                ])
            if let error { form?.mark(error) }
        }
        let what = "\(offer.offerer) gives you \(offer.domain) with its history. Counting goes on."
        return EntryPage(
            title: "A site for you · Mochi", heading: "Take \(offer.domain)",
            lead: "\(what) You are signed in as \(reader)."
                + (targets.isEmpty
                    ? " None of your accounts can take it: you have to be an administrator there." : ""),
            form: form)
    }
}
