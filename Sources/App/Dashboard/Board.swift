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

    static func load(_ site: SiteAccess, _ period: Period, _ web: Web) async throws -> Board {
        let now = web.now()
        let days = period.days(today: today(site.site, now))
        let isShort = days.lowerBound == days.upperBound
        let series = Query(
            site: site, days: days, metrics: [.visitors, .pageViews], dimension: isShort ? .hour : .day)
        async let totals = web.statistics.answer(Query(site: site, days: days, metrics: headline))
        async let buckets = web.statistics.answer(series)
        async let panels = panels(site, days, web)
        return Board(
            period: period, days: days, totals: try await totals.rows[0].figures,
            chart: Chart(rows: try await buckets.rows, now: label(of: now, in: site.site, hourly: isShort)),
            panels: try await panels)
    }

    static func panel(_ panel: Panel, _ site: SiteAccess, _ days: ClosedRange<Day>, _ web: Web) async throws
        -> PanelModel
    {
        let query = Query(site: site, days: days, metrics: panel.metrics, dimension: panel.dimension)
        return PanelModel(panel: panel, answer: try await web.statistics.answer(query))
    }

    private static func panels(_ site: SiteAccess, _ days: ClosedRange<Day>, _ web: Web) async throws
        -> [PanelModel]
    {
        try await withThrowingTaskGroup(of: (Int, PanelModel).self) { group in
            for (index, one) in Panel.all.enumerated() {
                group.addTask { (index, try await panel(one, site, days, web)) }
            }
            var panels: [(Int, PanelModel)] = []
            for try await panel in group { panels.append(panel) }
            return panels.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    // MARK: Time

    static func today(_ site: Site, _ now: Date) -> Day {
        zone(site).day(at: Int64(now.timeIntervalSince1970.rounded(.down)))
    }

    private static func zone(_ site: Site) -> Zone { Zone.named(site.timeZone) ?? .utc }

    /// The name of the bucket that is not over yet.
    private static func label(of now: Date, in site: Site, hourly: Bool) -> String {
        let seconds = Int64(now.timeIntervalSince1970.rounded(.down))
        let day = zone(site).day(at: seconds)
        guard hourly else { return day.description }
        let hour = (seconds + Int64(zone(site).offset(at: seconds)) - Int64(day.rawValue) * 86_400) / 3_600
        return "\(day) \(hour < 10 ? "0" : "")\(hour):00"
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
        case .count: return value < 1_000_000 ? Numbers.whole(Int(value)) : Numbers.short(Int(value))
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
