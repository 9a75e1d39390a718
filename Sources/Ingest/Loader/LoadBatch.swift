import Days
import FoundationEssentials
import Postgres

/// Frames of one stream on their way into the database, in one transaction.
package struct LoadBatch {
    /// How often something was refused in an hour.
    struct DropKey: Hashable {
        var site: UUID
        var hour: Int64
        var reason: String
        var detail: String
    }

    /// Held by who loads, shared; taken alone by who drops a day's partition, so that no batch is between the look at
    /// the partitions and its commit.
    package static let partitionLock: Int64 = 0x6D6F_6368_6901

    /// Taken alone by a batch with client ids: two collectors that load one id at once, in different hours, would not
    /// see each other.
    private static let dedupeLock: Int64 = 0x6D6F_6368_6902

    private(set) var drops: [DropKey: Int64] = [:]
    private(set) var events = 0
    private(set) var hasClientIDs = false
    private(set) var days: Set<Day> = []
    /// Frames that are whole and yet are nothing that this program writes.
    private(set) var unreadable = 0

    /// The columns of the temporary table: those of `events` without the account, and the hash of a client's id.
    private static let columns: SQL = """
        day, stream, sequence, site_id, received_at, visitor, name, hostname, pathname, title, referrer, source, channel,
        utm_source, utm_medium, utm_campaign, utm_content, utm_term, click_id_param, country, region, city, language,
        browser, browser_version, os, os_version, device, viewport, revenue_currency, props, interactive, engagement_ms,
        scroll_depth, revenue_amount
        """

    static func prepare(_ connection: Connection) throws {
        try connection.execute(
            """
            CREATE TEMPORARY TABLE IF NOT EXISTS events_load (
                day date, stream bigint, sequence bigint, site_id uuid, received_at timestamptz, visitor bigint,
                name text, hostname text, pathname text, title text, referrer text, source text, channel text,
                utm_source text, utm_medium text, utm_campaign text, utm_content text, utm_term text,
                click_id_param text, country text, region text, city text, language text, browser text,
                browser_version text, os text, os_version text, device text, viewport text, revenue_currency text,
                props jsonb, interactive boolean, engagement_ms integer, scroll_depth smallint, revenue_amount bigint,
                dedupe uuid) ON COMMIT DELETE ROWS
            """)
    }

    /// Copies the frames that `read` hands over into the temporary table, and adds up the drops.
    mutating func copy(
        _ connection: Connection, _ read: ((FrameReader.Frame) throws -> Void) throws -> Void
    ) throws {
        var batch = self
        try connection.copy(into: "events_load (\(LoadBatch.columns), dedupe)") { rows in
            try read { frame in try batch.add(frame, to: &rows) }
        }
        self = batch
    }

    private mutating func add(_ frame: FrameReader.Frame, to rows: inout CopyWriter) throws {
        var reader = ByteReader(frame.payload)
        do {
            switch Record.Kind(rawValue: try reader.integer()) {
            case .event:
                try LoadBatch.check(reader)
                try addEvent(frame, &reader, &rows)
            case .drop:
                let site = try reader.uuid()
                let hour = try reader.integer(Int64.self) / 3_600_000_000
                let count: Int64 = try reader.integer()
                let key = DropKey(
                    site: site, hour: hour, reason: try reader.text(), detail: try reader.text())
                drops[key, default: 0] += max(1, count)
            case nil: unreadable += 1
            }
        } catch is ByteReader.Malformed {
            unreadable += 1
        }
    }

    /// Reads to the end, before a row is begun that could not be finished.
    static func check(_ reader: ByteReader) throws {
        var reader = reader
        _ = try reader.take(16 + 8 + 4 + 8)
        let flags = Record.Flags(rawValue: try reader.integer())
        _ = try reader.take(4)
        if flags.contains(.scrollDepth) { _ = try reader.take(2) }
        if flags.contains(.revenue) { _ = try reader.take(8) }
        if flags.contains(.dedupe) { _ = try reader.take(16) }
        for _ in 0..<Record.texts { _ = try reader.textBytes() }
        _ = try reader.textBytes()
        guard reader.isAtEnd else { throw ByteReader.Malformed() }
    }

    private mutating func addEvent(
        _ frame: FrameReader.Frame, _ reader: inout ByteReader, _ rows: inout CopyWriter
    ) throws {
        let site = try reader.uuid()
        let receivedAt: Int64 = try reader.integer()
        let day = Day(rawValue: try reader.integer())
        let visitor: Int64 = try reader.integer()
        let flags = Record.Flags(rawValue: try reader.integer())
        let engagement: Int32 = try reader.integer()
        let scrollDepth: Int16? = flags.contains(.scrollDepth) ? try reader.integer() : nil
        let revenue: Int64? = flags.contains(.revenue) ? try reader.integer() : nil
        let dedupe = flags.contains(.dedupe) ? try reader.uuid() : nil
        days.insert(day)
        events += 1
        hasClientIDs = hasClientIDs || dedupe != nil

        try rows.row(columns: 36)
        rows.write(day)
        rows.write(frame.stream)
        rows.write(frame.sequence)
        rows.write(site)
        rows.write(microseconds: receivedAt)
        rows.write(visitor)
        for _ in 0..<Record.texts { rows.write(bytes: try reader.textBytes()) }
        let props = try reader.textBytes()
        if props.isEmpty {
            LoadBatch.noProps.withUnsafeBytes { rows.write(json: $0) }
        } else {
            rows.write(json: props)
        }
        rows.write(flags.contains(.interactive))
        rows.write(engagement)
        if let scrollDepth { rows.write(scrollDepth) } else { rows.writeNull() }
        if let revenue { rows.write(revenue) } else { rows.writeNull() }
        if let dedupe { rows.write(dedupe) } else { rows.writeNull() }
    }

    private static let noProps = Array("{}".utf8)

    // MARK: From the temporary table

    /// Puts the copied rows where they belong, with the accounts that their sites have now.
    func store(_ connection: Connection) throws {
        if events > 0 {
            if hasClientIDs { try keepFirstOfEachID(connection) }
            let partitions = try LoadBatch.days(connection)
            let late = days.subtracting(partitions)
            try insert("events", late.isEmpty ? "true" : "l.day <> ALL (\(Array(late)))", connection)
            if !late.isEmpty { try insert("late_events", "l.day = ANY (\(Array(late)))", connection) }
            try noteDays(connection)
        }
        if !drops.isEmpty { try storeDrops(connection) }
    }

    private func insert(_ table: SQL, _ condition: SQL, _ connection: Connection) throws {
        try connection.execute(
            """
            INSERT INTO \(table) (account_id, \(LoadBatch.columns))
            SELECT account_id, \(LoadBatch.columns) FROM events_load l
            JOIN (SELECT id AS home, account_id, statistics_from FROM sites) s ON s.home = l.site_id
            WHERE \(condition) AND l.received_at >= s.statistics_from
            """)
    }

    /// Lists the days of sites that have events, for whoever seals them. Those that are listed are looked up before: a
    /// plain INSERT … ON CONFLICT would wait for the seal that is just changing the row.
    private func noteDays(_ connection: Connection) throws {
        try connection.execute(
            """
            WITH present AS MATERIALIZED (
                SELECT DISTINCT s.account_id, l.site_id, l.day FROM events_load l JOIN sites s ON s.id = l.site_id
                WHERE l.received_at >= s.statistics_from)
            INSERT INTO aggregation_state (account_id, site_id, day)
            SELECT p.account_id, p.site_id, p.day FROM present p
            WHERE NOT EXISTS (
                SELECT FROM aggregation_state a WHERE a.day = ANY (\(Array(days)))
                    AND a.account_id = p.account_id AND a.site_id = p.site_id AND a.day = p.day)
            ORDER BY 1, 2, 3
            ON CONFLICT DO NOTHING
            """)
    }

    /// The days that have a partition and take more.
    private static func days(_ connection: Connection) throws -> Set<Day> {
        let names: [String] = try connection.rows(
            """
            SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent = 'events'::regclass AND NOT i.inhdetachpending AND NOT EXISTS (
                SELECT FROM closed_days WHERE 'events_' || to_char(day, 'YYYYMMDD') = c.relname)
            """)
        return Set(
            names.compactMap { name in
                let digits = name.dropFirst("events_".count)
                guard digits.count == 8, let number = Int(digits) else { return nil }
                return Day(year: number / 10_000, month: number / 100 % 100, day: number % 100)
            })
    }

    /// Deletes from the batch what an id of the last 24 hours says was loaded already, and notes the ids of the rest.
    /// The hour is that of loading: its partition is there whenever the worker is, also after a long outage.
    private func keepFirstOfEachID(_ connection: Connection) throws {
        let hasPartition: Bool = try connection.one(
            """
            SELECT EXISTS (SELECT FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                WHERE i.inhparent = 'ingestion_dedupe'::regclass AND NOT i.inhdetachpending
                    AND c.relname = 'ingestion_dedupe_' || to_char(now() AT TIME ZONE 'UTC', 'YYYYMMDDHH24'))
            """)
        try connection.execute("SELECT pg_advisory_xact_lock(\(LoadBatch.dedupeLock))")
        try connection.execute(
            """
            WITH repeated AS (
                SELECT sequence FROM (
                    SELECT l.sequence, l.dedupe, row_number() OVER (PARTITION BY l.dedupe ORDER BY l.sequence) AS turn
                    FROM events_load l WHERE l.dedupe IS NOT NULL) AS ids
                WHERE turn > 1 OR EXISTS (
                    SELECT FROM ingestion_dedupe d
                    WHERE d.event = ids.dedupe AND d.hour > now() - interval '25 hours')),
            gone AS (
                DELETE FROM events_load l USING repeated r WHERE l.sequence = r.sequence
                RETURNING l.site_id, date_trunc('hour', l.received_at, 'UTC') AS hour)
            INSERT INTO drops (account_id, site_id, hour, reason, detail, count)
            SELECT s.account_id, g.site_id, g.hour, 'duplicate', 'id', count(*)
            FROM gone g JOIN sites s ON s.id = g.site_id GROUP BY 1, 2, 3
            ON CONFLICT (account_id, site_id, hour, reason, detail) DO UPDATE SET count = drops.count + excluded.count
            """)
        guard hasPartition else { return }
        try connection.execute(
            """
            INSERT INTO ingestion_dedupe (hour, event)
            SELECT date_trunc('hour', now(), 'UTC'), dedupe FROM events_load WHERE dedupe IS NOT NULL ORDER BY dedupe
            ON CONFLICT DO NOTHING
            """)
    }

    /// Adds to the ledger. An hour of a site has at most fifty details; what comes after them is counted without.
    private func storeDrops(_ connection: Connection) throws {
        let keys = drops.keys.sorted { ($0.hour, $0.reason, $0.detail) < ($1.hour, $1.reason, $1.detail) }
        let counts = keys.map { drops[$0]! }
        try connection.execute(
            """
            INSERT INTO drops (account_id, site_id, hour, reason, detail, count)
            SELECT account_id, site_id, hour, reason, CASE WHEN turn <= room OR is_known THEN detail ELSE '' END,
                sum(count)
            FROM (
                SELECT s.account_id, n.*, k.site_id IS NOT NULL AS is_known,
                    50 - (SELECT count(*) FROM drops d WHERE d.account_id = s.account_id AND d.site_id = n.site_id
                        AND d.hour = n.hour AND d.detail <> '') AS room,
                    count(*) FILTER (WHERE k.site_id IS NULL AND n.detail <> '') OVER (
                        PARTITION BY n.site_id, n.hour ORDER BY n.reason, n.detail) AS turn
                FROM (SELECT site_id, to_timestamp(hours * 3600) AS hour, reason, detail, count
                    FROM unnest(\(keys.map(\.site)), \(keys.map(\.hour)), \(keys.map(\.reason)),
                        \(keys.map(\.detail)), \(counts)) AS u (site_id, hours, reason, detail, count)) AS n
                JOIN sites s ON s.id = n.site_id
                LEFT JOIN drops k ON k.account_id = s.account_id AND k.site_id = n.site_id AND k.hour = n.hour
                    AND k.reason = n.reason AND k.detail = n.detail) AS ranked
            GROUP BY account_id, site_id, hour, reason, CASE WHEN turn <= room OR is_known THEN detail ELSE '' END
            ORDER BY account_id, site_id, hour, reason, 5
            ON CONFLICT (account_id, site_id, hour, reason, detail) DO UPDATE SET count = drops.count + excluded.count
            """)
    }

    /// Notes how far the stream is loaded, and until when everything that this collector received is.
    static func storePosition(
        _ stream: Int64, _ sequence: Int64, collector: UUID, loadedThrough: Int64, _ connection: Connection
    ) throws {
        let microseconds = loadedThrough
        try connection.execute(
            """
            INSERT INTO ingest_positions (stream, collector, sequence, loaded_through)
            VALUES (\(stream), \(collector), \(sequence),
                timestamptz 'epoch' + \(microseconds) * interval '1 microsecond')
            ON CONFLICT (stream) DO UPDATE SET sequence = excluded.sequence, updated_at = now(),
                loaded_through = greatest(ingest_positions.loaded_through, excluded.loaded_through)
            """)
    }
}
