import Auth
import HTTPTypes
import Hummingbird
import Operations
import Stats

/// `/sites/{domain}`, and what is exchanged of it after a click.
enum DashboardPage {
    struct Content: Page {
        static let template = "dashboard"
        let site: Site
        let audience: Audience
        let snippet: String
        /// Nil as long as nothing has ever arrived.
        let board: Board?
        /// The other sites of the member, for the switcher.
        let others: [String]

        var title: String { "\(site.domain) · Mochi" }
        var place: Place? { audience.isMember ? .sites : nil }
        var model: Model {
            let own: Model = [
                "base": audience.base, "domain": site.domain, "isMember": audience.isMember,
                "canConfigure": audience.canConfigure, "canEdit": audience.canEdit,
                "snippet": snippet, "board": board.map(\.model) ?? false as any Sendable,
                "others": others.enumerated().map { index, domain in
                    [
                        "domain": domain, "current": domain == site.domain,
                        "key": index < 9 ? String(index + 1) : false,
                    ] as Model
                },
            ]
            return own
        }
    }

    /// The script asks for the `board` instead of the whole page.
    static let part = HTTPField.Name("X-Mochi-Part")!

    static func show(_ request: Request, _ context: SiteContext, _ web: Web) async throws -> Response {
        let accounts = context.placement == .everybody ? context.browser.session?.accounts ?? [] : []
        return try await show(request, context, context.site, for: context.audience, web) {
            var others: [String] = []
            for account in accounts where account.role >= .viewer {
                others += try await web.sites.list(in: account).map(\.domain)
            }
            return others
        }
    }

    /// The dashboard of a site for an audience; whoever calls has made sure that it may see it.
    ///
    /// - Parameter others: the domains among which one may change
    static func show(
        _ request: Request, _ context: some BrowserContext, _ site: SiteAccess, for audience: Audience,
        _ web: Web, others: @escaping @Sendable () async throws -> [String] = { [] }
    ) async throws -> Response {
        let state = try BoardState(try Fields(query: request))
        async let others = others()
        let page = Content(
            site: site.site, audience: audience,
            snippet: audience.isMember
                ? InstallPage.snippet(key: site.site.trackingKey, web.configuration) : "",
            board: try await Board.load(site, state, for: audience, web), others: try await others)
        return request.headers[part] == nil
            ? web.page(page, for: request, context) : web.part(page, "board", for: request, context)
    }
}
