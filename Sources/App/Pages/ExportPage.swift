import Auth
import Days
import HTTPTypes
import Hummingbird
import NIOCore
import Stats

/// `/sites/{domain}/export.zip`: the whole dashboard as it is filtered, a CSV for each panel, and the line and the funnels too.
enum ExportPage {
    /// Of each panel.
    static let rows = 10_000
    static let metrics: [Metric] = [
        .visitors, .visits, .pageViews, .events, .viewsPerVisit, .bounceRate, .visitDuration,
    ]

    static func show(_ request: Request, _ context: SiteContext, _ web: Web) async throws -> Response {
        try await show(request, context.site, web)
    }

    static func show(_ request: Request, _ site: SiteAccess, _ web: Web) async throws -> Response {
        let fields = try Fields(query: request)
        let state = try BoardState(fields)
        guard let selection = try await Selection.load(site, state, web) else {
            throw PageError(
                status: .notFound, heading: "There is nothing to export yet",
                message: "As soon as something has been counted, it can be exported here.")
        }
        let panels = Panel.all.filter {
            !$0.isMap && ($0.dimension != .goal || !selection.saved.goals.isEmpty)
        }
        var queries: [PanelQuery] = []
        for panel in panels {
            var query = try PanelQuery(panel, fields)
            (query.search, query.page, query.limit) = ("", 1, rows)
            queries.append(query)
        }
        let plan = BoardPlan(selection, hasCampaignsFrom: site)
        let series = Question(
            span: selection.span, filter: selection.filter, metrics: metrics,
            dimensions: [.time(state.period == .realtime ? .quarter : plan.interval)])
        let questions = [series] + queries.map { $0.question(selection) }
        let answers = try await web.statistics.answer(questions, of: site)

        let (year, month, day) = selection.calendar.today(at: selection.now).date
        var zip = ZipArchive(year: year, month: month, day: day)
        var csv = CSV()
        csv.add([series.dimensions[0].id] + metrics.map(\.id))
        for row in answers[0].rows { csv.add(row.values + row.figures.map { CSV.text($0) }) }
        zip.add("visitors.csv", Array(csv.text.utf8))
        for (index, panel) in panels.enumerated() {
            let answer = PanelQuery.Answer(
                metrics: questions[index + 1].metrics, figures: answers[index + 1], domain: site.site.domain,
                saved: selection.saved)
            zip.add("\(panel.id).csv", Array(PanelFiles.csv(panel, answer).utf8))
        }
        let chart = try await ChartPage.chart(plan, selection, site, web)
        zip.add("chart.csv", Array(ChartFiles.csv(chart).utf8))
        zip.add(
            "chart.svg",
            Array(ChartFiles.svg(chart, title: "\(site.site.domain): \(chart.metric.title)").utf8))
        let funnels = try await FunnelPanelPage.answers(selection, site, web)
        if !funnels.isEmpty {
            zip.add("funnels.csv", Array(FunnelFiles.csv(funnels).utf8))
            zip.add("funnels.svg", Array(FunnelFiles.svg(funnels, domain: site.site.domain).utf8))
        }
        let name =
            "\(site.site.domain)-\(selection.span.days.lowerBound)-\(selection.span.days.upperBound).zip"
        return .file(ByteBuffer(bytes: zip.finished()), name: name, type: "application/zip")
    }
}
