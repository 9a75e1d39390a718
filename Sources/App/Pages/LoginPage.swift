import Auth
import Days
import HTTPTypes
import Hummingbird
import Operations

/// `/login` and `/logout`.
enum LoginPage {
    static func show(_ request: Request, _ context: PublicContext, _ web: Web) async throws -> Response {
        let query = try? Fields(query: request)
        let next = query?["next"] ?? ""
        let page = page(form(next: next), web, next: next, notice: Notices.text(query?["done"]))
        return web.page(page, for: request, context)
    }

    static func submit(_ request: Request, _ context: PublicContext, _ web: Web) async throws -> Response {
        let fields = context.form
        let email = (try? EmailAddress.normalized(fields["email"])) ?? ""
        let known = KnownDevice(request, web).flatMap { $0.belongs(to: email, web) ? $0 : nil }
        if known == nil { try await requirePatience(email, fields["password"], web) }
        let signedIn = try await web.identity.logIn(
            email: email, password: fields["password"], device: device(request, fields))
        guard let signedIn else {
            _ = try await web.throttle.take(
                .guess, by: Throttle.trace(fields["password"]), now: web.now())
            var form = form(email: fields["email"], next: fields["next"])
            form.problem = "Address or password is wrong."
            return web.page(
                page(form, web, next: fields["next"]), for: request, context, status: .unprocessableContent)
        }
        let next = safePath(fields["next"]) ?? "/sites"
        if signedIn.needsCode {
            return renew(signedIn, next: "/login/code?next=\(Fields.percentEncoded(next))", web)
        }
        return welcome(signedIn, next: next, web)
    }

    /// From browsers that nobody has signed in with: so many tries for one person, and of one password for all.
    private static func requirePatience(_ email: String, _ password: String, _ web: Web) async throws {
        let now = web.now()
        if let wait = try await web.throttle.take(.logInOfPerson, by: email, now: now) {
            throw TooManyRequests(retryAfter: wait)
        }
        if let wait = try await web.throttle.isUsedUp(.guess, by: Throttle.trace(password), now: now) {
            throw TooManyRequests(retryAfter: wait)
        }
    }

    /// What the list of sessions will show.
    static func device(_ request: Request, _ fields: Fields) -> Device {
        Device(
            browser: BrowserName.of(request), country: Zone.country(of: fields["browser_zone"]) ?? "")
    }

    static func logOut(_ request: Request, _ context: MemberContext, _ web: Web) async throws -> Response {
        if let token = context.browser.token { try await web.identity.logOut(token: token.text) }
        var response = Redirect(to: "/").response
        response.headers.append(HTTPField(name: .setCookie, value: web.cookies.endSession()))
        response.headers[HTTPField.Name("Clear-Site-Data")!] = "\"cache\""
        return response
    }

    /// The browser gets the session, and is known from now on.
    static func welcome(_ signedIn: SignedIn, next: String, _ web: Web) -> Response {
        var response = renew(signedIn, next: next, web)
        let device = web.cookies.device(KnownDevice.make(for: signedIn.user.email, web))
        response.headers.append(HTTPField(name: .setCookie, value: device))
        return response
    }

    /// The session has another token.
    static func renew(_ signedIn: SignedIn, next: String, _ web: Web) -> Response {
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
            hidden: (safePath(next).map { [.init(name: "next", value: $0)] } ?? []) + [
                .init(name: "browser_zone", value: "", guessesZone: true)
            ])
    }

    /// What an address carries on to where somebody wanted to go.
    static func carrying(_ next: String) -> String {
        safePath(next).map { "?next=\(Fields.percentEncoded($0))" } ?? ""
    }

    static func page(_ form: Form, _ web: Web, next: String = "", notice: String? = nil) -> EntryPage {
        EntryPage(
            title: "Log in · Mochi", heading: "Log in", notice: notice, form: form,
            other: web.configuration.signUp == .open
                ? .init(question: "New here?", answer: "Create an account", link: "/signup" + carrying(next))
                : nil,
            another: .init(question: "Forgot your password?", answer: "Choose a new one", link: "/forgot"),
            place: .login)
    }
}
