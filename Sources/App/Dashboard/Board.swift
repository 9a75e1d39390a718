import Auth
import Days
import FoundationEssentials
import Stats

/// Everything that a dashboard shows of one site in one period.
struct Board: Sendable {
    let period: Period
    let days: ClosedRange<Day>
    /// In the order of ``headline``.
    let totals: [Double]
    let chart: Chart
    let panels: [PanelModel]

    static let headline: [Metric] = [.visitors, .visits, .pageViews, .bounceRate, .visitDuration]

    /// Nil as long as nothing has ever arrived.
    static func load(_ site: SiteAccess, _ period: Period, _ web: Web) async throws -> Board? {
        let now = web.now()
        let calendar = try await web.statistics.calendar(site)
        if calendar.firstDay == nil { return nil }
        let span = calendar.span(of: period, at: now)
        let interval = period.interval(for: span.days)
        let questions =
            [
                Question(span: span, metrics: headline),
                Question(span: span, metrics: [.visitors, .pageViews], dimensions: [.time(interval)]),
            ] + Panel.all.map { $0.question(span) }
        let answers = try await web.statistics.answer(questions, of: site)
        return Board(
            period: period, days: span.days, totals: answers[0].rows[0].figures.map { $0.number ?? 0 },
            chart: Chart(
                rows: answers[1].rows, interval: interval, now: calendar.label(of: interval, at: now)),
            panels: zip(Panel.all, answers.dropFirst(2)).map { PanelModel(panel: $0, answer: $1) })
    }

    static func panel(
        _ panel: Panel, _ site: SiteAccess, _ period: Period, _ web: Web
    ) async throws -> PanelModel {
        let span = try await web.statistics.calendar(site).span(of: period, at: web.now())
        return PanelModel(
            panel: panel, answer: try await web.statistics.answer(panel.question(span), of: site))
    }

    // MARK: As a model

    /// `figures` and `chart`, for the templates of those names.
    var model: Model {
        [
            "figures": zip(Board.headline, totals).map { metric, value in
                [
                    "label": metric.title, "value": Board.text(value, metric, isEmpty: totals[0] == 0),
                    "look": metric == .visitors ? "key" : metric == .pageViews ? "under" : false,
                ] as Model
            },
            "chart": chart.model,
        ]
    }

    private static func text(_ value: Double, _ metric: Metric, isEmpty: Bool) -> String {
        switch metric.unit {
        case .count, .ratio, .money:
            return value < 1_000_000 ? Numbers.whole(Int(value)) : Numbers.short(Int(value))
        case .percent: return isEmpty ? "–" : "\(Int(value.rounded()))%"
        case .seconds:
            let seconds = Int(value.rounded())
            return isEmpty ? "–" : seconds < 60 ? "\(seconds)s" : "\(seconds / 60)m \(seconds % 60)s"
        }
    }

    var rangeLabel: String {
        days.lowerBound == days.upperBound
            ? DayText.long(days.lowerBound)
            : "\(DayText.long(days.lowerBound)) to \(DayText.long(days.upperBound))"
    }
}
