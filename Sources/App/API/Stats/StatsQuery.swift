import Days
import FoundationEssentials
import Stats

/// A query of the Stats API, read and checked; what is wrong with it is said with the path to it.
struct StatsQuery: Sendable {
    struct Order: Sendable {
        enum Key: Sendable {
            /// Their places among the metrics and dimensions.
            case metric(Int)
            case dimension(Int)
        }
        var key: Key
        var isDescending: Bool
    }

    struct Comparing: Sendable {
        var comparison: Comparison
        var matchesWeekdays = false
    }

    var metrics: [QueryMetric]
    var range: QueryRange
    var filter = Filter.everything
    /// As programs write it, with segments spelled out.
    var filters: JSONValue = []
    var dimensions: [QueryDimension] = []
    /// The rows of `event:goal`.
    var goals: [Goal] = []
    var order: [Order] = []
    var limit = StatsQuery.mostRows
    var offset = 0
    /// As it was sent.
    var include: JSONValue = [:]
    var includesTimeLabels = false
    var trimsLabels = false
    var includesTotal = false
    var includesImports = false
    var comparing: Comparing?

    static let mostRows = 10_000
    static let mostOffset = 1_000_000_000
    static let keys = [
        "site_id", "metrics", "date_range", "dimensions", "filters", "order_by", "pagination", "include",
    ]

    /// What has to be known of a site to read a query about it.
    struct Surroundings: Sendable {
        let calendar: SiteCalendar
        let goals: [Goal]
        let segments: [SiteGoals.SavedSegment]
        let now: Date
    }

    init(metrics: [QueryMetric], range: QueryRange) {
        self.metrics = metrics
        self.range = range
    }

    init(_ members: [String: JSONPlace], _ site: Surroundings) throws {
        guard let metrics = members["metrics"] else { throw StatsQuery.missing("metrics") }
        guard let range = members["date_range"] else { throw StatsQuery.missing("date_range") }
        self.init(
            metrics: try StatsQuery.metrics(metrics),
            range: try QueryRange(range, site.calendar, now: site.now))
        goals = site.goals
        if let place = members["dimensions"] {
            dimensions = try StatsQuery.dimensions(place, interval: self.range.interval)
        }
        if let place = members["filters"] {
            var reader = QueryFilters(goals: site.goals, segments: site.segments)
            filter = try reader.filter(place)
            filters = StatsQuery.spelledOut(place.value, filter)
        }
        if let place = members["order_by"] { order = try orders(place) }
        if let place = members["pagination"] {
            let members = try place.object(of: ["limit", "offset"])
            limit = try members["limit"]?.whole(in: 1...StatsQuery.mostRows) ?? limit
            offset = try members["offset"]?.whole(in: 0...StatsQuery.mostOffset) ?? 0
        }
        if let place = members["include"] { try readInclude(place) }
        finish()
        try check(metrics)
    }

    static func missing(_ name: String) -> APIError {
        JSONPlace.refusal("#/\(name)", "This is missing.")
    }

    // MARK: What is asked for

    private static func metrics(_ place: JSONPlace) throws -> [QueryMetric] {
        try once(try place.list(1...QueryMetric.all.count, of: "metrics")) { place in
            let id = try place.text("A metric")
            guard let metric = QueryMetric.named(id) else {
                throw place.refusal(
                    "“\(id.prefix(100))” is no metric; there are "
                        + QueryMetric.all.map(\.id).joined(separator: ", ") + ".")
            }
            return metric
        }
    }

    private static func dimensions(
        _ place: JSONPlace, interval: Dimension.Interval
    ) throws -> [QueryDimension] {
        let places = try place.list(0...Question.Limit.dimensions, of: "dimensions")
        let dimensions = try once(places) { place in
            let id = try place.text("A dimension")
            guard let dimension = QueryDimension.named(id, interval: interval) else {
                throw place.refusal(
                    "“\(id.prefix(100))” is no dimension; there are "
                        + QueryDimension.names.joined(separator: ", ") + ", time.")
            }
            return dimension
        }
        for (index, dimension) in dimensions.enumerated() {
            let same = dimensions[..<index].first { $0.dimension.kind == dimension.dimension.kind }
            if let same { throw places[index].refusal("It says the same as \(same.id).") }
        }
        return dimensions
    }

    private static func once<Thing: Hashable>(
        _ places: [JSONPlace], _ read: (JSONPlace) throws -> Thing
    ) throws -> [Thing] {
        var things: [Thing] = []
        for place in places {
            let thing = try read(place)
            guard !things.contains(thing) else { throw place.refusal("It stands there twice.") }
            things.append(thing)
        }
        return things
    }

    private func orders(_ place: JSONPlace) throws -> [Order] {
        try place.list(0...Question.Limit.orders, of: "orders").map { place in
            let parts = try place.list(2...2, of: "a metric or dimension, and asc or desc")
            let id = try parts[0].text("A metric or a dimension")
            let isDescending = try parts[1].choice(["asc": false, "desc": true])
            if let index = metrics.firstIndex(where: { $0.id == id }) {
                return Order(key: .metric(index), isDescending: isDescending)
            }
            guard let index = dimensions.firstIndex(where: { $0.id == id }) else {
                throw parts[0].refusal("“\(id.prefix(100))” is not among the query’s metrics and dimensions.")
            }
            return Order(key: .dimension(index), isDescending: isDescending)
        }
    }

