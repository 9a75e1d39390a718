import Stats

/// Filters as Plausible's API has them, read into ours: `["is", "visit:country", ["DE"], {"case_sensitive": false}]`.
struct QueryFilters: Sendable {
    static let mostConditions = 100
    static let mostValues = 300
    static let longestValue = 2_000

    let goals: [Goal]
    let segments: [SiteGoals.SavedSegment]
    private var conditions = 0

    init(goals: [Goal], segments: [SiteGoals.SavedSegment]) {
        self.goals = goals
        self.segments = segments
    }

    private static let operators: [String: (comparison: Filter.Comparison, isNegated: Bool)] = [
        "is": (.equals, false), "is_not": (.equals, true), "contains": (.contains, false),
        "contains_not": (.contains, true), "matches": (.matches, false), "matches_not": (.matches, true),
    ]

    static let words = ["and", "or", "not", "has_done", "has_not_done"] + operators.keys.sorted()

    /// The conditions of a list, all of which have to hold.
    mutating func filter(_ place: JSONPlace) throws -> Filter {
        .all(try filters(place))
    }

    private mutating func filters(_ place: JSONPlace) throws -> [Filter] {
        var filters: [Filter] = []
        for item in try place.list(0...QueryFilters.mostConditions, of: "filters") {
            filters.append(try condition(item))
        }
        return filters
    }

    private mutating func condition(_ place: JSONPlace) throws -> Filter {
        conditions += 1
        guard conditions <= QueryFilters.mostConditions else {
            throw place.refusal(
                "All filters together have at most \(QueryFilters.mostConditions) conditions.")
        }
        let parts = try place.list(2...4, of: "an operator and what it is about")
        let word = try parts[0].text("An operator")
        let isPair = parts.count == 2
        switch (word, isPair) {
        case ("and", true): return .all(try filters(parts[1]))
        case ("or", true): return .any(try filters(parts[1]))
        case ("not", true): return .not(try condition(parts[1]))
        case ("has_done", true): return .hasDone(try condition(parts[1]))
        case ("has_not_done", true): return .not(.hasDone(try condition(parts[1])))
        default:
            guard let found = QueryFilters.operators[word] else {
                throw parts[0].refusal(
                    QueryFilters.words.contains(word)
                        ? "“\(word)” is followed by one thing."
                        : "“\(word.prefix(50))” is no operator; there are \(QueryFilters.words.joined(separator: ", "))."
                )
            }
            guard parts.count >= 3 else {
                throw place.refusal("A dimension and a list of values are missing.")
            }
            return try match(parts, found.comparison, isNegated: found.isNegated)
        }
    }

    private func match(_ parts: [JSONPlace], _ comparison: Filter.Comparison, isNegated: Bool) throws
        -> Filter
    {
        let id = try parts[1].text("A dimension")
        let isCaseSensitive = try parts.count < 4 || isCaseSensitive(parts[3], comparison)
        if id == "segment" {
            guard comparison == .equals, parts.count == 3 else {
                throw parts[0].refusal("Segments are chosen with is or is_not.")
            }
            let chosen = Filter.any(try parts[2].list(1...20, of: "segments").map(segment))
            return isNegated ? .not(chosen) : chosen
        }
        guard let dimension = QueryDimension.named(id), !dimension.isTime else {
            throw parts[1].refusal("“\(id.prefix(100))” is nothing that can be filtered by.")
        }
        let values = try parts[2].list(1...QueryFilters.mostValues, of: "values").map { place in
            let value = try place.text("A value")
            guard value.utf8.count <= QueryFilters.longestValue else {
                throw place.refusal("A value has at most \(QueryFilters.longestValue) bytes.")
            }
            return value
        }
        let match = Filter.Match(
            dimension.dimension, comparison, values, isNegated: isNegated, isCaseSensitive: isCaseSensitive)
        return dimension.dimension == .goal
            ? try goals(match, parts[2]) : try QueryFilters.filter(match, dimension, parts[2])
    }

    private func isCaseSensitive(_ place: JSONPlace, _ comparison: Filter.Comparison) throws -> Bool {
        guard let member = try place.object(of: ["case_sensitive"])["case_sensitive"] else { return true }
        let isCaseSensitive = try member.truth()
        guard comparison != .matches || isCaseSensitive else {
            throw member.refusal("A regular expression says itself that it ignores case: (?i).")
        }
        return isCaseSensitive
    }

