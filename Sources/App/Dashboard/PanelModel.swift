import Stats

/// A panel with its rows, for the template `panel` and for JSON.
struct PanelModel: Sendable {
    let panel: Panel
    let answer: PlainAnswer

    var model: Model {
        let largest = answer.rows.map { $0.figures[0] }.max() ?? 0
        return [
            "id": panel.id, "title": panel.title, "column": panel.dimension.title,
            "measure": panel.metrics[0].title, "any": !answer.rows.isEmpty,
            "rows": answer.rows.map { row in
                [
                    "label": PanelModel.label(row.value, panel.dimension),
                    "value": Numbers.whole(Int(row.figures[0])),
                    "share": Int((largest > 0 ? 100 * row.figures[0] / largest : 0).rounded()),
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
                    value: row.value,
                    metrics: Dictionary(uniqueKeysWithValues: zip(panel.metrics.map(\.id), row.figures)))
            }, total: answer.total)
    }

    private static func label(_ value: String, _ dimension: Dimension) -> String {
        if value.isEmpty { return dimension.unknown }
        return dimension == .country ? Countries.name(value) : value
    }
}
