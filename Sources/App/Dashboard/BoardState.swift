import Auth
import Days
import Stats

/// What the address of a dashboard asks for: one parser, and one writer for every link on it.
struct BoardState: Sendable, Equatable {
    /// What stands beside the figures.
    enum Compared: Sendable, Equatable {
        /// Nothing was said: the previous period.
        case standard
        case off
        case with(Comparison)
    }

    var period = Period.standard
    var compared = Compared.standard
    /// Mondays beside Mondays.
    var matchesWeekdays = false
    /// Of the chart; nil is the one that suits the period.
    var interval: Dimension.Interval?
    var metric = Metric.visitors
    var terms: [FilterTerm] = []
    /// One of `terms` is enough.
    var joinsWithOr = false
    /// With that: conditions that must hold besides. A click on a row narrows what one looks at, also where one of several
    /// conditions was enough.
    var further: [FilterTerm] = []
    /// The open tabs that are not the standard ones, by id of their panels.
    var tabs: [String] = []
    /// The property whose values are shown.
    var property: String?

    static let longestProperty = 300

    init() {}

    /// A period, a metric, or an interval that is none is the standard one: an address that was cut off still shows
    /// something. A filter that is none is refused: without it the figures would be others.
    init(_ query: Fields) throws(FormError) {
        period =
            Period(query["period"], from: query["from"], to: query["to"], date: query["date"]) ?? .standard
        switch query["compare"] {
        case "": break
        case "off": compared = .off
        case let text:
            compared =
                Comparison(text, from: query["compare_from"], to: query["compare_to"]).map { .with($0) }
                ?? .standard
        }
        matchesWeekdays = query["weekdays"] == "match"
        interval = Dimension.Interval(rawValue: query["interval"])
        metric = Metric.named(query["metric"]) ?? .visitors
        let (texts, furtherTexts) = (query.all("f"), query.all("and"))
        guard texts.count + furtherTexts.count <= FilterTerm.mostTerms else {
            throw FormError("f", "A dashboard may have \(FilterTerm.mostTerms) filters.")
        }
        for text in texts where !text.isEmpty { terms.append(try FilterTerm(text)) }
        for text in furtherTexts where !text.isEmpty { further.append(try FilterTerm(text)) }
        joinsWithOr = query["join"] == "or"
        settle()
        tabs = query["tabs"].split(separator: ",").map(String.init).filter {
            Panel.named($0) != nil || $0 == "properties" || $0 == "funnels"
        }
        let key = query["property"]
        if !key.isEmpty, key.utf8.count <= BoardState.longestProperty { property = key }
    }

    /// All conditions together.
    func filter(_ saved: SavedQuestions) throws(FormError) -> Filter {
        var filters: [Filter] = []
        for term in terms { filters.append(try term.filter(saved)) }
        if joinsWithOr, filters.count > 1 { filters = [.any(filters)] }
        for term in further { filters.append(try term.filter(saved)) }
        return filters.count == 1 ? filters[0] : .all(filters)
    }

    /// All that is filtered by.
    var allTerms: [FilterTerm] { terms + further }

    var isFiltered: Bool { !terms.isEmpty || !further.isEmpty }

    /// One condition is no choice of several: it stands with those that must hold.
    private mutating func settle() {
        guard !joinsWithOr || terms.count < 2 else { return }
        joinsWithOr = false
        terms += further
        further = []
    }

    /// Without the condition at a place of ``allTerms``.
    func removing(_ index: Int) -> BoardState {
        with { state in
            if index < state.terms.count {
                state.terms.remove(at: index)
            } else {
                state.further.remove(at: index - state.terms.count)
            }
        }
    }

    /// What is said where there are no rows.
    var nothing: String {
        if period == .realtime {
            return isFiltered
                ? "Nobody whom the filters let through is here." : "Nobody in the last 30 minutes."
        }
        return isFiltered ? "Nothing that the filters let through." : "Nothing in this period."
    }

    /// Without conditions.
    var unfiltered: BoardState {
        with { state in (state.terms, state.further, state.joinsWithOr) = ([], [], false) }
    }

    /// Nil for periods that have nothing before them, or when nothing shall be compared.
    var comparison: Comparison? {
        switch compared {
        case .off: nil
        case .with(let comparison): comparison
        case .standard: period == .all || period == .realtime ? nil : .previousPeriod
        }
    }

    // MARK: As an address

    var items: [(String, String)] {
        var items = periodItems
        switch compared {
        case .standard: break
        case .off: items.append(("compare", "off"))
        case .with(let comparison):
            items.append(("compare", comparison.id))
            if case .custom(let days) = comparison {
                items.append(("compare_from", days.lowerBound.description))
                items.append(("compare_to", days.upperBound.description))
            }
        }
        if matchesWeekdays { items.append(("weekdays", "match")) }
        if let interval { items.append(("interval", interval.rawValue)) }
        if metric != .visitors { items.append(("metric", metric.id)) }
        if !tabs.isEmpty { items.append(("tabs", tabs.joined(separator: ","))) }
        if let property { items.append(("property", property)) }
        if joinsWithOr, terms.count > 1 { items.append(("join", "or")) }
        // Last, so that the script can turn the last "is" of a link into "is not".
        items += terms.map { ("f", $0.text) } + further.map { ("and", $0.text) }
        return items
    }

    private var periodItems: [(String, String)] {
        switch period {
        case .custom(let days):
            [("period", "custom"), ("from", "\(days.lowerBound)"), ("to", "\(days.upperBound)")]
        case .month(let day?), .year(let day?): [("period", period.id), ("date", "\(day)")]
        case .standard: []
        default: [("period", period.id)]
        }
    }

    /// `?period=7d&f=is,country,DE`, or "" when nothing is asked for.
    var query: String { BoardState.query(items) }

    static func query(_ items: [(String, String)]) -> String {
        items.isEmpty
            ? ""
            : "?"
                + items.map {
                    "\($0)=\(Fields.percentEncoded($1, leaving: [UInt8(ascii: ","), UInt8(ascii: ":")]))"
                }
                .joined(separator: "&")
    }

    /// The same with something changed.
    func with(_ change: (inout BoardState) -> Void) -> BoardState {
        var other = self
        change(&other)
        other.settle()
        return other
    }

    /// Only rows with that value of a dimension, of what is looked at.
    func selecting(_ value: String, of key: String) -> BoardState {
        func select(_ terms: inout [FilterTerm]) {
            terms.removeAll { $0.key == key && $0.operator == .equals }
            terms.append(FilterTerm(.equals, key, [value]))
        }
        return with { state in
            if state.joinsWithOr { select(&state.further) } else { select(&state.terms) }
        }
    }

    /// The tab of a group that is open.
    func opening(_ tab: String, among others: [String], standard: String) -> BoardState {
        with { state in
            state.tabs.removeAll { others.contains($0) }
            if tab != standard { state.tabs.append(tab) }
        }
    }

    static func == (left: BoardState, right: BoardState) -> Bool { left.query == right.query }
}
