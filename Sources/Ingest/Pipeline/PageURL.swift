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
        guard let (parts, hostname, pathname) = url.withBytes({ PageURL.read($0, host, hashMode) }) else {
            return nil
        }
        self.hostname = hostname.isEmpty ? PageURL.none : hostname
        self.pathname = pathname.cut(toBytes: Hit.maximumURL)
        let start = url.utf8.index(url.startIndex, offsetBy: parts.query.lowerBound)
        query = url[start..<url.utf8.index(start, offsetBy: parts.query.count)]
    }

    /// Where the parts of a URL stand in it.
    private struct Parts {
        var path: Range<Int>
        var query: Range<Int>
        var fragment: Range<Int>

        /// What follows the host, from `start` on.
        init(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) {
            let hash = bytes[start...].firstIndex(of: UInt8(ascii: "#")) ?? bytes.count
            fragment = min(hash + 1, bytes.count)..<bytes.count
            let mark = bytes[start..<hash].firstIndex(of: UInt8(ascii: "?")) ?? hash
            query = min(mark + 1, hash)..<hash
            path = start..<mark
        }
    }

    private static func read(
        _ bytes: UnsafeBufferPointer<UInt8>, _ host: String?, _ hashMode: Bool
    ) -> (Parts, hostname: String, pathname: String)? {
        var start = 0
        let name: String?
        if bytes.first == UInt8(ascii: "/"), let host {
            name = hostname(host[...])
        } else {
            guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")),
                isScheme(UnsafeBufferPointer(rebasing: bytes[..<colon])), bytes.count >= colon + 3,
                bytes[colon + 1] == UInt8(ascii: "/"), bytes[colon + 2] == UInt8(ascii: "/")
            else { return nil }
            let scheme = UnsafeBufferPointer(rebasing: bytes[..<colon])
            if scheme.isWord("data") || scheme.isWord("javascript") || scheme.isWord("blob") { return nil }
            start = bytes[(colon + 3)...].firstIndex { $0 == 0x2F || $0 == 0x3F || $0 == 0x23 } ?? bytes.count
            name = hostname(UnsafeBufferPointer(rebasing: bytes[(colon + 3)..<start]))
        }
        guard let name else { return nil }
        let parts = Parts(bytes, from: start)
        var path =
            parts.path.isEmpty
            ? "/" : PercentEncoding.decodedPath(UnsafeBufferPointer(rebasing: bytes[parts.path]))
        if hashMode, !parts.fragment.isEmpty {
            path += "#" + PercentEncoding.decodedPath(UnsafeBufferPointer(rebasing: bytes[parts.fragment]))
        }
        return (parts, name, path)
    }

    private static func isScheme(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        !text.isEmpty && text.count <= 32
            && text.allSatisfy { byte in
                byte.isLetterOrDigit || byte == 43 || byte == 45 || byte == 46
            }
    }

    /// The host of an authority; "" when it has none, nil when it is not one.
    static func hostname(_ authority: Substring) -> String? {
        authority.withBytes { hostname($0) }
    }

    static func hostname(_ authority: UnsafeBufferPointer<UInt8>) -> String? {
        var host = authority[...]
        if let at = host.lastIndex(of: UInt8(ascii: "@")) { host = host[(at + 1)...] }
        if host.first == UInt8(ascii: "[") {
            guard let end = host.firstIndex(of: UInt8(ascii: "]")) else { return nil }
            host = host[...end]
        } else if let colon = host.firstIndex(of: UInt8(ascii: ":")) {
            guard host[(colon + 1)...].allSatisfy({ $0.isDigit }) else { return nil }
            host = host[..<colon]
        }
        if host.last == UInt8(ascii: ".") { host = host.dropLast() }
        guard host.count <= 253 else { return nil }
        var isLower = true
        for byte in host {
            switch byte {
            case 65...90: isLower = false
            case 97...122, 48...57, 45, 46, 95, 0x80..., 91, 93, 58: break
            default: return nil
            }
        }
        if UnsafeBufferPointer(rebasing: host.prefix(4)).isWord("www.") { host = host.dropFirst(4) }
        if isLower { return String(decoding: UnsafeBufferPointer(rebasing: host), as: UTF8.self) }
        // Of ASCII alone, as DNS has it (RFC 4343): other capital letters may take more bytes when they are small.
        return String(decoding: host.map(\.lowerCased), as: UTF8.self)
    }
}

/// `%41` and, in queries, `+`.
enum PercentEncoding {
    /// A path as people read it. What would decode to something that is no text stays as it is.
    static func decodedPath(_ path: UnsafeBufferPointer<UInt8>) -> String {
        var text =
            path.contains(UInt8(ascii: "%")) ? decoded(path, plusIsSpace: false) ?? plain(path) : plain(path)
        while let last = text.utf8.last, last == 0x20 { text.removeLast() }
        return text
    }

    static func decodedPath(_ path: Substring) -> String {
        path.withBytes { decodedPath($0) }
    }

    static func decodedQuery(_ value: UnsafeBufferPointer<UInt8>) -> String {
        guard value.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) else {
            return plain(value)
        }
        return decoded(value, plusIsSpace: true) ?? plain(value)
    }

    static func decodedQuery(_ value: Substring) -> String {
        value.withBytes { decodedQuery($0) }
    }

    private static func plain(_ text: UnsafeBufferPointer<UInt8>) -> String {
        String(decoding: text, as: UTF8.self)
    }

    /// Nil when the result has control characters or is not UTF-8.
    private static func decoded(_ text: UnsafeBufferPointer<UInt8>, plusIsSpace: Bool) -> String? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var index = 0
        while index < text.count {
            var byte = text[index]
            index += 1
            if byte == UInt8(ascii: "+"), plusIsSpace {
                byte = 0x20
            } else if byte == UInt8(ascii: "%"), index + 1 < text.count, let first = hexValue(text[index]),
                let second = hexValue(text[index + 1])
            {
                byte = first << 4 | second
                index += 2
            }
            guard byte >= 0x20, byte != 0x7F else { return nil }
            bytes.append(byte)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
