import Days
import Postgres
import Stats

extension OracleTable {
    /// What the question is answered with, in plain SQL over the events that count.
    func answer(_ question: Question) throws -> Figures {
        let rows = try connection.rows(statement(question)) { row in
            let figures = try question.metrics.enumerated().map { index, metric in
                try OracleTable.figure(row, at: 1 + 2 * index, isMoney: metric.needsMoney)
            }
            return Figures.Row(values: try row[0], figures: figures)
        }
        // Rows of time are all answered. The others are cut here: a page beyond the end still knows the total.
        let page = question.isSeries ? rows[...] : rows.dropFirst(question.offset).prefix(question.limit)
        return Figures(rows: Array(page), total: rows.count)
    }

    /// Two columns a metric: a number and nothing, or currencies and their amounts.
    private static func figure(_ row: Row, at column: Int, isMoney: Bool) throws -> Figure {
        guard isMoney else {
            let number: Double? = try row[column]
            return number.map { .number($0) } ?? .none
        }
        guard let currencies: [String] = try row[column], let amounts: [Double] = try row[column + 1] else {
            return .none
        }
        return .money(zip(currencies, amounts).map { .init(currency: $0, amount: $1) })
    }

    /// A dimension of the question, and what its values are called in the statement.
    private typealias Value = (dimension: Dimension, name: SQL)

    private static let sums: [SQL] = [
        "visitors", "visits", "views", "events", "bounces", "duration", "engagement", "engaged", "depth",
        "deep",
        "exits",
    ]

    private func statement(_ question: Question) -> SQL {
        let values: [Value] = Array(zip(question.dimensions, ["value1", "value2", "value3"]))
        let names = values.map(\.name)
        // Whom a row's rate of conversion is a rate of: those of its values, goals aside.
        let others = values.filter { $0.dimension.kind != .goal }
        let keys: SQL = names.isEmpty ? "()" : SQL.list(names)
        let otherKeys: SQL = others.isEmpty ? "()" : SQL.list(others.map(\.name))
        let without = question.filter.withoutConversion
        let pieces: SQL =
            question.isSeries ? "(\(pieces(of: question))) p LEFT JOIN present USING (value1)" : "present"
        return """
            WITH selected AS (\(selection(question, question.filter, values))
            ), everybody AS (\(selection(question, without, others))
            ), marked AS (
                SELECT *, row_number() OVER (PARTITION BY \(SQL.list(names + ["visit"]))) = 1 AS is_first FROM selected
            ), present AS (
                SELECT \(SQL.list(names + [Self.visitors])) AS visitors, count(DISTINCT visit) AS visits,
                    count(*) FILTER (WHERE is_view) AS views, count(*) AS events,
                    count(*) FILTER (WHERE is_first AND bounced) AS bounces,
                    sum(duration) FILTER (WHERE is_first) AS duration,
                    sum(engagement) AS engagement, count(*) FILTER (WHERE is_engaged) AS engaged,
                    sum(depth) AS depth, count(depth) AS deep, count(*) FILTER (WHERE is_exit) AS exits
                FROM marked GROUP BY \(keys)
            ), sums AS (
                SELECT \(SQL.list(names + Self.sums.map { "coalesce(\($0), 0)::bigint AS \($0)" })) FROM \(pieces)
            ), amounts AS (
                SELECT \(SQL.list(names + ["currency"])), sum(revenue)::bigint AS amount, count(*) AS count
                FROM selected WHERE revenue IS NOT NULL GROUP BY \(SQL.list(names + ["currency"]))
            ), money AS (
                SELECT \(SQL.list(names + ["array_agg(currency ORDER BY currency)"])) AS currencies,
                    array_agg(amount::float8 / 1000000::float8 ORDER BY currency) AS totals,
                    array_agg(amount::float8 / (1000000::float8 * count::float8) ORDER BY currency) AS averages
                FROM amounts GROUP BY \(keys)
            ), bases AS (
                SELECT \(SQL.list(others.map(\.name) + [Self.visitors])) AS visitors FROM everybody
                GROUP BY \(otherKeys)
            ), figures AS (
                SELECT s.*, m.currencies, m.totals, m.averages, coalesce(b.visitors, 0) AS of_same_row,
                    (SELECT \(Self.visitors) FROM (\(selection(question, question.filter, []))) x) AS of_selection,
                    (SELECT \(Self.visitors) FROM (\(selection(question, without, []))) x) AS of_everybody
                FROM sums s LEFT JOIN money m ON \(SQL.allOf(names.map { "m.\($0) = s.\($0)" }))
                    LEFT JOIN bases b ON \(SQL.allOf(others.map { "b.\($0.name) = s.\($0.name)" }))
            )
            SELECT ARRAY[\(SQL.list(names))]::text[], \(SQL.list(question.metrics.map(\.columns))) FROM figures
            ORDER BY \(SQL.list(order(question, values) + names + ["visitors"]))
            """
    }

