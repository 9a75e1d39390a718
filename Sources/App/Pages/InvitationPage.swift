import Auth
import Days
import HTTPTypes
import Hummingbird
import Operations

/// `/invitations/{token}`: who is signed in accepts; everybody else logs in or signs up first.
enum InvitationPage {
    static func show(_ request: Request, _ context: PublicContext, _ web: Web) async throws -> Response {
        let (token, invitation) = try await invitation(context, web)
        return try await answer(token, invitation, nil, request, context, web, status: .ok)
    }

    static func submit(_ request: Request, _ context: PublicContext, _ web: Web) async throws -> Response {
        let (token, invitation) = try await invitation(context, web)
        let next = invitation.site.map { "/sites/\($0)" } ?? "/sites"
        if let session = context.browser.session {
            guard try await web.team.accept(token, in: session) else { throw PageError.linkIsOver }
            throw Redirect(to: next)
        }
        guard web.configuration.signUp != .closed else { throw HTTPError(.forbidden) }
        let fields = context.form
        do {
            let zone = Zones.isKnown(fields["time_zone"]) ? fields["time_zone"] : "UTC"
            let signedIn = try await web.team.signUp(
                token, password: fields["password"], name: fields["name"], timeZone: zone,
                device: Device(
                    browser: BrowserName.of(request), country: Zone.country(of: fields["time_zone"]) ?? ""),
                identity: web.identity)
            guard let signedIn else { throw PageError.linkIsOver }
            return LoginPage.welcome(signedIn, next: next, web)
        } catch let error as FormError {
            return try await answer(
                token, invitation, error, request, context, web, status: .unprocessableContent)
        }
    }

    private static func invitation(
        _ context: PublicContext, _ web: Web
    ) async throws -> (token: String, Invitation) {
        let token = context.parameters.get("token") ?? ""
        guard let invitation = try await web.team.invitation(token) else { throw PageError.linkIsOver }
        return (token, invitation)
    }

    private static func answer(
        _ token: String, _ invitation: Invitation, _ error: FormError?, _ request: Request,
        _ context: PublicContext, _ web: Web, status: HTTPResponse.Status
    ) async throws -> Response {
        let page: EntryPage
        if let session = context.browser.session {
            page = self.page(
                invitation,
                Form(action: "/invitations/\(token)", submit: "Join", fields: []),
                note: "You are signed in as \(session.user.email).")
        } else if try await web.team.isKnown(invitation) {
            throw Redirect(to: "/login?next=/invitations/\(token)")
        } else {
            var form = SignUpPage.form(name: context.form["name"])
            form.action = "/invitations/\(token)"
            form.submit = "Create account and join"
            form.fields.removeAll { $0.name == "email" }
            if let error { form.mark(error) }
            page = self.page(
                invitation, form, note: "Your account will have the address \(invitation.email).",
                other: .init(
                    question: "Have an account with another address?", answer: "Log in",
                    link: "/login?next=/invitations/\(token)"))
        }
        var response = web.page(page, for: request, context, status: status)
        response.headers[HTTPField.Name("Referrer-Policy")!] = "no-referrer"
        return response
    }

    static func page(
        _ invitation: Invitation, _ form: Form, note: String, other: EntryPage.Other? = nil
    ) -> EntryPage {
        let what = invitation.site.map { "the dashboard of \($0)" } ?? invitation.accountName
        return EntryPage(
            title: "Invitation · Mochi", heading: "Join \(what)",
            lead: "\(invitation.inviter) invites you as \(invitation.role.title.lowercased()). \(note)",
            form: form, other: other)
    }
}
