extension Fold {
    /// Numbers the texts of a column anew: by their bytes, those beyond the limit as one.
    struct Coder {
        let limit: Int
        /// By a text's number in its table. Between two columns all are 0.
        private var counts: [UInt32] = []
        private var codes: [UInt16] = []

        init(limit: Int) {
            self.limit = limit
        }

        /// - Parameter ids: numbers of `table`, one a row.
        /// - Returns: numbers of `dictionary`, one a row; it is sorted by bytes.
        mutating func code(
            _ ids: UnsafeBufferPointer<UInt32>, _ table: TextTable
        ) -> (codes: [UInt16], dictionary: [String]) {
            if counts.count < table.count {
                counts = Array(repeating: 0, count: table.count)
                codes = Array(repeating: 0, count: table.count)
            }
            var seen: [UInt32] = []
            for id in ids {
                if counts[Int(id)] == 0 { seen.append(id) }
                counts[Int(id)] += 1
            }
            let dictionary = table.withBytes { number(seen, $0) }
            for id in seen { counts[Int(id)] = 0 }
            let codes = codes.withUnsafeBufferPointer { codes in ids.map { codes[Int($0)] } }
            return (codes, dictionary)
        }

        /// The most frequent `count` of `ids`, ties by bytes, and the others.
        static func split(
            _ ids: [UInt32], keeping count: Int, counts: [UInt32], _ texts: TextTable.Bytes
        ) -> (kept: ArraySlice<UInt32>, cut: ArraySlice<UInt32>) {
            guard ids.count > count else { return (ids[...], []) }
            let ranked = ids.sorted { left, right in
                let (leftCount, rightCount) = (counts[Int(left)], counts[Int(right)])
                return leftCount != rightCount ? leftCount > rightCount : precedes(texts[left], texts[right])
            }
            return (ranked.prefix(count), ranked.dropFirst(count))
        }

        /// Fills `codes` for the texts that were seen.
        private mutating func number(_ seen: [UInt32], _ texts: TextTable.Bytes) -> [String] {
            let (kept, cut) = Self.split(seen, keeping: limit, counts: counts, texts)
            var dictionary: [String] = []
            dictionary.reserveCapacity(kept.count + 1)
            var other: UInt16?
            func addOther() {
                other = UInt16(dictionary.count)
                dictionary.append(Block.other)
            }
            var otherBytes = Block.other
            otherBytes.withUTF8 { utf8 in
                let otherBytes = UnsafeRawBufferPointer(utf8)
                for id in Self.sorted(kept, texts) {
                    // A text that happens to be "(other)" is that row.
                    if !cut.isEmpty, other == nil, !precedes(texts[id], otherBytes) {
                        addOther()
                        if TextHash.areEqual(texts[id], otherBytes) {
                            codes[Int(id)] = other!
                            continue
                        }
                    }
                    codes[Int(id)] = UInt16(dictionary.count)
                    dictionary.append(texts.string(id))
                }
            }
            if !cut.isEmpty, other == nil { addOther() }
            if let other { for id in cut { codes[Int(id)] = other } }
            return dictionary
        }

        /// By bytes. Most comparisons end within the first eight, which lie beside the number.
        static func sorted(_ ids: ArraySlice<UInt32>, _ texts: TextTable.Bytes) -> [UInt32] {
            var keys = ids.map { (prefix: Self.prefix(texts[$0]), id: $0) }
            keys.sort { left, right in
                left.prefix != right.prefix
                    ? left.prefix < right.prefix : precedes(texts[left.id], texts[right.id])
            }
            return keys.map(\.id)
        }

        /// The first eight bytes, the first the most significant; 0 where there are none.
        private static func prefix(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
            if bytes.count >= 8 { return UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)) }
            var prefix: UInt64 = 0
            for (index, byte) in bytes.enumerated() { prefix |= UInt64(byte) << UInt64(56 - 8 * index) }
            return prefix
        }
    }

    static func precedes(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        var at = 0
        let shorter = min(left.count, right.count)
        while at + 8 <= shorter {
            let leftWord = left.loadUnaligned(fromByteOffset: at, as: UInt64.self)
            let rightWord = right.loadUnaligned(fromByteOffset: at, as: UInt64.self)
            if leftWord != rightWord { return leftWord.bigEndian < rightWord.bigEndian }
            at += 8
        }
        while at < shorter {
            if left[at] != right[at] { return left[at] < right[at] }
            at += 1
        }
        return left.count < right.count
    }
}
