import Testing

@testable import Stats

struct PlaneTests {
    /// What is written, read by `body`.
    private func read<Result>(
        _ planes: PlaneWriter, _ body: (inout PlaneReader) throws(BlockDamage) -> Result
    ) throws -> Result {
        try Frame.read(planes) { planes throws(BlockDamage) in try body(&planes) }
    }

    private static let edges: [UInt64] = {
        let powers = (3...63).map { UInt64(1) << UInt64($0) }
        return Array(0...40) + powers + powers.map { $0 - 1 } + powers.map { $0 + $0 / 2 } + [.max, .max - 1]
    }()

    @Test func `numbers of any size come back`() throws {
        var planes = PlaneWriter()
        planes.append(numbers: Self.edges)
        #expect(
            try read(planes) { planes throws(BlockDamage) in
                try planes.longNumbers(Self.edges.count, upTo: .max)
            } == Self.edges)
    }

    @Test func `numbers of 32 bits come back`() throws {
        let numbers = Self.edges.filter { $0 <= UInt64(UInt32.max) }.map { UInt32($0) }
        var planes = PlaneWriter()
        planes.append(numbers: numbers)
        #expect(
            try read(planes) { planes throws(BlockDamage) in try planes.numbers(numbers.count) } == numbers)
    }

    @Test func `a class is where its least number is`() {
        for number in UInt8.min...NumberClass.last64 {
            #expect(NumberClass.of(NumberClass.least[Int(number)]) == number)
            let largest = NumberClass.least[Int(number)] + (1 << UInt64(NumberClass.bits(number)) - 1)
            #expect(NumberClass.of(largest) == number)
        }
        #expect(NumberClass.of(UInt64(UInt32.max)) == NumberClass.last32)
    }

    @Test func `numbers beyond the limit are damage`() throws {
        var planes = PlaneWriter()
        planes.append(numbers: [UInt64(UInt32.max) + 1])
        #expect(throws: BlockDamage.self) {
            try read(planes) { planes throws(BlockDamage) in try planes.numbers(1) }
        }
        #expect(throws: BlockDamage.self) {
            try read(planes) { planes throws(BlockDamage) in
                try planes.longNumbers(1, upTo: UInt64(UInt32.max))
            }
        }
    }

    @Test(arguments: [1, 2, 3, 4, 5, 16, 17, 255, 256, 257, 300, 4_000, 10_001, 60_001])
    func `columns come back however many values there are`(count: Int) throws {
        var random = RandomEvents(seed: UInt64(count))
        let column = (0..<3_000).map { _ in
            UInt16(Bool.random(using: &random) ? 0 : Int.random(in: 0..<count, using: &random))
        }
        let parent = column.map { $0 % 7 }
        let isFirst = column.indices.map { $0 % 5 == 0 }
        var planes = PlaneWriter()
        planes.append(column: column, of: count)
        planes.append(repeating: column, of: count, isFirst: isFirst)
        planes.append(column: column, of: count, given: parent, of: 7)
        planes.append(symbols: column, of: count)
        let found = try read(planes) { planes throws(BlockDamage) in
            [
                try planes.column(3_000, of: count), try planes.repeating(3_000, of: count),
                try planes.column(of: count, given: parent, of: 7), try planes.symbols(3_000, of: count),
            ]
        }
        #expect(found.allSatisfy { $0 == column })
    }

    @Test func `symbols beyond their number are damage`() throws {
        for (symbol, count) in [(3, 4), (15, 16), (255, 256), (299, 300), (10_000, 10_001)] as [(UInt16, Int)]
        {
            var planes = PlaneWriter()
            planes.append(symbols: [0, symbol], of: count)
            #expect(throws: BlockDamage.self) {
                try read(planes) { planes throws(BlockDamage) in try planes.symbols(2, of: count - 1) }
            }
        }
    }

    @Test func `texts come back, whatever they share`() throws {
        let long = String(repeating: "long ", count: 100)
        let texts = ["", "(other)", long, long + "a", long + "b", "lo\u{301}ng", "l\u{F3}ng", "x"].sorted {
            $0.utf8.lexicographicallyPrecedes($1.utf8)
        }
        var planes = PlaneWriter()
        try planes.append(dictionary: texts)
        try planes.append(dictionary: [])
        let found = try read(planes) { planes throws(BlockDamage) in
            [try planes.dictionary(), try planes.dictionary()]
        }
        #expect(found == [texts, []])
    }

    @Test(arguments: [["b", "a"], ["a", "a"], ["ab", "a"]]) func `texts that do not ascend are damage`(
        texts: [String]
    ) throws {
        var planes = PlaneWriter()
        try planes.append(dictionary: texts)
        #expect(throws: BlockDamage.self) {
            try read(planes) { planes throws(BlockDamage) in try planes.dictionary() }
        }
    }

    @Test func `texts that are no UTF-8 are damage`() throws {
        var planes = PlaneWriter()
        try planes.append(dictionary: ["é"])
        planes.texts.remove(at: 1)
        #expect(throws: BlockDamage.self) {
            try read(planes) { planes throws(BlockDamage) in try planes.dictionary() }
        }
    }

    @Test(
        arguments: [
            ("", 0xEF46_DB37_51D8_E999), ("a", 0xD24E_C4F1_A98C_6E5B), ("abc", 0x44BC_2CF5_AD77_0999),
        ] as [(String, UInt64)]) func `XXH64 is that of everybody`(text: String, hash: UInt64)
    {
        #expect(Array(text.utf8).withUnsafeBytes { XXHash64.hash($0) } == hash)
    }
}

extension Frame {
    /// Reads planes as if they had been stored.
    static func read<Result>(
        _ planes: PlaneWriter, _ body: (inout PlaneReader) throws(BlockDamage) -> Result
    ) throws -> Result {
        var frames = try Frame.ofPlanes(planes) + Frame.ofTexts(planes.texts)
        let padding = Frame.padding(frames.count, planes: planes.bytes.count, texts: planes.textBytes)
        frames += repeatElement(0, count: padding)
        return try frames.withUnsafeBytes { frames in try Frame.read(frames, body) }
    }
}
