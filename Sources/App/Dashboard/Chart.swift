import Days
import Stats

/// Visitors before page views, a bar for each day or hour, drawn by the server as SVG.
///
/// The drawing is stretched to the page's width, so it holds no text: scale and days stand around it in HTML.
/// Every bar has its numbers as a `<title>`; the same stands in a table.
struct Chart: Sendable {
    struct Bucket: Sendable {
        /// 21 Nov, or 14:00
        let label: String
        let visitors: Int
        let pageViews: Int
        let isUnfinished: Bool
    }

    let buckets: [Bucket]
    let interval: Dimension.Interval

    /// - Parameters:
    ///   - rows: visitors and page views by pieces of time, as ``Statistics`` names them.
    ///   - now: the name of the bucket that is not over yet.
    init(rows: [Figures.Row], interval: Dimension.Interval, now: String) {
        self.interval = interval
        // Of today the hours that are still to come stay empty, so that the day keeps its shape.
        buckets = rows.map { row in
            Bucket(
                label: Chart.label(row.values[0], interval), visitors: Int(row.figures[0].number ?? 0),
                pageViews: Int(row.figures[1].number ?? 0), isUnfinished: row.values[0] == now)
        }
    }

    init(buckets: [Bucket], interval: Dimension.Interval) {
        self.buckets = buckets
        self.interval = interval
    }

    private static func label(_ value: String, _ interval: Dimension.Interval) -> String {
        switch interval {
        case .quarter, .hour: String(value.dropFirst(11))
        case .day, .week: Day(value).map(DayText.short) ?? value
        case .month: Day(value).map(DayText.month) ?? value
        }
    }

    /// What a bucket is: "Hour".
    private var unit: String {
        switch interval {
        case .quarter: "Quarter of an hour"
        case .hour: "Hour"
        case .day: "Day"
        case .week: "Week from"
        case .month: "Month"
        }
    }

    /// A round number not below the largest bar, divisible by two: 2, 4, 10, 20, 40, 100 …
    static func scale(for largest: Int) -> Int {
        var power = 1
        while true {
            for step in [2, 4, 6, 8, 10] where step * power >= largest { return step * power }
            power *= 10
        }
    }

    private static let step = 12.0
    private static let gap = 2.0

    var model: Model {
        let top = Chart.scale(for: buckets.map(\.pageViews).max() ?? 0)
        let unit = 100.0 / Double(top)
        return [
            "top": Numbers.short(top), "middle": Numbers.short(top / 2),
            "width": Chart.number(Double(buckets.count) * Chart.step),
            "summary":
                "Visitors and page views by \(interval == .quarter ? "quarter of an hour" : interval.rawValue). "
                + "The numbers follow in a table.",
            "unit": unit,
            "bars": buckets.enumerated().map { index, bucket in
                let left = Double(index) * Chart.step
                let over = Double(bucket.visitors) * unit
                let under = Double(bucket.pageViews) * unit
                return [
                    "left": Chart.number(left), "step": Chart.number(Chart.step),
                    "x": Chart.number(left + Chart.gap / 2),
                    "thickness": Chart.number(Chart.step - Chart.gap),
                    "overY": Chart.number(100 - over), "overHeight": Chart.number(over),
                    "underY": Chart.number(100 - under), "underHeight": Chart.number(under),
                    "unfinished": bucket.isUnfinished, "tip": tip(bucket),
                ] as Model
            },
            "ticks": ticks,
            "rows": buckets.map { bucket in
                [
                    "label": bucket.label, "visitors": Numbers.whole(bucket.visitors),
                    "pageViews": Numbers.whole(bucket.pageViews),
                ] as Model
            },
        ]
    }

    private func tip(_ bucket: Bucket) -> String {
        "\(bucket.label)\(bucket.isUnfinished ? " (so far)" : ""): \(Numbers.whole(bucket.visitors)) "
            + "\(bucket.visitors == 1 ? "visitor" : "visitors"), \(Numbers.whole(bucket.pageViews)) "
            + (bucket.pageViews == 1 ? "page view" : "page views")
    }

    /// A few labels, evenly spread from the first bucket to the last.
    private var ticks: [String] {
        guard buckets.count > 1 else { return buckets.map(\.label) }
        let last = min(5, buckets.count) - 1
        return (0...last).map { buckets[($0 * (buckets.count - 1) * 2 + last) / (2 * last)].label }
    }

    /// Two decimals at most.
    private static func number(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        guard hundredths % 100 != 0 else { return String(hundredths / 100) }
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }
}
