import Auth
import HTTPTypes
import Hummingbird

/// `/links/{token}`: what a link in a mail leads to. Looking does nothing, since programs look at mails too: a button
/// does it.
enum LinkPage {
    static func show(_ request: Request, _ context: PublicContext, _ web: Web) async throws -> Response {
        let token = context.parameters.get("token") ?? ""
        guard let link = try await web.identity.link(token) else { throw PageError.linkIsOver }
        return answer(form(link, token), link, request, context, web, status: .ok)
    }

    static func submit(_ request: Request, _ context: PublicContext, _ web: Web) async throws -> Response {
        let token = context.parameters.get("token") ?? ""
        guard let link = try await web.identity.link(token) else { throw PageError.linkIsOver }
        let letters = web.letters
        let isMember = context.browser.session?.user.id == link.user
        switch link.purpose {
        case .confirm:
            guard try await web.identity.confirm(link: token) else { throw PageError.linkIsOver }
            throw Redirect(to: isMember ? "/settings/profile?done=confirmed" : "/login?done=confirmed")
        case .change:
            let isDone = try await web.identity.followChange(link: token) { connection, changed in
                try letters.send(letters.changed(changed), to: changed.before, in: connection)
            }
            guard isDone else { throw PageError.linkIsOver }
            throw Redirect(to: isMember ? "/settings/address?done=changed" : "/login?done=changed")
        case .undo:
            let isDone = try await web.identity.undoChange(link: token) { connection, person in
                try letters.send(letters.forgotten(person), to: person.user, in: connection)
            }
            guard isDone else { throw PageError.linkIsOver }
            throw Redirect(to: "/login?done=undone")
        case .reset:
            do {
                let user = try await web.identity.resetPassword(
                    link: token, to: context.form["password"]
                ) { connection, user in
                    try letters.send(letters.passwordChanged, to: user, in: connection)
                }
                guard user != nil else { throw PageError.linkIsOver }
            } catch let error as FormError {
                var form = form(link, token)
                form.mark(error)
                return answer(form, link, request, context, web, status: .unprocessableContent)
            }
            throw Redirect(to: "/login?done=reset")
        }
    }

    private static func answer(
        _ form: Form, _ link: MailLink, _ request: Request, _ context: PublicContext, _ web: Web,
        status: HTTPResponse.Status
    ) -> Response {
        var response = web.page(page(form, link), for: request, context, status: status)
        // The address of this page is a secret.
        response.headers[HTTPField.Name("Referrer-Policy")!] = "no-referrer"
        return response
    }

    static func form(_ link: MailLink, _ token: String) -> Form {
        let submit =
            switch link.purpose {
            case .confirm: "Confirm"
            case .reset: "Set the new password"
            case .change: "Use this address"
            case .undo: "Undo the change"
            }
        var form = Form(action: "/links/\(token)", submit: submit, fields: [])
        if link.purpose == .reset {
            form.fields = [
                .newPassword("New password")
            ]
        }
        return form
    }

    static func page(_ form: Form, _ link: MailLink) -> EntryPage {
        let (heading, lead) =
            switch link.purpose {
            case .confirm: ("Confirm your address", "\(link.email) becomes the address of your account.")
            case .reset: ("Choose a new password", "For \(link.email). Every session ends.")
            case .change: ("Use another address", "Your account gets the address \(link.email).")
            case .undo:
                (
                    "Undo the change of address",
                    "Your account gets \(link.email) back, every session ends, and you choose a new password."
                )
            }
        return EntryPage(title: "\(heading) · Mochi", heading: heading, lead: lead, form: form)
    }
}

extension PageError {
    static let linkIsOver = PageError(
        status: .notFound, heading: "This link is over",
        message:
            "It was followed before, or has been replaced by a newer one, or is too old. Ask for another.")
}
