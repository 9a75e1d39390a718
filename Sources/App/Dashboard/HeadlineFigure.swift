import Stats

/// A figure above the chart, with its change.
struct HeadlineFigure: Sendable {
    let metric: Metric
    let title: String
    let figure: Figure
    /// Nil where nothing is compared.
    let compared: Figure?
    /// Money comes in several currencies, and is no line.
    var isChartable: Bool { metric.unit != .money }

    static func metrics(for selection: Selection, hasMoney: Bool) -> [Metric] {
        if selection.state.period == .realtime { return [.visitors, .visits, .pageViews, .events] }
        if selection.filter.hasGoals {
            return [.visitors, .conversionRate, .events, .visits] + (hasMoney ? [.totalRevenue] : [])
        }
        if selection.selectsPages {
            return [.visitors, .visits, .pageViews, .bounceRate, .timeOnPage, .scrollDepth]
        }
        return [.visitors, .visits, .pageViews, .viewsPerVisit, .bounceRate, .visitDuration]
    }

    static func title(_ metric: Metric, _ selection: Selection) -> String {
        guard selection.filter.hasGoals else { return metric.title }
        return metric == .visitors ? "Converted visitors" : metric == .events ? "Conversions" : metric.title
    }

    /// A rise, or what else it is; nil where there is nothing to say.
    private var change: (text: String, words: String, look: String)? {
        guard let now = figure.number, let before = compared?.number else { return nil }
        if now == before && now == 0 { return nil }
        let isPoints = metric.unit == .percent
        guard isPoints || before != 0 else { return nil }
        let difference = isPoints ? now - before : 100 * (now - before) / before
        let size = difference.magnitude.rounded()
        if difference.magnitude < (isPoints ? 0.05 : 0.5) {
            return (isPoints ? "0 pp" : "0%", difference == 0 ? "no change" : "hardly a change", "even")
        }
        let isRise = difference > 0
        let isGood = metric == .bounceRate ? !isRise : isRise
        let amount =
            isPoints
            ? "\(FigureText.decimals(difference.magnitude, 1)) pp" : "\(Numbers.whole(Int(min(size, 1e9))))%"
        return (
            "\(isRise ? "↑" : "↓") \(amount)", "\(isRise ? "up" : "down") \(amount)",
            isGood ? "good" : "poor"
        )
    }

    func model(isChosen: Bool, href: String?, showsCompared: Bool) -> Model {
        let change = change
        return [
            "label": title, "value": FigureText.headline(figure, metric),
            "exact": FigureText.long(figure, metric), "definition": metric.definition,
            "chosen": isChosen, "href": href ?? false,
            "change": change.map {
                ["text": $0.text, "words": $0.words, "look": $0.look] as Model
            } ?? false as any Sendable,
            "compared": compared.map { FigureText.long($0, metric) } ?? false as any Sendable,
            "before": showsCompared
                ? compared.map { FigureText.headline($0, metric) } ?? false as any Sendable : false,
        ]
    }
}
