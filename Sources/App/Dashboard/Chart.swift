import Days
import Stats

/// One metric over time as a line, with the period that it is compared with behind it, drawn by the server as SVG.
///
/// The drawing is stretched to the page's width, so it holds no text: the scale stands beside it in HTML, the days under
/// it in a drawing that is not stretched. Every piece of time has its figures as a `<title>`; the same stands in a table.
struct Chart: Sendable {
    struct Bucket: Sendable {
        /// As ``Statistics`` names it: 2026-11-21 14:00.
        let value: String
        /// Nil for what is still to come, and for a rate of nothing.
        let figure: Double?
        /// Nil where nothing is compared.
        var compared: (value: String, figure: Double?)?
        /// Not over yet, or cut by the period.
        let isPartial: Bool
        var annotations: [String] = []
    }

    let metric: Metric
    let interval: Dimension.Interval
    private(set) var buckets: [Bucket]
    private let isOfMinutes: Bool

    /// - Parameters:
    ///   - rows: one figure by pieces of time.
    ///   - now: the name of the piece that is not over yet.
    init(
        _ metric: Metric, _ interval: Dimension.Interval, rows: [Figures.Row], compared: [Figures.Row]? = nil,
        days: ClosedRange<Day>, now: String
    ) {
        self.metric = metric
        self.interval = interval
        isOfMinutes = false
        buckets = rows.enumerated().map { index, row in
            let value = row.values[0]
            var bucket = Bucket(
                value: value, figure: value > now ? nil : row.figures[0].number,
                isPartial: value == now || Chart.isCut(value, interval, by: days))
            if let compared {
                bucket.compared =
                    index < compared.count
                    ? (compared[index].values[0], compared[index].figures[0].number) : ("", nil)
            }
            return bucket
        }
    }

    /// - Parameter isOfMinutes: each piece is one; `interval` says how their times are written.
    init(
        _ metric: Metric, _ interval: Dimension.Interval, buckets: [Bucket], isOfMinutes: Bool = false
    ) {
        (self.metric, self.interval, self.buckets) = (metric, interval, buckets)
        self.isOfMinutes = isOfMinutes
    }

    /// Puts notes on the pieces that their days are in.
    mutating func annotate(_ annotations: [Annotations.Annotation]) {
        for annotation in annotations {
            let day = annotation.day
            let value =
                switch interval {
                case .quarter: "\(day) 00:00"
                case .hour: "\(day) 00:00"
                case .day: day.description
                case .week: day.monday.description
                case .month: day.firstOfMonth.description
                }
            if let index = buckets.firstIndex(where: { $0.value == value }) {
                buckets[index].annotations.append(annotation.text)
            }
        }
    }

    private static func isCut(_ value: String, _ interval: Dimension.Interval, by days: ClosedRange<Day>)
        -> Bool
    {
        guard let first = Day(value) else { return false }
        let last =
            switch interval {
            case .week: first.advanced(by: 6)
            case .month: first.advanced(months: 1).advanced(by: -1)
            case .quarter, .hour, .day: first
            }
        return first < days.lowerBound || last > days.upperBound
    }

    // MARK: Words

    static func label(_ value: String, _ interval: Dimension.Interval) -> String {
        switch interval {
        case .quarter, .hour: String(value.dropFirst(11))
        case .day, .week: Day(value).map(DayText.short) ?? value
        case .month: Day(value).map(DayText.month) ?? value
        }
    }

    /// Sat 21 Nov, 14:00
    static func longLabel(_ value: String, _ interval: Dimension.Interval) -> String {
        guard let day = Day(value.prefix(10)) else { return value }
        return switch interval {
        case .quarter, .hour: "\(DayText.weekday(day)), \(value.dropFirst(11))"
        case .day: DayText.weekday(day)
        case .week: "Week of \(DayText.short(day))"
        case .month: DayText.month(day)
        }
    }

    /// What a piece is: "Hour".
    static func unit(_ interval: Dimension.Interval) -> String {
        switch interval {
        case .quarter: "15 minutes"
        case .hour: "Hours"
        case .day: "Days"
        case .week: "Weeks"
        case .month: "Months"
        }
    }

