import Auth
import HTTPTypes
import Hummingbird

/// `/settings/address`: another e-mail address. It is theirs when they have followed the link that goes there; the old
/// one learns of it, with a way back.
enum AddressPage {
    static func show(_ request: Request, _ context: MemberContext, _ web: Web) async throws -> Response {
        answer(form(), request, context, web)
    }

    static func submit(_ request: Request, _ context: MemberContext, _ web: Web) async throws -> Response {
        do {
            try await PersonTabs.requirePassword(context.form, of: context.session.user, web)
            if let wait = try await web.throttle.take(
                .mailToAddress, by: context.form["email"].lowercased(), now: web.now())
            {
                throw TooManyRequests(retryAfter: wait)
            }
            try await web.identity.changeEmail(of: context.session.user, to: context.form["email"]) {
                [letters = web.letters] connection, email, link in
                try letters.send(letters.changing(to: link), to: email, in: connection)
            }
        } catch let error as FormError {
            var form = form(email: context.form["email"])
            form.mark(error)
            return answer(form, request, context, web, status: .unprocessableContent)
        }
        throw Redirect(to: "/settings/address?done=sent")
    }

    private static func answer(
        _ form: Form, _ request: Request, _ context: MemberContext, _ web: Web,
        status: HTTPResponse.Status = .ok
    ) -> Response {
        let card = SectionPage.Card(
            id: "address", heading: "E-mail address",
            lead:
                "It is \(context.session.user.email). We send a link to the new one; the old one gets a notice, and a way back for seven days.",
            form: form)
        return web.page(PersonTabs.page("address", request, [card]), for: request, context, status: status)
    }

    private static func form(email: String = "") -> Form {
        Form(
            action: "/settings/address", submit: "Send the link",
            fields: [
                .init(
                    name: "email", label: "New address", kind: .email, value: email, autocomplete: "email",
                    maxLength: 254, isVerbatim: true),
                PersonTabs.currentPassword,
            ])
    }
}
