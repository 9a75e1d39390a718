import Auth
import HTTPTypes
import Hummingbird

/// `/share/{slug}/password`.
enum SharePasswordPage {
    static func show(_ request: Request, _ context: PublicContext, _ web: Web) async throws -> Response {
        let opened = try await opened(context, web)
        guard !SharedPages.hasEntered(request, opened, web) else {
            throw Redirect(to: "/share/\(opened.link.slug)")
        }
        return answer(form(opened.link), request, context, web, status: .ok)
    }

    static func submit(_ request: Request, _ context: PublicContext, _ web: Web) async throws -> Response {
        let opened = try await opened(context, web)
        guard try await web.shares.verify(context.form["password"], of: opened) else {
            var form = form(opened.link)
            form.mark(FormError("password", "This is not the password."))
            return answer(form, request, context, web, status: .unprocessableContent)
        }
        var response = Redirect(to: "/share/\(opened.link.slug)").response
        let cookie = web.cookies.proof(
            SharedPages.cookieName(opened.link, web), SharedPages.proof(opened, web), days: 30)
        response.headers.append(HTTPField(name: .setCookie, value: cookie))
        return response
    }

    private static func opened(_ context: PublicContext, _ web: Web) async throws -> ShareLinks.Opened {
        let slug = context.parameters.get("slug") ?? ""
        guard let opened = try await web.shares.open(slug: slug) else { throw HTTPError(.notFound) }
        return opened
    }

    private static func answer(
        _ form: Form, _ request: Request, _ context: PublicContext, _ web: Web, status: HTTPResponse.Status
    ) -> Response {
        let page = EntryPage(
            title: "Shared dashboard · Mochi", heading: "This dashboard has a password",
            lead: "Whoever sent you the link knows it.", form: form)
        var response = web.page(page, for: request, context, status: status)
        SharedPages.mark(&response, .readers(path: ""))
        return response
    }

    private static func form(_ link: ShareLink) -> Form {
        Form(
            action: "/share/\(link.slug)/password", submit: "Show the dashboard",
            fields: [.init(name: "password", label: "Password", kind: .password, maxLength: 256)])
    }
}
