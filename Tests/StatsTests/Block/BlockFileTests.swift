import Days
import Testing

@testable import Stats

struct BlockFileTests {
    private func block(_ count: Int, seed: UInt64, values: Int = 12, limit: Int = 10_000) -> Block {
        var random = RandomEvents(seed: seed)
        let raw = RawEvents(random.happenings(count, values: values))
        return Fold.fold(raw, clock: Happening.clock, limits: .init(values: limit)).block
    }

    private func decoded(_ encoded: EncodedBlock) throws -> Block {
        try BlockFile.block(core: encoded.core, detail: encoded.detail, properties: encoded.properties)
    }

    @Test(arguments: [0, 1, 2, 3, 10, 100, 3_000]) func `a block comes back`(count: Int) throws {
        let block = block(count, seed: UInt64(count))
        let encoded = try BlockFile.encode(block, clock: Happening.clock)
        #expect(try decoded(encoded) == block)
        #expect(try BlockFile.summary(encoded.summary) == Summary(of: block, clock: Happening.clock))
        #expect(encoded.visitors == block.visitorCount)
        #expect(encoded.visits == block.visitCount)
        #expect(encoded.pageViews == block.pageViews.reduce(0) { $0 + Int($1) })
        #expect(encoded.events == block.eventCount)
        #expect(encoded.format == BlockFile.format)
        #expect(encoded.checksum == BlockFile.checksum(of: encoded))
    }

    @Test func `a block with thousands of values comes back`() throws {
        let block = block(5_000, seed: 1, values: 4_000, limit: 900)
        #expect(try decoded(BlockFile.encode(block, clock: Happening.clock)) == block)
    }

    @Test func `a block whose page views lost their name comes back`() throws {
        // All other names are as frequent, and come first.
        let events = ["a", "b", "pageview"].enumerated().map { Happening($0.element, at: Int64($0.offset)) }
        let block = Fold.fold(RawEvents(events), clock: Happening.clock, limits: .init(values: 1)).block
        #expect(block.dictionary(of: .name) == ["(other)", "a"])
        #expect(block.kinds == [[], [], [.pageView, .exit]])
        #expect(try decoded(BlockFile.encode(block, clock: Happening.clock)) == block)
    }

