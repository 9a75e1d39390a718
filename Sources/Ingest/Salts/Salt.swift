import Crypto
import Days
import FoundationEssentials

/// Sixteen random bytes that make one day's visitors of one zone's sites recognizable, and nobody's any other day.
struct Salt: Hashable, Sendable, CustomStringConvertible {
    let high: UInt64
    let low: UInt64

    /// So that no log line can hold one by mistake.
    var description: String { "(salt)" }

    static func random() -> Salt {
        var generator = SystemRandomNumberGenerator()
        return Salt(high: generator.next(), low: generator.next())
    }

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    init?(bytes: [UInt8]) {
        guard bytes.count == 16 else { return nil }
        high = bytes[..<8].reduce(0) { $0 << 8 | UInt64($1) }
        low = bytes[8...].reduce(0) { $0 << 8 | UInt64($1) }
    }

    var bytes: [UInt8] {
        withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { Array($0) }
    }
}

/// Turns an address and a user agent into a visitor of one day.
struct VisitorHash: Sendable {
    // HMAC's two hashes (RFC 2104) with the key in them: `HMAC` itself would take five times as long here, for its
    // generic way to the bytes and the objects that it copies.
    private let inner: SHA256
    private let outer: SHA256

    init(_ salt: Salt) {
        func keyed(_ pad: UInt8) -> SHA256 {
            var hash = SHA256()
            let block = salt.bytes.map { $0 ^ pad } + Array(repeating: pad, count: SHA256.blockByteCount - 16)
            block.withUnsafeBytes { hash.update(bufferPointer: $0) }
            return hash
        }
        inner = keyed(0x36)
        outer = keyed(0x5C)
    }

    /// The first 64 bits of HMAC-SHA256(salt, site ‖ address ‖ user agent).
    ///
    /// Not part of it, other than with Plausible: the page's registrable domain. A site's owner who counts two
    /// domains as one site sees one person as one visitor.
    func visitor(site: UUID, address: Address, userAgent: String) -> UInt64 {
        var (inner, outer) = (inner, outer)
        withUnsafeBytes(of: (site.uuid, address.high.bigEndian, address.low.bigEndian)) {
            inner.update(bufferPointer: $0)
        }
        userAgent.withBytes { inner.update(bufferPointer: UnsafeRawBufferPointer($0)) }
        inner.finalize().withUnsafeBytes { outer.update(bufferPointer: $0) }
        return outer.finalize().withUnsafeBytes { UInt64(bigEndian: $0.loadUnaligned(as: UInt64.self)) }
    }
}
