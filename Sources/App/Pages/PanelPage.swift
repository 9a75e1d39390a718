import Auth
import HTTPTypes
import Hummingbird
import Stats

/// `/sites/{domain}/panels/{panel}`: one panel as a fragment of a page, and as `.json`.
enum PanelPage {
    static func show(_ request: Request, _ context: SiteContext, _ web: Web) async throws -> Response {
        let name = context.parameters.get("panel") ?? ""
        let isJSON = name.hasSuffix(".json")
        guard let panel = Panel.named(isJSON ? String(name.dropLast(".json".count)) : name) else {
            throw HTTPError(.notFound)
        }
        let period = try DashboardPage.period(of: request)
        let shown = try await Board.panel(panel, context.site, period, web)
        return isJSON
            ? .json(shown.json) : .html(web.templates.render(shown.model, with: "panel"), for: request)
    }
}
