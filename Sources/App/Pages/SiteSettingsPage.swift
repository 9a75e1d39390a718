import Auth
import FoundationEssentials
import HTTPTypes
import Hummingbird

/// `/sites/{domain}/settings/general`.
enum SiteSettingsPage {
    struct Content: Page {
        static let template = "settings"
        let site: Site

        var title: String { "Settings of \(site.domain) · Mochi" }
        var place: Place? { .sites }
        var model: Model {
            [
                "domain": site.domain, "name": site.name, "timeZone": site.timeZone,
                "trackingKey": site.trackingKey, "id": site.id.rawValue.uuidString.lowercased(),
                "added": DayText.long(site.createdAt),
            ]
        }
    }

    static func show(_ request: Request, _ context: SiteContext, _ web: Web) async throws -> Response {
        web.page(Content(site: context.site.site), for: request, context)
    }
}
