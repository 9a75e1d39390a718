import Auth
import Days
import FoundationEssentials
import Stats

/// The questions of a dashboard, all of them asked at once, and where their answers go.
struct BoardPlan: Sendable {
    let selection: Selection
    let headline: [Metric]
    let metric: Metric
    let interval: Dimension.Interval
    let intervals: [Dimension.Interval]
    let groups: [(group: Panel.Group, panel: Panel, shown: Panel)]

    /// Questions by their places.
    struct Asked {
        var questions: [Question] = []
        var funnels: [FunnelQuestion] = []
        var funnelsShown: [SiteGoals.SavedFunnel] = []
        var totals = 0
        var comparedTotals: Int?
        var everybody = 0
        var live = 0
        var campaigns = 0
        var customEvents = 0
        var series = 0..<0
        var comparedSeries: Int?
        var panels: [Int] = []
        var conduct: Int?
        var conductTab: ConductBox.Tab?
        var property: String?
        var propertyKeys: [String] = []

        mutating func add(_ question: Question) -> Int {
            questions.append(question)
            return questions.count - 1
        }
    }

    static let liveSeconds: Int64 = 300

    init(_ selection: Selection, hasCampaignsFrom site: SiteAccess) {
        self.selection = selection
        let hasMoney = selection.saved.goals.contains { $0.currency != nil }
        headline = HeadlineFigure.metrics(for: selection, hasMoney: hasMoney)
        let wanted = selection.state.metric
        metric = headline.contains(wanted) && wanted.unit != .money ? wanted : .visitors
        let intervals = BoardPlan.intervals(selection.state.period, selection.span.days)
        self.intervals = intervals
        let standard = selection.state.period.interval(for: selection.span.days)
        interval = selection.state.interval.flatMap { intervals.contains($0) ? $0 : nil } ?? standard
        groups = Panel.Group.all.map { group in
            let panel = PanelBox.open(group, selection.state)
            return (group, panel, PanelBox.shown(panel, selection.filter))
        }
    }

    /// Which pieces suit a period: no line of two points, and none of thousands.
    static func intervals(_ period: Period, _ days: ClosedRange<Day>) -> [Dimension.Interval] {
        if period == .realtime { return [] }
        return switch days.lowerBound.distance(to: days.upperBound) + 1 {
        case ...2: [.quarter, .hour]
        case ...14: [.hour, .day]
        case ...31: [.day, .week]
        case ...400: [.day, .week, .month]
        default: [.week, .month]
        }
    }

    /// In a line, the rate of a day is of that day's visitors.
    private var seriesMetric: Metric { metric == .conversionRate ? .groupConversionRate : metric }

    var opensProperties: Bool { selection.state.tabs.contains(ConductBox.Tab.properties.rawValue) }

    func questions(propertyKeys: [String]) -> Asked {
        var asked = Asked()
        let (span, filter) = (selection.span, selection.filter)
        asked.totals = asked.add(Question(span: span, filter: filter, metrics: headline))
        asked.everybody = asked.add(PanelBox.everybody(selection))
        if let compared = selection.compared {
            asked.comparedTotals = asked.add(Question(span: compared, filter: filter, metrics: headline))
        }
        let second = Int64(selection.now.timeIntervalSince1970.rounded(.down))
        asked.live = asked.add(
            Question(
                span: windowed(second - BoardPlan.liveSeconds + 1..<second + 1), filter: filter,
                metrics: [.visitors]))
        asked.campaigns = asked.add(PanelBox.campaigns(selection))
        asked.customEvents = asked.add(
            Question(span: span, metrics: [.events], dimensions: [.event], limit: 2))
        addSeries(&asked, second)
        asked.panels = groups.map { asked.add(PanelBox.question($0.shown, selection)) }
        addConduct(&asked, propertyKeys)
        return asked
    }

    /// The line alone.
    func questionsOfChart() -> Asked {
        var asked = Asked()
        addSeries(&asked, Int64(selection.now.timeIntervalSince1970.rounded(.down)))
        return asked
    }

