import Days
import FoundationEssentials

extension OpenDay {
    /// Everything until now, as ``Checkpoint`` reads it, and how far each stream is read; nil while there is nothing.
    func checkpoint(_ dictionaries: SiteDictionaries) throws -> (bytes: [UInt8], vector: [Int64: Int64])? {
        guard let (block, rows, vector) = try settled(dictionaries) else { return nil }
        return (try Checkpoint.encoded(block, rows: rows, clock: clock, since: since), vector)
    }

    /// All of it in one block, and the rows that it is made of.
    private func settled(
        _ dictionaries: SiteDictionaries
    ) throws -> (block: Block, rows: [UInt8], vector: [Int64: Int64])? {
        try withState { state in
            settle(&state, dictionaries)
            state.unfoldStored()
            let top = state.levels.count - 1
            guard let block = state.levels[top].segment?.block.complete else { return nil }
            // Numbered visitors first, by their numbers; then those of whom nothing counts.
            var visitors = [Int64](repeating: 0, count: block.visitorCount)
            var others: [Int64] = []
            for visitor in state.levels[top].visitors {
                let number = state.homes[visitor]!.number
                if number == .max { others.append(visitor) } else { visitors[Int(number)] = visitor }
            }
            others.sort()
            visitors += others
            var raw = RawEvents()
            raw.texts = state.raw.texts
            raw.keyTexts = state.raw.keyTexts
            raw.valueTexts = state.raw.valueTexts
            raw.reserveCapacity(state.raw.count)
            var counts: [UInt32] = []
            counts.reserveCapacity(visitors.count)
            for visitor in visitors {
                let before = raw.count
                var next = state.homes[visitor]!.lastRow
                while next != .max {
                    let row = Int(next)
                    raw.events.append(state.raw.events[row])
                    raw.ids.append(
                        contentsOf: state.raw.ids[row * RawEvents.width..<(row + 1) * RawEvents.width])
                    raw.properties.append(
                        contentsOf: state.raw.properties[
                            state.raw.firstProperty[row]..<state.raw.firstProperty[row + 1]])
                    raw.firstProperty.append(raw.properties.count)
                    next = state.previousRow[row]
                }
                counts.append(UInt32(raw.count - before))
            }
            let rows = try StoredRows.encoded(raw, visitors: visitors, counts: counts, clock: clock)
            return (block, rows, state.vector)
        }
    }

    /// Makes an empty day what it was when the checkpoint was written.
    func restore(_ checkpoint: Checkpoint, vector: [Int64: Int64], _ dictionaries: SiteDictionaries) {
        withState { state in
            state.vector = vector
            var rows = checkpoint.rows
            state.raw = rows.takeTexts()
            var level = 0
            while rows.count > capacity(of: level) { level += 1 }
            state.levels = (0...level).map { _ in Level() }
            state.levels[level].rows = rows.count
            state.levels[level].segment = Segment(
                block: LoadedBlock(checkpoint.block, clock: clock, dictionaries: dictionaries), excluded: nil)
            state.stored = Stored(
                rows: rows, level: level, numbered: checkpoint.block.visitorCount, left: rows.count)
            // The youngest level is folded again with whatever comes.
            if level == 0 { state.unfoldStored() }
        }
    }
}

extension OpenDay.State {
    /// Rows that were read, stored ones included.
    var rowCount: Int { raw.count + (stored?.left ?? 0) }

    /// A visitor of stored rows who is back leaves their segment for the youngest; nil for any other.
    ///
    /// - Returns: the visitor's number among the stored; the rows are added afterwards (``addRows(ofStored:)``).
    mutating func leaveStored(_ visitor: Int64) -> Int? {
        guard let number = stored?.rows.number(of: visitor) else { return nil }
        let (level, numbered) = (stored!.level, stored!.numbered)
        let count = stored!.rows.rowCount(of: number)
        if number < numbered { levels[level].exclude(number) }
        levels[level].rows -= count
        levels[0].rows += count
        stored!.left -= count
        return number
    }

    /// Takes over the rows of a visitor who has a home.
    mutating func addRows(ofStored number: Int) {
        guard let stored else { return }
        let first = raw.count
        stored.rows.append(rowsOf: number, to: &raw)
        let visitor = stored.rows.visitor(number)
        for row in first..<raw.count {
            previousRow.append(homes[visitor]!.lastRow)
            homes[visitor]!.lastRow = UInt32(row)
        }
    }

    /// Takes over all rows that are left: their level is to be folded again, or written down.
    mutating func unfoldStored() {
        guard let stored else { return }
        raw.reserveCapacity(raw.count + stored.left)
        previousRow.reserveCapacity(raw.count + stored.left)
        for number in 0..<stored.rows.visitorCount {
            let visitor = stored.rows.visitor(number)
            if homes[visitor] != nil { continue }
            homes[visitor] = OpenDay.Home(
                lastRow: .max, level: UInt8(stored.level),
                number: number < stored.numbered ? UInt32(number) : .max)
            levels[stored.level].visitors.append(visitor)
            addRows(ofStored: number)
        }
        self.stored = nil
    }
}

extension OpenDay.Level {
    /// A visitor of its segment lives elsewhere now.
    mutating func exclude(_ number: Int) {
        // No second reference to what is written: it would be copied.
        guard let count = segment?.block.block.visitorCount else { return }
        if segment!.excluded == nil { segment!.excluded = [UInt8](repeating: 0, count: count) }
        segment!.excluded![number] = 1
    }
}
