import Auth
import Days
import HTTPTypes
import Hummingbird

/// `/setup`: the first person of a new instance, whatever MOCHI_SIGNUP says. As soon as there is one, there is nothing here.
enum SetupPage {
    static func show(_ request: Request, _ context: PublicContext, _ web: Web) async throws -> Response {
        try await requireNew(web)
        return web.page(page(form()), for: request, context)
    }

    static func submit(_ request: Request, _ context: PublicContext, _ web: Web) async throws -> Response {
        try await requireNew(web)
        return try await SignUpPage.signUp(request, context, web) { page($0) }
    }

    private static func requireNew(_ web: Web) async throws {
        guard try await web.identity.isNew() else { throw HTTPError(.notFound) }
    }

    static func form() -> Form {
        var form = SignUpPage.form()
        form.action = "/setup"
        return form
    }

    static func page(_ form: Form) -> EntryPage {
        var form = form
        form.action = "/setup"
        return EntryPage(
            title: "Set up · Mochi", heading: "Welcome to your Mochi",
            lead: "Nobody has an account here yet. Make the first: it owns what you add.", form: form)
    }
}
