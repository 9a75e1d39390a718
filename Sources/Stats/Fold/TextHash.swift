/// A keyed hash of bytes that multiplies and folds words of eight bytes, after Wang Yi's wyhash (public
/// domain).
///
/// For tables in memory alone: its values differ from process to process and are never stored.
struct TextHash: Sendable {
    let first: UInt64
    let second: UInt64

    /// Drawn anew for each process.
    static let ofProcess = TextHash(first: .random(in: .min ... .max), second: .random(in: .min ... .max))

    @inline(__always)
    func callAsFunction(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        let count = bytes.count
        var hash = first ^ UInt64(truncatingIfNeeded: count)
        var (low, high): (UInt64, UInt64) = (0, 0)
        if count >= 8 {
            var at = 0
            while at + 16 < count {
                hash = Self.folded(Self.word(bytes, at) ^ second, Self.word(bytes, at + 8) ^ hash)
                at += 16
            }
            // The last sixteen, or all of them: the two words may overlap each other and what was mixed in
            // already.
            (low, high) = (Self.word(bytes, max(0, count - 16)), Self.word(bytes, count - 8))
        } else if count >= 4 {
            low = UInt64(bytes.loadUnaligned(as: UInt32.self))
            high = UInt64(bytes.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self))
        } else if count > 0 {
            low = UInt64(bytes[0]) << 16 | UInt64(bytes[count >> 1]) << 8 | UInt64(bytes[count - 1])
        }
        return Self.folded(Self.folded(low ^ second, high ^ hash), first ^ 0x9E37_79B9_7F4A_7C15)
    }

    @inline(__always)
    func callAsFunction(_ number: UInt64) -> UInt64 {
        Self.folded(number ^ first, second | 1)
    }

    @inline(__always)
    static func areEqual(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        let count = left.count
        guard count == right.count else { return false }
        var at = 0
        while at + 8 <= count {
            if word(left, at) != word(right, at) { return false }
            at += 8
        }
        while at < count {
            if left[at] != right[at] { return false }
            at += 1
        }
        return true
    }

    @inline(__always)
    private static func word(_ bytes: UnsafeRawBufferPointer, _ at: Int) -> UInt64 {
        bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)
    }

    @inline(__always)
    private static func folded(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let (high, low) = left.multipliedFullWidth(by: right)
        return high ^ low
    }
}
