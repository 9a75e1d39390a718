import FoundationEssentials
package import Postgres

/// Puts a ``Takeout`` into an account, line by line, in one transaction of the owner's: all of it, or nothing.
///
/// Sites keep their ids and keys, so that the scripts on their pages go on counting. What belonged to people of the other
/// instance belongs to who imports it.
package struct TakeoutImport {
    /// Why the file is not taken.
    package struct Refused: Error, CustomStringConvertible {
        package let description: String

        package init(_ description: String) {
            self.description = description
        }
    }

    private struct Line: Decodable {
        let mochi_takeout: Int?
        let table: String?
        let end: Bool?
        let rows: Int?
    }

    private static let piece = 500
    private static let pieceBytes = 8 << 20

    private let account: AccountID
    private let user: UserID
    private let connection: Connection
    private var hasBegun = false
    private var hasEnded = false
    private var table = ""
    private var waiting: [String] = []
    private var waitingBytes = 0
    /// Rows by table.
    package private(set) var counts: [String: Int] = [:]

    package init(into access: AccountAccess, _ connection: Connection) throws {
        guard let user = access.user else { throw Refused("An import needs a person.") }
        account = access.account
        self.user = user
        self.connection = connection
    }

    /// - Throws: ``Refused``, or what PostgreSQL says of rows that it cannot take.
    package mutating func take(_ line: String) throws {
        guard !line.isEmpty else { return }
        let parsed = try? JSONDecoder().decode(Line.self, from: Data(line.utf8))
        guard let parsed else { throw Refused("A line of the file is not of a takeout.") }
        if let version = parsed.mochi_takeout {
            guard version == Takeout.version else {
                throw Refused("The takeout has version \(version); this program reads \(Takeout.version).")
            }
            hasBegun = true
            return
        }
        guard hasBegun else { throw Refused("The file does not begin as a takeout does.") }
        if parsed.end == true {
            try flush()
            guard parsed.rows == counts.values.reduce(0, +) else { throw Refused("Lines are missing.") }
            hasEnded = true
            return
        }
        guard let table = parsed.table, !hasEnded,
            table == "ingest_positions" || Takeout.tables.contains(where: { $0.name == table })
        else { throw Refused("The file has rows of something that is not imported.") }
        if table != self.table { try flush() }
        self.table = table
        waiting.append(line)
        waitingBytes += line.utf8.count
        counts[table, default: 0] += 1
        if waiting.count >= TakeoutImport.piece || waitingBytes >= TakeoutImport.pieceBytes { try flush() }
    }

    /// - Throws: ``Refused`` when the end is missing.
    package mutating func finish() throws {
        guard hasEnded else { throw Refused("The file is cut off: its last line is missing.") }
        // Ids that come next must not be those that came along.
        for table in ["exclusions", "goals", "funnels", "segments", "annotations", "share_links", "imports"] {
            try connection.execute(
                """
                SELECT setval(pg_get_serial_sequence(\(table), 'id'), greatest(
                    nextval(pg_get_serial_sequence(\(table), 'id')), (SELECT max(id) FROM \(identifier: table))))
                """)
        }
        try AuditLog.record(
            "account.imported", detail: JSON(#"{"rows": \#(counts.values.reduce(0, +))}"#), account: account,
            user: user, session: nil, connection)
    }

    private mutating func flush() throws {
        guard !waiting.isEmpty else { return }
        let rows = JSON("[" + waiting.joined(separator: ",") + "]")
        waiting = []
        waitingBytes = 0
        do {
            switch table {
            case "ingest_positions": try insertPositions(rows)
            case "events": try insertEvents(rows)
            default: try insert(rows, into: table)
            }
        } catch let error as PostgresError where error.kind == .uniqueViolation {
            throw Refused("Some of it is here already (\(error.constraint)): a site belongs to one account.")
        }
    }

    /// The lines' rows as rows of a table, of this account, and of who imports them where they were a person's own.
    private func records(_ rows: JSON, of table: String, more: SQL = "'{}'::jsonb") -> SQL {
        """
        jsonb_populate_recordset(NULL::\(identifier: table), (
            SELECT jsonb_agg((l -> 'row') || jsonb_build_object('account_id', \(account.rawValue)) || \(more)
                || CASE WHEN l -> 'row' ->> 'owner' IS NULL THEN '{}' ELSE jsonb_build_object('owner', \(user.rawValue)) END
                || CASE WHEN l -> 'row' ->> 'created_by' IS NULL THEN '{}'
                    ELSE jsonb_build_object('created_by', \(user.rawValue)) END)
            FROM jsonb_array_elements(\(rows)) l))
        """
    }

    private func insert(_ rows: JSON, into table: String) throws {
        // A version is this instance's: caches know a row by it.
        let more: SQL =
            table == "site_days"
            ? "jsonb_build_object('version', nextval('site_days_version'))" : "'{}'::jsonb"
        try connection.execute(
            """
            INSERT INTO \(identifier: table) OVERRIDING SYSTEM VALUE
            SELECT * FROM \(records(rows, of: table, more: more))
            """)
    }

    /// Raw events of days that are closed here already are late.
    private func insertEvents(_ rows: JSON) throws {
        try connection.execute(
            """
            SELECT make_event_partitions(day) FROM (
                SELECT DISTINCT (l -> 'row' ->> 'day')::date AS day FROM jsonb_array_elements(\(rows)) l) d
            """)
        for (table, isClosed) in [("events", false), ("late_events", true)] {
            try connection.execute(
                """
                INSERT INTO \(identifier: table) SELECT * FROM \(records(rows, of: "events")) e
                WHERE EXISTS (SELECT FROM closed_days c WHERE c.day = e.day) = \(isClosed)
                """)
        }
    }

    /// The streams end here: nobody waits for their collectors.
    private func insertPositions(_ rows: JSON) throws {
        try connection.execute(
            """
            INSERT INTO ingest_positions (stream, collector, sequence, loaded_through, updated_at)
            SELECT (l -> 'row' ->> 'stream')::bigint, gen_random_uuid(), (l -> 'row' ->> 'sequence')::bigint,
                now() - interval '2 days', now() - interval '2 days'
            FROM jsonb_array_elements(\(rows)) l ON CONFLICT (stream) DO NOTHING
            """)
    }
}
