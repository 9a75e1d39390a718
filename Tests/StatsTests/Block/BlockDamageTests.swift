import Days
import Testing

@testable import Stats

struct BlockDamageTests {
    private static let block: Block = {
        var random = RandomEvents(seed: 11)
        return Fold.fold(RawEvents(random.happenings(40, values: 6)), clock: Happening.clock).block
    }()
    private static let encoded = Result { try BlockFile.encode(block, clock: Happening.clock) }

    enum Value: CaseIterable {
        case summary, core, detail, properties

        var path: WritableKeyPath<EncodedBlock, [UInt8]> {
            switch self {
            case .summary: \.summary
            case .core: \.core
            case .detail: \.detail
            case .properties: \.properties
            }
        }
    }

    private enum Content: Equatable {
        case summary(Summary)
        case block(Block)
    }

    private func read(_ value: Value, _ bytes: [UInt8]) throws -> Content {
        switch value {
        case .summary: return .summary(try BlockFile.summary(bytes))
        case .core: return .block(try BlockFile.block(core: bytes))
        case .detail: return .block(try BlockFile.block(core: Self.encoded.get().core, detail: bytes))
        case .properties: return .block(try BlockFile.block(core: Self.encoded.get().core, properties: bytes))
        }
    }

    /// A few bits mean nothing to zstd: what it makes of the others has to be the same.
    @Test(arguments: Value.allCases) func `a flipped bit is noticed, or changes nothing`(value: Value) throws
    {
        let bytes = try Self.encoded.get()[keyPath: value.path]
        let intact = try read(value, bytes)
        var noticed = 0
        for bit in 0..<bytes.count * 8 {
            var changed = bytes
            changed[bit / 8] ^= 1 << (bit % 8)
            do {
                #expect(try read(value, changed) == intact)
            } catch is BlockDamage {
                noticed += 1
            }
        }
        #expect(noticed > bytes.count * 7)
    }

    @Test(arguments: Value.allCases) func `a missing end, or a longer one, is noticed`(value: Value) throws {
        let bytes = try Self.encoded.get()[keyPath: value.path]
        for count in bytes.indices {
            #expect(throws: BlockDamage.self) { try read(value, Array(bytes[..<count])) }
        }
        #expect(throws: BlockDamage.self) { try read(value, bytes + [1]) }
    }