    private func windowed(_ window: Range<Int64>) -> Span {
        let history = selection.calendar.history
        return Span(
            days: history.localDay(at: window.lowerBound)
                .day...history.localDay(at: window.upperBound - 1).day,
            window: window)
    }

    private func addSeries(_ asked: inout Asked, _ second: Int64) {
        let filter = selection.filter
        let start = asked.questions.count
        if selection.state.period == .realtime {
            // Minutes are no dimension: thirty small questions of today's block are answered as quickly.
            let minute = second - second % 60
            for back in stride(from: Int64(29), through: 0, by: -1) {
                let from = minute - back * 60
                _ = asked.add(
                    Question(span: windowed(from..<from + 60), filter: filter, metrics: [seriesMetric]))
            }
        } else {
            let time = Dimension.time(interval)
            _ = asked.add(
                Question(span: selection.span, filter: filter, metrics: [seriesMetric], dimensions: [time]))
            if let compared = selection.compared {
                asked.comparedSeries = asked.add(
                    Question(
                        span: whole(compared), filter: filter, metrics: [seriesMetric], dimensions: [time]))
            }
        }
        asked.series = start..<asked.questions.count
    }

    /// A line behind today's goes on to the end of its days; figures are compared up to the same time of day.
    private func whole(_ compared: Span) -> Span {
        selection.span.window == nil ? Span(days: compared.days) : compared
    }

    private func addConduct(_ asked: inout Asked, _ propertyKeys: [String]) {
        let (span, filter, saved) = (selection.span, selection.filter, selection.saved)
        let wanted = ConductBox.Tab.allCases.first { selection.state.tabs.contains($0.rawValue) }
        let tab = wanted ?? (saved.goals.isEmpty ? saved.funnels.isEmpty ? .events : .funnels : .goals)
        asked.conductTab = tab
        switch tab {
        case .goals:
            guard !saved.goals.isEmpty else { return }
            asked.conduct = asked.add(
                Question(
                    span: span, filter: filter.withoutGoals, metrics: ConductBox.metrics, dimensions: [.goal],
                    goals: saved.goals.prefix(Question.Limit.goals).map(\.goal), limit: ConductBox.mostRows))
        case .events:
            asked.conduct = asked.add(
                Question(
                    span: span, filter: filter, metrics: ConductBox.metricsOfEvents, dimensions: [.event],
                    limit: ConductBox.mostRows))
        case .properties:
            asked.propertyKeys = Array(propertyKeys.prefix(50))
            let chosen =
                selection.state.property.flatMap { propertyKeys.contains($0) ? $0 : nil }
                ?? propertyKeys.first
            asked.property = chosen
            guard let chosen else { return }
            asked.conduct = asked.add(
                Question(
                    span: span, filter: filter, metrics: ConductBox.metricsOfEvents,
                    dimensions: [.property(chosen)], limit: 12))
        case .funnels:
            asked.funnelsShown = Array(
                saved.funnels.filter { $0.funnel.steps.count > 1 }.prefix(ConductBox.mostFunnels))
            asked.funnels = asked.funnelsShown.map {
                FunnelQuestion($0.funnel, span: span, filter: filter.withoutGoals)
            }
        }
    }

    // MARK: Answers

    func board(
        _ asked: Asked, _ figures: [Figures], _ funnels: [FunnelFigures], audience: Audience, site: Site,
        annotations: [Annotations.Annotation], inexact: [Day]
    ) -> Board {
        let everybody = figures[asked.everybody].rows[0].figures[0].number ?? 0
        let totals = figures[asked.totals].rows[0].figures
        let compared = asked.comparedTotals.map { figures[$0].rows[0].figures }
        var chart = chart(asked, figures)
        chart.annotate(annotations)
        return Board(
            state: selection.state, audience: audience, domain: site.domain, timeZone: site.timeZone,
            days: selection.span.days, comparedDays: selection.compared?.days,
            headline: headline.enumerated().map { index, metric in
                HeadlineFigure(
                    metric: metric, title: HeadlineFigure.title(metric, selection), figure: totals[index],
                    compared: compared?[index])
            },
            chart: chart, intervals: intervals,
            boxes: zip(groups, asked.panels).map { open, place in
                PanelBox(
                    group: open.group, panel: open.panel, shown: open.shown, answer: figures[place],
                    everybody: everybody, hasCampaigns: !figures[asked.campaigns].rows.isEmpty,
                    state: selection.state)
            },
            conduct: conduct(asked, figures, funnels, everybody),
            live: Int(figures[asked.live].rows[0].figures[0].number ?? 0), saved: selection.saved,
            annotations: annotations, notes: notes(inexact, totals: totals),
            today: selection.calendar.today(at: selection.now))
    }

