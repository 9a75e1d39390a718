import Auth
import HTTPTypes
import Hummingbird
import Stats

/// `/sites/{domain}/panels/funnels`: all funnels, as a page and as `.json`, `.csv`, `.svg`.
enum FunnelPanelPage {
    static let name = "funnels"
    /// Of a page; a site has fewer.
    static let most = 50

    struct Content: Page {
        static let template = "funnel-panel"
        let domain: String
        let audience: Audience
        let state: BoardState
        let saved: SavedQuestions
        let funnels: [FunnelFiles.Answer]

        var title: String { "Funnels · \(domain) · Mochi" }
        var place: Place? { audience.isMember ? .sites : nil }

        private func address(_ ending: String) -> String {
            audience.base + "/panels/\(FunnelPanelPage.name)\(ending)" + state.query
        }

        var model: Model {
            [
                "domain": domain, "back": audience.base + state.query,
                "period": PeriodMenu.title(state.period), "filters": FilterBar.model(state, saved, audience),
                "any": !funnels.isEmpty, "funnels": funnels.map { ConductBox.funnel($0.saved, $0.figures) },
                "edit": audience.canEdit ? audience.base + "/funnels" : false as any Sendable,
                "csv": address(".csv"), "json": address(".json"), "svg": address(".svg"),
            ]
        }
    }

    static func load(_ site: SiteAccess, _ state: BoardState, for audience: Audience, _ web: Web) async throws
        -> Content
    {
        guard let selection = try await Selection.load(site, state, web) else {
            return Content(
                domain: site.site.domain, audience: audience, state: state, saved: SavedQuestions(),
                funnels: [])
        }
        return Content(
            domain: site.site.domain, audience: audience, state: state, saved: selection.saved,
            funnels: try await answers(selection, site, web))
    }

    /// The figures of every funnel of the selection.
    static func answers(_ selection: Selection, _ site: SiteAccess, _ web: Web) async throws
        -> [FunnelFiles.Answer]
    {
        let saved = Array(selection.saved.funnels.filter { $0.funnel.steps.count > 1 }.prefix(most))
        let questions = saved.map {
            FunnelQuestion($0.funnel, span: selection.span, filter: selection.filter.withoutGoals)
        }
        guard !questions.isEmpty else { return [] }
        let answers = try await web.statistics.asked([], funnels: questions, of: site)
        return zip(saved, answers.funnels).map { (saved: $0, figures: $1) }
    }

    static func show(
        _ request: Request, _ context: some BrowserContext, _ site: SiteAccess, as ending: String,
        for audience: Audience, _ web: Web
    ) async throws -> Response {
        let page = try await load(site, try BoardState(try Fields(query: request)), for: audience, web)
        return PanelFiles.response(
            ending, name: "\(page.domain)-\(name)", json: FunnelFiles.json(page.funnels),
            csv: FunnelFiles.csv(page.funnels), svg: FunnelFiles.svg(page.funnels, domain: page.domain))
            ?? web.page(page, for: request, context)
    }
}
