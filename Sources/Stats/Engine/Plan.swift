import Days

/// Sums to be added up over a span: of a selection, by up to three axes. Several questions may share one.
struct Plan: Sendable {
    /// What rows are told apart by.
    enum Axis: Sendable, Hashable {
        case column(Column)
        case entryPage
        case exitPage
        case entryHostname
        case exitHostname
        case property(String)
        case goal
        case time(Dimension.Interval)

        /// All events of a visit have the same value.
        var isOfVisit: Bool {
            switch self {
            case .column(let column): column.isOfVisit
            case .entryPage, .exitPage, .entryHostname, .exitHostname: true
            case .property, .goal: false
            case .time(let interval): Axis.isConstant(interval)
            }
        }

        /// All events of a block have the same value.
        var isConstant: Bool {
            if case .time(let interval) = self { Axis.isConstant(interval) } else { false }
        }

        private static func isConstant(_ interval: Dimension.Interval) -> Bool {
            switch interval {
            case .quarter, .hour: false
            case .day, .week, .month: true
            }
        }
    }

    var span: Span
    /// A number of the engine's selections.
    var selection: Int
    var axes: [Axis]
    /// Beside `axes`: there is no row for "".
    var dropsEmpty: [Bool]
    /// Of the axis of goals.
    var goals: [Goal]
    var goalConditions: [Condition]
    var sums: Set<Sum>
    var needsMoney: Bool
    var groups: ColumnGroup

    /// Counts something wherever there is an event: where it is 0, there is no row.
    var presence: Sum {
        for sum in [Sum.visitors, .visits, .events] where sums.contains(sum) { return sum }
        return .events
    }

    /// A row's place in a tally is its value's number in the site's dictionary (or the goal's number).
    var isDense: Bool {
        guard axes.count == 1 else { return axes.isEmpty }
        if case .time = axes[0] { return false }
        return true
    }
}

/// How a question is answered of sums.
struct Answering: Sendable {
    /// Whose visitors a metric's rate is a rate of.
    enum Basis: Sendable {
        case nobody
        /// Those of a plan without axes.
        case total(plan: Int)
        /// Those of the same row; `axes` are the places of the plan's axes among the question's.
        case row(plan: Int, axes: [Int])
    }

    var question: Question
    var plan: Int
    /// Of the question's metrics, and of those that its order names.
    var bases: [Metric: Basis]
    /// All rows of a question about time alone, as ``TimeValue``s.
    var series: [UInt32]?
}

struct FunnelPlan: Sendable {
    var span: Span
    var selection: Int
    var steps: [Condition]
    var scope: Funnel.Scope
    var groups: ColumnGroup
}
