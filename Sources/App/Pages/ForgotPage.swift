import Auth
import HTTPTypes
import Hummingbird

/// `/forgot`: a mail with a link to choose a new password. The answer is the same for every address.
enum ForgotPage {
    static func show(_ request: Request, _ context: PublicContext, _ web: Web) async throws -> Response {
        web.page(page(form()), for: request, context)
    }

    static func submit(_ request: Request, _ context: PublicContext, _ web: Web) async throws -> Response {
        // Only who has an account gets a mail: the answer takes as long without.
        try await web.pace.keep { try await answer(request, context, web) }
    }

    private static func answer(_ request: Request, _ context: PublicContext, _ web: Web) async throws
        -> Response
    {
        do {
            let email = try EmailAddress.normalized(context.form["email"])
            // Who has had several has them still: the answer stays the same.
            if try await web.throttle.take(.mailToAddress, by: email, now: web.now()) == nil {
                try await web.identity.forgotPassword(email: email) {
                    [letters = web.letters] connection, person in
                    try letters.send(letters.forgotten(person), to: person.user, in: connection)
                }
            }
        } catch let error as FormError {
            var form = form(email: context.form["email"])
            form.mark(error)
            return web.page(page(form), for: request, context, status: .unprocessableContent)
        }
        return web.page(
            page(
                form(),
                notice:
                    "If this address has an account, a mail with a link is on its way there. The link is good for one hour."
            ), for: request, context)
    }

    static func form(email: String = "") -> Form {
        Form(
            action: "/forgot", submit: "Send me a link",
            fields: [
                .init(
                    name: "email", label: "E-mail", kind: .email, value: email, autocomplete: "username",
                    maxLength: 254, isVerbatim: true)
            ])
    }

    static func page(_ form: Form, notice: String? = nil) -> EntryPage {
        EntryPage(
            title: "Forgot your password? · Mochi", heading: "Forgot your password?",
            lead: "We send you a link with which you choose a new one.", notice: notice, form: form,
            other: .init(question: "Remembered it?", answer: "Log in", link: "/login"), place: .login)
    }
}