    private func segment(_ place: JSONPlace) throws -> Filter {
        let id = Int64(try place.whole(in: 1...Int.max))
        guard let segment = segments.first(where: { $0.id == id }) else {
            throw place.refusal("The site has no segment \(id).")
        }
        guard let filter = segment.filter else {
            throw place.refusal("Segment \(id) asks for a goal that is no more.")
        }
        return filter
    }

    // MARK: Goals

    /// Goals are chosen by their names; of page goals `Visit /path` is a name too.
    private func goals(_ match: Filter.Match, _ place: JSONPlace) throws -> Filter {
        var chosen: [Goal] = []
        if match.comparison == .equals, match.isCaseSensitive {
            for (index, value) in match.values.enumerated() {
                guard let goal = goals.first(where: { QueryFilters.names(of: $0).contains(value) }) else {
                    throw JSONPlace.refusal(
                        "\(place.path)/\(index)", "The site has no goal “\(value.prefix(200))”.")
                }
                chosen.append(goal)
            }
        } else {
            var test = match
            test.isNegated = false
            chosen = try goals.filter { goal in
                try QueryFilters.asked(place) {
                    try QueryFilters.names(of: goal).contains { try test.holds(for: $0) }
                }
            }
        }
        // No goal at all: nobody reaches one.
        let filter: Filter = chosen.count == 1 ? .goal(chosen[0]) : .any(chosen.map { .goal($0) })
        return match.isNegated ? .not(filter) : filter
    }

    private static func names(of goal: Goal) -> [String] {
        if case .page(let pattern) = goal.kind { [goal.name, "Visit " + pattern] } else { [goal.name] }
    }

    // MARK: What programs call what is not known

    private static func filter(
        _ match: Filter.Match, _ dimension: QueryDimension, _ place: JSONPlace
    ) throws -> Filter {
        if match.comparison == .matches {
            for (index, value) in match.values.enumerated() {
                try asked(JSONPlace(.null, path: "\(place.path)/\(index)")) {
                    var one = match
                    one.values = [value]
                    _ = try one.holds(for: "")
                    guard value.utf8.count <= Question.Limit.expression else {
                        throw QuestionError(
                            "A regular expression has at most \(Question.Limit.expression) bytes.")
                    }
                }
            }
        }
        if dimension.isCountryName { return try countries(match, place) }
        guard match.comparison == .equals, match.values.contains(dimension.empty) else {
            return .match(match)
        }
        var match = match
        if case .property = dimension.dimension.kind {
            // An event that lacks a property has no text at all, not even an empty one.
            let isThere = Filter.match(.init(match.dimension, .contains, [""]))
            let isNegated = match.isNegated
            match.values.removeAll { $0 == dimension.empty }
            match.isNegated = false
            let filter = Filter.any([.not(isThere)] + (match.values.isEmpty ? [] : [.match(match)]))
            return isNegated ? .not(filter) : filter
        }
        match.values = match.values.map { $0 == dimension.empty ? "" : $0 }
        return .match(match)
    }

    /// A filter on names becomes one on the codes of the countries whose names it holds for.
    private static func countries(_ match: Filter.Match, _ place: JSONPlace) throws -> Filter {
        var test = match
        test.isNegated = false
        let codes = try Countries.codes(where: { code in
            try asked(place) { try Countries.names(of: code).contains { try test.holds(for: $0) } }
        })
        let empty = try asked(place) { try test.holds(for: "") } || match.values.contains("(not set)")
        let chosen = codes + (empty ? [""] : [])
        let filter = Filter.match(.init(.country, .equals, chosen.isEmpty ? ["-"] : chosen))
        return match.isNegated ? .not(filter) : filter
    }

    /// What the engine objects to is said with the path to it.
    private static func asked<Result>(_ place: JSONPlace, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as QuestionError {
            throw place.refusal(error.description)
        }
    }

    // MARK: The other way

    /// One of our filters as programs write it: what a segment stands for.
    static func json(_ filter: Filter) -> JSONValue {
        switch filter {
        case .all(let filters): ["and", .list(filters.map(json))]
        case .any(let filters): ["or", .list(filters.map(json))]
        case .not(.hasDone(let filter)): ["has_not_done", json(filter)]
        case .not(let filter): ["not", json(filter)]
        case .hasDone(let filter): ["has_done", json(filter)]
        case .goal(let goal): ["is", "event:goal", [.text(goal.name)]]
        case .match(let match):
            .list(
                [
                    .text(match.comparison.rawValue + (match.isNegated ? "_not" : "")),
                    .text(QueryDimension.of(match.dimension)?.id ?? match.dimension.id),
                    .list(match.values.map { .text($0) }),
                ] + (match.isCaseSensitive ? [] : [["case_sensitive": false]]))
        }
    }
}
