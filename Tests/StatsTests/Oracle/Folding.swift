import Days
import Stats

/// A part of a site's day as it was read back from its stored form.
struct StoredPart: Sendable {
    var clock: DayClock
    /// What it was folded from.
    var events: [RecordedEvent]
    var encoded: EncodedBlock
    /// Engagements that belonged nowhere.
    var dropped: Int

    /// All of it.
    var block: Block {
        get throws { try block(.all) }
    }

    func loaded(_ groups: ColumnGroup, _ dictionaries: SiteDictionaries) throws -> LoadedBlock {
        LoadedBlock(try block(groups), clock: clock, dictionaries: dictionaries)
    }

    /// Those that the block's numbers stand for: in the order of their first event that can open a visit.
    var visitors: [Int64] {
        let opening = events.filter { $0[.name] != "engagement" }
        let ordered = opening.sorted { ($0.time, $0.stream, $0.sequence) < ($1.time, $1.stream, $1.sequence) }
        var seen: Set<Int64> = []
        return ordered.map(\.visitor).filter { seen.insert($0).inserted }
    }

    private func block(_ groups: ColumnGroup) throws -> Block {
        try BlockFile.block(
            core: encoded.core, detail: groups.isDisjoint(with: .detail) ? nil : encoded.detail,
            columns: groups,
            properties: groups.contains(.properties) ? encoded.properties : nil)
    }
}

extension RecordedSite {
    /// Folds all days and stores them: each in so many parts at most, visitors divided by a hash; parts in random order.
    func stored(parts: Int, limits: Fold.Limits = Fold.Limits(), dice: inout Dice) throws -> [StoredPart] {
        let history = history
        let days = Dictionary(grouping: events) { history.localDay(at: floored($0.time)).day }
        var stored: [StoredPart] = []
        for (day, events) in days.sorted(by: { $0.key < $1.key }) {
            let clock = history.clock(of: day)
            let raw = RawEvents(events)
            let salt = dice.next()
            let rows = Dictionary(grouping: events.indices) { index in
                var hash = Dice(seed: UInt64(bitPattern: events[index].visitor) ^ salt)
                return hash.number(1...parts)
            }
            for (_, rows) in rows.sorted(by: { $0.key < $1.key }) {
                let (block, dropped) = Fold.fold(
                    raw, rows: parts == 1 ? nil : rows.map { UInt32($0) }, clock: clock, limits: limits)
                stored.append(
                    StoredPart(
                        clock: clock, events: rows.map { events[$0] },
                        encoded: try BlockFile.encode(block, clock: clock), dropped: dropped))
            }
        }
        return stored.shuffled(using: &dice)
    }

    private func floored(_ microseconds: Int64) -> Int64 {
        (microseconds - (microseconds < 0 ? 999_999 : 0)) / 1_000_000
    }
}

extension RawEvents {
    init(_ events: [RecordedEvent]) {
        self.init()
        for recorded in events {
            var event = Event(
                time: recorded.time, visitor: recorded.visitor, stream: recorded.stream,
                sequence: recorded.sequence)
            event.interactive = recorded.interactive
            event.engagementMilliseconds = recorded.milliseconds
            event.scrollDepth = recorded.depth
            event.revenue = recorded.revenue
            append(event, recorded.texts)
            for (key, value) in recorded.properties { addProperty(property(key, value)) }
        }
    }
}
