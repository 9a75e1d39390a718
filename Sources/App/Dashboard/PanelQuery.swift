import Auth
import FoundationEssentials
import Stats

/// A panel with all that its own page asks for: metrics, search, order, page.
struct PanelQuery: Sendable {
    static let rowsOfPage = 50
    static let mostPages = 200
    static let mostRows = 10_000
    static let longestSearch = 200

    let panel: Panel
    let state: BoardState
    var search = ""
    var order: Metric
    var isAscending = false
    /// From 1.
    var page = 1
    /// Rows of an answer; a page's, unless it is said.
    var limit: Int

    init(_ panel: Panel, _ query: Fields) throws(FormError) {
        self.panel = panel
        state = try BoardState(query)
        limit = PanelQuery.standardLimit(panel)
        search = String(query["search"].prefix(PanelQuery.longestSearch))
        let sort = query["sort"].split(separator: ":").map(String.init)
        order = sort.first.flatMap { Metric.named($0) } ?? .visitors
        isAscending = sort.count > 1 && sort[1] == "asc"
        if !query["page"].isEmpty {
            guard let number = Int(query["page"]), (1...PanelQuery.mostPages).contains(number) else {
                throw FormError("page", "Pages are 1 to \(PanelQuery.mostPages).")
            }
            page = number
        }
        if !query["limit"].isEmpty {
            guard let number = Int(query["limit"]), (1...PanelQuery.mostRows).contains(number) else {
                throw FormError("limit", "Ask for 1 to \(PanelQuery.mostRows) rows.")
            }
            limit = number
        }
    }

    /// A map has all of them.
    private static func standardLimit(_ panel: Panel) -> Int {
        panel.isMap ? WorldMap.mostCountries : rowsOfPage
    }

    var items: [(String, String)] {
        var items: [(String, String)] = []
        if !search.isEmpty { items.append(("search", search)) }
        if order != .visitors || isAscending {
            items.append(("sort", order.id + (isAscending ? ":asc" : ":desc")))
        }
        if page > 1 { items.append(("page", String(page))) }
        if limit != PanelQuery.standardLimit(panel) { items.append(("limit", String(limit))) }
        return items + state.items
    }

    func with(_ change: (inout PanelQuery) -> Void) -> PanelQuery {
        var other = self
        change(&other)
        return other
    }

    /// The figures that say something of this dimension.
    static func metrics(of dimension: Dimension) -> [Metric] {
        switch dimension.kind {
        case .goal: [.visitors, .events, .conversionRate, .totalRevenue, .averageRevenue]
        case .property, .column(.name): [.visitors, .percentage, .visits, .events, .totalRevenue]
        case .column(.page), .column(.title):
            [.visitors, .percentage, .visits, .pageViews, .bounceRate, .timeOnPage, .scrollDepth, .exitRate]
        default: [.visitors, .percentage, .visits, .pageViews, .viewsPerVisit, .bounceRate, .visitDuration]
        }
    }

    struct Answer: Sendable {
        let metrics: [Metric]
        let figures: Figures
        let domain: String
        let saved: SavedQuestions
    }

    func answer(_ site: SiteAccess, _ web: Web) async throws -> Answer {
        guard let selection = try await Selection.load(site, state, web) else {
            return Answer(
                metrics: PanelQuery.metrics(of: panel.dimension), figures: Figures(rows: [], total: 0),
                domain: site.site.domain, saved: SavedQuestions())
        }
        let question = question(selection)
        let figures = try await web.statistics.answer(question, of: site)
        return Answer(
            metrics: question.metrics, figures: matching(figures), domain: site.site.domain,
            saved: selection.saved)
    }

    func question(_ selection: Selection) -> Question {
        let isOfGoals = panel.dimension == .goal
        var filter = isOfGoals ? selection.filter.withoutGoals : selection.filter
        if let found = searched, !isOfGoals { filter = .all([filter, found]) }
        var question = Question(
            span: selection.span, filter: filter, metrics: PanelQuery.metrics(of: panel.dimension),
            dimensions: [panel.dimension],
            goals: isOfGoals ? selection.saved.goals.prefix(Question.Limit.goals).map(\.goal) : [],
            limit: isOfGoals ? Question.Limit.goals : limit, offset: isOfGoals ? 0 : (page - 1) * limit)
        if filter.hasGoals, !isOfGoals { question.metrics.append(.conversionRate) }
        let metrics = question.metrics.filter { $0.objection(question) == nil }
        question.metrics = metrics
        if question.metrics.contains(order) {
            question.order = [.init(.metric(order), isAscending ? .ascending : .descending)]
        }
        return question
    }

    private var searched: Filter? {
        guard !search.isEmpty else { return nil }
        let texts = Filter.match(.init(panel.dimension, .contains, [search], isCaseSensitive: false))
        guard let values = ValueText.values(labelled: search, panel.dimension), !values.isEmpty else {
            return texts
        }
        return .any([texts, .match(.init(panel.dimension, .equals, values))])
    }

    /// Goals are few, and searched here: a goal is no text of an event.
    private func matching(_ figures: Figures) -> Figures {
        guard panel.dimension == .goal, !search.isEmpty else { return figures }
        let rows = figures.rows.filter { $0.values[0].lowercased().contains(search.lowercased()) }
        return Figures(rows: rows, total: rows.count)
    }
}