    /// A round number not below the largest figure, divisible by two: 2, 4, 6, 8, 10, 12, 16, 20, 24, 30, 40 …
    static func scale(for largest: Double) -> Double {
        var power = 1.0
        while power < 1e15 {
            for step in power == 1 ? [2, 4, 6, 8, 10] : [1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10]
            where step * power >= largest { return step * power }
            power *= 10
        }
        return largest
    }

    /// Of the axis: whole minutes for seconds, at most a hundred for per cent.
    var top: Double {
        let largest = buckets.flatMap { [$0.figure ?? 0, $0.compared?.figure ?? 0] }.max() ?? 0
        switch metric.unit {
        case .percent: return largest <= 10 ? Chart.scale(for: largest) : min(100, Chart.scale(for: largest))
        case .seconds where largest > 60: return 60 * Chart.scale(for: largest / 60)
        default: return Chart.scale(for: largest)
        }
    }

    func axis(_ value: Double) -> String {
        switch metric.unit {
        case .count, .money: Numbers.short(Int(value))
        case .percent: FigureText.percent(value)
        case .seconds: FigureText.seconds(value)
        case .ratio: FigureText.decimals(value, 1)
        }
    }

    // MARK: As a drawing

    private static let step = 12.0

    var width: Double { Double(max(buckets.count, 1)) * Chart.step }

    private func x(_ index: Int) -> Double { (Double(index) + 0.5) * Chart.step }

    /// Lines through the figures: solid where both ends are whole, dashed where one is not. A figure alone is a dot.
    func lines(_ top: Double) -> (solid: String, dashed: String, area: String) {
        var (solid, dashed, area) = ("", "", "")
        func point(_ index: Int) -> String {
            "\(Chart.number(x(index))) \(Chart.number(100 - 100 * (buckets[index].figure ?? 0) / top))"
        }
        var index = 0
        while index < buckets.count {
            guard buckets[index].figure != nil else {
                index += 1
                continue
            }
            let start = index
            while index + 1 < buckets.count, buckets[index + 1].figure != nil { index += 1 }
            if start == index {
                solid += "M\(point(start))h.01"
            } else {
                area += "M\(Chart.number(x(start))) 100"
                for place in start...index { area += "L\(point(place))" }
                area += "L\(Chart.number(x(index))) 100Z"
                var isOpen: Bool?
                for place in start..<index {
                    let isDashed = buckets[place].isPartial || buckets[place + 1].isPartial
                    let piece = (isOpen == isDashed ? "" : "M\(point(place))") + "L\(point(place + 1))"
                    if isDashed { dashed += piece } else { solid += piece }
                    isOpen = isDashed
                }
            }
            index += 1
        }
        return (solid, dashed, area)
    }

    func comparedLine(_ top: Double) -> String {
        var (path, isOpen) = ("", false)
        for (index, bucket) in buckets.enumerated() {
            guard let figure = bucket.compared?.figure else {
                isOpen = false
                continue
            }
            path += "\(isOpen ? "L" : "M")\(Chart.number(x(index))) \(Chart.number(100 - 100 * figure / top))"
            isOpen = true
        }
        return path
    }

