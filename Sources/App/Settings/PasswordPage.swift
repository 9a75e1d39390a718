import Auth
import HTTPTypes
import Hummingbird

/// `/settings/password`.
enum PasswordPage {
    static func show(_ request: Request, _ context: MemberContext, _ web: Web) async throws -> Response {
        answer(form(), request, context, web)
    }

    static func submit(_ request: Request, _ context: MemberContext, _ web: Web) async throws -> Response {
        do {
            try await PersonTabs.limitPasswords(of: context.session.user, web)
            let signedIn = try await web.identity.changePassword(
                in: context.session, from: context.form["current"], to: context.form["password"]
            ) { [letters = web.letters] connection, user in
                try letters.send(letters.passwordChanged, to: user, in: connection)
            }
            return LoginPage.renew(signedIn, next: "/settings/password?done=password", web)
        } catch let error as FormError {
            var form = form()
            form.mark(error)
            return answer(form, request, context, web, status: .unprocessableContent)
        }
    }

    private static func answer(
        _ form: Form, _ request: Request, _ context: MemberContext, _ web: Web,
        status: HTTPResponse.Status = .ok
    ) -> Response {
        let card = SectionPage.Card(
            id: "password", heading: "Password",
            lead: "Changing it ends all other sessions. You get a mail that says so.", form: form)
        return web.page(PersonTabs.page("password", request, [card]), for: request, context, status: status)
    }

    private static func form() -> Form {
        Form(
            action: "/settings/password", submit: "Change the password",
            fields: [
                PersonTabs.currentPassword,
                .newPassword("New password"),
            ])
    }
}