    private mutating func readInclude(_ place: JSONPlace) throws {
        include = place.value
        let members = try place.object(
            of: ["imports", "time_labels", "total_rows", "trim_relative_date_range", "comparisons"])
        includesImports = try members["imports"]?.truth() ?? false
        includesTotal = try members["total_rows"]?.truth() ?? false
        includesTimeLabels = try members["time_labels"]?.truth() ?? false
        trimsLabels = try members["trim_relative_date_range"]?.truth() ?? false
        if includesTimeLabels, !dimensions.contains(where: \.isTime) {
            throw members["time_labels"]!.refusal("There are labels only with a dimension of time.")
        }
        guard let place = members["comparisons"], place.value != .null else { return }
        let parts = try place.object(of: ["mode", "date_range", "match_day_of_week"])
        guard let mode = parts["mode"] else { throw StatsQuery.missing("include/comparisons/mode") }
        let matches = try parts["match_day_of_week"]?.truth() ?? false
        let isCustom = try mode.choice(["previous_period": false, "year_over_year": false, "custom": true])
        if isCustom {
            comparing = Comparing(comparison: try StatsQuery.customComparison(parts["date_range"]))
        } else {
            if let range = parts["date_range"] { throw range.refusal("It belongs to the mode custom.") }
            comparing = Comparing(
                comparison: mode.value == "year_over_year" ? .previousYear : .previousPeriod,
                matchesWeekdays: matches)
        }
    }

    private static func customComparison(_ place: JSONPlace?) throws -> Comparison {
        guard let place else { throw missing("include/comparisons/date_range") }
        let ends = try place.list(2...2, of: "days")
        guard
            case .custom(let days)? = Period(
                "custom", from: try ends[0].text("A day"), to: try ends[1].text("A day")),
            days.lowerBound >= Day("1970-01-01")!, days.upperBound <= Day("2999-12-31")!
        else { throw place.refusal("Two days are expected here, the earlier first.") }
        return .custom(days)
    }

    // MARK: What follows from it

    /// The order that rows have when none was asked for, and the goals that rows of `event:goal` can be about.
    mutating func finish() {
        if order.isEmpty {
            if let index = dimensions.firstIndex(where: \.isTime) {
                order.append(Order(key: .dimension(index), isDescending: false))
            }
            order.append(Order(key: .metric(0), isDescending: true))
        }
        // Who asks for those that reach a goal does not want rows of the others.
        for condition in filter.conjuncts {
            switch condition {
            case .goal(let goal): goals = goals.filter { $0.id == goal.id }
            case .any(let filters):
                let wanted = filters.compactMap { if case .goal(let goal) = $0 { goal.id } else { nil } }
                if !wanted.isEmpty, wanted.count == filters.count {
                    goals = goals.filter { wanted.contains($0.id) }
                }
            default: break
            }
        }
        if !dimensions.contains(where: { $0.dimension == .goal }) { goals = [] }
    }

    private func check(_ place: JSONPlace) throws {
        let question = question(range.span)
        for (index, metric) in metrics.enumerated() {
            if let objection = metric.metric.objection(question) {
                throw JSONPlace.refusal("\(place.path)/\(index)", objection)
            }
        }
    }

    private static func spelledOut(_ filters: JSONValue, _ filter: Filter) -> JSONValue {
        guard case .list(let items) = filters, case .all(let read) = filter else { return filters }
        var spelled: [JSONValue] = []
        for (item, filter) in zip(items, read) {
            guard case .list(let parts) = item, parts.count > 1, parts[1] == "segment" else {
                spelled.append(item)
                continue
            }
            // One segment's conditions stand beside the query's own.
            if case .any(let segments) = filter, segments.count == 1 {
                spelled += segments[0].conjuncts.map(QueryFilters.json)
            } else {
                spelled.append(QueryFilters.json(filter))
            }
        }
        return .list(spelled)
    }

    /// Whether a figure of it is made of visitors.
    var countsVisitors: Bool { metrics.contains { $0.metric.needs.contains(.visitors) } }

    // MARK: As it is answered

    /// What was understood, in the words of the API.
    func json(site: String, history: ZoneHistory) -> JSONValue {
        [
            "site_id": .text(site), "metrics": .list(metrics.map { .text($0.id) }),
            "date_range": QueryRange.json(range.span, history), "filters": filters,
            "dimensions": .list(dimensions.map { .text($0.id) }),
            "order_by": .list(
                order.map { order in
                    let id =
                        switch order.key {
                        case .metric(let index): metrics[index].id
                        case .dimension(let index): dimensions[index].id
                        }
                    return [.text(id), .text(order.isDescending ? "desc" : "asc")]
                }),
            "include": include, "pagination": ["limit": .whole(limit), "offset": .whole(offset)],
        ]
    }
}
