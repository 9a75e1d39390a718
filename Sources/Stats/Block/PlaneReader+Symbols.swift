extension PlaneReader {
    /// Symbols, each below `limit`.
    mutating func symbols(_ count: Int, of limit: Int) throws(BlockDamage) -> [UInt16] {
        guard limit > 0 || count == 0 else { throw BlockDamage("There is nothing to choose from.") }
        let symbols: [UInt16]
        switch SymbolWidth(limit) {
        case .none: return [UInt16](repeating: 0, count: count)
        case .packed(let width): symbols = try packed(count, width: Int(width))
        case .byte:
            let plane = try take(count)
            symbols = [UInt16](unsafeUninitializedCapacity: count) { symbols, filled in
                for index in 0..<count { symbols[index] = UInt16(plane[index]) }
                filled = count
            }
        case .escaped(let direct): symbols = try escaped(count, direct: direct)
        }
        var largest: UInt16 = 0
        for symbol in symbols { largest = max(largest, symbol) }
        guard largest < limit || count == 0 else { throw BlockDamage("A symbol is not below \(limit).") }
        return symbols
    }

    /// Passes over what ``symbols(_:of:)`` would read, without a look at what they are.
    mutating func skipSymbols(_ count: Int, of limit: Int) throws(BlockDamage) {
        guard limit > 0 || count == 0 else { throw BlockDamage("There is nothing to choose from.") }
        switch SymbolWidth(limit) {
        case .none: break
        case .packed(let width): _ = try take((count * Int(width) + 7) / 8)
        case .byte: _ = try take(count)
        case .escaped(let direct):
            var escapes = 0
            for byte in try take(count) { escapes &+= Int(byte) >= direct ? 1 : 0 }
            _ = try take(escapes)
        }
    }

    private mutating func packed(_ count: Int, width: Int) throws(BlockDamage) -> [UInt16] {
        let plane = try take((count * width + 7) / 8)
        let mask = UInt8(1 << width - 1)
        return [UInt16](unsafeUninitializedCapacity: count) { symbols, filled in
            for index in 0..<count {
                let bit = index * width
                symbols[index] = UInt16(plane[bit >> 3] >> (bit & 7) & mask)
            }
            filled = count
        }
    }

    private mutating func escaped(_ count: Int, direct: Int) throws(BlockDamage) -> [UInt16] {
        let plane = try take(count)
        var escapes = 0
        for byte in plane { escapes &+= Int(byte) >= direct ? 1 : 0 }
        let second = try take(escapes).baseAddress ?? bytes.baseAddress!
        return [UInt16](unsafeUninitializedCapacity: count) { symbols, filled in
            // Without a branch, which would often be mispredicted. The byte behind the last is never used,
            // but is there.
            var next = 0
            for index in 0..<count {
                let byte = Int(plane[index])
                let isEscape = byte >= direct
                let low = Int((second + next).load(as: UInt8.self))
                symbols[index] = UInt16(
                    truncatingIfNeeded: isEscape ? direct &+ (byte &- direct) << 8 &+ low : byte)
                next &+= isEscape ? 1 : 0
            }
            filled = count
        }
    }
}
