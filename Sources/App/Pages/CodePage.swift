import Auth
import HTTPTypes
import Hummingbird

/// `/login/code`: the second step of signing in, for those who have turned it on.
enum CodePage {
    static func show(_ request: Request, _ context: PublicContext, _ web: Web) async throws -> Response {
        guard let token = token(request, web), try await web.twoFactor.waiting(token: token) != nil else {
            throw Redirect(to: "/login")
        }
        let next = (try? Fields(query: request))?["next"] ?? ""
        return web.page(page(form(next: next)), for: request, context)
    }

    static func submit(_ request: Request, _ context: PublicContext, _ web: Web) async throws -> Response {
        guard let token = token(request, web), let user = try await web.twoFactor.waiting(token: token) else {
            throw Redirect(to: "/login")
        }
        if let wait = try await web.throttle.take(.code, by: "\(user.rawValue)", now: web.now()) {
            throw TooManyRequests(retryAfter: wait)
        }
        let fields = context.form
        guard let signedIn = try await web.twoFactor.enter(code: fields["code"], token: token) else {
            var form = form(next: fields["next"])
            form.mark(
                FormError("code", "This is not the code. It changes every half minute, and counts once."))
            return web.page(page(form), for: request, context, status: .unprocessableContent)
        }
        return LoginPage.welcome(signedIn, next: LoginPage.safePath(fields["next"]) ?? "/sites", web)
    }

    private static func token(_ request: Request, _ web: Web) -> String? {
        request.cookies[web.cookies.sessionName]?.value
    }

    static func form(next: String) -> Form {
        Form(
            action: "/login/code", submit: "Log in",
            fields: [
                .init(
                    name: "code", label: "Code", autocomplete: "one-time-code",
                    hint: "Six digits of your authenticator, or one of your recovery codes.", maxLength: 32,
                    isVerbatim: true)
            ], hidden: LoginPage.safePath(next).map { [.init(name: "next", value: $0)] } ?? [])
    }

    static func page(_ form: Form) -> EntryPage {
        EntryPage(
            title: "Log in · Mochi", heading: "One more step", form: form,
            other: .init(question: "Somebody else?", answer: "Start again", link: "/login"), place: .login)
    }
}
