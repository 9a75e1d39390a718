/// A table of hosts, each with what is known of it and of its sub-domains.
///
/// It is made of a text that is compiled into the program, one host a line, and holds no strings of its own: a slot
/// is the offset of a line. A look-up hashes the host once, from its end to its beginning, and looks at each label's
/// border: `a.b.example.com` finds, in this order of preference, itself, `b.example.com`, `example.com`, `com`.
struct HostTable: Sendable {
    private let text: StaticString
    /// An offset in the text plus one; 0 for an empty slot. Open addressing, at most half full.
    private let slots: [UInt32]

    /// Lines of `host` or `host=value`, in lower case; empty ones are passed over.
    init(_ text: StaticString) {
        self.text = text
        let bytes = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        let lines = bytes.split(separator: 0x0A)
        var size = 16
        while size < lines.count * 2 { size *= 2 }
        var slots = Array(repeating: UInt32(0), count: size)
        for line in lines {
            let host = line.prefix { $0 != UInt8(ascii: "=") }
            var slot =
                Int(truncatingIfNeeded: host.reversed().reduce(HostTable.seed, HostTable.mix)) & (size - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (size - 1) }
            slots[slot] = UInt32(line.startIndex + 1)
        }
        self.slots = slots
    }

    /// The value of the longest entry that is the host or a domain above it; "" for one without a value, nil for
    /// none.
    func value(of host: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8>? {
        let lines = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        let mask = slots.count - 1
        return slots.withUnsafeBufferPointer { slots in
            var hash = HostTable.seed
            var found: UnsafeBufferPointer<UInt8>?
            var start = host.count
            while start > 0 {
                start -= 1
                hash = HostTable.mix(hash, host[start])
                guard start == 0 || host[start - 1] == UInt8(ascii: ".") else { continue }
                var slot = Int(truncatingIfNeeded: hash) & mask
                while slots[slot] != 0 {
                    if let value = HostTable.value(of: host, from: start, lines, at: Int(slots[slot]) - 1) {
                        found = value
                        break
                    }
                    slot = (slot + 1) & mask
                }
            }
            return found
        }
    }

    func contains(_ host: UnsafeBufferPointer<UInt8>) -> Bool { value(of: host) != nil }

    /// What follows the host in the line at an offset, where it is that host's.
    private static func value(
        of host: UnsafeBufferPointer<UInt8>, from start: Int, _ lines: UnsafeBufferPointer<UInt8>,
        at offset: Int
    ) -> UnsafeBufferPointer<UInt8>? {
        let length = host.count - start
        guard offset + length <= lines.count else { return nil }
        for index in 0..<length where lines[offset + index] != host[start + index] { return nil }
        var end = offset + length
        guard end < lines.count, lines[end] == UInt8(ascii: "=") else {
            return end == lines.count || lines[end] == 0x0A
                ? UnsafeBufferPointer(rebasing: lines[end..<end]) : nil
        }
        let first = end + 1
        while end < lines.count, lines[end] != 0x0A { end += 1 }
        return UnsafeBufferPointer(rebasing: lines[first..<end])
    }

    private static let seed: UInt64 = 0xCBF2_9CE4_8422_2325

    /// FNV-1a (Fowler, Noll, Vo) and a fold, since the low bits choose the slot.
    @inline(__always)
    private static func mix(_ hash: UInt64, _ byte: UInt8) -> UInt64 {
        let product = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
        return product ^ product >> 32
    }
}
