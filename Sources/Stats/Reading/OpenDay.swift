import Days
import FoundationEssentials
import Synchronization

/// A day that is not sealed: its raw events until now, and blocks of them whose visitors are disjoint.
///
/// New events concern few visitors. These move whole into the youngest segment, which is folded again at each look; in the
/// segment that they leave they are excluded. A segment that has grown is folded together with those below it into the
/// next, a dozen times larger: so each event is folded a few times in all, and a look costs what is new. Of a large segment
/// that is looked at again a summary is made, so that counting costs what is new, too.
final class OpenDay: Sendable {
    /// What a question reads: blocks, and the visitors of each that live elsewhere now (1), by their number.
    struct Segment: Sendable {
        var block: LoadedBlock
        var excluded: [UInt8]?
    }

    struct Home {
        /// The newest of the visitor's rows; `previousRow` leads to the others.
        var lastRow: UInt32
        var level: UInt8
        /// In the block of that level; `.max` before it was folded, or when nothing of the visitor counts.
        var number: UInt32
    }

    struct Level {
        var visitors: [Int64] = []
        var rows = 0
        var segment: Segment?
    }

    struct State: ~Copyable {
        /// Everything that was read, by (stream, sequence) only once.
        var raw = RawEvents()
        /// The last sequence that was read, by stream.
        var vector: [Int64: Int64] = [:]
        var previousRow: [UInt32] = []
        var homes: [Int64: Home] = [:]
        var levels: [Level] = [Level()]
        /// What a checkpoint told of visitors who have not come back since; they have no home.
        var stored: Stored?
    }

    struct Stored {
        let rows: StoredRows
        /// Where their segment is.
        let level: Int
        /// How many visitors that has: the first of `rows`.
        let numbered: Int
        /// Rows of visitors who have not come back.
        var left: Int
    }

    let clock: DayClock
    /// What was received before is not of these statistics; nil for all.
    let since: Date?
    private let state = Mutex(State())
    private let bytes = Atomic<Int>(0)

    private let youngest: Int
    private let growth: Int

    /// - Parameters:
    ///   - youngest: rows that the youngest segment may have: some milliseconds of folding.
    ///   - growth: how much more the next may have.
    init(clock: DayClock, since: Date?, youngest: Int = 8_192, growth: Int = 12) {
        self.clock = clock
        self.since = since
        self.youngest = youngest
        self.growth = growth
    }

    var rowCount: Int { state.withLock { $0.rowCount } }

    var byteCount: Int { bytes.load(ordering: .relaxed) }

    /// Adds what `read` appends. It is told how far each stream was read, and answers how far it is now.
    @discardableResult
    func append(
        _ read: (inout RawEvents, [Int64: Int64]) throws -> [Int64: Int64]
    ) rethrows -> [Int64: Int64] {
        try state.withLock { state in
            state.vector = try read(&state.raw, state.vector)
            return state.vector
        }
    }

    /// Folds what has come since the last time; answers the blocks of the whole day.
    func segments(_ dictionaries: SiteDictionaries) -> [Segment] {
        state.withLock { state in
            OpenDay.place(&state)
            var level = 0
            while state.levels[level].rows > capacity(of: level) {
                OpenDay.move(from: level, &state)
                level += 1
            }
            if level > 0 || state.levels[0].segment == nil { fold(level, &state, dictionaries) }
            let segments = state.levels.compactMap(\.segment)
            bytes.store(
                state.raw.byteCount + state.homes.count * 48 + state.previousRow.count * 4
                    + (state.stored?.rows.byteCount ?? 0)
                    + segments.reduce(0) { $0 + $1.block.byteCount + ($1.block.summary?.byteCount ?? 0) },
                ordering: .relaxed)
            return segments
        }
    }

    func capacity(of level: Int) -> Int {
        var capacity = youngest
        for _ in 0..<level { capacity *= growth }
        return capacity
    }

