/// Texts that are numbered in the order of their first appearance: 0, 1, 2 …
///
/// Texts are compared by their bytes, never by what Unicode holds for equal. Bytes that are no UTF-8 are
/// repaired when they come in (U+FFFD), so that every number is a different `String`.
///
/// The bytes of all texts lie in one array; a text is found by open addressing with linear probing. The hash
/// is keyed with numbers that are drawn anew for each process: who chooses the texts cannot choose
/// collisions.
package struct TextTable: Sendable {
    /// The bytes of all texts, one after the other.
    private var arena: [UInt8] = []
    /// Where each text begins; one more at the end.
    private var starts: [Int] = [0]
    /// A power of two, at most three quarters of them taken. 0: free; else 32 bits of the hash above the
    /// number + 1.
    private var slots: [UInt64] = []
    private let hash = TextHash.ofProcess

    package init() {}

    package var count: Int { starts.count - 1 }

    /// What it takes in memory, in bytes.
    package var byteCount: Int { arena.capacity + (starts.capacity + slots.capacity) * 8 }

    /// The number of a text, which is a new one if it has not been seen before.
    package mutating func id(of bytes: UnsafeRawBufferPointer) -> UInt32 {
        if slots.isEmpty { slots = Array(repeating: 0, count: 16) }
        let hashed = hash(bytes)
        let (free, known) = find(bytes, hashed)
        if let known { return known }
        var slot = free
        if String(validating: bytes, as: UTF8.self) == nil {
            return id(of: String(decoding: bytes, as: UTF8.self))
        }
        if (count + 1) * 4 > slots.count * 3 {
            grow(to: slots.count * 2)
            slot = find(bytes, hashed).slot
        }
        precondition(count < Int(UInt32.max) - 1, "four thousand million texts")
        let new = UInt32(count)
        slots[slot] = hashed & ~0xFFFF_FFFF | UInt64(new + 1)
        arena.append(contentsOf: bytes)
        starts.append(arena.count)
        return new
    }

    package mutating func id(of text: String) -> UInt32 {
        var text = text
        return text.withUTF8 { id(of: UnsafeRawBufferPointer($0)) }
    }

    /// The number of a text if it has been seen.
    package func known(_ text: String) -> UInt32? {
        guard !slots.isEmpty else { return nil }
        var text = text
        return text.withUTF8 { utf8 in
            let bytes = UnsafeRawBufferPointer(utf8)
            return find(bytes, hash(bytes)).number
        }
    }

    package func text(_ id: UInt32) -> String {
        withBytes { $0.string(id) }
    }

    package mutating func reserveCapacity(texts: Int, bytes: Int) {
        arena.reserveCapacity(bytes)
        starts.reserveCapacity(texts + 1)
        var size = max(16, slots.count)
        while texts * 4 > size * 3 { size *= 2 }
        if size > slots.count { grow(to: size) }
    }

    /// The bytes of texts by number.
    struct Bytes {
        let arena: UnsafeRawBufferPointer
        let starts: UnsafeBufferPointer<Int>

        subscript(_ id: UInt32) -> UnsafeRawBufferPointer {
            UnsafeRawBufferPointer(rebasing: arena[starts[Int(id)]..<starts[Int(id) + 1]])
        }

        func string(_ id: UInt32) -> String { String(decoding: self[id], as: UTF8.self) }
    }

    /// Runs `body` with all texts; they are valid while it runs.
    func withBytes<Result>(_ body: (Bytes) throws -> Result) rethrows -> Result {
        try arena.withUnsafeBytes { arena in
            try starts.withUnsafeBufferPointer { try body(Bytes(arena: arena, starts: $0)) }
        }
    }

    // MARK: Finding

    /// Where the text stands, or the free slot where it would stand.
    private func find(_ bytes: UnsafeRawBufferPointer, _ hashed: UInt64) -> (slot: Int, number: UInt32?) {
        withBytes { texts in
            slots.withUnsafeBufferPointer { slots in
                let mask = slots.count - 1
                var slot = Int(truncatingIfNeeded: hashed) & mask
                while slots[slot] != 0 {
                    let number = UInt32(truncatingIfNeeded: slots[slot]) &- 1
                    if slots[slot] >> 32 == hashed >> 32, TextHash.areEqual(texts[number], bytes) {
                        return (slot, number)
                    }
                    slot = (slot + 1) & mask
                }
                return (slot, nil)
            }
        }
    }

    private mutating func grow(to size: Int) {
        let grown = withBytes { texts in
            var grown = [UInt64](repeating: 0, count: size)
            for number in 0..<UInt32(count) {
                let hashed = hash(texts[number])
                var slot = Int(truncatingIfNeeded: hashed) & (size - 1)
                while grown[slot] != 0 { slot = (slot + 1) & (size - 1) }
                grown[slot] = hashed & ~0xFFFF_FFFF | UInt64(number + 1)
            }
            return grown
        }
        slots = grown
    }
}
