import Postgres
import Stats

/// How many values of a dimension, and keys of properties, a day keeps.
struct OracleLimits: Hashable, Sendable {
    var values: Int
    var keys: Int
}

extension OracleTable {
    /// Makes "(other)" of the values that are not among the most frequent of their day, equals by bytes.
    func apply(_ limits: OracleLimits) throws {
        // Pages and hostnames of visits go by those of events; the first and last of a visit without a page view are none
        // still.
        let (pages, hostnames) = (
            ranks(of: "page", counting: "count(*)"), ranks(of: "hostname", counting: "count(*)")
        )
        for (name, ranks) in [
            ("entry_page", pages), ("exit_page", pages), ("entry_hostname", hostnames),
            ("exit_hostname", hostnames),
        ] as [(SQL, SQL)] {
            try replace(name, by: ranks, limits, where: "visit IN (SELECT visit FROM counted WHERE is_view)")
        }
        for column in Column.allCases where column != .page && column != .currency {
            let name = column.sql
            try replace(
                name, by: ranks(of: name, counting: column.isOfVisit ? "count(DISTINCT visit)" : "count(*)"),
                limits)
        }
        try replace(
            "currency", by: ranks(of: "currency", counting: "count(*)", where: "revenue IS NOT NULL"), limits)
        try replace("page", by: pages, limits)
        try replaceProperties(limits)
    }

    private func ranks(of column: SQL, counting: SQL, where condition: SQL = "true") -> SQL {
        """
        SELECT day, \(column) AS value, row_number() OVER (PARTITION BY day ORDER BY \(counting) DESC, \(column)) AS place
        FROM counted WHERE \(condition) GROUP BY day, \(column)
        """
    }

    private func replace(_ column: SQL, by ranks: SQL, _ limits: OracleLimits, where condition: SQL = "true")
        throws
    {
        try connection.execute(
            """
            UPDATE counted c SET \(column) = '(other)' FROM (\(ranks)) r
            WHERE r.day = c.day AND r.value = c.\(column) AND r.place > \(limits.values) AND (\(condition))
            """)
    }

    private func replaceProperties(_ limits: OracleLimits) throws {
        try connection.execute(
            """
            WITH told AS (
                SELECT day, key, value, count(*) AS events FROM counted, jsonb_each_text(properties)
                GROUP BY day, key, value
            ), keys AS (
                SELECT day, key, row_number() OVER (PARTITION BY day ORDER BY sum(events) DESC, key) AS place
                FROM told GROUP BY day, key
            ), ranks AS (
                SELECT day, key, value, row_number() OVER (PARTITION BY day, key ORDER BY events DESC, value) AS place
                FROM told
            )
            UPDATE counted c SET properties = coalesce((
                SELECT jsonb_object_agg(p.key, CASE WHEN r.place > \(limits.values) THEN '(other)' ELSE p.value END)
                FROM jsonb_each_text(c.properties) p
                    JOIN keys k ON k.day = c.day AND k.key = p.key AND k.place <= \(limits.keys)
                    JOIN ranks r ON r.day = c.day AND r.key = p.key AND r.value = p.value), '{}')
            """)
    }
}
