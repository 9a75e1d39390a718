package import Days

/// The days, or the stretch of time within them, that a question is about.
package struct Span: Sendable, Hashable {
    package var days: ClosedRange<Day>
    /// Only events of these instants, in seconds since 1970; nil for all of the days.
    package var window: Range<Int64>?

    package init(days: ClosedRange<Day>, window: Range<Int64>? = nil) {
        self.days = days
        self.window = window
    }

    /// What of a block has to be there to tell what lies in it.
    var groups: ColumnGroup { window == nil ? .core : [.core, .times] }
}

/// What is asked of one site's events: figures of a selection, one row for each value that they are broken down by.
package struct Question: Sendable, Hashable {
    package enum Direction: Sendable, Hashable {
        case ascending
        case descending
    }

    /// By a figure or by a value. Equal rows stand in the order of their values' bytes, ascending.
    package enum Key: Sendable, Hashable {
        case metric(Metric)
        case dimension(Dimension)
    }

    package struct Order: Sendable, Hashable {
        package var key: Key
        package var direction: Direction

        package init(_ key: Key, _ direction: Direction) {
            self.key = key
            self.direction = direction
        }
    }

    package var span: Span
    package var filter: Filter
    package var metrics: [Metric]
    /// None: totals, in a single row that is there even when nothing was counted. A single dimension of time: a row for
    /// each piece of the span, those with nothing included. Else: a row for each combination of values with an event.
    package var dimensions: [Dimension]
    /// The rows of ``Dimension/goal``.
    package var goals: [Goal]
    /// Empty: time ascending; else the first metric, the largest first.
    package var order: [Order]
    /// A single dimension of time ignores both.
    package var limit: Int
    package var offset: Int

    package init(
        span: Span, filter: Filter = .everything, metrics: [Metric], dimensions: [Dimension] = [],
        goals: [Goal] = [], order: [Order] = [], limit: Int = 10, offset: Int = 0
    ) {
        self.span = span
        self.filter = filter
        self.metrics = metrics
        self.dimensions = dimensions
        self.goals = goals
        self.order = order
        self.limit = limit
        self.offset = offset
    }
}

/// A figure of an answer.
package enum Figure: Sendable, Hashable {
    /// There is none: a rate of nothing.
    case none
    case number(Double)
    /// By currency, in the order of their codes; millionths for sums, a fraction for averages.
    case money([Money])

    package struct Money: Sendable, Hashable {
        package var currency: String
        /// Units of the currency.
        package var amount: Double

        package init(currency: String, amount: Double) {
            self.currency = currency
            self.amount = amount
        }
    }

    package var number: Double? { if case .number(let number) = self { number } else { nil } }
}

/// What a ``Question`` is answered with.
package struct Figures: Sendable, Equatable {
    package struct Row: Sendable, Equatable {
        /// One for each dimension; "" is unknown.
        package var values: [String]
        /// One for each metric.
        package var figures: [Figure]

        package init(values: [String], figures: [Figure]) {
            self.values = values
            self.figures = figures
        }
    }

    package var rows: [Row]
    /// How many rows there are in all.
    package var total: Int

    package init(rows: [Row], total: Int) {
        self.rows = rows
        self.total = total
    }
}
