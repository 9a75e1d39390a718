import Auth
import HTTPTypes
import Hummingbird

/// `/settings/two-factor`: codes of an authenticator besides the password.
enum TwoFactorPage {
    static func show(_ request: Request, _ context: MemberContext, _ web: Web) async throws -> Response {
        try await answer(request, context, web)
    }

    static func begin(_ request: Request, _ context: MemberContext, _ web: Web) async throws -> Response {
        try await change(request, context, web) {
            try await PersonTabs.requirePassword(context.form, of: context.session.user, web)
            try await web.twoFactor.begin(for: context.session.user.id)
            throw Redirect(to: "/settings/two-factor")
        }
    }

    static func turnOn(_ request: Request, _ context: MemberContext, _ web: Web) async throws -> Response {
        try await change(request, context, web) {
            try await limitCodes(context, web)
            let user = context.session.user
            let done = try await web.twoFactor.turnOn(code: context.form["code"], in: context.session) {
                [letters = web.letters] connection in
                try letters.send(letters.twoFactor(isOn: true), to: user, in: connection)
            }
            guard let done else { throw wrongCode }
            var response = web.page(
                codesPage(done.recoveryCodes, request), for: request,
                // What the page's forms are tied to is the token that the browser gets with it.
                MemberContext(context, token: done.signedIn.token))
            let cookie = web.cookies.session(
                done.signedIn.token.text, until: done.signedIn.expiresAt, now: web.now())
            response.headers.append(HTTPField(name: .setCookie, value: cookie))
            return response
        }
    }

    static func renewCodes(_ request: Request, _ context: MemberContext, _ web: Web) async throws -> Response
    {
        try await change(request, context, web) {
            try await limitCodes(context, web)
            let codes = try await web.twoFactor.renewRecoveryCodes(
                code: context.form["code"], of: context.session.user.id)
            guard let codes else { throw wrongCode }
            return web.page(codesPage(codes, request), for: request, context)
        }
    }

    static func turnOff(_ request: Request, _ context: MemberContext, _ web: Web) async throws -> Response {
        try await change(request, context, web) {
            let user = context.session.user
            try await PersonTabs.requirePassword(context.form, of: user, web)
            try await limitCodes(context, web)
            let isDone = try await web.twoFactor.turnOff(code: context.form["code"], of: user.id) {
                [letters = web.letters] connection in
                try letters.send(letters.twoFactor(isOn: false), to: user, in: connection)
            }
            guard isDone else { throw wrongCode }
            throw Redirect(to: "/settings/two-factor?done=saved")
        }
    }

    private static let wrongCode = FormError(
        "code", "This is not the code. It counts once, for half a minute.")

    private static func limitCodes(_ context: MemberContext, _ web: Web) async throws {
        let who = "\(context.session.user.id.rawValue)"
        if let wait = try await web.throttle.take(.code, by: who, now: web.now()) {
            throw TooManyRequests(retryAfter: wait)
        }
    }

    private static func change(
        _ request: Request, _ context: MemberContext, _ web: Web, _ body: () async throws -> Response
    ) async throws -> Response {
        do {
            return try await body()
        } catch let error as FormError {
            return try await answer(request, context, web, error: error, status: .unprocessableContent)
        }
    }

    // MARK: The page

    private static func answer(
        _ request: Request, _ context: MemberContext, _ web: Web, error: FormError? = nil,
        status: HTTPResponse.Status = .ok
    ) async throws -> Response {
        let user = context.session.user
        var cards: [SectionPage.Card]
        switch try await web.twoFactor.state(of: user.id) {
        case .off: cards = [offCard]
        case .pending(let secret): cards = [pendingCard(secret, user)]
        case .on(let codes): cards = onCards(codes)
        }
        if let error {
            // The form that was sent is the one whose action this is.
            let sent = cards.firstIndex { $0.form?.action == request.uri.path } ?? 0
            cards[sent].form?.mark(error)
        }
        return web.page(
            PersonTabs.page("two-factor", request, cards), for: request, context, status: status)
    }

    private static let offCard = SectionPage.Card(
        id: "off", heading: "Two-factor sign-in is off",
        lead: "With it, signing in takes a code of an app on your phone besides the password.",
        form: Form(
            action: "/settings/two-factor/begin", submit: "Set it up", fields: [PersonTabs.currentPassword]))

    private static func pendingCard(_ secret: String, _ user: User) -> SectionPage.Card {
        let name = Fields.percentEncoded("Mochi:\(user.email)")
        let link = "otpauth://totp/\(name)?secret=\(secret)&issuer=Mochi"
        return .init(
            id: "pending", heading: "Put this into your authenticator",
            lead:
                "Scan this with the app on your phone, open the link there, or type the secret in. Then enter the code that it shows.",
            code: QRCode(link),
            secret: stride(from: 0, to: secret.count, by: 4).map {
                String(secret.dropFirst($0).prefix(4))
            }.joined(separator: " "),
            form: Form(action: "/settings/two-factor/on", submit: "Turn it on", fields: [codeField]),
            links: [.init(label: "Open in an authenticator", link: link)])
    }

    private static func onCards(_ codes: Int) -> [SectionPage.Card] {
        [
            .init(
                id: "codes", heading: "Two-factor sign-in is on",
                lead: "You have \(codes) recovery codes left. Each lets you in once without your phone.",
                form: Form(
                    action: "/settings/two-factor/codes", submit: "Make new recovery codes",
                    fields: [codeField], isQuiet: true)),
            .init(
                id: "off", heading: "Turn it off",
                form: Form(
                    action: "/settings/two-factor/off", submit: "Turn it off",
                    fields: [PersonTabs.currentPassword, codeField], isQuiet: true)),
        ]
    }

    private static func codesPage(_ codes: [String], _ request: Request) -> SectionPage {
        var page = PersonTabs.page(
            "two-factor", request,
            [
                .init(
                    id: "codes", heading: "Your recovery codes",
                    lead:
                        "Keep them somewhere safe: they are shown this once. Each lets you in once when your phone is gone.",
                    secret: codes.joined(separator: "\n"),
                    links: [.init(label: "I have kept them", link: "/settings/two-factor")])
            ])
        page.notice = .init(text: "Two-factor sign-in is on.")
        return page
    }

    private static let codeField = Form.Field(
        name: "code", label: "Code", autocomplete: "one-time-code", maxLength: 32, isVerbatim: true)
}
