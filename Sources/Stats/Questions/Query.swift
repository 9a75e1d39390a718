package import Auth
package import Days

/// A question about one site. Everything that shows a figure asks with it.
package struct Query: Sendable {
    package var site: SiteAccess
    package var days: ClosedRange<Day>
    package var metrics: [Metric]
    /// Nil asks for totals: one row.
    package var dimension: Dimension?
    /// How many rows, from which on. Rows of time are all answered, in order.
    package var limit: Int
    package var offset: Int

    package init(
        site: SiteAccess, days: ClosedRange<Day>, metrics: [Metric], dimension: Dimension? = nil,
        limit: Int = 10,
        offset: Int = 0
    ) {
        self.site = site
        self.days = days
        self.metrics = metrics
        self.dimension = dimension
        self.limit = limit
        self.offset = offset
    }
}

/// What a ``Query`` is answered with.
package struct PlainAnswer: Sendable, Equatable {
    package struct Row: Sendable, Equatable {
        /// The dimension's value; "" is unknown. A day is `2026-11-21`, an hour `2026-11-21 14:00`.
        package let value: String
        /// One for each metric of the query, in its order.
        package let figures: [Double]

        package init(value: String, figures: [Double]) {
            self.value = value
            self.figures = figures
        }
    }

    package let rows: [Row]
    /// How many rows there are in all.
    package let total: Int

    package init(rows: [Row], total: Int) {
        self.rows = rows
        self.total = total
    }
}
