package import Days
import FoundationEssentials
import Ingest
import Logging
import Metrics
import Postgres

/// The end of raw events: a day of which everything is sealed takes no more, and its partition is dropped. With it go the
/// last hashes of its visitors.
///
/// Two steps. Closing the day is one row, written while no loader is at work: from then on what comes is late. Dropping
/// may then take its time beside those who still read.
package enum ClosedDays {
    static func keep(_ round: Round) async throws {
        try await close(round)
        try await drop(round)
    }

    /// Closes each day that may be closed; answers which.
    @discardableResult
    package static func close(_ round: Round) async throws -> [Day] {
        let days = try await round.owner.transaction(readOnly: true) { try Partitions.openDays($0) }
        let oldest = Partitions.days(around: round.now).lowerBound
        var closed: [Day] = []
        for day in days.sorted() where day < oldest {
            if try await close(day, round) { closed.append(day) }
        }
        return closed
    }

    private static func close(_ day: Day, _ round: Round) async throws -> Bool {
        // What takes long is looked at before loaders have to wait.
        let mayClose = try await round.owner.transaction { connection in
            try connection.execute("SET LOCAL statement_timeout = '5min'")
            return try connection.one("SELECT NOT EXISTS (\(unfinished(day)))")
                && listMissing(day, connection) == 0
        }
        guard mayClose else { return false }
        return try await round.step(on: round.owner) { connection in
            try connection.execute("SELECT pg_advisory_xact_lock(\(LoadBatch.partitionLock))")
            let isUnfinished: Bool = try connection.one("SELECT EXISTS (\(unfinished(day)))")
            if isUnfinished { return false }
            try connection.execute("INSERT INTO closed_days (day) VALUES (\(day)) ON CONFLICT DO NOTHING")
            return true
        }
    }

    /// A day of a site that is not sealed with all its events. Sites that are gone hold nothing up.
    private static func unfinished(_ day: Day) -> SQL {
        """
        SELECT FROM (
            SELECT a.account_id, a.site_id FROM aggregation_state a WHERE a.day = \(day) AND a.state <> 'sealed'
            UNION ALL SELECT account_id, site_id FROM (\(Sealing.withNews(on: day, "a.state = 'sealed'"))) AS news
            UNION ALL SELECT account_id, site_id FROM late_events WHERE day = \(day)) AS u
        JOIN sites s ON s.id = u.site_id AND s.account_id = u.account_id
        """
    }

    /// Each loader lists the days of its events. Should one be missing nevertheless, it is listed now, and sealed before
    /// anything is dropped.
    private static func listMissing(_ day: Day, _ connection: Connection) throws -> Int {
        try connection.execute(
            """
            INSERT INTO aggregation_state (account_id, site_id, day)
            SELECT e.account_id, e.site_id, \(day)
            FROM (SELECT account_id, site_id FROM events WHERE day = \(day) GROUP BY 1, 2) AS e
            JOIN sites s ON s.id = e.site_id AND s.account_id = e.account_id
            WHERE NOT EXISTS (
                SELECT FROM aggregation_state a
                WHERE a.account_id = e.account_id AND a.site_id = e.site_id AND a.day = \(day))
            ON CONFLICT DO NOTHING
            """)
    }

    /// Drops the partitions of closed days. Whatever an interrupted round left is finished by the next.
    package static func drop(_ round: Round) async throws {
        let dropped = try await round.bareStep(on: round.owner) { connection in
            let tables: [(String, Bool?)] = try connection.rows(
                """
                SELECT c.relname::text, i.inhdetachpending FROM closed_days d
                JOIN pg_class c ON c.relname = 'events_' || to_char(d.day, 'YYYYMMDD')
                    AND c.relnamespace = 'public'::regnamespace
                LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
                ORDER BY i.inhdetachpending DESC NULLS LAST, c.relname
                """)
            for (name, detachPending) in tables {
                try Partitions.drop(name, of: "events", detachPending, connection)
            }
            return tables.count
        }
        Counter(label: "mochi_days_dropped_total").increment(by: dropped)
    }
}
