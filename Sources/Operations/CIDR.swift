import Glibc

/// A range of addresses such as `10.0.0.0/8` or `2001:db8::/32`; an address alone is a range of one.
package struct CIDR: Hashable, Sendable, CustomStringConvertible {
    /// Four bytes (IPv4) or sixteen (IPv6), in network order, the bits past ``prefixLength`` cleared.
    package let base: [UInt8]
    package let prefixLength: Int

    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = parts.first, var bytes = CIDR.addressBytes(String(address)) else { return nil }
        var length = bytes.count * 8
        if parts.count == 2 {
            guard !parts[1].isEmpty, parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let stated = Int(parts[1]), stated <= length
            else { return nil }
            length = stated
        }
        for index in bytes.indices {
            let kept = min(max(length - index * 8, 0), 8)
            bytes[index] &= kept == 0 ? 0 : UInt8(truncatingIfNeeded: 0xFF << (8 - kept))
        }
        self.base = bytes
        self.prefixLength = length
    }

    /// Whether the address, four or sixteen bytes in network order, lies in the range. An IPv4 address written
    /// as IPv6 (`::ffff:10.0.0.1`, as a socket that listens on both reports it) counts as IPv4.
    package func contains(_ address: [UInt8]) -> Bool {
        let address = CIDR.unmapped(address)
        guard address.count == base.count else { return false }
        let whole = prefixLength / 8
        guard address[..<whole].elementsEqual(base[..<whole]) else { return false }
        let rest = prefixLength % 8
        return rest == 0 || (address[whole] ^ base[whole]) >> UInt8(8 - rest) == 0
    }

    package var description: String { "\(CIDR.text(of: base))/\(prefixLength)" }

    /// The bytes of a numeric address, four or sixteen in network order; nil for anything else, names included.
    package static func addressBytes(_ text: String) -> [UInt8]? {
        // inet_pton would stop at a NUL byte and take what comes before it.
        guard !text.utf8.contains(0) else { return nil }
        var version4 = in_addr()
        if inet_pton(AF_INET, text, &version4) == 1 {
            return withUnsafeBytes(of: version4) { Array($0) }
        }
        var version6 = in6_addr()
        if inet_pton(AF_INET6, text, &version6) == 1 {
            return unmapped(withUnsafeBytes(of: version6) { Array($0) })
        }
        return nil
    }

    private static func unmapped(_ address: [UInt8]) -> [UInt8] {
        let isMapped =
            address.count == 16 && address[..<10].allSatisfy { $0 == 0 } && address[10] == 0xFF
            && address[11] == 0xFF
        return isMapped ? Array(address[12...]) : address
    }

    private static func text(of address: [UInt8]) -> String {
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = address.count == 4 ? AF_INET : AF_INET6
        guard inet_ntop(family, address, &buffer, socklen_t(buffer.count)) != nil else { return "" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
