import Stats

/// What visitors did besides looking: goals, properties, funnels. There only if something of it is.
struct ConductBox: Sendable {
    enum Tab: String, CaseIterable, Sendable {
        case goals, events, properties, funnels

        var title: String {
            switch self {
            case .goals: "Goals"
            case .events: "Events"
            case .properties: "Properties"
            case .funnels: "Funnels"
            }
        }
    }

    let open: Tab
    let tabs: [Tab]
    /// Of goals, events, or a property's values; with ``metrics(_:)``.
    let answer: Figures?
    let funnels: [(saved: SiteGoals.SavedFunnel, figures: FunnelFigures)]
    let propertyKeys: [String]
    let property: String?
    let everybody: Double
    let state: BoardState

    static let metrics: [Metric] = [.visitors, .events, .conversionRate, .totalRevenue]
    static let metricsOfEvents: [Metric] = [.visitors, .events]
    static let mostFunnels = 6
    static let mostRows = 64

    func model(_ audience: Audience) -> Model {
        let hasMoney = answer?.rows.contains { $0.figures.count > 3 && $0.figures[3] != .none } ?? false
        return [
            "tabs": tabs.map { tab in
                [
                    "label": tab.title, "current": tab == open, "id": tab.rawValue,
                    "href": audience.base
                        + state.opening(
                            tab.rawValue, among: Tab.allCases.map(\.rawValue), standard: tabs[0].rawValue
                        )
                        .query,
                ] as Model
            },
            "title": open.title, "isTable": answer != nil, "hasRate": open == .goals, "hasMoney": hasMoney,
            "column": open == .goals ? "Goal" : open == .events ? "Event" : property ?? "Value",
            "rows": rows(audience, hasMoney: hasMoney),
            "empty": (answer?.rows.isEmpty ?? false) || (open == .funnels && funnels.isEmpty)
                || (open == .properties && answer == nil),
            "showKeys": open == .properties && !propertyKeys.isEmpty, "hasFunnels": !funnels.isEmpty,
            "keys": propertyKeys.map { key in
                [
                    "key": key, "current": key == property,
                    "href": audience.base + state.with { $0.property = key }.query,
                ] as Model
            },
            "funnels": funnels.map { ConductBox.funnel($0.saved, $0.figures) },
            "edit": edit(audience) ?? false, "editLabel": open == .funnels ? "Edit funnels" : "Edit goals",
            "more": more(audience) ?? false,
        ]
    }

    private func edit(_ audience: Audience) -> String? {
        guard audience.canEdit else { return nil }
        return audience.base + (open == .funnels ? "/funnels" : "/goals")
    }

    private func more(_ audience: Audience) -> String? {
        switch open {
        case .goals, .events: audience.base + "/panels/\(open.rawValue)" + state.query
        case .properties:
            property.map {
                audience.base + "/panels/property-\(Fields.percentEncoded($0).replacing("/", with: "%2F"))"
                    + state.query
            }
        case .funnels: funnels.isEmpty ? nil : audience.base + "/panels/\(FunnelPanelPage.name)" + state.query
        }
    }

    private func rows(_ audience: Audience, hasMoney: Bool) -> [Model] {
        guard let answer else { return [] }
        let key: String
        let dimension: Dimension
        switch open {
        case .goals: dimension = .goal
        case .events: dimension = .event
        default: dimension = .property(property ?? "")
        }
        key = dimension.id
        let largest = answer.rows.compactMap { $0.figures[0].number }.max() ?? 0
        return answer.rows.map { row in
            let count = row.figures[0].number ?? 0
            return [
                "label": ValueText.label(row.values[0], dimension),
                "share": Chart.number(largest > 0 ? 100 * count / largest : 0),
                "value": FigureText.long(row.figures[0], .visitors),
                "events": FigureText.long(row.figures[1], .events),
                "rate": open == .goals ? FigureText.long(row.figures[2], .conversionRate) : "",
                "money": hasMoney ? FigureText.long(row.figures[3], .totalRevenue) : "",
                "href": audience.base + state.selecting(row.values[0], of: key).query,
            ] as Model
        }
    }

    /// What a funnel counts.
    static func unit(_ saved: SiteGoals.SavedFunnel) -> String {
        saved.funnel.scope == .visit ? "visits" : "visitors"
    }

    static func funnel(_ saved: SiteGoals.SavedFunnel, _ figures: FunnelFigures) -> Model {
        let first = Double(figures.steps.first ?? 0)
        var before = Double(figures.selected)
        return [
            "name": saved.name,
            "unit": unit(saved),
            "result": first > 0 ? FigureText.percent(100 * Double(figures.steps.last ?? 0) / first) : "–",
            "steps": zip(saved.funnel.steps, figures.steps).enumerated().map { index, step in
                let count = Double(step.1)
                defer { before = count }
                return [
                    "number": String(index + 1), "label": step.0.name, "value": Numbers.whole(Int(step.1)),
                    "share": Chart.number(first > 0 ? 100 * count / first : 0),
                    "percent": before > 0 ? FigureText.percent(100 * count / before) : "–",
                    "lost": index > 0 && before > count ? "−" + Numbers.whole(Int(before - count)) : false,
                ] as Model
            },
        ]
    }
}
