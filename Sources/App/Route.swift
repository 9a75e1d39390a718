import Auth
import HTTPTypes
import Hummingbird

/// One row of ``Routes``: method, path, who may ask, how often, and what answers.
struct Route: Sendable {
    let method: HTTPRequest.Method
    /// In Hummingbird's notation: `/sites/:domain`.
    let path: String
    let rule: AccessRule
    let limit: Throttle.Limit?
    let answer: @Sendable (Request, AppContext, Web) async throws -> Response

    private init<Context>(
        _ method: HTTPRequest.Method, _ path: String, _ access: Access<Context>, limit: Throttle.Limit?,
        _ handler: @escaping @Sendable (Request, Context, Web) async throws -> Response
    ) {
        self.method = method
        self.path = path
        self.rule = access.rule
        self.limit = limit
        self.answer = { request, context, web in try await handler(request, Context(context: context), web) }
    }

    static func get<Context>(
        _ path: String, _ access: Access<Context>,
        _ handler: @escaping @Sendable (Request, Context, Web) async throws -> Response
    ) -> Route {
        Route(.get, path, access, limit: nil, handler)
    }

    static func post<Context>(
        _ path: String, _ access: Access<Context>, limit: Throttle.Limit? = nil,
        _ handler: @escaping @Sendable (Request, Context, Web) async throws -> Response
    ) -> Route {
        Route(.post, path, access, limit: limit, handler)
    }

    static func patch<Context>(
        _ path: String, _ access: Access<Context>,
        _ handler: @escaping @Sendable (Request, Context, Web) async throws -> Response
    ) -> Route {
        Route(.patch, path, access, limit: nil, handler)
    }

    static func delete<Context>(
        _ path: String, _ access: Access<Context>,
        _ handler: @escaping @Sendable (Request, Context, Web) async throws -> Response
    ) -> Route {
        Route(.delete, path, access, limit: nil, handler)
    }

    /// Whether a form's body must carry a token: whatever changes something on the strength of a cookie.
    var needsCSRFToken: Bool {
        guard method != .get else { return false }
        switch rule {
        case .stateless, .key, .siteKey: return false
        case .anyone, .visitor, .member, .site, .reader, .shared, .embedded, .account, .administrator:
            return true
        }
    }

    /// Puts the rows into a router. HEAD comes with GET.
    static func register(_ routes: [Route], in router: Router<AppContext>, web: Web) {
        for route in routes {
            router.on(RouterPath(route.path), method: route.method) { request, context in
                let admitted = try await Admission.admit(request, context, to: route, web: web)
                var response = try await route.answer(request, admitted, web)
                SharedPages.mark(&response, admitted.placement)
                return response
            }
        }
    }
}

/// Who may ask, and with that the context that a handler gets: a handler for members cannot be put behind
/// `.anyone`.
struct Access<Context: ChildRequestContext>: Sendable where Context.ParentContext == AppContext {
    let rule: AccessRule
}

enum AccessRule: Sendable, Equatable {
    /// Files and health: neither session nor database.
    case stateless
    case anyone
    /// Somebody who is not signed in; members are led to their sites.
    case visitor
    case member
    /// A member whose role in the site's account is at least this.
    case site(Role)
    /// A member whose role in the account that they have chosen is at least this.
    case account(Role)
    /// Somebody of MOCHI_ADMIN_EMAILS; for everybody else there is nothing here.
    case administrator
    /// Whoever may look at the site's dashboard: members, guests, and anybody if it is public.
    case reader
    /// Somebody who has a link to the dashboard, and its password if there is one.
    case shared
    /// The same in a frame of another site: without any cookie.
    case embedded
    /// A program with an API key that has this scope.
    case key(Scope)
    /// The same for the site in the path.
    case siteKey(Scope)

    /// Who that is, for people: docs/security.md has a line for each row of ``Routes``.
    var meaning: String {
        switch self {
        case .stateless: "anybody, without a session"
        case .anyone: "anybody"
        case .visitor: "who is not signed in"
        case .member: "who is signed in"
        case .site(let least): "\(least) or above of the site’s account; a guest of that role"
        case .account(let least): "\(least) or above of the account"
        case .administrator: "`MOCHI_ADMIN_EMAILS`, confirmed"
        case .reader: "viewer or above of the site’s account; a guest; anybody if it is public"
        case .shared: "who has the link, and its password if there is one"
        case .embedded: "who has the link, in a frame of an origin that it names"
        case .key(let scope): "a key with `\(scope.rawValue)`"
        case .siteKey(let scope): "a key with `\(scope.rawValue)`, of the site’s account"
        }
    }
}

extension Access where Context == PublicContext {
    static var stateless: Self { .init(rule: .stateless) }
    static var anyone: Self { .init(rule: .anyone) }
    static var visitor: Self { .init(rule: .visitor) }
}

extension Access where Context == MemberContext {
    static var member: Self { .init(rule: .member) }
    static var administrator: Self { .init(rule: .administrator) }
}

extension Access where Context == AccountContext {
    static func account(_ least: Role) -> Self { .init(rule: .account(least)) }
}

extension Access where Context == SiteContext {
    static func site(_ least: Role) -> Self { .init(rule: .site(least)) }
    static var reader: Self { .init(rule: .reader) }
    static var shared: Self { .init(rule: .shared) }
    static var embedded: Self { .init(rule: .embedded) }
}

extension Access where Context == KeyContext {
    static func key(_ scope: Scope) -> Self { .init(rule: .key(scope)) }
}

extension Access where Context == SiteKeyContext {
    static func siteKey(_ scope: Scope) -> Self { .init(rule: .siteKey(scope)) }
}
