package import Days
package import FoundationEssentials
package import Postgres

/// Reads raw events of a day of a site out of PostgreSQL, some thousand rows at a time, never all at once.
package struct EventReading {
    package enum Table: Sendable {
        case events
        /// What came for a day that takes no more.
        case late

        var name: SQL { self == .events ? "events" : "late_events" }
    }

    /// Those of the day's visitors whose hash leaves this remainder: slices have no visitor in common.
    package struct Slice: Sendable, Hashable {
        package var index: Int
        package var count: Int

        package init(index: Int, of count: Int) {
            self.index = index
            self.count = count
        }

        package static let all = Slice(index: 0, of: 1)
    }

    /// More rows than the caller wanted to hold; what was read is there, and the connection can be used.
    package struct TooMany: Error {}

    private static let chunk = 4_096

    package let account: Int64
    package let site: UUID
    package let day: Day
    package var table = Table.events
    package var slice = Slice.all
    /// What was received before is left out.
    package var since: Date?

    package init(account: Int64, site: UUID, day: Day) {
        self.account = account
        self.site = site
        self.day = day
    }

    /// Appends the rows, in the transaction that the connection is in. Answers how far each stream was loaded then: what
    /// to say as `vector` next time.
    ///
    /// - Parameters:
    ///   - vector: rows up to these sequences are left out, by stream. Empty: no row is.
    ///   - limit: with more rows than this it throws ``TooMany``.
    package func read(
        into raw: inout RawEvents, after vector: [Int64: Int64] = [:], limit: Int = .max,
        _ connection: Connection
    ) throws -> [Int64: Int64] {
        // Before the rows: of what is loaded in between rather too little is said than too much. A vector of this site's
        // rows alone would do, but who looks for news would pass over those of the account's other sites each time.
        var last = try EventReading.positions(for: day, connection)
        let sources = sources(after: vector, last)
        if sources.isEmpty { return last }
        var rows = 0
        // All rows are wanted, not the first ones soon.
        try connection.execute("SET LOCAL cursor_tuple_fraction = 1")
        let selects = sources.map { "SELECT \(EventReading.columns) FROM \($0)" as SQL }
        try connection.execute(
            "DECLARE event_reading NO SCROLL CURSOR FOR \(SQL.joined(selects, separator: " UNION ALL "))")
        while true {
            let chunk = try connection.rows(
                "FETCH FORWARD \(literal: Int64(EventReading.chunk)) FROM event_reading"
            ) {
                let (stream, sequence) = EventReading.append($0, to: &raw)
                last[stream] = max(last[stream] ?? 0, sequence)
            }.count
            rows += chunk
            if rows > limit {
                try connection.execute("CLOSE event_reading")
                throw TooMany()
            }
            if chunk < EventReading.chunk { break }
        }
        try connection.execute("CLOSE event_reading")
        return last
    }

    /// How far each stream is loaded that may hold events of a day: those that nobody has written to since the day
    /// before it are left out.
    package static func positions(for day: Day, _ connection: Connection) throws -> [Int64: Int64] {
        let rows: [(Int64, Int64)] = try connection.rows(
            .prepared("SELECT stream, sequence FROM ingest_positions p WHERE \(mayHold(day))"))
        return Dictionary(uniqueKeysWithValues: rows)
    }

    /// Of `ingest_positions p`. By the collector's clock or the database's, whichever is ahead.
    package static func mayHold(_ day: Day) -> SQL {
        "greatest(p.updated_at, p.loaded_through) >= \(day.advanced(by: -2))::timestamptz"
    }

    /// How many rows there are.
    package func count(_ connection: Connection) throws -> Int {
        try connection.one("SELECT count(*) FROM \(table.name) e WHERE \(condition)")
    }

    /// Without a vector the day is read in one sweep; with one, what is new is found by the key of the table: a range for
    /// each stream that was loaded further. A join with the streams would be planned as a sweep through the day.
    private func sources(after vector: [Int64: Int64], _ last: [Int64: Int64]) -> [SQL] {
        if vector.isEmpty { return ["\(table.name) e WHERE \(condition)"] }
        return last.sorted { $0.key < $1.key }.compactMap { stream, sequence in
            let known = vector[stream] ?? 0
            guard sequence > known else { return nil }
            return "\(table.name) e WHERE \(condition) AND e.stream = \(stream) AND e.sequence > \(known)"
        }
    }

    private var condition: SQL {
        var conditions: [SQL] = [
            "e.account_id = \(account)", "e.day = \(day)", "e.site_id = \(site)",
        ]
        if slice.count > 1 {
            let count = Int64(slice.count)
            conditions.append("(e.visitor % \(count) + \(count)) % \(count) = \(Int64(slice.index))")
        }
        if let since { conditions.append("e.received_at >= \(since)") }
        return SQL.joined(conditions, separator: " AND ")
    }

    // MARK: Rows

    private static let columns: SQL = """
        e.received_at, e.visitor, e.stream, e.sequence, e.interactive, e.engagement_ms, e.scroll_depth, e.revenue_amount,
        e.props, e.name, e.hostname, e.pathname, e.title, e.revenue_currency, e.referrer, e.source, e.channel,
        e.utm_source, e.utm_medium, e.utm_campaign, e.utm_content, e.utm_term, e.country, e.region, e.city, e.language,
        e.browser, e.browser_version, e.os, e.os_version, e.device, e.viewport
        """

    /// Of the columns from the tenth on.
    private static let texts: [Column] = [
        .name, .hostname, .page, .title, .currency, .referrer, .source, .channel, .utmSource, .utmMedium,
        .utmCampaign, .utmContent, .utmTerm, .country, .region, .city, .language, .browser, .browserVersion,
        .os,
        .osVersion, .device, .viewport,
    ]
    private static let firstText = 9

    /// 2000-01-01 in microseconds since 1970.
    private static let epoch: Int64 = 946_684_800_000_000

    private static func append(_ row: Row, to raw: inout RawEvents) -> (stream: Int64, sequence: Int64) {
        var event = RawEvents.Event(
            time: row.integer(0, Int64.self) + epoch, visitor: row.integer(1, Int64.self),
            stream: row.integer(2, Int64.self), sequence: row.integer(3, Int64.self))
        event.interactive = row.integer(4, UInt8.self) != 0
        event.engagementMilliseconds = row.integer(5, Int32.self)
        event.scrollDepth = row.optional(6, Int16.self)
        event.revenue = row.optional(7, Int64.self)
        raw.append(event)
        for (index, column) in texts.enumerated() {
            row.withBytes(firstText + index) { bytes in
                if let bytes, !bytes.isEmpty { raw.set(column, bytes) }
            }
        }
        row.withBytes(8) { bytes in
            // A version byte, then "{}" at least.
            guard let bytes, bytes.count > 3 else { return }
            EventProperties.read(UnsafeRawBufferPointer(rebasing: bytes.dropFirst())) { key, value in
                raw.addProperty(
                    RawEvents.Property(key: raw.keyTexts.id(of: key), value: raw.valueTexts.id(of: value)))
            }
        }
        return (event.stream, event.sequence)
    }
}

extension Row {
    /// A column that is never NULL, of the type's width.
    fileprivate func integer<Integer: FixedWidthInteger>(_ column: Int, _ type: Integer.Type) -> Integer {
        optional(column, type) ?? 0
    }

    fileprivate func optional<Integer: FixedWidthInteger>(_ column: Int, _ type: Integer.Type) -> Integer? {
        withBytes(column) { bytes in
            guard let bytes, bytes.count == MemoryLayout<Integer>.size else { return nil }
            return Integer(bigEndian: bytes.loadUnaligned(as: Integer.self))
        }
    }
}
