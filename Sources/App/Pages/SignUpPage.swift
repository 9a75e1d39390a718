import Auth
import Days
import HTTPTypes
import Hummingbird
import Operations

/// `/signup`: a person and an account of their own.
enum SignUpPage {
    static func show(_ request: Request, _ context: PublicContext, _ web: Web) async throws -> Response {
        guard web.configuration.signUp == .open else {
            return web.page(closed, for: request, context, status: .forbidden)
        }
        let next = (try? Fields(query: request))?["next"] ?? ""
        return web.page(page(form(next: next), next: next), for: request, context)
    }

    static func submit(_ request: Request, _ context: PublicContext, _ web: Web) async throws -> Response {
        guard web.configuration.signUp == .open else {
            return web.page(closed, for: request, context, status: .forbidden)
        }
        return try await signUp(request, context, web) { page($0, next: context.form["next"]) }
    }

    /// - Parameter page: shows the form again.
    static func signUp(
        _ request: Request, _ context: PublicContext, _ web: Web, _ page: (Form) -> EntryPage
    ) async throws -> Response {
        let fields = context.form
        do {
            let signedIn = try await web.identity.signUp(
                email: fields["email"], password: fields["password"], name: fields["name"],
                timeZone: knownZone(fields["time_zone"]),
                device: Device(
                    browser: BrowserName.of(request), country: Zone.country(of: fields["time_zone"]) ?? "")
            ) { [letters = web.letters] connection, newcomer in
                try letters.send(letters.welcome(newcomer), to: newcomer.user, in: connection)
            }
            return LoginPage.welcome(signedIn, next: wanted(fields["next"]) ?? "/sites/new", web)
        } catch let error as FormError {
            var form = form(name: fields["name"], email: fields["email"], next: fields["next"])
            form.mark(error)
            return web.page(page(form), for: request, context, status: .unprocessableContent)
        }
    }

    static func form(name: String = "", email: String = "", next: String = "") -> Form {
        Form(
            action: "/signup", submit: "Create account",
            fields: [
                .init(
                    name: "email", label: "E-mail", kind: .email, value: email, autocomplete: "username",
                    maxLength: 254, isVerbatim: true),
                .newPassword("Password"),
                .init(
                    name: "name", label: "Name (optional)", value: name, autocomplete: "name",
                    isRequired: false),
            ],
            hidden: (wanted(next).map { [.init(name: "next", value: $0)] } ?? []) + [
                .init(name: "time_zone", value: "UTC", guessesZone: true)
            ])
    }

    static func page(_ form: Form, next: String = "") -> EntryPage {
        EntryPage(
            title: "Sign up · Mochi", heading: "Create your account",
            lead: wanted(next) == nil ? "Then add your first site. It takes two minutes." : nil, form: form,
            other: .init(
                question: "Have an account?", answer: "Log in", link: "/login" + LoginPage.carrying(next)))
    }

    /// Of what somebody new can have been sent, what is theirs: a site that is offered to them. Pages of others are not.
    private static func wanted(_ next: String) -> String? {
        LoginPage.safePath(next).flatMap { $0.hasPrefix("/transfers/") ? $0 : nil }
    }

    private static let closed = ErrorPage(
        fault: Fault(
            status: .forbidden, code: "forbidden", heading: "Sign-up is closed here",
            message: "Whoever runs this instance adds accounts by hand. Ask them for one."))

    /// The browser says its zone, in a hidden field that a person cannot correct: what is not known is UTC.
    private static func knownZone(_ name: String) -> String {
        Zones.isKnown(name) ? name : "UTC"
    }
}
