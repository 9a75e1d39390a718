import Auth
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Stats

/// `/sites`: what somebody looks after, with the visitors of the last 24 hours.
enum SitesPage {
    struct Content: Page {
        static let template = "sites"

        struct Entry: Sendable {
            let domain: String
            let name: String
            let visitors: Int
        }
        let sites: [Entry]
        let mayAdd: Bool

        var title: String { "Sites · Mochi" }
        var place: Place? { .sites }
        var model: Model {
            [
                "any": !sites.isEmpty, "mayAdd": mayAdd,
                "sites": sites.map { site in
                    [
                        "domain": site.domain, "name": site.name == site.domain ? false : site.name,
                        "visitors": Numbers.whole(site.visitors),
                        "visitorsWord": site.visitors == 1 ? "visitor" : "visitors",
                    ] as Model
                },
            ]
        }
    }

    static func show(_ request: Request, _ context: MemberContext, _ web: Web) async throws -> Response {
        let since = web.now().addingTimeInterval(-86_400)
        var entries: [Content.Entry] = []
        for account in context.session.accounts where account.role >= .viewer {
            async let sites = web.sites.list(in: account)
            let visitors = try await web.statistics.visitors(since: since, in: account)
            entries += try await sites.map { site in
                .init(domain: site.domain, name: site.name, visitors: visitors[site.id] ?? 0)
            }
        }
        let mayAdd = context.session.accounts.contains { $0.role >= .admin }
        return web.page(Content(sites: entries, mayAdd: mayAdd), for: request, context)
    }
}
