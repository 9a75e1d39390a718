import Days
import FoundationEssentials

extension OpenDay {
    /// Everything until now, in one segment; nil while there is nothing.
    func checkpoint(_ dictionaries: SiteDictionaries) -> (checkpoint: Checkpoint, vector: [Int64: Int64])? {
        withState { state in
            settle(&state, dictionaries)
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
            return (
                Checkpoint(visitors: visitors, rowCounts: counts, raw: raw, block: block), state.vector
            )
        }
    }

    /// A day as it was when the checkpoint was written, to be asked for what has come since.
    convenience init(
        _ checkpoint: Checkpoint, vector: [Int64: Int64], clock: DayClock, since: Date?,
        _ dictionaries: SiteDictionaries
    ) {
        self.init(clock: clock, since: since)
        withState { state in
            state.vector = vector
            state.raw = checkpoint.raw
            state.previousRow.reserveCapacity(checkpoint.raw.count)
            state.homes.reserveCapacity(checkpoint.visitors.count)
            var level = 0
            while checkpoint.raw.count > capacity(of: level) { level += 1 }
            state.levels = (0...level).map { _ in Level() }
            for (number, visitor) in checkpoint.visitors.enumerated() {
                for row in 0..<checkpoint.rowCounts[number] {
                    state.previousRow.append(row == 0 ? .max : UInt32(state.previousRow.count - 1))
                }
                state.homes[visitor] = Home(
                    lastRow: UInt32(state.previousRow.count - 1), level: UInt8(level),
                    number: number < checkpoint.block.visitorCount ? UInt32(number) : .max)
            }
            state.levels[level].visitors = checkpoint.visitors
            state.levels[level].rows = checkpoint.raw.count
            state.levels[level].segment = Segment(
                block: LoadedBlock(checkpoint.block, clock: clock, dictionaries: dictionaries), excluded: nil)
        }
    }
}
