import Auth
import HTTPTypes
import Hummingbird
import Stats

/// `/sites/{domain}/panels/chart`: the line alone, as a page and as `.json`, `.csv`, `.svg`.
enum ChartPage {
    static let name = "chart"

    struct Content: Page {
        static let template = "chart-page"
        let domain: String
        let audience: Audience
        let state: BoardState
        let saved: SavedQuestions
        let chart: Chart
        let metrics: [Metric]
        let intervals: [Dimension.Interval]

        var title: String { "\(chart.metric.title) · \(domain) · Mochi" }
        var place: Place? { audience.isMember ? .sites : nil }

        private func address(_ state: BoardState, as ending: String = "") -> String {
            audience.base + "/panels/\(ChartPage.name)\(ending)" + state.query
        }

        var model: Model {
            [
                "domain": domain, "back": audience.base + state.query, "heading": chart.metric.title,
                "period": PeriodMenu.title(state.period), "filters": FilterBar.model(state, saved, audience),
                "chart": chart.model(isOpen: true), "any": !chart.buckets.isEmpty,
                "metrics": metrics.map { metric in
                    [
                        "label": metric.title, "current": metric == chart.metric,
                        "href": address(state.with { $0.metric = metric }),
                    ] as Model
                },
                "hasIntervals": intervals.count > 1,
                "intervals": intervals.map { interval in
                    [
                        "label": Chart.unit(interval), "current": interval == chart.interval,
                        "href": address(state.with { $0.interval = interval }),
                    ] as Model
                },
                "csv": address(state, as: ".csv"), "json": address(state, as: ".json"),
                "svg": address(state, as: ".svg"),
            ]
        }
    }

    /// What is drawn; without any piece of time as long as nothing has ever arrived.
    static func load(_ site: SiteAccess, _ state: BoardState, for audience: Audience, _ web: Web) async throws
        -> Content
    {
        guard let selection = try await Selection.load(site, state, web) else {
            return Content(
                domain: site.site.domain, audience: audience, state: state, saved: SavedQuestions(),
                chart: Chart(state.metric, .day, buckets: []), metrics: [], intervals: [])
        }
        let plan = BoardPlan(selection, hasCampaignsFrom: site)
        let chart = try await chart(plan, selection, site, web)
        return Content(
            domain: site.site.domain, audience: audience, state: state, saved: selection.saved, chart: chart,
            metrics: plan.headline.filter { $0.unit != .money }, intervals: plan.intervals)
    }

    static func chart(
        _ plan: BoardPlan, _ selection: Selection, _ site: SiteAccess, _ web: Web
    ) async throws -> Chart {
        async let annotations = web.annotations.list(selection.span.days, of: site)
        let asked = plan.questionsOfChart()
        let figures = try await web.statistics.answer(asked.questions, of: site)
        var chart = plan.chart(asked, figures)
        chart.annotate(try await annotations)
        return chart
    }

    static func show(
        _ request: Request, _ context: some BrowserContext, _ site: SiteAccess, as ending: String,
        for audience: Audience, _ web: Web
    ) async throws -> Response {
        let page = try await load(site, try BoardState(try Fields(query: request)), for: audience, web)
        return PanelFiles.response(
            ending, name: "\(page.domain)-\(name)", json: ChartFiles.json(page.chart),
            csv: ChartFiles.csv(page.chart),
            svg: ChartFiles.svg(page.chart, title: "\(page.domain): \(page.chart.metric.title)"))
            ?? web.page(page, for: request, context)
    }
}
