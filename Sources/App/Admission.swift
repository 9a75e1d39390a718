import Auth
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Operations
import Postgres

/// What happens between the router and a handler, the same for every row of the table: throttle, session,
/// origin and token, role.
enum Admission {
    /// A form's fields, all of them together.
    static let bodyLimit = 64 * 1024

    static func admit(
        _ request: Request, _ context: AppContext, to route: Route, web: Web
    ) async throws -> AppContext {
        var context = context
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > bodyLimit {
            throw HTTPError(.contentTooLarge)
        }
        if let limit = route.limit { try await throttle(limit, request, context, web) }
        switch route.rule {
        case .stateless:
            break
        case .key, .siteKey:
            try await admitKey(request, &context, to: route, web)
        case .shared:
            context.browser = try await Browser(request, web)
            try await SharedPages.admit(request, &context, web)
        case .embedded:
            try await SharedPages.admit(request, &context, web)
        case .anyone, .visitor, .member, .site, .reader, .account, .administrator:
            try await admitBrowser(request, &context, to: route, web)
        }
        return context
    }

    /// A browser in which somebody has signed in before counts for itself, all others by their address.
    private static func throttle(
        _ limit: Throttle.Limit, _ request: Request, _ context: AppContext, _ web: Web
    ) async throws {
        let subject: [UInt8]
        if let device = KnownDevice(request, web) {
            subject = Array(device.nonce.utf8)
        } else {
            subject = Throttle.network(
                ClientAddress.bytes(
                    request, peer: context.peer, trusting: web.configuration.trustedProxies))
        }
        if let wait = try await web.throttle.take(limit, by: subject, now: web.now()) {
            throw TooManyRequests(retryAfter: wait)
        }
    }

    // MARK: Browsers

    private static func admitBrowser(
        _ request: Request, _ context: inout AppContext, to route: Route, _ web: Web
    ) async throws {
        do {
            context.browser = try await Browser(request, web)
        } catch is DatabaseError where route.rule == .anyone {
            // A page for anyone is there when the database is not.
        }
        if route.needsCSRFToken {
            guard web.csrf.isSameOrigin(request) else { throw PageError.crossSite }
        }
        if route.rule == .reader {
            if let found = try await readable(request, context, web) {
                context.site = found
            } else {
                try await SharedPages.admitToPublicSite(request, &context, web)
            }
            return
        }
        try requireSession(request, context.browser, route.rule)
        if route.needsCSRFToken {
            context.form = try await Fields(form: request, limit: bodyLimit)
            guard web.csrf.isValid(context.form["csrf"], for: context.browser.formSecret) else {
                throw PageError.expiredForm
            }
        }
        if route.rule == .administrator {
            guard let session = context.browser.session, web.instance(session) != nil else {
                throw HTTPError(.notFound)
            }
        }
        if case .account(let least) = route.rule {
            guard let account = context.browser.session?.account else { throw HTTPError(.notFound) }
            guard account.role >= least else { throw HTTPError(.forbidden) }
            context.account = account
        }
        if case .site(let least) = route.rule {
            context.site = try await site(request, context, least: least, web)
        }
    }

    static func requireSession(_ request: Request, _ browser: Browser, _ rule: AccessRule) throws {
        switch rule {
        case .visitor where browser.session != nil:
            throw Redirect(to: "/sites")
        case .member, .site, .account, .administrator:
            guard browser.session == nil else { return }
            if Format(of: request) == .json { throw HTTPError(.unauthorized) }
            let isPage = request.method == .get || request.method == .head
            throw Redirect(to: isPage ? "/login?next=\(Fields.percentEncoded(request.uri.string))" : "/login")
        default:
            break
        }
    }

    private static func site(
        _ request: Request, _ context: AppContext, least: Role, _ web: Web
    ) async throws -> SiteAccess {
        guard let found = try await readable(request, context, web) else { throw HTTPError(.notFound) }
        guard found.account.role >= least else { throw HTTPError(.forbidden) }
        return found
    }

    /// The site in the path, if who asks belongs to its account.
    private static func readable(
        _ request: Request, _ context: AppContext, _ web: Web
    ) async throws -> SiteAccess? {
        guard let session = context.browser.session, let name = siteName(context) else { return nil }
        let id = UUID(uuidString: name).map { SiteID(rawValue: $0) }
        for account in session.accounts {
            let found =
                if let id {
                    try await web.sites.find(id: id, in: account)
                } else {
                    try await web.sites.find(domain: name.lowercased(), in: account)
                }
            guard let found else { continue }
            guard account.role >= .viewer else { throw HTTPError(.forbidden) }
            // An id, or a domain in capitals, leads to the one address that the page has.
            guard found.site.domain == name else {
                throw Redirect(to: canonical(request, found.site, name: name))
            }
            return found
        }
        for guest in session.guestSites {
            guard let found = try await web.sites.find(guest),
                found.site.domain == name.lowercased() || found.site.id == id
            else { continue }
            guard found.site.domain == name else {
                throw Redirect(to: canonical(request, found.site, name: name))
            }
            return found
        }
        return nil
    }

    /// Whether whoever has the token may read the site still: nobody has ended the session, or taken the role.
    static func mayStillRead(_ site: SiteAccess, token: Token, _ web: Web) async throws -> Bool {
        guard let session = try await web.identity.session(token: token.text) else { return false }
        if let account = session.accounts.first(where: { $0.account == site.account.account }) {
            guard account.role >= .viewer else { return false }
            return try await web.sites.find(id: site.site.id, in: account) != nil
        }
        for guest in session.guestSites where try await web.sites.find(guest)?.site.id == site.site.id {
            return true
        }
        return false
    }

    static func siteName(_ context: AppContext) -> String? {
        context.parameters.get("domain").flatMap { Fields.percentDecoded($0) }
    }

    private static func canonical(_ request: Request, _ site: Site, name: String) -> String {
        let rest = request.uri.path.dropFirst("/sites/".count).drop { $0 != "/" }
        return "/sites/\(site.domain)\(rest)" + (request.uri.query.map { "?\($0)" } ?? "")
    }

    // MARK: Programs

    private static func admitKey(
        _ request: Request, _ context: inout AppContext, to route: Route, _ web: Web
    ) async throws {
        let scope: Scope
        switch route.rule {
        case .key(let wanted), .siteKey(let wanted): scope = wanted
        default: return
        }
        guard let key = request.bearer, let account = try await web.keys.authenticate(key, scope: scope)
        else {
            let address = ClientAddress.bytes(
                request, peer: context.peer, trusting: web.configuration.trustedProxies)
            guard web.keyRates.take(.stranger, address) else { throw TooManyRequests(retryAfter: 60) }
            throw APIError(
                .unauthorized, "unauthorized",
                "Send an API key that may do this: Authorization: Bearer mochi_…")
        }
        guard web.keyRates.take(.key, Array(key.utf8)) else { throw TooManyRequests(retryAfter: 60) }
        context.account = account
        if case .siteKey = route.rule, let id = context.parameters.get("id").flatMap({ UUID(uuidString: $0) })
        {
            context.site = try await web.sites.find(id: SiteID(rawValue: id), in: account)
        }
    }
}

extension Browser {
    init(_ request: Request, _ web: Web) async throws {
        self.init()
        formCookie = request.cookies[web.cookies.formName]?.value
        guard let token = request.cookies[web.cookies.sessionName].flatMap({ Token($0.value) }) else {
            return
        }
        session = try await web.identity.session(token: token.text)
        if session != nil { self.token = token }
    }
}