    private static let visitors: SQL = "count(DISTINCT (day, visitor))"

    /// The events of the span for which the filter holds, with their values: once for each goal that they reach, where
    /// that is asked, and not those without a value, or with one that says nothing.
    private func selection(_ question: Question, _ filter: Filter, _ values: [Value]) -> SQL {
        var conditions: [SQL] = [
            "day BETWEEN \(question.span.days.lowerBound) AND \(question.span.days.upperBound)", filter.sql,
        ]
        if let window = question.span.window {
            conditions.append("second >= \(window.lowerBound) AND second < \(window.upperBound)")
        }
        for (dimension, _) in values {
            if case .property(let key) = dimension.kind { conditions.append("properties ? \(key)::text") }
            if dimension.unknown == nil { conditions.append("\(dimension.text) <> ''") }
        }
        var goals: SQL = ""
        if values.contains(where: { $0.dimension.kind == .goal }) {
            let reached = question.goals.map { "(\($0.name)::text, \($0.sql))" as SQL }
            goals = "CROSS JOIN LATERAL (VALUES \(SQL.list(reached + ["('', false)"]))) g (goal, is_reached)"
            conditions.append("is_reached")
        }
        let columns = values.map { "\($0.dimension.text) AS \($0.name)" as SQL }
        return
            "SELECT \(SQL.list(columns + ["counted.*"])) FROM counted \(goals) WHERE \(SQL.allOf(conditions))"
    }

    /// The pieces of the span of a dimension of time, whether anything happened in them or not. Every clock's offset,
    /// and every change of it, is a multiple of 15 minutes nowadays.
    private func pieces(of question: Question) -> SQL {
        let interval = question.dimensions[0].interval!
        let (first, last) = (question.span.days.lowerBound, question.span.days.upperBound)
        if question.span.window == nil, ![.quarter, .hour].contains(interval) {
            return """
                SELECT DISTINCT \(interval.label(of: "d")) AS value1
                FROM generate_series(\(first)::timestamp, \(last)::timestamp, interval '1 day') d
                """
        }
        let window = question.span.window.map { window in
            """
            at > to_timestamp(\(window.lowerBound)) - interval '15 minutes'
                AND at < to_timestamp(\(window.upperBound))
            """ as SQL
        }
        return """
            SELECT DISTINCT \(interval.label(of: local("at"))) AS value1
            FROM generate_series(\(first)::timestamp AT TIME ZONE 'UTC' - interval '2 days',
                \(last)::timestamp AT TIME ZONE 'UTC' + interval '3 days', interval '15 minutes') at
            WHERE \(day("at")) BETWEEN \(first) AND \(last) AND \(window ?? "true")
            """
    }

    private func order(_ question: Question, _ values: [Value]) -> [SQL] {
        if question.isSeries { return [] }
        let keys =
            question.order.isEmpty ? [.init(.metric(question.metrics[0]), .descending)] : question.order
        return keys.map { key in
            let column: SQL =
                switch key.key {
                case .metric(let metric): metric.weight
                case .dimension(let dimension): values.first { $0.dimension == dimension }!.name
                }
            // A figure that there is none of is less than every number.
            return key.direction == .ascending ? "\(column) ASC NULLS FIRST" : "\(column) DESC NULLS LAST"
        }
    }
}

extension Question {
    /// Its rows are the pieces of the span.
    var isSeries: Bool { dimensions.count == 1 && dimensions[0].interval != nil }
}
