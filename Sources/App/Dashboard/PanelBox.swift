import Stats

/// A box on the dashboard: tabs, and the open one's rows.
struct PanelBox: Sendable {
    let group: Panel.Group
    /// The open tab.
    let panel: Panel
    /// What its rows are: of one browser its versions.
    let shown: Panel
    let answer: Figures
    /// Visitors of the whole selection.
    let everybody: Double
    let hasCampaigns: Bool
    let state: BoardState

    static let rows = 9
    /// Below a map.
    static let rowsOfMap = 3

    static func open(_ group: Panel.Group, _ state: BoardState) -> Panel {
        group.panels.first { state.tabs.contains($0.id) } ?? group.standard
    }

    /// The panel, or what is below it when the filter leaves one value of it.
    static func shown(_ panel: Panel, _ filter: Filter) -> Panel {
        guard let detail = panel.detail, filter.pins(panel.dimension) else { return panel }
        let below = Panel.all.first { $0.dimension == detail } ?? panel
        return below.detail != nil && filter.pins(below.dimension) ? shown(below, filter) : below
    }

    static func question(_ panel: Panel, _ selection: Selection) -> Question {
        panel.question(
            selection.span, filter: selection.filter, limit: panel.isMap ? WorldMap.mostCountries : rows)
    }

    static func everybody(_ selection: Selection) -> Question {
        Question(span: selection.span, filter: selection.filter, metrics: [.visitors])
    }

    /// Whether there are any.
    static func campaigns(_ selection: Selection) -> Question {
        Question(
            span: selection.span, filter: selection.filter, metrics: [.visitors], dimensions: [.utmCampaign],
            limit: 1)
    }

    func model(_ audience: Audience) -> Model {
        let tabs = group.panels.filter { $0.id != "campaigns" || hasCampaigns || panel == $0 }
        let ids = group.panels.map(\.id)
        // Of one country its regions: under their tab, where there is one. That of the countries would lead nowhere.
        let current = tabs.contains(shown) ? shown : panel
        return [
            "group": group.id, "title": shown == panel ? panel.title : shown.title,
            "column": shown.dimension.title, "measure": "Visitors", "any": !answer.rows.isEmpty,
            "tabs": tabs.filter { $0 == current || $0 != panel }.map { tab in
                [
                    "label": tab.title, "current": tab == current, "id": tab.id,
                    "href": audience.base
                        + state.opening(tab.id, among: ids, standard: group.standard.id).query,
                ] as Model
            },
            "map": map(audience) ?? false as any Sendable,
            "rows": PanelBox.rows(
                listed, of: shown, everybody: everybody, state, audience),
            "more": audience.base + "/panels/\(Fields.percentEncoded(shown.id))" + state.query,
            "moreLabel": answer.total > listed.rows.count
                ? "All \(Numbers.whole(answer.total))" : "Details",
            "moreTitle": shown.title,
        ]
    }

    private var listed: Figures {
        shown.isMap
            ? Figures(rows: Array(answer.rows.prefix(PanelBox.rowsOfMap)), total: answer.total) : answer
    }

    private func map(_ audience: Audience) -> Model? {
        guard shown.isMap, !answer.rows.isEmpty else { return nil }
        return WorldMap(answer.rows, everybody: everybody).model(isFocusable: true) { code in
            audience.base + state.selecting(code, of: shown.dimension.id).query
        }
    }

    static func rows(
        _ answer: Figures, of panel: Panel, everybody: Double, _ state: BoardState, _ audience: Audience
    ) -> [Model] {
        let largest = answer.rows.compactMap { $0.figures[0].number }.max() ?? 0
        return answer.rows.map { row in
            let count = row.figures[0].number ?? 0
            return [
                "label": ValueText.label(row.values[0], panel.dimension),
                "value": FigureText.long(row.figures[0], .visitors),
                "percent": everybody > 0 ? FigureText.percent(100 * count / everybody) : "–",
                "share": Chart.number(largest > 0 ? 100 * count / largest : 0),
                "href": audience.base + state.selecting(row.values[0], of: panel.dimension.id).query,
            ] as Model
        }
    }
}

extension Filter {
    /// Nothing but a single value of the dimension is left.
    func pins(_ dimension: Dimension) -> Bool {
        conjuncts.contains { filter in
            guard case .match(let match) = filter else { return false }
            return match.dimension == dimension && match.comparison == .equals && !match.isNegated
                && match.values.count == 1
        }
    }
}
