import Auth
import HTTPTypes
import Hummingbird
import NIOCore

/// What the table finds out about a request before a handler sees it.
struct AppContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// Where the connection comes from. Never logged, never stored.
    let peer: SocketAddress?
    var requestID = ""
    var browser = Browser()
    var form = Fields()
    var account: AccountAccess?
    var site: SiteAccess?
    var placement = Placement.everybody

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        peer = source.channel.remoteAddress
    }
}

/// The browser that asks: its cookies, and who has signed in there.
struct Browser: Sendable {
    /// The session's token, if it is valid.
    var token: Token?
    var session: Session?
    /// What ties forms to a browser in which nobody has signed in.
    var formCookie: String?

    /// What this browser's form tokens are made from.
    var formSecret: String? { token?.text ?? formCookie }
}

/// Where a page is shown, and to whom.
enum Placement: Sendable, Hashable {
    /// Members see their menu, all others what there is for them.
    case everybody
    /// Readers of a dashboard that its owner shares: by a link, or as a public site.
    case readers(path: String)
    /// The same in a frame on a page of one of these origins; the theme is "", "light" or "dark".
    case embedded(path: String, origins: [String], theme: String)
}

/// What a page needs to know to be drawn.
protocol BrowserContext: RequestContext {
    var browser: Browser { get }
    var placement: Placement { get }
}

extension BrowserContext {
    var placement: Placement { .everybody }
}

/// Anybody.
struct PublicContext: ChildRequestContext, BrowserContext {
    var coreContext: CoreRequestContextStorage
    let browser: Browser
    let form: Fields
    let requestID: String
    let peer: SocketAddress?

    init(context: AppContext) {
        coreContext = context.coreContext
        peer = context.peer
        browser = context.browser
        form = context.form
        requestID = context.requestID
    }
}

/// Somebody is signed in; otherwise to the login page.
struct MemberContext: ChildRequestContext, BrowserContext {
    var coreContext: CoreRequestContextStorage
    let browser: Browser
    let form: Fields
    let session: Session

    init(context: AppContext) throws {
        guard let session = context.browser.session else { throw HTTPError(.unauthorized) }
        coreContext = context.coreContext
        browser = context.browser
        form = context.form
        self.session = session
    }

    /// The same member, whose session has another token by now.
    init(_ context: MemberContext, token: Token) {
        coreContext = context.coreContext
        browser = Browser(token: token, session: context.session)
        form = context.form
        session = context.session
    }
}

/// Under `/account` there is an account that this member belongs to; otherwise 404.
struct AccountContext: ChildRequestContext, BrowserContext {
    var coreContext: CoreRequestContextStorage
    let browser: Browser
    let form: Fields
    let session: Session
    let account: AccountAccess

    init(context: AppContext) throws {
        guard let session = context.browser.session else { throw HTTPError(.unauthorized) }
        guard let account = context.account else { throw HTTPError(.notFound) }
        coreContext = context.coreContext
        browser = context.browser
        form = context.form
        self.session = session
        self.account = account
    }
}

/// There is a site that this member, or this reader of a shared dashboard, may read; otherwise 404.
struct SiteContext: ChildRequestContext, BrowserContext {
    var coreContext: CoreRequestContextStorage
    let browser: Browser
    let form: Fields
    let site: SiteAccess
    let placement: Placement

    init(context: AppContext) throws {
        guard let site = context.site else { throw HTTPError(.notFound) }
        coreContext = context.coreContext
        browser = context.browser
        form = context.form
        placement = context.placement
        self.site = site
    }

    /// Where the site's dashboard lies for this reader: `/sites/example.com`, `/share/…`, `/embed/…`.
    var path: String {
        switch placement {
        case .everybody: "/sites/\(site.site.domain)"
        case .readers(let path), .embedded(let path, _, _): path
        }
    }

    /// Who looks at it there.
    var audience: Audience { placement == .everybody ? Audience(site) : Audience(base: path) }
}

/// A program with a key; otherwise 401.
struct KeyContext: ChildRequestContext {
    var coreContext: CoreRequestContextStorage
    let account: AccountAccess

    init(context: AppContext) throws {
        guard let account = context.account else { throw HTTPError(.unauthorized) }
        coreContext = context.coreContext
        self.account = account
    }
}

/// Under `/api/sites/:id` there is a site of the key's account; otherwise 404.
struct SiteKeyContext: ChildRequestContext {
    var coreContext: CoreRequestContextStorage
    let site: SiteAccess

    init(context: AppContext) throws {
        guard context.account != nil else { throw HTTPError(.unauthorized) }
        guard let site = context.site else { throw HTTPError(.notFound) }
        coreContext = context.coreContext
        self.site = site
    }
}
