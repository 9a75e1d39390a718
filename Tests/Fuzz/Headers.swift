import Days
import NIOHTTP1

// A request's headers, and whom they say that it is from. An input is lines of `name: value`.

func fuzzHeaders(_ bytes: UnsafeRawBufferPointer) {
    let lines = String(decoding: bytes, as: UTF8.self).split(
        separator: "\n", omittingEmptySubsequences: false
    )
    // As the parser of requests: a name is a word in ASCII.
    .filter { $0.prefix { $0 != ":" }.utf8.allSatisfy { (0x21...0x7E).contains($0) } }
    var headers = HTTPHeaders()
    for line in lines {
        let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        headers.add(name: String(parts[0]), value: parts.count > 1 ? String(parts[1]) : "")
    }
    let read = RequestHeaders(headers)
    precondition(read.count == lines.count && read.size <= bytes.count * 3)
    precondition(read.userAgent.utf8.count <= 1_000)

    let peer = Address("192.0.2.1")!
    let proxies = TrustedProxies(ranges: [AddressRange("192.0.2.0/24")!, AddressRange("2001:db8::/32")!])
    // A stranger is who it is, whatever it says.
    precondition(proxies.client(peer: Address("198.51.100.1")!, read) == Address("198.51.100.1")!)
    _ = proxies.client(peer: peer, read).network

    for line in lines {
        if let range = AddressRange(String(line)) { _ = range.contains(peer) }
        _ = Address(String(line))
        let language = Language.primary(String(line))
        precondition(language.utf8.allSatisfy { (97...122).contains($0) } && language.utf8.count <= 3)
        _ = UserAgent(String(line), read.hints)
        _ = Pattern.matches(String(line), read.userAgent)
        if let country = Place.country(code: String(line)) { precondition(country.utf8.count == 2) }
        _ = Zone.country(of: String(line))
    }
}
