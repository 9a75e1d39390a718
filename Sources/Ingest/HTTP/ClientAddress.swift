/// Who a request really comes from, when proxies forward it.
struct TrustedProxies: Sendable {
    let ranges: [AddressRange]

    func contains(_ address: Address) -> Bool {
        ranges.contains { $0.contains(address) }
    }

    /// The visitor's address: the peer's own, unless the peer is trusted to forward.
    ///
    /// Of a list of forwarders the right-most that is not trusted counts: everything left of it is what a stranger
    /// claimed.
    func client(peer: Address, _ headers: RequestHeaders) -> Address {
        guard contains(peer) else { return peer }
        // Headers in which a provider names one address.
        for value in [headers.plausibleIP, headers.cloudflareIP] {
            if let value, let address = Address(value) { return address }
        }
        if let value = headers.bunnyForwardedFor,
            let first = value.utf8.split(separator: UInt8(ascii: ",")).first,
            let address = Address(Substring(first))
        {
            return address
        }
        if let value = headers.forwardedFor { return value.withBytes { rightMost($0, peer) } }
        if let value = headers.forwarded {
            // By bytes: a mark of Unicode before a comma, which a stranger may send, makes another character of it.
            let addresses = value.utf8.split(separator: UInt8(ascii: ",")).compactMap { element in
                element.split(separator: UInt8(ascii: ";")).lazy
                    .map { $0.drop { $0 == 0x20 } }
                    .first { Substring($0.prefix(4)).lowercased() == "for=" }
                    .map { Substring($0.dropFirst(4)) }
            }
            return rightMost(addresses, peer)
        }
        if let value = headers.realIP, let address = Address(value) { return address }
        return peer
    }

    private func rightMost(_ list: UnsafeBufferPointer<UInt8>, _ peer: Address) -> Address {
        var client = peer
        var end = list.count
        while end > 0 {
            let start = list[..<end].lastIndex(of: UInt8(ascii: ",")).map { $0 + 1 } ?? 0
            if start < end {
                guard let address = Address(text: UnsafeBufferPointer(rebasing: list[start..<end])) else {
                    return client
                }
                client = address
                if !contains(address) { return address }
            }
            end = start - 1
        }
        return client
    }

    private func rightMost(_ forwarders: [Substring], _ peer: Address) -> Address {
        var client = peer
        for forwarder in forwarders.reversed() {
            // "unknown" or nonsense: whoever wrote it is the last one that can be named.
            guard let address = Address(forwarder) else { return client }
            client = address
            if !contains(address) { return address }
        }
        return client
    }
}
