import Auth
import HTTPTypes
import Hummingbird
import Operations

/// `/login` and `/logout`.
enum LoginPage {
    static func show(_ request: Request, _ context: PublicContext, _ web: Web) async throws -> Response {
        let next = (try? Fields(query: request))?["next"] ?? ""
        return web.page(page(form(next: next), web), for: request, context)
    }

    static func submit(_ request: Request, _ context: PublicContext, _ web: Web) async throws -> Response {
        let fields = context.form
        let signedIn = try await web.identity.logIn(
            email: fields["email"], password: fields["password"], browser: BrowserName.of(request))
        guard let signedIn else {
            var form = form(email: fields["email"], next: fields["next"])
            form.problem = "Address or password is wrong."
            return web.page(page(form, web), for: request, context, status: .unprocessableContent)
        }
        return welcome(signedIn, next: safePath(fields["next"]) ?? "/sites", web)
    }

    static func logOut(_ request: Request, _ context: MemberContext, _ web: Web) async throws -> Response {
        if let token = context.browser.token { try await web.identity.logOut(token: token.text) }
        var response = Redirect(to: "/").response
        response.headers.append(HTTPField(name: .setCookie, value: web.cookies.endSession()))
        response.headers[HTTPField.Name("Clear-Site-Data")!] = "\"cache\""
        return response
    }

    /// Every sign-in gets a token of its own, so that one that was planted beforehand is worth nothing.
    static func welcome(_ signedIn: SignedIn, next: String, _ web: Web) -> Response {
        var response = Redirect(to: next).response
        let cookie = web.cookies.session(signedIn.token.text, until: signedIn.expiresAt, now: web.now())
        response.headers.append(HTTPField(name: .setCookie, value: cookie))
        return response
    }

    /// A path on this site, and nothing that a browser would take for another: `//e`, `/\e`, control
    /// characters.
    static func safePath(_ text: String) -> String? {
        let bytes = Array(text.utf8)
        guard bytes.first == UInt8(ascii: "/"), bytes.count <= 2_000,
            bytes.count == 1 || (bytes[1] != UInt8(ascii: "/") && bytes[1] != UInt8(ascii: "\\")),
            bytes.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") })
        else { return nil }
        return text
    }

    static func form(email: String = "", next: String = "") -> Form {
        Form(
            action: "/login", submit: "Log in",
            fields: [
                .init(
                    name: "email", label: "E-mail", kind: .email, value: email, autocomplete: "username",
                    maxLength: 254, isVerbatim: true),
                .init(
                    name: "password", label: "Password", kind: .password, autocomplete: "current-password",
                    maxLength: 256),
            ],
            hidden: safePath(next).map { [.init(name: "next", value: $0)] } ?? [])
    }

    static func page(_ form: Form, _ web: Web) -> EntryPage {
        EntryPage(
            title: "Log in · Mochi", heading: "Log in", form: form,
            other: web.configuration.signUp == .open
                ? .init(question: "New here?", answer: "Create an account", link: "/signup") : nil,
            place: .login)
    }
}
