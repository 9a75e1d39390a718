package import FoundationEssentials
package import Postgres

/// Work that outlives a request, as rows of the table `jobs`. Workers take them from there.
package enum Jobs {
    /// The channel that tells workers of a new job.
    package static let channel = "jobs"

    /// Puts a job into the queue, in the caller's transaction: it exists when that commits, else never did.
    ///
    /// - Parameters:
    ///   - kind: the name of a row among the worker's kinds.
    ///   - runAt: not before this; nil is now.
    ///   - uniqueKey: at most one job of a key waits or runs. Begin it with the kind and, for a tenant's work, its
    ///     account's id: keys are the whole instance's.
    ///   - account: the tenant whose work it is. The web's role must name its transaction's own.
    /// - Returns: the job's id, or nil if there was one of this key.
    @discardableResult
    package static func enqueue<Arguments: Encodable>(
        _ kind: String, _ arguments: Arguments, runAt: Date? = nil, uniqueKey: String? = nil,
        account: Int64? = nil, attempts: Int32 = 10, in connection: Connection
    ) throws -> Int64? {
        let json = JSON(String(decoding: try JSONEncoder().encode(arguments), as: UTF8.self))
        let id: Int64? = try connection.first(
            """
            INSERT INTO jobs (kind, arguments, run_at, unique_key, account_id, max_attempts)
            VALUES (\(kind), \(json), coalesce(\(runAt), now()), \(uniqueKey), \(account), \(attempts))
            ON CONFLICT (unique_key) WHERE state IN ('ready', 'running') DO NOTHING
            RETURNING id
            """)
        if id != nil { try connection.execute("SELECT pg_notify(\(channel), \(kind))") }
        return id
    }
}

extension Jobs {
    /// A job as those see it whose work it is.
    package struct Status: Sendable, Hashable {
        package let id: Int64
        package let kind: String
        /// ready, running, done, dead or cancelled.
        package let state: String
        /// Of `total`, which is 0 while nobody knows.
        package let done: Int64
        package let total: Int64
        package let text: String
        package let isCancelling: Bool
        package let createdAt: Date
        package let finishedAt: Date?
    }

    /// The jobs of an account of certain kinds, the newest first.
    package static func list(
        kinds: [String], account: Int64, limit: Int = 50, in connection: Connection
    ) throws -> [Status] {
        try statuses("account_id = \(account) AND kind = ANY (\(kinds))", limit: limit, in: connection)
    }

    /// Nil when the account has no such job of these kinds.
    package static func find(
        _ id: Int64, kinds: [String], account: Int64, in connection: Connection
    ) throws -> Status? {
        try statuses(
            "id = \(id) AND account_id = \(account) AND kind = ANY (\(kinds))", limit: 1, in: connection
        ).first
    }

    static func statuses(_ condition: SQL, limit: Int, in connection: Connection) throws -> [Status] {
        try connection.rows(
            """
            SELECT id, kind, state, progress_done, progress_total, progress_text, cancel_requested, created_at, finished_at
            FROM jobs WHERE \(condition) ORDER BY id DESC LIMIT \(limit)
            """
        ) { row in
            try Status(
                id: row["id"], kind: row["kind"], state: row["state"], done: row["progress_done"],
                total: row["progress_total"], text: row["progress_text"],
                isCancelling: row["cancel_requested"],
                createdAt: row["created_at"], finishedAt: row["finished_at"])
        }
    }

    /// Asks a job to stop: one that waits is not begun, one that runs ends at its next step. What it did stays done. False
    /// when the account has no such job, or it has ended.
    @discardableResult
    package static func cancel(_ id: Int64, account: Int64, in connection: Connection) throws -> Bool {
        try connection.execute(
            """
            UPDATE jobs SET cancel_requested = true
            WHERE id = \(id) AND account_id = \(account) AND state IN ('ready', 'running')
            """) == 1
    }
}

/// Mail on its way: a job that a worker hands to a ``Mailer``.
package enum Outbox {
    /// The kind of its jobs.
    package static let kind = "mail"

    /// Puts a message into the queue, in the caller's transaction. The row is deleted some days after it is sent.
    package static func send(_ message: Message, account: Int64? = nil, in connection: Connection) throws {
        try Jobs.enqueue(
            kind, message, uniqueKey: "\(kind):\(message.id.uuidString)", account: account, in: connection)
    }
}
