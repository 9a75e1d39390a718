/// A figure that can be asked for. To add one, add a row to ``all`` and what computes it to ``Statistics``.
package struct Metric: Sendable, Hashable, Identifiable {
    package enum Unit: Sendable {
        case count
        /// Hundredths, 0 to 100.
        case percent
        case seconds
    }

    package let id: String
    package let title: String
    package let unit: Unit
    /// What it means, in one sentence, as users read it.
    package let definition: String

    package static let visitors = Metric(
        id: "visitors", title: "Visitors", unit: .count,
        definition: "People, as far as can be told without following them: each counts once a day.")
    package static let visits = Metric(
        id: "visits", title: "Visits", unit: .count,
        definition: "Stays on the site; one ends after thirty minutes of silence, and at midnight.")
    package static let pageViews = Metric(
        id: "pageviews", title: "Page views", unit: .count, definition: "How often a page was opened.")
    package static let bounceRate = Metric(
        id: "bounce_rate", title: "Bounce rate", unit: .percent,
        definition: "Visits of a single page view in which nothing else was done.")
    package static let visitDuration = Metric(
        id: "visit_duration", title: "Visit duration", unit: .seconds,
        definition: "Time from the first to the last sign of life in a visit, on average.")

    package static let all = [visitors, visits, pageViews, bounceRate, visitDuration]

    package static func named(_ id: String) -> Metric? { all.first { $0.id == id } }
}
