/// Which events count: a condition on an event, and on the visit that it is part of.
///
/// The events for which it holds are counted, the visits with such an event, and the visitors with such a visit. So a
/// filter on what a visit has selects visits whole, and one on what an event has selects the visits that contain such an
/// event, and of them only those events.
package indirect enum Filter: Sendable, Hashable {
    /// All of them hold; no condition at all holds always.
    case all([Filter])
    case any([Filter])
    case not(Filter)
    /// The visit has an event for which it holds, this or another. `not(.hasDone(…))`: has not done.
    case hasDone(Filter)
    case match(Match)
    /// The event reaches the goal.
    case goal(Goal)

    /// Holds if the value stands to one of `values` as the operator says; negated: to none of them.
    package struct Match: Sendable, Hashable {
        /// Not ``Dimension/goal``, nor one of time.
        package var dimension: Dimension
        package var comparison: Comparison
        package var isNegated: Bool
        /// At least one.
        package var values: [String]
        /// False compares after mapping A–Z to a–z and what Unicode calls simple lower case; no regular expression.
        package var isCaseSensitive: Bool

        package init(
            _ dimension: Dimension, _ comparison: Comparison, _ values: [String], isNegated: Bool = false,
            isCaseSensitive: Bool = true
        ) {
            self.dimension = dimension
            self.comparison = comparison
            self.values = values
            self.isNegated = isNegated
            self.isCaseSensitive = isCaseSensitive
        }
    }

    package enum Comparison: String, Sendable, Hashable, CaseIterable {
        case equals = "is"
        case contains
        /// A regular expression of RE2's syntax: it is found in time that grows with the text alone.
        case matches
    }

    /// Every event.
    package static let everything = Filter.all([])

    /// The conditions that have to hold together.
    package var conjuncts: [Filter] {
        if case .all(let filters) = self { filters.flatMap(\.conjuncts) } else { [self] }
    }

    /// Without the goals that have to be reached: whom a rate of conversion is a rate of.
    package var withoutGoals: Filter {
        .all(
            conjuncts.filter { filter in
                switch filter {
                case .goal: false
                case .any(let filters):
                    filters.isEmpty || !filters.allSatisfy { if case .goal = $0 { true } else { false } }
                default: true
                }
            })
    }

    package var hasGoals: Bool { withoutGoals.conjuncts.count < conjuncts.count }

    /// What of blocks has to be there to decide it.
    package var groups: ColumnGroup {
        switch self {
        case .all(let filters), .any(let filters):
            filters.reduce(into: []) { $0.formUnion($1.groups) }
        case .not(let filter), .hasDone(let filter): filter.groups
        case .match(let match): match.dimension.group
        case .goal(let goal): goal.condition?.groups ?? []
        }
    }
}

/// What an owner wants visitors to do. Evaluated when asked, so that a new goal has its history at once.
package struct Goal: Sendable, Hashable, Identifiable {
    package enum Kind: Sendable, Hashable {
        /// A custom event of that name.
        case event(String)
        /// A page view whose page matches; `*` stands for any text within a segment, `**` for any text.
        case page(String)
        /// A page view of such a page that was read to at least so many per cent.
        case scroll(page: String, depth: Int)
    }

    package var id: Int64
    package var name: String
    package var kind: Kind
    /// What else has to hold of the event: its properties, for one. Contains no goal.
    package var condition: Filter?

    package init(id: Int64, name: String, kind: Kind, condition: Filter? = nil) {
        self.id = id
        self.name = name
        self.kind = kind
        self.condition = condition
    }
}

/// Goals reached one after the other.
package struct Funnel: Sendable, Hashable {
    package enum Scope: String, Sendable, Hashable, CaseIterable {
        /// All in one visit; figures are visits.
        case visit
        /// All on one day of the site, over several visits; figures are visitors.
        case day
    }

    /// 2 to 8. Each is reached by an event after the one before.
    package var steps: [Goal]
    package var scope: Scope

    package init(steps: [Goal], scope: Scope) {
        self.steps = steps
        self.scope = scope
    }
}
