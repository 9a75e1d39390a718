import Testing

@testable import Stats

/// The fold is a function of the set of events.
struct FoldTests {
    private func encoded(_ block: Block) throws -> EncodedBlock {
        try BlockFile.encode(block, clock: Happening.clock)
    }

    @Test(arguments: 1...20) func `any order, and any repeats, make the same bytes`(seed: UInt64) throws {
        var random = RandomEvents(seed: seed)
        let events = random.happenings(Int.random(in: 1...300, using: &random))
        let limits = Fold.Limits(values: Int.random(in: 1...20, using: &random), keys: 3)
        let (block, dropped) = Fold.fold(RawEvents(events), clock: Happening.clock, limits: limits)
        for _ in 0..<5 {
            let shuffled = (events + events.filter { _ in Bool.random(using: &random) }).shuffled(
                using: &random)
            let again = Fold.fold(RawEvents(shuffled), clock: Happening.clock, limits: limits)
            #expect(again.block == block)
            #expect(again.dropped == dropped)
            #expect(try encoded(again.block) == encoded(block))
        }
    }

    @Test(arguments: 1...10) func `any grouping makes the same block`(seed: UInt64) throws {
        var random = RandomEvents(seed: seed)
        let events = random.happenings(300)
        var raw = RawEvents()
        var rest = events[...]
        while !rest.isEmpty {
            let piece = rest.prefix(Int.random(in: 1...80, using: &random))
            raw.append(contentsOf: RawEvents(Array(piece)))
            rest = rest.dropFirst(piece.count)
        }
        let (block, dropped) = Fold.fold(RawEvents(events), clock: Happening.clock)
        let grouped = Fold.fold(raw, clock: Happening.clock)
        #expect(grouped.block == block)
        #expect(grouped.dropped == dropped)
    }

    @Test func `some rows make the block of those events`() {
        var random = RandomEvents(seed: 3)
        let events = random.happenings(200)
        let rows = (0..<UInt32(200)).filter { _ in Bool.random(using: &random) }
        let some = Fold.fold(RawEvents(events), rows: rows.reversed(), clock: Happening.clock)
        let alone = Fold.fold(RawEvents(rows.map { events[Int($0)] }), clock: Happening.clock)
        #expect(some.block == alone.block)
        #expect(some.dropped == alone.dropped)
    }

    @Test func `parts with disjoint visitors have the sums of the whole`() {
        var random = RandomEvents(seed: 4)
        let events = random.happenings(400)
        let whole = Summary(
            of: Fold.fold(RawEvents(events), clock: Happening.clock).block, clock: Happening.clock)
        let parts = [0, 1].map { remainder in
            let part = events.filter { abs($0.event.visitor) % 2 == remainder }
            return Summary(
                of: Fold.fold(RawEvents(part), clock: Happening.clock).block, clock: Happening.clock)
        }
        #expect(zip(parts[0].totals, parts[1].totals).map(+) == whole.totals)
    }
}
