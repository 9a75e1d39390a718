import Postgres
import Stats

extension Metric {
    /// Its figure of a row of sums: a number and nothing, or currencies and their amounts.
    var columns: SQL {
        switch self {
        case .totalRevenue: "currencies, totals"
        case .averageRevenue: "currencies, averages"
        default: "\(number), NULL"
        }
    }

    /// What rows are ordered by.
    var weight: SQL {
        switch self {
        case .totalRevenue: "(SELECT sum(amount) FROM unnest(totals) amount)"
        case .averageRevenue: "(SELECT sum(amount) FROM unnest(averages) amount)"
        default: number
        }
    }

    private var number: SQL {
        switch self {
        case .visitors: "visitors::float8"
        case .visits: "visits::float8"
        case .pageViews: "views::float8"
        case .events: "events::float8"
        case .viewsPerVisit: Metric.rate("1", "views", of: "visits")
        case .bounceRate: Metric.rate("100", "bounces", of: "visits")
        case .visitDuration: Metric.rate("1", "duration", of: "visits")
        case .timeOnPage: Metric.rate("0.001", "engagement", of: "engaged")
        case .scrollDepth: Metric.rate("1", "depth", of: "deep")
        case .exitRate: Metric.rate("100", "exits", of: "views")
        case .percentage: Metric.rate("100", "visitors", of: "of_selection")
        case .conversionRate: Metric.rate("100", "visitors", of: "of_everybody")
        case .groupConversionRate: Metric.rate("100", "visitors", of: "of_same_row")
        default: preconditionFailure("the oracle does not know the metric \(id)")
        }
    }

    private static func rate(_ scale: SQL, _ part: SQL, of whole: SQL) -> SQL {
        "CASE WHEN \(whole) <> 0 THEN \(scale)::float8 * \(part)::float8 / \(whole)::float8 END"
    }
}
