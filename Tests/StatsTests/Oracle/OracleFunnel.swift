import Postgres
import Stats

extension OracleTable {
    /// How many came how far: each step is the first event that reaches its goal after the step before.
    func answer(_ question: FunnelQuestion) throws -> FunnelFigures {
        let owner: SQL = question.funnel.scope == .visit ? "visit::text" : "day || ' ' || visitor"
        let window = question.span.window.map {
            "second >= \($0.lowerBound) AND second < \($0.upperBound)" as SQL
        }
        let names: [SQL] = ["step1", "step2", "step3", "step4", "step5", "step6", "step7", "step8"]
        let steps = question.funnel.steps.indices.map { index -> SQL in
            let goal = question.funnel.steps[index].sql
            guard index > 0 else {
                return "step1 AS (SELECT owner, min(nr) AS reached FROM pool WHERE \(goal) GROUP BY owner)"
            }
            return """
                \(names[index]) AS (
                    SELECT owner, min(nr) AS reached FROM pool JOIN \(names[index - 1]) b USING (owner)
                    WHERE nr > b.reached AND \(goal) GROUP BY owner)
                """
        }
        let counts = names.prefix(steps.count).map { "(SELECT count(*) FROM \($0))" as SQL }
        let (selected, reached): (Int64, [Int64]) = try connection.one(
            """
            WITH selected AS (
                SELECT visit, \(owner) AS owner FROM counted
                WHERE day BETWEEN \(question.span.days.lowerBound) AND \(question.span.days.upperBound)
                    AND \(window ?? "true") AND \(question.filter.sql)
            ), pool AS (
                SELECT *, \(owner) AS owner FROM counted
                WHERE visit IN (SELECT visit FROM selected) AND \(window ?? "true")
            ), \(SQL.list(steps))
            SELECT (SELECT count(DISTINCT owner) FROM selected), ARRAY[\(SQL.list(counts))]
            """)
        return FunnelFigures(selected: selected, steps: reached)
    }
}
