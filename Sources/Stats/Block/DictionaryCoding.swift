/// Dictionaries: texts sorted by bytes, each without the bytes that it begins with like the one before.
///
/// A byte that no UTF-8 has ends each text, and so zstd finds common endings with their ends; with lengths in
/// a plane of their own titles took a tenth more.
enum DictionaryCoding {
    /// Bytes of a text.
    static let longest = 65_535
    /// How many bytes at most are taken over from the text before.
    fileprivate static let longestShared = 255
    fileprivate static let end: UInt8 = 0xFF
}

extension PlaneWriter {
    /// - Parameter dictionary: ascending by bytes.
    mutating func append(dictionary: [String]) throws(BlockDamage) {
        append(UInt32(dictionary.count))
        append(plane: try shared(in: dictionary))
    }

    mutating func append(dictionariesOf group: ColumnGroup, of block: Block) throws(BlockDamage) {
        for column in Column.allCases where group.contains(column.group) {
            try append(dictionary: block.dictionary(of: column))
        }
    }

    /// Of each text how many bytes it shares with the one before; the others become `texts`.
    private mutating func shared(in dictionary: [String]) throws(BlockDamage) -> [UInt8] {
        var shared: [UInt8] = []
        shared.reserveCapacity(dictionary.count)
        var all: [UInt8] = []
        var before = 0..<0
        for text in dictionary {
            let from = all.count
            all.append(contentsOf: text.utf8)
            guard all.count - from <= DictionaryCoding.longest else {
                throw BlockDamage("A text is too long.")
            }
            var common = 0
            let most = min(before.count, all.count - from, DictionaryCoding.longestShared)
            while common < most, all[from + common] == all[before.lowerBound + common] { common += 1 }
            shared.append(UInt8(common))
            texts.append(contentsOf: all[(from + common)...])
            texts.append(DictionaryCoding.end)
            before = from..<all.count
        }
        textBytes += all.count
        return shared
    }
}

extension PlaneReader {
    /// Texts that ascend, so that none comes twice.
    mutating func dictionary() throws(BlockDamage) -> [String] {
        try dictionary(isWanted: true).texts
    }

    /// - Parameter isWanted: if not, the texts are passed over, and how many they are is all that is known.
    mutating func dictionary(isWanted: Bool) throws(BlockDamage) -> (texts: [String], count: Int) {
        let shared = try take(try count(upTo: BlockFile.maximumValues))
        if isWanted { return (try texts(sharing: shared), shared.count) }
        for _ in shared { _ = try takeText(endingWith: DictionaryCoding.end) }
        return ([], shared.count)
    }

    /// - Parameter wanted: others stay as they are.
    /// - Returns: by ``Column``, of how many texts: of other groups, what is there already.
    mutating func read(
        dictionariesOf group: ColumnGroup, _ wanted: ColumnGroup, into dictionaries: inout [[String]]
    ) throws(BlockDamage) -> [Int] {
        var counts = dictionaries.map(\.count)
        for column in Column.allCases where group.contains(column.group) {
            let index = Int(column.rawValue)
            let isWanted = wanted.contains(column.group)
            let (texts, count) = try dictionary(isWanted: isWanted)
            if isWanted { dictionaries[index] = texts }
            counts[index] = count
        }
        return counts
    }

    private mutating func texts(sharing shared: UnsafeRawBufferPointer) throws(BlockDamage) -> [String] {
        var texts: [String] = []
        texts.reserveCapacity(shared.count)
        // A text's bytes: those it shares stay where they are, the rest comes behind them.
        let text = UnsafeMutableRawBufferPointer.allocate(byteCount: DictionaryCoding.longest, alignment: 1)
        defer { text.deallocate() }
        var known = 0
        for (index, common) in shared.enumerated() {
            let common = Int(common)
            let new = try takeText(endingWith: DictionaryCoding.end)
            let length = common + new.count
            guard common <= known, length <= text.count, length <= textBytes else {
                throw BlockDamage("A text is longer than it can be.")
            }
            let old = UnsafeRawBufferPointer(rebasing: text[common..<known])
            guard index == 0 || Fold.precedes(old, new) else { throw BlockDamage("Texts are not in order.") }
            UnsafeMutableRawBufferPointer(rebasing: text[common..<length]).copyMemory(from: new)
            known = length
            textBytes -= length
            guard let string = Self.string(UnsafeRawBufferPointer(rebasing: text[..<length])) else {
                throw BlockDamage("A text is no UTF-8.")
            }
            texts.append(string)
        }
        return texts
    }

    /// `String(validating:)` would say the same, several times slower.
    private static func string(_ bytes: UnsafeRawBufferPointer) -> String? {
        var string = String(decoding: bytes.assumingMemoryBound(to: UInt8.self), as: UTF8.self)
        let isValid = string.withUTF8 { TextHash.areEqual(UnsafeRawBufferPointer($0), bytes) }
        return isValid ? string : nil
    }
}
