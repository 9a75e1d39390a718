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
