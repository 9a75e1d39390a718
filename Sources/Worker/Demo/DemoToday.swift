import Days
import FoundationEssentials
import Postgres
import Stats

/// The events of the day that goes on, as the loader would have written them.
struct DemoToday {
    let account: Int64
    let site: UUID
    let connection: Connection

    /// In the order of the table.
    private static let texts: [Column?] = [
        .name, .hostname, .page, .title, .referrer, .source, .channel, .utmSource, .utmMedium, .utmCampaign,
        .utmContent, .utmTerm, nil, .country, .region, .city, .language, .browser, .browserVersion, .os,
        .osVersion,
        .device, .viewport,
    ]

    /// Writes what happened up to an instant in microseconds; answers how much that is.
    func write(_ raw: RawEvents, day: Day, until now: Int64) throws -> Int {
        // The day's partition, if the worker has not made it yet.
        try connection.execute("SELECT make_event_partitions(\(day))")
        // Row-level security refuses COPY into the table itself.
        try connection.execute("CREATE TEMPORARY TABLE demo_events (LIKE events) ON COMMIT DROP")
        try connection.copy(into: "demo_events") { rows in
            for index in raw.events.indices where raw.events[index].time <= now {
                try rows.row(columns: 36)
                write(raw, index, day, &rows)
            }
        }
        let count = try connection.execute("INSERT INTO events SELECT * FROM demo_events")
        if count > 0 {
            try connection.execute(
                """
                INSERT INTO aggregation_state (account_id, site_id, day) VALUES (\(account), \(site), \(day))
                ON CONFLICT DO NOTHING
                """)
            try report(raw, until: now, day)
        }
        return count
    }

    /// How far each stream is loaded, so that whoever has read the day before finds what is new. As of a collector that
    /// has been silent for so long that no seal waits for it.
    private func report(_ raw: RawEvents, until now: Int64, _ day: Day) throws {
        let loaded = raw.events.filter { $0.time <= now }
        for (stream, events) in Dictionary(grouping: loaded, by: \.stream) {
            let long = day.advanced(by: -2)
            try connection.execute(
                """
                INSERT INTO ingest_positions (stream, collector, sequence, loaded_through, updated_at)
                VALUES (\(stream), gen_random_uuid(), \(events.map(\.sequence).max() ?? 0), \(long)::timestamptz,
                    \(long)::timestamptz)
                ON CONFLICT (stream) DO UPDATE SET sequence = greatest(ingest_positions.sequence, excluded.sequence)
                """)
        }
    }

    private func write(_ raw: RawEvents, _ index: Int, _ day: Day, _ rows: inout CopyWriter) {
        let event = raw.events[index]
        func text(_ column: Column) -> String {
            raw.texts[Int(column.rawValue)].text(raw.ids[index * RawEvents.width + Int(column.rawValue)])
        }
        rows.write(day)
        rows.write(account)
        rows.write(event.stream)
        rows.write(event.sequence)
        rows.write(site)
        rows.write(microseconds: event.time)
        rows.write(event.visitor)
        for column in DemoToday.texts { rows.write(column.map(text) ?? "") }
        rows.write(event.interactive)
        rows.write(event.engagementMilliseconds)
        if let depth = event.scrollDepth { rows.write(depth) } else { rows.writeNull() }
        if let revenue = event.revenue { rows.write(revenue) } else { rows.writeNull() }
        rows.write(text(.currency))
        props(raw, index).withUnsafeBytes { rows.write(json: $0) }
    }

    /// Neither quotes nor backslashes are in what the generator writes.
    private func props(_ raw: RawEvents, _ index: Int) -> [UInt8] {
        let members = raw.properties[raw.firstProperty[index]..<raw.firstProperty[index + 1]].map {
            property in
            "\"\(raw.keyTexts.text(property.key))\": \"\(raw.valueTexts.text(property.value))\""
        }
        return Array("{\(members.joined(separator: ", "))}".utf8)
    }
}