    func withState<R: ~Copyable>(_ body: (inout State) throws -> R) rethrows -> R {
        try state.withLock { try body(&$0) }
    }

    /// Brings everything into one segment.
    func settle(_ state: inout State, _ dictionaries: SiteDictionaries) {
        OpenDay.place(&state)
        var top = state.levels.count - 1
        while state.rowCount > capacity(of: top) {
            state.levels.append(Level())
            top += 1
        }
        if top == 0, state.levels[0].segment != nil { return }
        if state.levels[..<top].allSatisfy({ $0.rows == 0 }), state.levels[top].segment != nil { return }
        for level in 0..<top { OpenDay.move(from: level, &state) }
        fold(top, &state, dictionaries)
    }

    /// Brings the visitors of new rows to the youngest level.
    private static func place(_ state: inout State) {
        let first = state.previousRow.count
        guard first < state.raw.count else { return }
        var back: [Int] = []
        for row in first..<state.raw.count {
            let visitor = state.raw.events[row].visitor
            guard let home = state.homes[visitor] else {
                if let number = state.leaveStored(visitor) { back.append(number) }
                state.previousRow.append(.max)
                state.homes[visitor] = Home(lastRow: UInt32(row), level: 0, number: .max)
                state.levels[0].visitors.append(visitor)
                state.levels[0].rows += 1
                continue
            }
            state.previousRow.append(home.lastRow)
            state.homes[visitor]!.lastRow = UInt32(row)
            if home.level == 0 {
                state.levels[0].rows += 1
                continue
            }
            // The visitor leaves an older segment, with all rows.
            let old = Int(home.level)
            if home.number != .max { state.levels[old].exclude(Int(home.number)) }
            var moved = 0
            var next = UInt32(row)
            while next != .max {
                moved += 1
                next = state.previousRow[Int(next)]
            }
            state.levels[old].rows -= moved - 1
            state.levels[0].rows += moved
            state.levels[0].visitors.append(visitor)
            state.homes[visitor]!.level = 0
            state.homes[visitor]!.number = .max
        }
        for number in back { state.addRows(ofStored: number) }
        state.levels[0].segment = nil
    }

    /// Hands a level's visitors on to the next, which has to be folded then.
    private static func move(from level: Int, _ state: inout State) {
        if level + 1 == state.levels.count { state.levels.append(Level()) }
        if state.stored?.level == level { state.unfoldStored() }
        for visitor in state.levels[level].visitors where state.homes[visitor]!.level == UInt8(level) {
            state.homes[visitor]!.level = UInt8(level + 1)
            state.levels[level + 1].visitors.append(visitor)
        }
        state.levels[level + 1].rows += state.levels[level].rows
        state.levels[level] = Level()
    }

    func fold(_ level: Int, _ state: inout State, _ dictionaries: SiteDictionaries) {
        if state.stored?.level == level { state.unfoldStored() }
        // Those that have left are not of this level any more, and those that came back stand here twice.
        var seen: Set<Int64> = []
        let visitors = state.levels[level].visitors.filter {
            state.homes[$0]!.level == UInt8(level) && seen.insert($0).inserted
        }
        state.levels[level].visitors = visitors
        var rows: [UInt32] = []
        rows.reserveCapacity(state.levels[level].rows)
        for visitor in visitors {
            var next = state.homes[visitor]!.lastRow
            while next != .max {
                rows.append(next)
                next = state.previousRow[Int(next)]
            }
        }
        guard !rows.isEmpty else {
            state.levels[level].segment = nil
            return
        }
        let folded = Fold.open(state.raw, rows: rows, clock: clock)
        for visitor in visitors { state.homes[visitor]!.number = .max }
        for (number, visitor) in folded.visitors.enumerated() {
            state.homes[visitor]!.number = UInt32(number)
        }
        state.levels[level].segment = Segment(
            block: LoadedBlock(folded.block, clock: clock, dictionaries: dictionaries), excluded: nil)
    }
}
