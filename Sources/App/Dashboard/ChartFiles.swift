import Stats

/// The line as a file: `.json`, `.csv`, `.svg`.
enum ChartFiles {
    struct JSON: Encodable {
        struct Compared: Encodable {
            let time: String
            let value: Double?
        }
        struct Row: Encodable {
            /// When the piece begins, by the site's clock: 2026-11-21, or 2026-11-21 14:00.
            let time: String
            /// Null for what is still to come, and for a rate of nothing.
            let value: Double?
            /// Not over yet, or cut by the period.
            let partial: Bool
            let compared: Compared?
            let notes: [String]
        }
        let metric: String
        let interval: String
        let rows: [Row]
    }

    static func json(_ chart: Chart) -> JSON {
        JSON(
            metric: chart.metric.id, interval: chart.unitName,
            rows: chart.buckets.map { bucket in
                JSON.Row(
                    time: bucket.value, value: bucket.figure, partial: bucket.isPartial,
                    compared: bucket.compared.map { JSON.Compared(time: $0.value, value: $0.figure) },
                    notes: bucket.annotations)
            })
    }

    static func csv(_ chart: Chart) -> String {
        let isCompared = chart.buckets.contains { $0.compared != nil }
        func number(_ figure: Double?) -> String { figure.map { CSV.number($0) } ?? "" }
        var csv = CSV()
        csv.add(
            [chart.unitName, chart.metric.id]
                + (isCompared ? ["compared_\(chart.unitName)", "compared_\(chart.metric.id)"] : []) + [
                    "notes"
                ])
        for bucket in chart.buckets {
            csv.add(
                [bucket.value, number(bucket.figure)]
                    + (isCompared ? [bucket.compared?.value ?? "", number(bucket.compared?.figure)] : [])
                    + [bucket.annotations.joined(separator: "; ")])
        }
        return csv.text
    }

    /// The drawing with its words, on white.
    static func svg(_ chart: Chart, title: String) -> String {
        let (left, right, top, bottom) = (64.0, 936.0, 64.0, 284.0)
        let scale = chart.top
        let lines = chart.lines(scale)
        let soft = "fill=\"#665e57\" font-size=\"13\""
        var svg =
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 960 340\" width=\"960\" height=\"340\" "
            + "font-family=\"system-ui, sans-serif\"><rect width=\"960\" height=\"340\" rx=\"12\" fill=\"#ffffff\"/>"
            + "<text x=\"24\" y=\"34\" font-size=\"16\" font-weight=\"600\" fill=\"#2a2522\">"
            + "\(PanelFiles.escaped(title))</text>"
        for (value, y) in [(scale, top), (scale / 2, (top + bottom) / 2), (0, bottom)] {
            svg +=
                "<path stroke=\"#e7e0d5\" d=\"M\(Chart.number(left)) \(Chart.number(y))H\(Chart.number(right))\"/>"
                + "<text x=\"\(Chart.number(left - 8))\" y=\"\(Chart.number(y + 4))\" text-anchor=\"end\" \(soft)>"
                + "\(value == 0 ? "0" : chart.axis(value))</text>"
        }
        let (across, down) = (Chart.number(right - left), Chart.number(bottom - top))
        let line =
            "fill=\"none\" stroke-width=\"2\" stroke-linejoin=\"round\" vector-effect=\"non-scaling-stroke\""
        svg +=
            "<svg x=\"\(Chart.number(left))\" y=\"\(Chart.number(top))\" width=\"\(across)\" height=\"\(down)\" "
            + "viewBox=\"0 0 \(Chart.number(chart.width)) 100\" preserveAspectRatio=\"none\" overflow=\"visible\">"
            + "<path fill=\"#f8e6ea\" d=\"\(lines.area)\"/>"
            + "<path \(line) stroke=\"#b9aea4\" d=\"\(chart.comparedLine(scale))\"/>"
            + "<path \(line) stroke=\"#bf5876\" stroke-dasharray=\"4 4\" d=\"\(lines.dashed)\"/>"
            + "<path \(line) stroke=\"#bf5876\" stroke-linecap=\"round\" d=\"\(lines.solid)\"/></svg>"
        for tick in chart.tickLabels {
            let x = left + (right - left) * tick.at
            svg +=
                "<text x=\"\(Chart.number(x))\" y=\"\(Chart.number(bottom + 24))\" text-anchor=\"\(tick.anchor)\" \(soft)>"
                + "\(PanelFiles.escaped(tick.label))</text>"
        }
        for (index, bucket) in chart.buckets.enumerated() where !bucket.annotations.isEmpty {
            let x = left + (right - left) * chart.share(index)
            svg +=
                "<circle cx=\"\(Chart.number(x))\" cy=\"\(Chart.number(bottom))\" r=\"4\" fill=\"#8c2a49\"><title>"
                + "\(PanelFiles.escaped(bucket.annotations.joined(separator: "; ")))</title></circle>"
        }
        return svg + "</svg>"
    }
}