    func chart(_ asked: Asked, _ figures: [Figures]) -> Chart {
        guard selection.state.period == .realtime else {
            return Chart(
                metric, interval, rows: figures[asked.series.lowerBound].rows,
                compared: asked.comparedSeries.map { figures[$0].rows }, days: selection.span.days,
                now: selection.calendar.label(of: interval, at: selection.now))
        }
        let count = asked.series.count
        let buckets = asked.series.enumerated().map { index, place in
            let instant = selection.now.addingTimeInterval(Double(index - count + 1) * 60)
            return Chart.Bucket(
                value: selection.calendar.minute(at: instant),
                figure: figures[place].rows[0].figures[0].number,
                isPartial: index == count - 1)
        }
        return Chart(metric, .quarter, buckets: buckets, isOfMinutes: true)
    }

    private func conduct(
        _ asked: Asked, _ figures: [Figures], _ funnels: [FunnelFigures], _ everybody: Double
    ) -> ConductBox? {
        let hasEvents = figures[asked.customEvents].rows.contains { $0.values[0] != "pageview" }
        var tabs: [ConductBox.Tab] = []
        if !selection.saved.goals.isEmpty { tabs.append(.goals) }
        if hasEvents { tabs += [.events, .properties] }
        if !selection.saved.funnels.isEmpty { tabs.append(.funnels) }
        guard !tabs.isEmpty, let open = asked.conductTab else { return nil }
        if !tabs.contains(open) { tabs.append(open) }
        return ConductBox(
            open: open, tabs: tabs, answer: asked.conduct.map { figures[$0] },
            funnels: Array(zip(asked.funnelsShown, funnels)).map { (saved: $0.0, figures: $0.1) },
            propertyKeys: asked.propertyKeys, property: asked.property, everybody: everybody,
            state: selection.state)
    }

    private func notes(_ inexact: [Day], totals: [Figure]) -> [String] {
        var notes: [String] = []
        let wanted = selection.state.metric
        if metric != wanted {
            let objection = wanted.objection(
                Question(span: selection.span, filter: selection.filter, metrics: [wanted]))
            notes.append(
                "\(wanted.title) cannot be shown here. " + (objection ?? "The selection has other figures."))
        }
        if selection.filter.hasGoals {
            notes.append(
                "Figures are of those who reached the goal; the rate is of all whom the other filters select."
            )
        } else if selection.selectsEvents {
            notes.append(
                "The filter chooses single events: page views count those alone; visits, bounces and durations are of the "
                    + "visits that contain one.")
        }
        if !inexact.isEmpty {
            let days = inexact.prefix(3).map(DayText.short).joined(separator: ", ")
            let more = inexact.count > 3 ? " and \(inexact.count - 3) more days" : ""
            notes.append(
                "Visitors of \(days)\(more) may be a little too many: some events arrived when nobody could tell any more "
                    + "whether their visitors had been counted.")
        }
        return notes
    }
}

extension SiteCalendar {
    /// What the site's clock shows: 2026-11-21 14:07.
    func minute(at instant: Date) -> String {
        let second = Int64(instant.timeIntervalSince1970.rounded(.down))
        let clock = history.clock(of: history.localDay(at: second).day)
        let shown = clock.shown(after: Int(second - clock.start)) / 60
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(clock.day) \(two(shown / 60)):\(two(shown % 60))"
    }
}