    /// - Parameters:
    ///   - isFocusable: the script lets the arrow keys walk through it.
    ///   - isOpen: the table is seen at once.
    ///   - files: where the same is as a page and as files.
    ///   - link: where a piece of time leads to; nil where there is nothing closer to see.
    func model(
        isFocusable: Bool = false, isOpen: Bool = false, files: Model? = nil,
        link: (String) -> String? = { _ in nil }
    ) -> Model {
        let top = top
        let lines = lines(top)
        return [
            "top": axis(top), "middle": axis(top / 2), "width": Chart.number(width),
            "summary":
                "\(metric.title) by \(Chart.unit(interval).lowercased()). The figures follow in a table.",
            "focusable": isFocusable, "open": isOpen, "files": files ?? false as any Sendable,
            "solid": lines.solid, "dashed": lines.dashed, "area": lines.area,
            "compared": buckets.contains { $0.compared != nil } ? comparedLine(top) : false,
            "hits": buckets.enumerated().map { index, bucket in
                [
                    "x": Chart.number(Double(index) * Chart.step), "step": Chart.number(Chart.step),
                    "href": link(bucket.value) ?? false, "tip": tip(bucket),
                ] as Model
            },
            "marks": buckets.enumerated().filter { !$1.annotations.isEmpty }.map { index, bucket in
                [
                    "at": percent(index), "text": bucket.annotations.joined(separator: "\n"),
                ] as Model
            },
            "ticks": ticks,
            "unit": metric.title, "column": Chart.unit(interval),
            "comparedColumn": buckets.contains { $0.compared != nil },
            "rows": buckets.map { bucket in
                [
                    "label": Chart.longLabel(bucket.value, interval) + (bucket.isPartial ? " (so far)" : ""),
                    "value": text(bucket.figure),
                    "any": bucket.compared != nil,
                    "comparedLabel": bucket.compared.map { Chart.longLabel($0.value, interval) } ?? "",
                    "comparedValue": bucket.compared.map { text($0.figure) } ?? "",
                    "notes": bucket.annotations.isEmpty ? false : bucket.annotations.joined(separator: "; "),
                ] as Model
            },
        ]
    }

    private func text(_ figure: Double?) -> String {
        figure.map { FigureText.long(.number($0), metric) } ?? "–"
    }

    private func tip(_ bucket: Bucket) -> String {
        var tip =
            "\(Chart.longLabel(bucket.value, interval))\(bucket.isPartial ? " (so far)" : ""): "
            + "\(text(bucket.figure)) \(metric.title.lowercased())"
        if let compared = bucket.compared, !compared.value.isEmpty {
            tip += "; \(Chart.longLabel(compared.value, interval)): \(text(compared.figure))"
        }
        return tip
    }

    /// How far from the left, of the whole width.
    func share(_ index: Int) -> Double { x(index) / width }

    private func percent(_ index: Int) -> String { Chart.number(100 * share(index)) }

    /// What a piece of time is called in files.
    var unitName: String { isOfMinutes ? "minute" : interval == .quarter ? "minute15" : interval.rawValue }

    /// A few labels, evenly spread from the first piece to the last, and where they stand.
    var tickLabels: [(at: Double, label: String, anchor: String)] {
        let most = 9
        let stride = max(1, (buckets.count + most - 2) / (most - 1))
        // An even distance of hours reads better: 0, 3, 6 …
        let nice =
            interval == .hour
            ? [1, 2, 3, 4, 6, 12, 24].first { $0 >= stride } ?? (stride + 23) / 24 * 24 : stride
        return Swift.stride(from: 0, to: buckets.count, by: nice).map { index in
            let value = buckets[index].value
            let isMidnight = interval == .hour && buckets.count > 25 && value.hasSuffix("00:00")
            let day = isMidnight ? Day(value.prefix(10)).map(DayText.short) : nil
            return (
                share(index), isMidnight ? day ?? "" : Chart.label(value, interval),
                buckets.count > 2 && index == 0 ? "start" : "middle"
            )
        }
    }

    /// Every other one goes where there is little room.
    private var ticks: [Model] {
        tickLabels.enumerated().map { number, tick in
            [
                "at": Chart.number(100 * tick.at), "label": tick.label, "isExtra": number % 2 == 1,
                "anchor": tick.anchor,
            ] as Model
        }
    }

    /// Two decimals at most.
    static func number(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e12 else { return "0" }
        let hundredths = Int((abs(value) * 100).rounded())
        let sign = value < 0 && hundredths > 0 ? "-" : ""
        let (whole, rest) = hundredths.quotientAndRemainder(dividingBy: 100)
        if rest == 0 { return "\(sign)\(whole)" }
        return rest % 10 == 0
            ? "\(sign)\(whole).\(rest / 10)" : "\(sign)\(whole).\(rest < 10 ? "0" : "")\(rest)"
    }
}
