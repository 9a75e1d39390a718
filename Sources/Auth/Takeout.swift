package import Postgres

/// Everything of an account as lines of JSON: `{"table": …, "row": {…}}`, after a line that says what it is and before one
/// that counts them. Read as `mochi_app`, within the tenant's wall, a few rows at a time: nothing waits for a slow reader.
package struct Takeout: Sendable {
    package static let version = 1

    /// Tables in the order in which they can be put back, with the rows of one piece. Not among them: people, their
    /// sessions and keys, invitations, work and bills.
    package static let tables: [(name: String, rows: Int64)] = [
        ("sites", 500), ("tracking_keys", 500), ("site_zones", 500), ("exclusions", 500), ("goals", 500),
        ("funnels", 500), ("funnel_steps", 500), ("segments", 500), ("annotations", 500),
        ("share_links", 500),
        ("imports", 500), ("site_days", 8), ("daily_site_metrics", 2_000), ("daily_page_metrics", 2_000),
        ("aggregation_state", 2_000), ("events", 2_000), ("late_events", 2_000), ("drops", 2_000),
    ]

    private let app: Database
    private let access: AccountAccess

    package init(app: Database, access: AccountAccess) {
        self.app = app
        self.access = access
    }

    /// Calls `write` with one piece of lines after another.
    package func write(_ write: (String) async throws -> Void) async throws {
        let head: String = try await app.transaction(access, readOnly: true) { [access] connection in
            try connection.one(
                """
                SELECT jsonb_build_object('mochi_takeout', \(Int32(Takeout.version)), 'account', name, 'made_at', now())::text
                FROM accounts WHERE id = \(access.account)
                """)
        }
        try await write(head + "\n")
        var count = 0
        for table in Takeout.tables {
            let key = try await primaryKey(table.name)
            var last: JSON?
            while true {
                let rows = try await piece(table.name, key, after: last, limit: table.rows)
                guard !rows.isEmpty else { break }
                count += rows.count
                try await write(
                    rows.map { "{\"table\":\"\(table.name)\",\"row\":\($0)}\n" }.joined())
                last = JSON(rows[rows.count - 1])
                if rows.count < Int(table.rows) { break }
            }
        }
        for line in try await positions() {
            count += 1
            try await write("{\"table\":\"ingest_positions\",\"row\":\(line)}\n")
        }
        try await write("{\"end\":true,\"rows\":\(count)}\n")
    }

    private func primaryKey(_ table: String) async throws -> [String] {
        try await app.transaction(access, readOnly: true) { connection in
            try connection.rows(
                """
                SELECT a.attname::text FROM pg_index i
                CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, place)
                JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
                WHERE i.indrelid = \(table)::regclass AND i.indisprimary ORDER BY k.place
                """)
        }
    }

    /// The next rows in the order of the key, which every table of a tenant has.
    private func piece(
        _ table: String, _ key: [String], after last: JSON?, limit: Int64
    ) async throws -> [String] {
        let columns = SQL.joined(key.map { "t.\(identifier: $0)" as SQL }, separator: ", ")
        let names = SQL.joined(key.map { "\(identifier: $0)" as SQL }, separator: ", ")
        let rest: SQL =
            if let last {
                "AND (\(columns)) > (SELECT \(names) FROM jsonb_populate_record(NULL::\(identifier: table), \(last)))"
            } else {
                ""
            }
        return try await app.transaction(access, readOnly: true) { [access] connection in
            try connection.rows(
                """
                SELECT to_jsonb(t)::text FROM \(identifier: table) t
                WHERE t.account_id = \(access.account) \(rest) ORDER BY \(columns) LIMIT \(limit)
                """)
        }
    }

    /// How far the streams of the account's raw events are loaded: without, nobody would look at them elsewhere.
    private func positions() async throws -> [String] {
        try await app.transaction(access, readOnly: true) { [access] connection in
            try connection.rows(
                """
                SELECT jsonb_build_object('stream', p.stream, 'sequence', p.sequence)::text FROM ingest_positions p
                WHERE p.stream IN (SELECT stream FROM events WHERE account_id = \(access.account)
                    UNION SELECT stream FROM late_events WHERE account_id = \(access.account))
                ORDER BY p.stream
                """)
        }
    }
}
