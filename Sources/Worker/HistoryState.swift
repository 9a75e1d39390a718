package import FoundationEssentials
package import Postgres

/// How sealed history does, for whoever looks after the instance.
package struct HistoryState: Sendable {
    package let sealed: Int
    package let open: Int
    /// "2026-11-20 of example.com: why", the oldest first; ten at most, as all lists here.
    package let quarantined: [String]
    package let failing: [String]
    package let failedSchedules: [String]
    package let findings: [String]

    package init(_ database: Database, now: Date) async throws {
        (sealed, open, quarantined, failing, failedSchedules, findings) = try await database.transaction(
            readOnly: true
        ) { connection in
            let (sealed, open): (Int, Int) = try connection.one(
                """
                SELECT count(*) FILTER (WHERE state = 'sealed'), count(*) FILTER (WHERE state = 'open')
                FROM aggregation_state
                """)
            func days(_ condition: SQL) throws -> [String] {
                try connection.rows(
                    """
                    SELECT concat_ws(': ', a.day || ' of ' || s.domain, nullif(a.last_error, '')) FROM aggregation_state a
                    JOIN sites s ON s.id = a.site_id AND s.account_id = a.account_id
                    WHERE \(condition) ORDER BY a.day, s.domain LIMIT 10
                    """)
            }
            return (
                sealed, open, try days("a.state = 'quarantined'"),
                try days("a.state <> 'quarantined' AND a.attempts > 0"),
                try connection.rows(
                    """
                    SELECT name || ' fails: ' || last_error FROM schedules WHERE last_error <> ''
                        AND last_run > \(now.addingTimeInterval(-600)) ORDER BY name LIMIT 10
                    """),
                try connection.rows(
                    """
                    SELECT f.day || ' of ' || s.domain || ': ' || f.finding FROM scrub_findings f
                    JOIN sites s ON s.id = f.site_id AND s.account_id = f.account_id ORDER BY f.day, s.domain LIMIT 10
                    """)
            )
        }
    }
}
