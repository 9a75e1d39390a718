import Auth
import Stats

/// One condition of a dashboard, as it stands in the address: `f=is,country,DE,FR`.
///
/// The key is a dimension, `goal`, or `segment` with ids of saved filters. A comma within a value is `\,` and a
/// backslash `\\`, so that it does not matter how often an address was encoded on its way.
struct FilterTerm: Sendable, Hashable {
    enum Operator: String, Sendable, CaseIterable {
        case equals = "is"
        case equalsNot = "is_not"
        case contains
        case containsNot = "contains_not"
        case matches
        case matchesNot = "matches_not"
        case hasDone = "has_done"
        case hasNotDone = "has_not_done"

        var title: String {
            switch self {
            case .equals: "is"
            case .equalsNot: "is not"
            case .contains: "contains"
            case .containsNot: "does not contain"
            case .matches: "matches"
            case .matchesNot: "does not match"
            case .hasDone: "in a visit with"
            case .hasNotDone: "in a visit without"
            }
        }
    }

    var `operator`: Operator
    var key: String
    /// At least one.
    var values: [String]

    static let segment = "segment"
    static let mostTerms = 20
    static let mostValues = 100
    static let longestText = 20_000

    init(_ operator: Operator, _ key: String, _ values: [String]) {
        (self.operator, self.key, self.values) = (`operator`, key, values)
    }

    init(_ text: String) throws(FormError) {
        guard text.utf8.count <= FilterTerm.longestText else { throw FormError("f", "A filter is too long.") }
        let parts = FilterTerm.parts(text)
        guard let operatorText = parts.first, let found = Operator(rawValue: operatorText) else {
            throw FormError("f", "“\(text.prefix(50))” begins with no operator that filters have.")
        }
        guard parts.count >= 3, parts.count <= FilterTerm.mostValues + 2 else {
            throw FormError("f", "A filter has a dimension and 1 to \(FilterTerm.mostValues) values.")
        }
        self.init(found, parts[1], Array(parts[2...]))
        if key == Dimension.goal.id || key == FilterTerm.segment {
            guard ![.contains, .containsNot, .matches, .matchesNot].contains(found) else {
                throw FormError("f", "A \(key) is chosen by its name, with “is” or “is not”.")
            }
        } else {
            guard let dimension = Dimension.named(key), dimension.interval == nil else {
                throw FormError("f", "“\(key.prefix(50))” is nothing that can be filtered by.")
            }
        }
    }

    private static func parts(_ text: String) -> [String] {
        var parts = [""]
        var isEscaped = false
        for scalar in text.unicodeScalars {
            if isEscaped {
                parts[parts.count - 1].unicodeScalars.append(scalar)
                isEscaped = false
            } else if scalar == "\\" {
                isEscaped = true
            } else if scalar == "," {
                parts.append("")
            } else {
                parts[parts.count - 1].unicodeScalars.append(scalar)
            }
        }
        return parts
    }

    var text: String {
        ([self.operator.rawValue, key] + values).map { part in
            var escaped = ""
            for scalar in part.unicodeScalars {
                if scalar == "," || scalar == "\\" { escaped.unicodeScalars.append("\\") }
                escaped.unicodeScalars.append(scalar)
            }
            return escaped
        }.joined(separator: ",")
    }

    // MARK: As a condition

    /// - Throws: a goal or a segment that is not there.
    func filter(_ saved: SavedQuestions) throws(FormError) -> Filter {
        switch self.operator {
        case .hasDone: return .hasDone(try positive(.equals, saved))
        case .hasNotDone: return .not(.hasDone(try positive(.equals, saved)))
        case .equals: return try positive(.equals, saved)
        case .equalsNot: return try negative(.equals, saved)
        case .contains: return try positive(.contains, saved)
        case .containsNot: return try negative(.contains, saved)
        case .matches: return try positive(.matches, saved)
        case .matchesNot: return try negative(.matches, saved)
        }
    }

    private func positive(_ comparison: Filter.Comparison, _ saved: SavedQuestions) throws(FormError)
        -> Filter
    {
        if key == Dimension.goal.id || key == FilterTerm.segment {
            var chosen: [Filter] = []
            for value in values { chosen.append(try named(value, saved)) }
            return chosen.count == 1 ? chosen[0] : .any(chosen)
        }
        return .match(try match(comparison, isNegated: false))
    }

    private func negative(_ comparison: Filter.Comparison, _ saved: SavedQuestions) throws(FormError)
        -> Filter
    {
        if key == Dimension.goal.id || key == FilterTerm.segment {
            return .not(try positive(comparison, saved))
        }
        return .match(try match(comparison, isNegated: true))
    }

    private func match(_ comparison: Filter.Comparison, isNegated: Bool) throws(FormError) -> Filter.Match {
        guard let dimension = Dimension.named(key) else {
            throw FormError("f", "There is no such dimension.")
        }
        // What somebody types into a box is meant however it is written.
        return Filter.Match(
            dimension, comparison, values, isNegated: isNegated, isCaseSensitive: comparison != .contains)
    }

    private func named(_ value: String, _ saved: SavedQuestions) throws(FormError) -> Filter {
        if key == FilterTerm.segment {
            guard let segment = saved.segments.first(where: { String($0.id) == value }),
                let filter = segment.filter
            else { throw FormError("f", "The segment of this address is no more.") }
            return filter
        }
        guard let goal = saved.goals.first(where: { $0.goal.name == value }) else {
            throw FormError("f", "There is no goal “\(value.prefix(200))”.")
        }
        return .goal(goal.goal)
    }

    // MARK: For people

    /// Country is Germany or France
    func sentence(_ saved: SavedQuestions) -> (subject: String, relation: String, values: String) {
        let shown = values.prefix(3).map { value in
            key == FilterTerm.segment
                ? saved.segments.first { String($0.id) == value }?.name ?? value
                : Dimension.named(key).map { ValueText.label(value, $0) } ?? value
        }
        let more = values.count > 3 ? " or \(values.count - 3) more" : ""
        return (
            key == FilterTerm.segment ? "Segment" : Dimension.named(key)?.title ?? key, self.operator.title,
            shown.joined(separator: " or ") + more
        )
    }
}

/// What people have saved of their questions about a site.
struct SavedQuestions: Sendable {
    var goals: [SiteGoals.Saved] = []
    var funnels: [SiteGoals.SavedFunnel] = []
    var segments: [SiteGoals.SavedSegment] = []
}
