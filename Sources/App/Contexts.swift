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

/// What a page needs to know to be drawn.
protocol BrowserContext: RequestContext {
    var browser: Browser { get }
}

/// Anybody.
struct PublicContext: ChildRequestContext, BrowserContext {
    var coreContext: CoreRequestContextStorage
    let browser: Browser
    let form: Fields
    let requestID: String

    init(context: AppContext) {
        coreContext = context.coreContext
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
}

/// Under `/sites/:domain` there is a site that this member may read; otherwise 404.
struct SiteContext: ChildRequestContext, BrowserContext {
    var coreContext: CoreRequestContextStorage
    let browser: Browser
    let form: Fields
    let session: Session
    let site: SiteAccess

    init(context: AppContext) throws {
        guard let session = context.browser.session else { throw HTTPError(.unauthorized) }
        guard let site = context.site else { throw HTTPError(.notFound) }
        coreContext = context.coreContext
        browser = context.browser
        form = context.form
        self.session = session
        self.site = site
    }
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
