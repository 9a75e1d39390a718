import Auth
import Days
import FoundationEssentials
import Postgres

/// A bucket of time: its name, and the moment at which it begins.
struct Bucket: Sendable {
    let label: String
    let start: Date
}

extension Query {
    /// The buckets of a dimension of time, in order; nil for others.
    func series() -> [Bucket]? {
        let zone = Zone.named(site.site.timeZone) ?? .utc
        func date(_ seconds: Int64) -> Date { Date(timeIntervalSince1970: TimeInterval(seconds)) }
        let all = (0...days.lowerBound.distance(to: days.upperBound)).map { days.lowerBound.advanced(by: $0) }
        switch dimension {
        case .day?:
            return all.map { Bucket(label: $0.description, start: date(zone.start(of: $0))) }
        case .hour?:
            // An hour of local time that a change of clock repeats is two buckets of one name.
            return all.flatMap { day in
                stride(from: zone.start(of: day), to: zone.end(of: day), by: 3_600).map { start in
                    let secondOfDay = start + Int64(zone.offset(at: start)) - Int64(day.rawValue) * 86_400
                    let hour = secondOfDay / 3_600
                    return Bucket(label: "\(day) \(hour < 10 ? "0" : "")\(hour):00", start: date(start))
                }
            }
        default:
            return nil
        }
    }
}

extension Statistics {
    /// Columns: the dimension's value, the number of rows in all, then the metrics as float8.
    ///
    /// Events are gathered into visits by the silence before each. An engagement keeps a visit alive, but what
    /// consists of engagements alone is none.
    static func statement(_ query: Query, _ series: [Bucket]?) -> SQL {
        let (value, counted): (SQL, SQL) =
            switch query.dimension {
            case .page?: ("pathname", "name = 'pageview'")
            case .day?, .hour?: ("width_bucket(received_at, \((series ?? []).map(\.start)))::text", "true")
            case let dimension? where dimension.scope == .visit: ("visits.value", "true")
            default: ("''", "true")
            }
        let ofVisit = query.dimension.flatMap(visitColumn) ?? "''::text"
        let figures = SQL.joined(query.metrics.map(column), separator: ", ")
        let order: SQL = series == nil ? "3 DESC, 1" : "1"
        let page: SQL = series == nil ? "LIMIT \(query.limit) OFFSET \(query.offset)" : ""
        let site = query.site.site
        return """
            WITH marked AS (
                SELECT day, visitor, received_at, stream, sequence, name, pathname, interactive, \(ofVisit) AS of_visit,
                    count(*) FILTER (WHERE begins) OVER of_visitor AS visit
                FROM (
                    SELECT *, coalesce(received_at - lag(received_at) OVER (
                        PARTITION BY day, visitor ORDER BY received_at, stream, sequence)
                        > interval '30 minutes', true) AS begins
                    FROM events
                    WHERE account_id = \(site.account) AND site_id = \(site.id)
                        AND day BETWEEN \(query.days.lowerBound) AND \(query.days.upperBound)) e
                WINDOW of_visitor AS (PARTITION BY day, visitor ORDER BY received_at, stream, sequence)
            ), visits AS (
                SELECT day, visitor, visit, extract(epoch FROM max(received_at) - min(received_at)) AS duration,
                    count(*) FILTER (WHERE name = 'pageview') = 1
                        AND count(*) FILTER (WHERE interactive AND name NOT IN ('pageview', 'engagement')) = 0 AS bounced,
                    (array_agg(of_visit ORDER BY received_at, stream, sequence) FILTER (WHERE name <> 'engagement'))[1]
                        AS value
                FROM marked GROUP BY day, visitor, visit HAVING bool_or(name <> 'engagement')
            ), counted AS (
                SELECT \(value) AS value, day, visitor, name, duration, bounced,
                    row_number() OVER (PARTITION BY \(value), day, visitor, visit ORDER BY received_at) = 1 AS first
                FROM marked JOIN visits USING (day, visitor, visit) WHERE name <> 'engagement' AND \(counted)
            )
            SELECT value, count(*) OVER () AS total, \(figures)
            FROM counted GROUP BY value ORDER BY \(order) \(page)
            """
    }

    /// The column that holds a dimension of visits.
    private static func visitColumn(_ dimension: Dimension) -> SQL? {
        switch dimension {
        case .source: "source"
        case .channel: "channel"
        case .country: "country"
        case .browser: "browser"
        case .system: "os"
        case .device: "device"
        default: nil
        }
    }

    private static func column(_ metric: Metric) -> SQL {
        switch metric {
        case .visitors: "count(DISTINCT (day, visitor))::float8"
        case .visits: "(count(*) FILTER (WHERE first))::float8"
        case .pageViews: "(count(*) FILTER (WHERE name = 'pageview'))::float8"
        case .bounceRate: "coalesce(100.0 * avg(bounced::int) FILTER (WHERE first), 0)::float8"
        case .visitDuration: "coalesce(avg(duration) FILTER (WHERE first), 0)::float8"
        default: preconditionFailure("the metric \(metric.id) has no column")
        }
    }
}