    @Test func `values of different blocks do not go together`() throws {
        let encoded = try Self.encoded.get()
        var random = RandomEvents(seed: 12)
        let other = try BlockFile.encode(
            Fold.fold(RawEvents(random.happenings(40, values: 6)), clock: Happening.clock).block,
            clock: Happening.clock)
        #expect(throws: BlockDamage("Core and detail are of different blocks.")) {
            try BlockFile.block(core: encoded.core, detail: other.detail)
        }
        #expect(throws: BlockDamage("Core and properties are of different blocks.")) {
            try BlockFile.block(core: encoded.core, properties: other.properties)
        }
        #expect(throws: BlockDamage("It is not of this format.")) {
            try BlockFile.block(core: encoded.detail)
        }
    }

    /// zstd guards against accidents: here the planes are damaged before it squeezes them.
    @Test(arguments: Value.allCases) func `whatever the planes hold, reading ends`(value: Value) throws {
        var dictionaries = (core: PlaneWriter(), detail: PlaneWriter())
        try dictionaries.core.append(dictionariesOf: .ofCore, of: Self.block)
        try dictionaries.detail.append(dictionariesOf: .detail, of: Self.block)
        let summary = Summary(of: Self.block, clock: Happening.clock)
        var planes = PlaneWriter()
        planes.texts = dictionaries.core.texts
        switch value {
        case .core: try CoreCoding.write(Self.block, dictionaries.core, to: &planes)
        case .detail:
            planes.texts = dictionaries.detail.texts
            DetailCoding.write(Self.block, dictionaries.detail, to: &planes)
        case .properties:
            planes.texts = []
            try PropertiesCoding.write(Self.block, to: &planes)
        case .summary:
            planes.texts += dictionaries.detail.texts
            try SummaryCoding.write(
                summary, of: Self.block, [dictionaries.core, dictionaries.detail], to: &planes)
        }
        var random = RandomEvents(seed: 13)
        let intact = try content(planes.bytes, planes.texts, value)
        #expect(intact)
        var survivors = 0
        for index in planes.bytes.indices {
            for change in [1, UInt8.random(in: 2...255, using: &random)] {
                var bytes = planes.bytes
                bytes[index] ^= change
                if try content(bytes, planes.texts, value) { survivors += 1 }
            }
        }
        for index in planes.texts.indices {
            var texts = planes.texts
            texts[index] ^= UInt8.random(in: 1...255, using: &random)
            if try content(planes.bytes, texts, value) { survivors += 1 }
        }
        for count in planes.bytes.indices {
            #expect(try !content(Array(planes.bytes[..<count]), planes.texts, value))
        }
        // A time or a duration may be any.
        #expect(survivors > 0)
    }

    /// Whether planes can be read; if so, what comes out is walked.
    private func content(_ bytes: [UInt8], _ texts: [UInt8], _ value: Value) throws -> Bool {
        let padded = bytes + [UInt8](repeating: 0, count: PlaneReader.padding)
        return padded.withUnsafeBytes { bytes in
            texts.withUnsafeBytes { texts in
                var planes = PlaneReader(bytes, texts: texts, textBytes: 1 << 20)
                do {
                    var block = Self.block
                    switch value {
                    case .core:
                        var again = planes
                        // Whoever passes over a part of it checks less.
                        let some = Result { try CoreReading.block(&again, .core) }
                        if case .success(let some) = some { #expect(Self.isSound(some)) }
                        block = try CoreReading.block(&planes)
                        _ = try some.get()
                    case .detail: try DetailCoding.read(&planes, .detail, into: &block)
                    case .properties:
                        block.properties = []
                        try PropertiesCoding.read(&planes, into: &block)
                    case .summary: _ = try SummaryCoding.read(&planes, Set(Summary.Key.all))
                    }
                    try planes.finish()
                    if value == .core { block.groups = .ofCore }
                    return Self.isSound(block)
                } catch {
                    return false
                }
            }
        }
    }

    /// Whether every number is below what it counts.
    private static func isSound(_ block: Block) -> Bool {
        let columns = Column.allCases.filter { $0 != .currency && block.groups.contains($0.group) }
        let sound =
            columns.allSatisfy { column in
                block.numbers(of: column).count == (column.isOfVisit ? block.visitCount : block.eventCount)
                    && block.numbers(of: column).allSatisfy { $0 < block.dictionary(of: column).count }
            } && block.firstEvent.first == 0 && block.firstEvent.last == UInt32(block.eventCount)
            && zip(block.firstEvent, block.firstEvent.dropFirst()).allSatisfy { $0 < $1 }
            && zip(block.visitor, block.visitor.dropFirst()).allSatisfy { $0 == $1 || $0 + 1 == $1 }
            && block.revenues.allSatisfy { $0.event < block.eventCount }
            && block.properties.allSatisfy { property in
                property.events.count == property.values.count
                    && property.events.allSatisfy { $0 < block.eventCount }
                    && property.values.allSatisfy { $0 < property.dictionary.count }
            }
        #expect(sound)
        return true
    }

    @Test func `times that go back are damage, however far`() throws {
        let events = (0..<6).map { index in
            Happening(at: 0).changed { $0.engagementMilliseconds = Int32(index + 1) }
        }
        let block = Fold.fold(RawEvents(events), clock: Happening.clock).block
        var (dictionaries, planes) = (PlaneWriter(), PlaneWriter())
        try dictionaries.append(dictionariesOf: .ofCore, of: block)
        try CoreCoding.write(block, dictionaries, to: &planes)
        var noticed = 0
        for index in planes.bytes.indices {
            for value in [1, 3, 5, 7, 15] as [UInt8] {
                var bytes = planes.bytes
                bytes[index] = value
                if try !content(bytes, dictionaries.texts, .core) { noticed += 1 }
            }
        }
        #expect(noticed > 0)
    }

    @Test func `what would be far longer than what is stored is not read`() throws {
        // Zeros, squeezed ten thousand times.
        var planes = PlaneWriter()
        planes.append(plane: [UInt8](repeating: 0, count: 5_000_000))
        let frame = try Frame.ofPlanes(planes)
        #expect(frame.count < 5_000_000 / Frame.ratio)
        for value in Value.allCases {
            let header = try Self.encoded.get()[keyPath: value.path].prefix(8)
            #expect(throws: BlockDamage("What was compressed is damaged.")) {
                try read(value, header + frame)
            }
        }
    }

    @Test func `a day of one robot is filled up, so that it can be read`() throws {
        let events = (0..<60_000).map { Happening(at: Int64($0 / 100)) }
        let block = Fold.fold(RawEvents(events), clock: Happening.clock).block
        let encoded = try BlockFile.encode(block, clock: Happening.clock)
        #expect(encoded.core.suffix(100) == ArraySlice(repeating: 0, count: 100))
        #expect(
            try BlockFile.block(core: encoded.core, detail: encoded.detail, properties: encoded.properties)
                == block)
    }

    @Test func `counts that nothing stands behind are not believed`() throws {
        for count in [1, 1_000, 5_000_000, 5_000_001, UInt32.max] {
            var planes = PlaneWriter()
            planes.append(Int32(0))
            planes.append(Int64(0))
            planes.append(count)
            planes.append(count)
            #expect(throws: BlockDamage.self) {
                try Frame.read(planes) { planes throws(BlockDamage) in try CoreReading.block(&planes) }
            }
        }
    }
}
