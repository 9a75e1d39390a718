import Stats

/// Funnels as files: `.json`, `.csv`, `.svg`.
enum FunnelFiles {
    typealias Answer = (saved: SiteGoals.SavedFunnel, figures: FunnelFigures)

    struct JSON: Encodable {
        struct Step: Encodable {
            let name: String
            /// Of those who came to it, and to all steps before it.
            let count: Int64
            /// In per cent; null of nothing.
            let ofFirst: Double?
            let ofPrevious: Double?
        }
        struct Funnel: Encodable {
            let name: String
            /// What is counted: `visits` or `visitors`.
            let unit: String
            /// All that the filter selects.
            let selected: Int64
            let steps: [Step]
        }
        let funnels: [Funnel]
    }

    static func json(_ answers: [Answer]) -> JSON {
        JSON(
            funnels: answers.map { saved, figures in
                JSON.Funnel(
                    name: saved.name, unit: ConductBox.unit(saved), selected: figures.selected,
                    steps: steps(saved, figures))
            })
    }

    private static func steps(_ saved: SiteGoals.SavedFunnel, _ figures: FunnelFigures) -> [JSON.Step] {
        func percent(_ part: Int64, of whole: Int64) -> Double? {
            whole > 0 ? (1_000 * Double(part) / Double(whole)).rounded() / 10 : nil
        }
        var before = figures.selected
        return zip(saved.funnel.steps, figures.steps).map { goal, count in
            defer { before = count }
            return JSON.Step(
                name: goal.name, count: count, ofFirst: percent(count, of: figures.steps[0]),
                ofPrevious: percent(count, of: before))
        }
    }

    static func csv(_ answers: [Answer]) -> String {
        func number(_ figure: Double?) -> String { figure.map { CSV.number($0) } ?? "" }
        var csv = CSV()
        csv.add(["funnel", "unit", "number", "step", "count", "of_first", "of_previous"])
        for (saved, figures) in answers {
            for (index, step) in steps(saved, figures).enumerated() {
                csv.add([
                    saved.name, ConductBox.unit(saved), String(index + 1), step.name, String(step.count),
                    number(step.ofFirst), number(step.ofPrevious),
                ])
            }
        }
        return csv.text
    }

    /// A bar for each step, as long as the share of the first that came to it.
    static func svg(_ answers: [Answer], domain: String) -> String {
        var (body, y) = ("", 46)
        if answers.isEmpty { body = "<text x=\"20\" y=\"60\" fill=\"#665e57\">There are no funnels.</text>" }
        for (saved, figures) in answers {
            body +=
                "<text x=\"20\" y=\"\(y + 18)\" font-weight=\"600\" fill=\"#2a2522\">"
                + "\(PanelFiles.escaped(String(saved.name.prefix(60)))) (\(ConductBox.unit(saved)))</text>"
            y += 32
            for (index, step) in steps(saved, figures).enumerated() {
                let share = step.ofFirst ?? 0
                let name = PanelFiles.escaped(String(step.name.prefix(50)))
                body +=
                    "<rect x=\"12\" y=\"\(y)\" width=\"\(Chart.number(4.8 * share))\" height=\"24\" rx=\"5\" fill=\"#f8e6ea\"/>"
                    + "<text x=\"20\" y=\"\(y + 17)\" fill=\"#2a2522\">\(index + 1). \(name)</text>"
                    + "<text x=\"620\" y=\"\(y + 17)\" text-anchor=\"end\" fill=\"#2a2522\">\(Numbers.whole(Int(step.count)))"
                    + "\(step.ofFirst.map { " · " + FigureText.percent($0) } ?? "")</text>"
                y += 28
            }
            y += 12
        }
        let height = max(y + 10, 84)
        return
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 640 \(height)\" width=\"640\" height=\"\(height)\" "
            + "font-family=\"system-ui, sans-serif\" font-size=\"14\">"
            + "<rect width=\"640\" height=\"\(height)\" rx=\"12\" fill=\"#ffffff\"/>"
            + "<text x=\"20\" y=\"30\" font-weight=\"600\" fill=\"#2a2522\">\(PanelFiles.escaped(domain)): Funnels</text>"
            + body + "</svg>"
    }
}
