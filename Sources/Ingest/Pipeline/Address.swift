import Operations

/// A visitor's network address, IPv4 as ::ffff:a.b.c.d. It exists between the socket and the pipeline's end, and
/// is written nowhere: not to a log, not to disk.
struct Address: Hashable, Sendable, CustomStringConvertible {
    var high: UInt64
    var low: UInt64

    /// So that no log line can hold one by mistake.
    var description: String { "(address)" }

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    init(version4 value: UInt32) {
        self.init(high: 0, low: 0xFFFF_0000_0000 | UInt64(value))
    }

    /// Four or sixteen bytes in network order.
    init?(bytes: some Sequence<UInt8>) {
        var high: UInt64 = 0
        var low: UInt64 = 0
        var count = 0
        for byte in bytes {
            high = high << 8 | low >> 56
            low = low << 8 | UInt64(byte)
            count += 1
        }
        switch count {
        case 4: self.init(version4: UInt32(truncatingIfNeeded: low))
        case 16: self.init(high: high, low: low)
        default: return nil
        }
    }

    var isVersion4: Bool { high == 0 && low >> 32 == 0xFFFF }

    /// What one household or machine has: the whole of an IPv4 address, the network half of an IPv6 address.
    var network: Address { isVersion4 ? self : Address(high: high, low: 0) }

    /// A numeric address, as forwarding headers have it: perhaps in brackets or quotes, with a port or a zone.
    init?(_ text: some StringProtocol) {
        guard let address = text.withBytes({ Address(text: $0) }) else { return nil }
        self = address
    }

    init?(text: UnsafeBufferPointer<UInt8>) {
        var bytes = text[...]
        while let first = bytes.first, first == 0x20 || first == 0x09 || first == 0x22 { bytes.removeFirst() }
        while let last = bytes.last, last == 0x20 || last == 0x09 || last == 0x22 { bytes.removeLast() }
        if bytes.first == UInt8(ascii: "[") {
            guard let end = bytes.firstIndex(of: UInt8(ascii: "]")) else { return nil }
            bytes = bytes[(bytes.startIndex + 1)..<end]
        } else if let colon = bytes.firstIndex(of: UInt8(ascii: ":")),
            bytes.lastIndex(of: UInt8(ascii: ":")) == colon
        {
            bytes = bytes[..<colon]
        }
        if let percent = bytes.firstIndex(of: UInt8(ascii: "%")) { bytes = bytes[..<percent] }
        if let address = Address.version4(bytes) {
            self = address
            return
        }
        guard bytes.contains(UInt8(ascii: ":")), bytes.count <= 45, !bytes.contains(0) else { return nil }
        guard let parsed = CIDR.addressBytes(String(decoding: bytes, as: UTF8.self)) else { return nil }
        self.init(bytes: parsed)
    }

    private static func version4(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Address? {
        guard (7...15).contains(bytes.count) else { return nil }
        var value: UInt32 = 0
        var part: UInt32 = 0
        var digits = 0
        var dots = 0
        for byte in bytes {
            if byte == UInt8(ascii: ".") {
                guard digits > 0, dots < 3 else { return nil }
                value = value << 8 | part
                (part, digits, dots) = (0, 0, dots + 1)
            } else {
                guard byte &- 48 < 10, digits < 3, !(digits > 0 && part == 0) else { return nil }
                part = part * 10 + UInt32(byte &- 48)
                guard part < 256 else { return nil }
                digits += 1
            }
        }
        guard dots == 3, digits > 0 else { return nil }
        return Address(version4: value << 8 | part)
    }
}

/// A range of addresses.
struct AddressRange: Hashable, Sendable {
    private let high: UInt64
    private let low: UInt64
    private let highMask: UInt64
    private let lowMask: UInt64

    init(_ range: CIDR) {
        // Only four or sixteen bytes make a CIDR.
        let base = Address(bytes: range.base)!
        let length = range.prefixLength + (range.base.count == 4 ? 96 : 0)
        highMask = length >= 64 ? .max : length == 0 ? 0 : .max << UInt64(64 - length)
        lowMask = length <= 64 ? 0 : .max << UInt64(128 - length)
        high = base.high & highMask
        low = base.low & lowMask
    }

    init?(_ text: String) {
        guard let range = CIDR(text) else { return nil }
        self.init(range)
    }

    func contains(_ address: Address) -> Bool {
        address.high & highMask == high && address.low & lowMask == low
    }
}