    @Test func `the largest and the smallest amounts come back`() throws {
        let amounts: [Int64] = [.min, .max, 0, 1, -1]
        let events = amounts.enumerated().map { index, amount in
            Happening(at: Int64(index)).changed { $0.revenue = amount }
        }
        let block = Fold.fold(RawEvents(events), clock: Happening.clock).block
        #expect(
            try decoded(BlockFile.encode(block, clock: Happening.clock)).revenues.map(\.amount) == amounts)
    }

    @Test func `far times come back`() throws {
        let block = Fold.fold(
            RawEvents([Happening(at: 0), Happening(at: 1 << 33, by: 2), .engagement(at: 1_000)]),
            clock: Happening.clock
        ).block
        #expect(block.time == [0, .max])
        #expect(try decoded(BlockFile.encode(block, clock: Happening.clock)) == block)
    }

    @Test func `groups are read apart, and added later`() throws {
        let block = block(200, seed: 9)
        let encoded = try BlockFile.encode(block, clock: Happening.clock)
        var core = try BlockFile.block(core: encoded.core)
        #expect(core.groups == .ofCore)
        #expect(core.properties == [])
        for column in Column.allCases where column != .currency {
            let isThere = !column.isOfDetail
            #expect(core.numbers(of: column) == (isThere ? block.numbers(of: column) : []))
            #expect(core.dictionary(of: column) == (isThere ? block.dictionary(of: column) : []))
        }
        try BlockFile.add(properties: encoded.properties, to: &core)
        #expect(core.groups == [.ofCore, .properties])
        try BlockFile.add(detail: encoded.detail, to: &core)
        #expect(core == block)
    }

    @Test(arguments: Column.allCases.filter { $0.group != .core })
    func `a column is read alone, with what it is written with`(wanted: Column) throws {
        let block = block(200, seed: 9)
        let encoded = try BlockFile.encode(block, clock: Happening.clock)
        let read = try BlockFile.block(
            core: encoded.core, detail: wanted.isOfDetail ? encoded.detail : nil, columns: wanted.needed)
        #expect(read.groups == wanted.needed.union(.core))
        #expect(read.groups.contains(.times) == wanted.isOfDetail)
        #expect(read.time == (wanted.isOfDetail ? block.time : []))
        #expect(read.duration == (wanted.isOfDetail ? block.duration : []))
        #expect(read.bounced == block.bounced)
        #expect(read.revenues == block.revenues)
        for column in Column.allCases where column != .currency {
            let isThere = read.groups.contains(column.group)
            #expect(read.numbers(of: column) == (isThere ? block.numbers(of: column) : []))
            #expect(read.dictionary(of: column) == (isThere ? block.dictionary(of: column) : []))
        }
    }

    @Test(arguments: [false, true])
    func `columns are added one after the other`(isReversed: Bool) throws {
        let block = block(200, seed: 9)
        let encoded = try BlockFile.encode(block, clock: Happening.clock)
        var read = try BlockFile.block(core: encoded.core, columns: .core)
        #expect(read.groups == .core)
        let columns = Column.allCases.filter { $0.group != .core }
        for column in isReversed ? columns.reversed() : columns {
            let missing = column.needed.subtracting(read.groups)
            if !missing.isDisjoint(with: .ofCore) {
                try BlockFile.add(core: encoded.core, to: &read)
            }
            if !missing.isDisjoint(with: .detail) {
                try BlockFile.add(detail: encoded.detail, columns: missing, to: &read)
            }
        }
        try BlockFile.add(properties: encoded.properties, to: &read)
        #expect(read == block)
    }

    @Test(arguments: Column.allCases.filter { !$0.isOfDetail })
    func `whatever was read of a core, the rest is added`(first: Column) throws {
        let block = block(200, seed: 9)
        let encoded = try BlockFile.encode(block, clock: Happening.clock)
        // Alone: what it is written with is read beside it.
        var read = try BlockFile.block(core: encoded.core, columns: first.group)
        #expect(read.groups == first.needed.union(.core))
        #expect(first == .currency || read.numbers(of: first) == block.numbers(of: first))
        try BlockFile.add(core: encoded.core, to: &read)
        #expect(read.groups == .ofCore)
        try BlockFile.add(detail: encoded.detail, to: &read)
        try BlockFile.add(properties: encoded.properties, to: &read)
        #expect(read == block)
    }

    @Test func `nothing is added of another block's core`() throws {
        let (block, other) = (block(200, seed: 9), block(210, seed: 10))
        var read = try BlockFile.block(
            core: BlockFile.encode(block, clock: Happening.clock).core, columns: .core)
        let before = read
        let core = try BlockFile.encode(other, clock: Happening.clock).core
        #expect(throws: BlockDamage.self) { try BlockFile.add(core: core, to: &read) }
        #expect(read == before)
    }

    @Test func `only a whole block is written`() throws {
        let encoded = try BlockFile.encode(block(20, seed: 9), clock: Happening.clock)
        let core = try BlockFile.block(core: encoded.core)
        #expect(throws: BlockDamage.self) { try BlockFile.encode(core, clock: Happening.clock) }
    }

    @Test func `of a summary only what is wanted is read`() throws {
        let block = block(500, seed: 6)
        let encoded = try BlockFile.encode(block, clock: Happening.clock)
        let whole = try BlockFile.summary(encoded.summary)
        let keys: Set<Summary.Key> = [.exitPage, .column(.region), .quarter]
        let some = try BlockFile.summary(encoded.summary, keys: keys)
        #expect(some.tables == whole.tables.filter { keys.contains($0.key) })
        #expect(some.totals == whole.totals)
        for column in Column.allCases {
            let isWanted = column == .page || column == .region
            #expect(
                some.dictionaries[Int(column.rawValue)]
                    == (isWanted ? whole.dictionaries[Int(column.rawValue)] : []))
        }
    }

    @Test func `the same block always has the same bytes`() throws {
        let block = block(300, seed: 2)
        #expect(
            try BlockFile.encode(block, clock: Happening.clock)
                == BlockFile.encode(block, clock: Happening.clock))
    }

    @Test func `the checksum is of all four values`() throws {
        let encoded = try BlockFile.encode(block(50, seed: 2), clock: Happening.clock)
        var checksums: Set = [encoded.checksum]
        for value in [\EncodedBlock.summary, \.core, \.detail, \.properties] {
            var changed = encoded
            changed[keyPath: value][9] ^= 1
            checksums.insert(BlockFile.checksum(of: changed))
        }
        #expect(checksums.count == 5)
        #expect(encoded.checksum.count == 8)
    }
}
