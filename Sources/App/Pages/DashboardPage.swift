import Auth
import Days
import Hummingbird
import Operations
import Stats

/// `/sites/{domain}`.
enum DashboardPage {
    struct Content: Page {
        static let template = "dashboard"
        let site: Site
        let mayEdit: Bool
        let snippet: String
        let period: Period
        /// Nil as long as nothing has ever arrived.
        let board: Board?

        var title: String { "\(site.domain) · Mochi" }
        var place: Place? { .sites }
        var model: Model {
            let own: Model = [
                "domain": site.domain, "mayEdit": mayEdit, "timeZone": site.timeZone, "snippet": snippet,
                "neverSeen": board == nil,
                "periods": Period.offered.map { offered in
                    ["id": offered.id, "label": Content.label(offered), "current": offered == period] as Model
                },
                "rangeLabel": board?.rangeLabel ?? "",
                "panels": board?.panels.map(\.model) ?? [],
                "figures": [Model](), "chart": false,
            ]
            return own.merging(board?.model ?? [:]) { _, shown in shown }
        }

        private static func label(_ period: Period) -> String {
            switch period {
            case .last(let days): "\(days) days"
            case .twelveMonths: "12 months"
            default: period.title
            }
        }
    }

    static func show(_ request: Request, _ context: SiteContext, _ web: Web) async throws -> Response {
        let period = try period(of: request)
        let site = context.site.site
        let page = Content(
            site: site, mayEdit: context.site.account.role >= .admin,
            snippet: InstallPage.snippet(key: site.trackingKey, web.configuration), period: period,
            board: try await Board.load(context.site, period, web))
        return web.page(page, for: request, context)
    }

    /// What the URL asks for; a period that is none is the standard one.
    static func period(of request: Request) throws -> Period {
        let query = try Fields(query: request)
        return Period(query["period"], from: query["from"], to: query["to"], date: query["date"]) ?? .standard
    }
}
