import Auth
import FoundationEssentials
import Metrics
import Postgres

/// What is over is deleted, what waits is measured.
enum Tidying {
    /// Sessions, links in mails, offers, and windows of throttles.
    static func deleteExpiredSessions(now: Date, in connection: Connection) throws {
        _ = try Identity.removeExpiredSessions(connection, now: now)
        try MailLink.removeExpired(connection, now: now)
        try SiteOffers.removeExpired(connection, now: now)
        try connection.execute("DELETE FROM throttles WHERE ends_at <= \(now)")
    }

    /// A week is for whoever wants to see what happened.
    static func deleteFinishedJobs(now: Date, in connection: Connection) throws {
        try connection.execute(
            """
            DELETE FROM jobs WHERE id IN (
                SELECT id FROM jobs WHERE finished_at < \(now.addingTimeInterval(-7 * 86_400)) LIMIT 10000)
            """)
    }

    static func measureQueue(now: Date, in connection: Connection) throws {
        let (due, running, dead, oldest): (Int, Int, Int, Double) = try connection.one(
            """
            SELECT count(*) FILTER (WHERE state = 'ready' AND run_at <= \(now)),
                count(*) FILTER (WHERE state = 'running'), count(*) FILTER (WHERE state = 'dead'),
                coalesce(extract(epoch FROM \(now) - min(run_at) FILTER (WHERE state = 'ready' AND run_at <= \(now))),
                    0)::float8
            FROM jobs WHERE state IN ('ready', 'running', 'dead')
            """)
        for (state, count) in [("due", due), ("running", running), ("dead", dead)] {
            Gauge(label: "mochi_jobs", dimensions: [("state", state)]).record(count)
        }
        Gauge(label: "mochi_jobs_oldest_due_seconds").record(oldest)
    }

    /// Days of sites that wait to be sealed are those of today and yesterday, as a rule.
    static func measureDays(in connection: Connection) throws {
        let (open, quarantined, findings): (Int, Int, Int) = try connection.one(
            """
            SELECT count(*) FILTER (WHERE state = 'open'), count(*) FILTER (WHERE state = 'quarantined'),
                (SELECT count(*) FROM scrub_findings)
            FROM aggregation_state WHERE state <> 'sealed'
            """)
        for (state, count) in [("open", open), ("quarantined", quarantined)] {
            Gauge(label: "mochi_days", dimensions: [("state", state)]).record(count)
        }
        Gauge(label: "mochi_scrub_findings").record(findings)
    }
}
