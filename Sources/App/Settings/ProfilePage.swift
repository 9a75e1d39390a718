import Auth
import HTTPTypes
import Hummingbird

/// `/settings/profile`: name, time zone, and whether the address is confirmed.
enum ProfilePage {
    static func show(_ request: Request, _ context: MemberContext, _ web: Web) async throws -> Response {
        let user = context.session.user
        return answer(form(name: user.name, timeZone: user.timeZone), request, context, web)
    }

    static func submit(_ request: Request, _ context: MemberContext, _ web: Web) async throws -> Response {
        let fields = context.form
        do {
            try await web.identity.changeProfile(
                of: context.session.user.id, name: fields["name"], timeZone: fields["time_zone"])
        } catch let error as FormError {
            var form = form(name: fields["name"], timeZone: fields["time_zone"])
            form.mark(error)
            return answer(form, request, context, web, status: .unprocessableContent)
        }
        throw Redirect(to: "/settings/profile?done=saved")
    }

    static func resend(_ request: Request, _ context: MemberContext, _ web: Web) async throws -> Response {
        let user = context.session.user
        if let wait = try await web.throttle.take(.mailToAddress, by: user.email, now: web.now()) {
            throw TooManyRequests(retryAfter: wait)
        }
        try await web.identity.resendConfirmation(for: user) { [letters = web.letters] connection, newcomer in
            try letters.send(letters.welcome(newcomer), to: user, in: connection)
        }
        throw Redirect(to: "/settings/profile?done=sent")
    }

    private static func answer(
        _ form: Form, _ request: Request, _ context: MemberContext, _ web: Web,
        status: HTTPResponse.Status = .ok
    ) -> Response {
        let user = context.session.user
        var cards: [SectionPage.Card] = [.init(id: "profile", heading: "You", lead: user.email, form: form)]
        if user.emailConfirmedAt == nil {
            cards.insert(
                .init(
                    id: "confirm", heading: "Confirm your address",
                    lead:
                        "We have sent a link to \(user.email). Follow it, so that you can invite others and get a new password if you forget yours.",
                    form: Form(
                        action: "/settings/profile/confirm", submit: "Send the link again", fields: [],
                        isQuiet: true)), at: 0)
        }
        if web.instance(context.session) != nil {
            cards.append(
                .init(
                    id: "instance", heading: "You run this instance",
                    links: [.init(label: "Accounts, usage and health", link: "/instance")]))
        }
        return web.page(PersonTabs.page("profile", request, cards), for: request, context, status: status)
    }

    private static func form(name: String, timeZone: String) -> Form {
        Form(
            action: "/settings/profile", submit: "Save",
            fields: [
                .init(name: "name", label: "Name", value: name, autocomplete: "name", isRequired: false),
                .init(
                    name: "time_zone", label: "Time zone", kind: .choice(Zones.choices, guessesZone: false),
                    value: timeZone),
            ])
    }
}
