import Auth
import HTTPTypes
import Hummingbird
import Stats

/// `/sites/{domain}/panels/{panel}`: all rows and metrics of one panel; and the same as `.json`, `.csv`, `.svg`.
enum PanelPage {
    struct Content: Page {
        static let template = "panel-page"
        let query: PanelQuery
        let answer: PanelQuery.Answer
        let audience: Audience

        var title: String { "\(query.panel.title) · \(answer.domain) · Mochi" }
        var place: Place? { audience.isMember ? .sites : nil }

        private func address(_ change: (inout PanelQuery) -> Void, as ending: String = "") -> String {
            Content.path(query.panel, audience) + ending + BoardState.query(query.with(change).items)
        }

        /// A property's key may have anything in it.
        static func path(_ panel: Panel, _ audience: Audience) -> String {
            audience.base + "/panels/" + Fields.percentEncoded(panel.id).replacing("/", with: "%2F")
        }

        var model: Model {
            let pages = max(1, (answer.figures.total + query.limit - 1) / query.limit)
            let first = (query.page - 1) * query.limit + 1
            return [
                "domain": answer.domain,
                "heading": query.panel.title, "back": audience.base + query.state.query,
                "period": PeriodMenu.title(query.state.period),
                "filters": FilterBar.model(query.state, answer.saved, audience),
                "hasSiblings": query.panel.siblings.count > 1,
                "siblings": query.panel.siblings.count < 2
                    ? []
                    : query.panel.siblings.map { sibling in
                        [
                            "label": sibling.title, "current": sibling == query.panel,
                            "href": Content.path(sibling, audience) + query.state.query,
                        ] as Model
                    },
                "search": query.search, "column": query.panel.dimension.title,
                "action": Content.path(query.panel, audience),
                "hidden": query.with { query in
                    query.search = ""
                    query.page = 1
                }.items.map { ["name": $0, "value": $1] as Model },
                "map": map ?? false as any Sendable, "columns": columns, "rows": rows,
                "any": !answer.figures.rows.isEmpty,
                "searched": !query.search.isEmpty, "nothing": query.state.nothing,
                "count": answer.figures.rows.isEmpty
                    ? "Nothing"
                    : "\(Numbers.whole(first)) to \(Numbers.whole(first + answer.figures.rows.count - 1)) of "
                        + Numbers.whole(answer.figures.total),
                "previous": query.page > 1 ? address { $0.page -= 1 } : false,
                "next": query.page < min(pages, PanelQuery.mostPages) ? address { $0.page += 1 } : false,
                "csv": address(
                    { query in
                        query.page = 1
                        query.limit = PanelQuery.mostRows
                    }, as: ".csv"),
                "json": address({ _ in }, as: ".json"), "svg": address({ _ in }, as: ".svg"),
            ]
        }

        private var map: Model? {
            guard query.panel.isMap, answer.metrics.first == .visitors, !answer.figures.rows.isEmpty else {
                return nil
            }
            return WorldMap(answer.figures.rows).model(isFocusable: false) { code in
                audience.base + query.state.selecting(code, of: query.panel.dimension.id).query
            }
        }

        private var columns: [Model] {
            answer.metrics.map { metric in
                let isCurrent = metric == query.order
                return [
                    "label": metric.title, "definition": metric.definition,
                    "sorted": isCurrent ? (query.isAscending ? "ascending" : "descending") : false,
                    "arrow": isCurrent ? (query.isAscending ? "↑" : "↓") : "",
                    "href": address { query in
                        query.isAscending = isCurrent && !query.isAscending
                        query.order = metric
                        query.page = 1
                    },
                ] as Model
            }
        }

        private var rows: [Model] {
            let largest = answer.figures.rows.compactMap { $0.figures[0].number }.max() ?? 0
            return answer.figures.rows.map { row in
                let count = row.figures[0].number ?? 0
                return [
                    "label": ValueText.label(row.values[0], query.panel.dimension),
                    "share": Chart.number(largest > 0 ? 100 * count / largest : 0),
                    "href": audience.base
                        + query.state.selecting(row.values[0], of: query.panel.dimension.id).query,
                    "figures": zip(row.figures, answer.metrics).map { FigureText.long($0, $1) },
                ] as Model
            }
        }
    }

    static func show(_ request: Request, _ context: SiteContext, _ web: Web) async throws -> Response {
        try await show(
            request, context, context.site, panel: context.parameters.get("panel") ?? "",
            for: context.audience, web)
    }

    /// A panel of a site for an audience; whoever calls has made sure that it may see it.
    static func show(
        _ request: Request, _ context: some BrowserContext, _ site: SiteAccess, panel name: String,
        for audience: Audience, _ web: Web
    ) async throws -> Response {
        guard let name = Fields.percentDecoded(name) else { throw HTTPError(.notFound) }
        let ending = [".json", ".csv", ".svg"].first { name.hasSuffix($0) } ?? ""
        let id = String(name.dropLast(ending.count))
        if id == ChartPage.name {
            return try await ChartPage.show(request, context, site, as: ending, for: audience, web)
        }
        if id == FunnelPanelPage.name {
            return try await FunnelPanelPage.show(request, context, site, as: ending, for: audience, web)
        }
        guard let panel = Panel.named(id) else { throw HTTPError(.notFound) }
        let query = try PanelQuery(panel, try Fields(query: request))
        let answer = try await query.answer(site, web)
        return PanelFiles.response(
            ending,
            name: "\(site.site.domain)-\(panel.id.filter { $0.isASCII && ($0.isLetter || $0 == "-") })",
            json: PanelFiles.json(panel, answer), csv: PanelFiles.csv(panel, answer),
            svg: PanelFiles.svg(panel, answer))
            ?? web.page(Content(query: query, answer: answer, audience: audience), for: request, context)
    }
}
