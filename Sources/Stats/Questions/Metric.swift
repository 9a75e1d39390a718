/// A figure that can be asked for. To add one, add a row to ``all``.
///
/// Every metric is made of ``Sum``s, which add over days; a rate is worked out once, at the end, from whole numbers.
package struct Metric: Sendable, Identifiable {
    package enum Unit: Sendable {
        case count
        /// Hundredths, 0 to 100.
        case percent
        case seconds
        /// Pieces of something for each of another: 2.4 views a visit.
        case ratio
        case money
    }

    /// Whose visitors a rate is a rate of.
    package enum Basis: Sendable {
        /// All that the filter selects.
        case selection
        /// All that it would select if no goal had to be reached.
        case withoutGoals
        /// The same, of the row's own value.
        case sameRowWithoutGoals
    }

    package let id: String
    package let title: String
    package let unit: Unit
    /// What it means, in one sentence, as users read it.
    package let definition: String
    /// The sums that ``figure`` asks for.
    package let needs: [Sum]
    package let basis: Basis?
    /// From a row's sums and, where there is a ``basis``, that basis' visitors.
    package let figure: @Sendable (_ sums: Sums, _ basis: Int64) -> Figure
    /// Where it says nothing: a sentence for the user, or nil where it makes sense.
    package let objection: @Sendable (Question) -> String?

    package init(
        id: String, title: String, unit: Unit, definition: String, needs: [Sum], basis: Basis? = nil,
        objection: @escaping @Sendable (Question) -> String? = { _ in nil },
        figure: @escaping @Sendable (_ sums: Sums, _ basis: Int64) -> Figure
    ) {
        self.id = id
        self.title = title
        self.unit = unit
        self.definition = definition
        self.needs = needs
        self.basis = basis
        self.figure = figure
        self.objection = objection
    }

    private static func count(_ id: String, _ title: String, _ sum: Sum, _ definition: String) -> Metric {
        Metric(id: id, title: title, unit: .count, definition: definition, needs: [sum]) { sums, _ in
            .number(Double(sums[sum]))
        }
    }

    /// `scale * part / whole`, in that order.
    private static func rate(_ scale: Double, _ part: Int64, of whole: Int64) -> Figure {
        whole == 0 ? .none : .number(scale * Double(part) / Double(whole))
    }

    package static let visitors = count(
        "visitors", "Visitors", .visitors,
        "People, as far as can be told without following them: each counts once a day.")
    package static let visits = count(
        "visits", "Visits", .visits,
        "Stays on the site; one ends after thirty minutes of silence, and at midnight.")
    package static let pageViews = count(
        "pageviews", "Page views", .pageViews, "How often a page was opened.")
    package static let events = count(
        "events", "Events", .events, "Page views and custom events together.")
    package static let viewsPerVisit = Metric(
        id: "views_per_visit", title: "Views per visit", unit: .ratio,
        definition: "Page views divided by visits.", needs: [.pageViews, .visits]
    ) { sums, _ in rate(1, sums[.pageViews], of: sums[.visits]) }
    package static let bounceRate = Metric(
        id: "bounce_rate", title: "Bounce rate", unit: .percent,
        definition: "Visits of a single page view, or a single event, in which nothing else was done.",
        needs: [.bounces, .visits]
    ) { sums, _ in rate(100, sums[.bounces], of: sums[.visits]) }
    package static let visitDuration = Metric(
        id: "visit_duration", title: "Visit duration", unit: .seconds,
        definition: "Time from the first to the last sign of life in a visit, on average.",
        needs: [.duration, .visits]
    ) { sums, _ in rate(1, sums[.duration], of: sums[.visits]) }
    package static let timeOnPage = Metric(
        id: "time_on_page", title: "Time on page", unit: .seconds,
        definition: "How long a page was looked at, on average of the page views that told.",
        needs: [.engagement, .engaged], objection: ofPageViews
    ) { sums, _ in rate(0.001, sums[.engagement], of: sums[.engaged]) }
    package static let scrollDepth = Metric(
        id: "scroll_depth", title: "Scroll depth", unit: .percent,
        definition: "How far down a page was read, on average of the page views that told.",
        needs: [.depth, .deep], objection: ofPageViews
    ) { sums, _ in rate(1, sums[.depth], of: sums[.deep]) }
    package static let exitRate = Metric(
        id: "exit_rate", title: "Exit rate", unit: .percent,
        definition: "Page views that were the last of their visit.", needs: [.exits, .pageViews],
        objection: ofPageViews
    ) { sums, _ in rate(100, sums[.exits], of: sums[.pageViews]) }
    package static let percentage = Metric(
        id: "percentage", title: "Share", unit: .percent,
        definition: "Visitors of the row among all visitors of the selection.", needs: [.visitors],
        basis: .selection
    ) { sums, basis in rate(100, sums[.visitors], of: basis) }
    package static let conversionRate = Metric(
        id: "conversion_rate", title: "Conversion rate", unit: .percent,
        definition: "Visitors who reached the goal among all visitors of the selection.",
        needs: [.visitors], basis: .withoutGoals, objection: ofGoals
    ) { sums, basis in rate(100, sums[.visitors], of: basis) }
    package static let groupConversionRate = Metric(
        id: "group_conversion_rate", title: "Conversion rate of the group", unit: .percent,
        definition: "Visitors who reached the goal among all visitors of the same row.",
        needs: [.visitors], basis: .sameRowWithoutGoals, objection: ofGoals
    ) { sums, basis in rate(100, sums[.visitors], of: basis) }
    package static let totalRevenue = Metric(
        id: "total_revenue", title: "Revenue", unit: .money,
        definition: "What events brought, for each currency.", needs: []
    ) { sums, _ in
        sums.money.isEmpty
            ? .none
            : .money(sums.money.map { .init(currency: $0.currency, amount: Double($0.amount) / 1_000_000) })
    }
    package static let averageRevenue = Metric(
        id: "average_revenue", title: "Average revenue", unit: .money,
        definition: "What an event that brought money brought on average, for each currency.", needs: []
    ) { sums, _ in
        sums.money.isEmpty
            ? .none
            : .money(
                sums.money.map {
                    .init(
                        currency: $0.currency,
                        amount: Double($0.amount) / (1_000_000 * Double($0.count)))
                })
    }

    package static let all = [
        visitors, visits, pageViews, events, viewsPerVisit, bounceRate, visitDuration, timeOnPage,
        scrollDepth,
        exitRate, percentage, conversionRate, groupConversionRate, totalRevenue, averageRevenue,
    ]

    package static func named(_ id: String) -> Metric? { all.first { $0.id == id } }

    /// Whether amounts of money have to be added up for it.
    package var needsMoney: Bool { unit == .money }

    // MARK: Where a figure says nothing

    @Sendable private static func ofPageViews(_ question: Question) -> String? {
        question.dimensions.contains { $0.kind == .goal || $0.kind == .column(.name) }
            ? "Only page views tell this, so it cannot be broken down by events or goals." : nil
    }

    @Sendable private static func ofGoals(_ question: Question) -> String? {
        question.filter.hasGoals || question.dimensions.contains { $0.kind == .goal }
            ? nil : "Choose a goal: a conversion rate is a rate of those who reach one."
    }
}

extension Metric: Hashable {
    package static func == (left: Metric, right: Metric) -> Bool { left.id == right.id }

    package func hash(into hasher: inout Hasher) { hasher.combine(id) }
}

/// What was added up for one row.
package struct Sums: Sendable, Equatable {
    package struct Money: Sendable, Equatable {
        package var currency: String
        /// Millionths.
        package var amount: Int64
        package var count: Int64

        package init(currency: String, amount: Int64, count: Int64) {
            self.currency = currency
            self.amount = amount
            self.count = count
        }
    }

    /// By ``Sum``; those that nobody needs may be anything.
    package var values: [Int64]
    /// In the order of the currencies' codes.
    package var money: [Money]

    package init(values: [Int64] = Sum.allCases.map { _ in 0 }, money: [Money] = []) {
        self.values = values
        self.money = money
    }

    package subscript(_ sum: Sum) -> Int64 { values[sum.rawValue] }
}
