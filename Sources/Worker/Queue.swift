package import FoundationEssentials
package import Outbound
package import Postgres

/// A job in the hands of a worker.
package struct Job: Sendable, Equatable {
    package let id: Int64
    package let kind: String
    /// A JSON object.
    package let arguments: String
    package let account: Int64?
    /// From 1. Together with the id it is the right to finish the job: who took it again counts one more.
    package let attempt: Int32
    package let maxAttempts: Int32

    package init(
        id: Int64, kind: String, arguments: String, account: Int64?, attempt: Int32, maxAttempts: Int32
    ) {
        self.id = id
        self.kind = kind
        self.arguments = arguments
        self.account = account
        self.attempt = attempt
        self.maxAttempts = maxAttempts
    }

    package func decodeArguments<Arguments: Decodable>(as type: Arguments.Type) throws -> Arguments {
        try JSONDecoder().decode(type, from: Data(arguments.utf8))
    }
}

/// The worker's side of the queue. Each function is one statement, and `now` is the caller's clock.
extension Jobs {
    /// Takes the job that is due longest, also one whose worker has not been heard of since its lock ran out.
    package static func take(
        kinds: [String], lockedFor lock: Duration, now: Date, in connection: Connection
    ) throws -> Job? {
        let rows = try connection.rows(
            """
            WITH due AS (
                SELECT id FROM jobs
                WHERE state IN ('ready', 'running') AND run_at <= \(now) AND attempts < max_attempts AND NOT cancel_requested
                    AND (locked_until IS NULL OR locked_until <= \(now)) AND kind = ANY (\(kinds))
                ORDER BY run_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
            )
            UPDATE jobs SET state = 'running', attempts = attempts + 1, locked_until = \(now + lock)
            FROM due WHERE jobs.id = due.id
            RETURNING jobs.id, kind, arguments::text AS arguments, account_id, attempts, max_attempts
            """
        ) { row in
            try Job(
                id: row["id"], kind: row["kind"], arguments: row["arguments"], account: row["account_id"],
                attempt: row["attempts"], maxAttempts: row["max_attempts"])
        }
        return rows.first
    }

    /// False when the job is no longer this worker's: taken by another, or cancelled.
    package static func extendLock(
        of job: Job, by lock: Duration, now: Date, in connection: Connection
    ) throws -> Bool {
        try connection.execute(
            "UPDATE jobs SET locked_until = \(now + lock) WHERE \(isHeld(job)) AND NOT cancel_requested") == 1
    }

    /// Says how far the job is, in the transaction of its latest step. Throws ``Stopped`` when there shall be no further
    /// one: then that step is undone too.
    package static func note(
        _ job: Job, done: Int64, of total: Int64, _ text: String, in connection: Connection
    ) throws {
        let noted = try connection.execute(
            """
            UPDATE jobs SET progress_done = \(done), progress_total = \(total), progress_text = \(text)
            WHERE \(isHeld(job)) AND NOT cancel_requested
            """)
        if noted == 0 { throw Stopped() }
    }

    /// The job was cancelled, or another worker has it.
    package struct Stopped: Error {
        package init() {}
    }

    /// Ends a job that runs here and whose cancellation was asked for.
    @discardableResult
    package static func acknowledgeCancellation(of job: Job, now: Date, in connection: Connection) throws
        -> Bool
    {
        try connection.execute(
            """
            UPDATE jobs SET state = 'cancelled', locked_until = NULL, finished_at = \(now), arguments = '{}'
            WHERE \(isHeld(job)) AND cancel_requested
            """) == 1
    }

    /// What the job was about is forgotten: mails hold addresses and links that open accounts.
    @discardableResult
    package static func complete(_ job: Job, now: Date, in connection: Connection) throws -> Bool {
        try connection.execute(
            """
            UPDATE jobs SET state = 'done', locked_until = NULL, finished_at = \(now), arguments = '{}', last_error = ''
            WHERE \(isHeld(job))
            """) == 1
    }

    /// Puts the job back for another attempt at `retryAt`; when that is nil or it was the last, it is dead.
    @discardableResult
    package static func fail(
        _ job: Job, because reason: String, retryAt: Date?, now: Date, in connection: Connection
    ) throws -> Bool {
        let retryAt = job.attempt < job.maxAttempts ? retryAt : nil
        return try connection.execute(
            """
            UPDATE jobs SET state = \(retryAt == nil ? "dead" : "ready"), run_at = coalesce(\(retryAt), run_at),
                locked_until = NULL, finished_at = \(retryAt == nil ? now : nil), last_error = \(reason)
            WHERE \(isHeld(job))
            """) == 1
    }

    /// Gives the job back untried, for another worker: this one stops.
    @discardableResult
    package static func giveBack(_ job: Job, in connection: Connection) throws -> Bool {
        try connection.execute(
            "UPDATE jobs SET state = 'ready', locked_until = NULL, attempts = attempts - 1 WHERE \(isHeld(job))"
        ) == 1
    }

    /// A job that took the last of its attempts and never came back will not come back; one that waits and was cancelled
    /// is not begun.
    @discardableResult
    package static func bury(now: Date, in connection: Connection) throws -> Int {
        try connection.execute(
            """
            UPDATE jobs SET state = 'cancelled', locked_until = NULL, finished_at = \(now), arguments = '{}'
            WHERE cancel_requested AND (state = 'ready' OR state = 'running' AND locked_until <= \(now))
            """)
            + connection.execute(
                """
                UPDATE jobs SET state = 'dead', locked_until = NULL, finished_at = \(now),
                    last_error = 'the worker was lost during the last attempt'
                WHERE state = 'running' AND locked_until <= \(now) AND attempts >= max_attempts
                """)
    }

    /// Seconds until the next attempt: 10, 30, 90 … at most six hours, a quarter more or less, so that what failed
    /// together does not come back together. Ten attempts reach over most of a day.
    package static func pause(afterAttempt attempt: Int32, luck: Double = .random(in: 0..<1)) -> Double {
        var seconds = 10.0
        for _ in 1..<max(attempt, 1) where seconds < 21_600 { seconds *= 3 }
        return min(seconds, 21_600) * (0.75 + luck / 2)
    }

    private static func isHeld(_ job: Job) -> SQL {
        "id = \(job.id) AND state = 'running' AND attempts = \(job.attempt)"
    }
}

extension Date {
    static func + (date: Date, duration: Duration) -> Date {
        date.addingTimeInterval(duration.seconds)
    }
}

extension Duration {
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
