/// The page that a hit is about: host, path, and what its query says of the campaign.
struct PageURL: Equatable {
    /// Lower case, without `www.`, user and port; `(none)` for a page without one (`file:///…`).
    var hostname: String
    /// Percent-decoded, without query; begins with `/`.
    var pathname: String
    /// As it stood, without `?`.
    var query: Substring

    static let none = "(none)"

    /// Reads an absolute URL, or a path of `host`; nil for what is neither.
    init?(_ url: String, host: String? = nil, hashMode: Bool = false) {
        let bytes = url.utf8
        var rest = url[...]
        if bytes.first == UInt8(ascii: "/"), let host {
            guard let name = PageURL.hostname(host[...]) else { return nil }
            hostname = name.isEmpty ? PageURL.none : name
        } else {
            guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), PageURL.isScheme(url[..<colon]) else {
                return nil
            }
            let scheme = url[..<colon].lowercased()
            guard scheme != "data", scheme != "javascript", scheme != "blob" else { return nil }
            rest = url[bytes.index(after: colon)...]
            guard rest.hasPrefix("//") else { return nil }
            rest = rest.dropFirst(2)
            let end = rest.utf8.firstIndex { $0 == 0x2F || $0 == 0x3F || $0 == 0x23 } ?? rest.endIndex
            guard let name = PageURL.hostname(rest[..<end]) else { return nil }
            hostname = name.isEmpty ? PageURL.none : name
            rest = rest[end...]
        }
        var fragment: Substring?
        if let hash = rest.utf8.firstIndex(of: UInt8(ascii: "#")) {
            fragment = rest[rest.utf8.index(after: hash)...]
            rest = rest[..<hash]
        }
        query = ""
        if let mark = rest.utf8.firstIndex(of: UInt8(ascii: "?")) {
            query = rest[rest.utf8.index(after: mark)...]
            rest = rest[..<mark]
        }
        var path = rest.isEmpty ? "/" : PercentEncoding.decodedPath(rest)
        if hashMode, let fragment, !fragment.isEmpty {
            path += "#" + PercentEncoding.decodedPath(fragment)
        }
        pathname = path.cut(toBytes: Hit.maximumURL)
    }

    private static func isScheme(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.count <= 32
            && text.utf8.allSatisfy { byte in
                (97...122).contains(byte | 0x20) || (48...57).contains(byte) || byte == 43 || byte == 45
                    || byte == 46
            }
    }

    /// The host of an authority; "" when it has none, nil when it is not one.
    static func hostname(_ authority: Substring) -> String? {
        var host = authority
        if let at = host.utf8.lastIndex(of: UInt8(ascii: "@")) { host = host[host.utf8.index(after: at)...] }
        if host.utf8.first == UInt8(ascii: "[") {
            guard let end = host.utf8.firstIndex(of: UInt8(ascii: "]")) else { return nil }
            host = host[...end]
        } else if let colon = host.utf8.firstIndex(of: UInt8(ascii: ":")) {
            guard host[colon...].utf8.dropFirst().allSatisfy({ (48...57).contains($0) }) else { return nil }
            host = host[..<colon]
        }
        if host.utf8.last == UInt8(ascii: ".") { host = host.dropLast() }
        guard host.utf8.count <= 253 else { return nil }
        var isLower = true
        for byte in host.utf8 {
            switch byte {
            case 65...90: isLower = false
            case 97...122, 48...57, 45, 46, 95, 0x80..., 91, 93, 58: break
            default: return nil
            }
        }
        let lower = isLower ? host : host.lowercased()[...]
        return String(lower.hasPrefix("www.") ? lower.dropFirst(4) : lower)
    }
}

/// `%41` and, in queries, `+`.
enum PercentEncoding {
    /// A path as people read it. What would decode to something that is no text stays as it is.
    static func decodedPath(_ path: Substring) -> String {
        var text =
            path.utf8.contains(UInt8(ascii: "%"))
            ? decoded(path, plusIsSpace: false) ?? String(path) : String(path)
        while let last = text.utf8.last, last == 0x20 { text.removeLast() }
        return text
    }

    static func decodedQuery(_ value: Substring) -> String {
        guard value.utf8.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) else {
            return String(value)
        }
        return decoded(value, plusIsSpace: true) ?? String(value)
    }

    /// Nil when the result has control characters or is not UTF-8.
    private static func decoded(_ text: Substring, plusIsSpace: Bool) -> String? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        var iterator = text.utf8.makeIterator()
        while let byte = iterator.next() {
            var decoded = byte
            if byte == UInt8(ascii: "+"), plusIsSpace {
                decoded = 0x20
            } else if byte == UInt8(ascii: "%") {
                var ahead = iterator
                if let first = ahead.next().flatMap(hexValue), let second = ahead.next().flatMap(hexValue) {
                    decoded = first << 4 | second
                    iterator = ahead
                }
            }
            guard decoded >= 0x20, decoded != 0x7F else { return nil }
            bytes.append(decoded)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
