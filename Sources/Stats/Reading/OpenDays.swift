package import Days
package import FoundationEssentials
package import Postgres
import Synchronization

/// The open days that a worker keeps in memory, so that a look at one costs what is new, and writes down now and then, so
/// that whoever starts anew need not read them whole.
package final class OpenDays: Sendable {
    private struct Key: Hashable {
        var site: UUID
        var day: Day
    }

    private struct Kept {
        var day: OpenDay
        var dictionaries: SiteDictionaries
        /// Rows when it was last written down.
        var written: Int
        var used: UInt64
    }

    private struct State {
        var days: [Key: Kept] = [:]
        var clock: UInt64 = 0
    }

    private let state = Mutex(State())
    /// Bytes.
    private let capacity: Int
    /// A day of fewer rows is read again as quickly as its checkpoint would be.
    private let leastRows: Int

    package init(capacity: Int = 512 << 20, leastRows: Int = 5_000) {
        self.capacity = capacity
        self.leastRows = leastRows
    }

    /// Reads what has come since the last time, in the transaction that the connection is in (one snapshot, of the system's
    /// role). Answers what the day's raw events add up to, and how far each stream is read.
    package func refresh(
        account: Int64, site: UUID, clock: DayClock, since: Date?, in connection: Connection
    ) throws -> (totals: RollUps.Totals, vector: [Int64: Int64]) {
        let key = Key(site: site, day: clock.day)
        var kept = try take(key, account, clock, since, connection)
        let vector = try kept.day.readNews(account: account, site: site, connection)
        let segments = kept.day.segments(kept.dictionaries)
        let rows = kept.day.rowCount
        if rows >= leastRows, rows > kept.written + kept.written / 20 {
            if let (checkpoint, vector) = try kept.day.checkpoint(kept.dictionaries) {
                try connection.execute(
                    """
                    INSERT INTO open_blocks (account_id, site_id, day, vector, raw)
                    VALUES (\(account), \(site), \(clock.day), \(JSON(vector: vector)),
                        \(checkpoint))
                    ON CONFLICT (account_id, site_id, day) DO UPDATE SET vector = excluded.vector, raw = excluded.raw,
                        version = nextval('site_days_version'), updated_at = now()
                    """)
            }
            kept.written = rows
        }
        put(kept, key)
        return (segments.reduce(into: RollUps.Totals()) { $0 += $1.totals }, vector)
    }

    /// Out of memory while it is worked on: if that fails it is read anew.
    private func take(
        _ key: Key, _ account: Int64, _ clock: DayClock, _ since: Date?, _ connection: Connection
    ) throws -> Kept {
        let known = state.withLock { $0.days.removeValue(forKey: key) }
        if let known, known.day.clock == clock, known.day.since == since { return known }
        let dictionaries = SiteDictionaries()
        let day = try OpenDay.read(
            account: account, site: key.site, clock: clock, since: since, dictionaries, connection)
        return Kept(day: day, dictionaries: dictionaries, written: day.rowCount, used: 0)
    }

    private func put(_ kept: Kept, _ key: Key) {
        state.withLock { state in
            state.clock += 1
            var kept = kept
            kept.used = state.clock
            state.days[key] = kept
            var bytes = state.days.values.reduce(0) { $0 + $1.day.byteCount + $1.dictionaries.byteCount }
            for (key, old) in state.days.sorted(by: { $0.value.used < $1.value.used }) where bytes > capacity
            {
                bytes -= old.day.byteCount + old.dictionaries.byteCount
                state.days[key] = nil
            }
        }
    }
}

extension OpenDay {
    /// A day as its checkpoint has it, or an empty one, to be asked for what has come since.
    static func read(
        account: Int64, site: UUID, clock: DayClock, since: Date?, _ dictionaries: SiteDictionaries,
        _ connection: Connection
    ) throws -> OpenDay {
        let row: (String, [UInt8])? = try connection.first(
            """
            SELECT vector::text, raw FROM open_blocks
            WHERE account_id = \(account) AND site_id = \(site) AND day = \(clock.day)
            """)
        let day = OpenDay(clock: clock, since: since)
        guard let (text, raw) = row, let checkpoint = try? Checkpoint(raw, clock: clock, since: since),
            let members = try? JSONDecoder().decode([String: Int64].self, from: Data(text.utf8))
        else { return day }
        let vector = Dictionary(
            members.compactMap { member in Int64(member.key).map { ($0, member.value) } },
            uniquingKeysWith: { max($0, $1) })
        day.restore(checkpoint, vector: vector, dictionaries)
        return day
    }

    /// Appends what was loaded since the last time; answers how far each stream is read.
    @discardableResult
    func readNews(account: Int64, site: UUID, _ connection: Connection) throws -> [Int64: Int64] {
        var reading = EventReading(account: account, site: site, day: clock.day)
        reading.since = since
        return try append { raw, vector in
            // However quiet the site: of what is loaded until now nothing has to be looked at again.
            try reading.read(into: &raw, after: vector, connection)
        }
    }
}

extension OpenDay.Segment {
    /// Of the visitors who live here.
    var totals: RollUps.Totals {
        let block = block.block
        guard let excluded else { return RollUps.Totals(block) }
        var totals = RollUps.Totals()
        totals.visitors = Int64(excluded.count { $0 == 0 })
        for visit in 0..<block.visitCount where excluded[Int(block.visitor[visit])] == 0 {
            totals.visits += 1
            totals.pageViews += Int64(block.pageViews[visit])
            totals.bounces += Int64(block.bounced[visit])
            totals.seconds += Int64(block.duration[visit])
            totals.events += Int64(block.firstEvent[visit + 1] - block.firstEvent[visit])
        }
        return totals
    }
}

extension JSON {
    /// A sequence for each stream, by the streams' numbers.
    package init(vector: [Int64: Int64]) {
        let members = vector.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value)" }
        self.init("{" + members.joined(separator: ", ") + "}")
    }
}
