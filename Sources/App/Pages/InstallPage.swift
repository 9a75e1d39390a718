import Auth
import HTTPTypes
import Hummingbird
import Operations
import Stats

/// `/sites/{domain}/install`: the line to paste, and a look-out for the first page view.
enum InstallPage {
    struct Content: Page {
        static let template = "install"
        let domain: String
        let snippet: String
        let hasReceived: Bool

        var title: String { "Script for \(domain) · Mochi" }
        var place: Place? { .sites }
        var model: Model { ["domain": domain, "snippet": snippet, "received": hasReceived] }
    }

    private struct Status: Encodable {
        let received: Bool
    }

    static func show(_ request: Request, _ context: SiteContext, _ web: Web) async throws -> Response {
        let site = context.site.site
        let page = Content(
            domain: site.domain, snippet: snippet(key: site.trackingKey, web.configuration),
            hasReceived: try await web.statistics.hasEvents(context.site))
        return web.page(page, for: request, context)
    }

    static func status(_ request: Request, _ context: SiteContext, _ web: Web) async throws -> Response {
        .json(Status(received: try await web.statistics.hasEvents(context.site)))
    }

    static func snippet(key: String, _ configuration: Configuration) -> String {
        #"<script defer src="\#(configuration.ingestURL)/js/mochi.js" data-key="\#(key)"></script>"#
    }
}
