import Glibc
package import Operations

/// An internet address in network order: 4 or 16 bytes.
package struct Address: Hashable, Sendable, CustomStringConvertible {
    package let bytes: [UInt8]

    /// From a socket address of either family; nil for any other.
    package init?(sockaddr: UnsafeRawBufferPointer) {
        guard sockaddr.count >= MemoryLayout<sa_family_t>.size else { return nil }
        let field: (offset: Int, count: Int)
        switch Int32(sockaddr.loadUnaligned(as: sa_family_t.self)) {
        case AF_INET: field = (MemoryLayout<sockaddr_in>.offset(of: \.sin_addr)!, 4)
        case AF_INET6: field = (MemoryLayout<sockaddr_in6>.offset(of: \.sin6_addr)!, 16)
        default: return nil
        }
        guard sockaddr.count >= field.offset + field.count else { return nil }
        bytes = Array(sockaddr[field.offset..<field.offset + field.count])
    }

    /// From its usual spelling.
    package init?(_ text: String) {
        var buffer = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &buffer) == 1 {
            bytes = Array(buffer[..<4])
        } else if inet_pton(AF_INET6, text, &buffer) == 1 {
            bytes = buffer
        } else {
            return nil
        }
    }

    package var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        inet_ntop(bytes.count == 4 ? AF_INET : AF_INET6, bytes, &text, socklen_t(text.count))
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

/// Which addresses a request on somebody's behalf may connect to: those of the public internet.
package struct AddressGuard: Sendable {
    /// What the operator lets through all the same.
    package let allowed: [CIDR]

    package init(allowed: [CIDR] = []) {
        self.allowed = allowed
    }

    package func allows(_ address: Address) -> Bool {
        if allowed.contains(where: { $0.contains(address.bytes) }) { return true }
        if address.bytes.count == 16, !Self.global.contains(address.bytes) { return false }
        return !Self.special.contains { $0.contains(address.bytes) }
    }

    /// The only part of IPv6 that is given out. Outside of it lie loopback, link-local, private (fc00::/7) and
    /// multicast addresses, and those that hold an IPv4 address (::/96, ::ffff:0:0/96, 64:ff9b::/96).
    static let global = CIDR("2000::/3")!

    /// IANA's registries of special-purpose addresses, and what clouds answer with secrets on.
    static let special = [
        "0.0.0.0/8",  // this network; Linux takes 0.0.0.0 for itself
        "10.0.0.0/8",  // private
        "100.64.0.0/10",  // carriers' NAT; 100.100.100.200 is a metadata service
        "127.0.0.0/8",  // loopback
        "168.63.129.16/32",  // Azure's host
        "169.254.0.0/16",  // link-local; 169.254.169.254 is the metadata service of most clouds
        "172.16.0.0/12",  // private
        "192.0.0.0/24",  // protocols; 192.0.0.192 is a metadata service
        "192.0.2.0/24",  // documentation
        "192.88.99.0/24",  // 6to4 relays
        "192.168.0.0/16",  // private
        "198.18.0.0/15",  // benchmarks
        "198.51.100.0/24",  // documentation
        "203.0.113.0/24",  // documentation
        "224.0.0.0/4",  // multicast
        "240.0.0.0/4",  // reserved, broadcast
        "2001::/23",  // protocols, Teredo among them, which holds an IPv4 address
        "2001:db8::/32",  // documentation
        "2002::/16",  // 6to4, which holds an IPv4 address
        "3fff::/20",  // documentation
    ].map { CIDR($0)! }
}
