import Stats

/// A panel with its rows, for the template `panel` and for JSON.
struct PanelModel: Sendable {
    let panel: Panel
    let answer: Figures

    var model: Model {
        let largest = answer.rows.map { PanelModel.figure($0, 0) }.max() ?? 0
        return [
            "id": panel.id, "title": panel.title, "column": panel.dimension.title,
            "measure": panel.metrics[0].title, "any": !answer.rows.isEmpty,
            "rows": answer.rows.map { row in
                [
                    "label": PanelModel.label(row.values[0], panel.dimension),
                    "value": Numbers.whole(Int(PanelModel.figure(row, 0))),
                    "share": Int((largest > 0 ? 100 * PanelModel.figure(row, 0) / largest : 0).rounded()),
                ] as Model
            },
        ]
    }

    struct JSON: Encodable {
        struct Row: Encodable {
            let value: String
            let metrics: [String: Double]
        }
        let panel: String
        let dimension: String
        let rows: [Row]
        let total: Int
    }

    var json: JSON {
        JSON(
            panel: panel.id, dimension: panel.dimension.id,
            rows: answer.rows.map { row in
                JSON.Row(
                    value: row.values[0],
                    metrics: Dictionary(
                        uniqueKeysWithValues: panel.metrics.indices.map {
                            (panel.metrics[$0].id, PanelModel.figure(row, $0))
                        }))
            }, total: answer.total)
    }

    /// What panels show are counts: there is always one.
    private static func figure(_ row: Figures.Row, _ index: Int) -> Double { row.figures[index].number ?? 0 }

    private static func label(_ value: String, _ dimension: Dimension) -> String {
        if value.isEmpty { return dimension.unknown ?? "Unknown" }
        return dimension == .country ? Countries.name(value) : value
    }
}
