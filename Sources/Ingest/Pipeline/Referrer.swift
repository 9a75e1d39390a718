/// A referring page as it is stored: host without `www.` and path, never a query or fragment, which may name a
/// person.
enum Referrer {
    /// "" for none, for what is not a web page's or an app's address, and for the site's own pages.
    static func cleaned(_ text: String, ownHost: String) -> String {
        guard !text.isEmpty else { return "" }
        let text = text.cut(toBytes: Hit.maximumURL)
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) else { return "" }
        let scheme = text[..<colon].lowercased()
        guard scheme == "https" || scheme == "http" || scheme == "android-app" || scheme == "ios-app" else {
            return ""
        }
        var rest = text[text.utf8.index(after: colon)...]
        guard rest.hasPrefix("//") else { return "" }
        rest = rest.dropFirst(2)
        if let end = rest.utf8.firstIndex(where: { $0 == 0x3F || $0 == 0x23 }) { rest = rest[..<end] }
        let slash = rest.utf8.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
        guard let host = PageURL.hostname(rest[..<slash]), !host.isEmpty else { return "" }
        if scheme.hasSuffix("-app") { return "\(scheme)://\(host)" }
        if host == ownHost { return "" }
        var path = PercentEncoding.decodedPath(rest[slash...])[...]
        while path.utf8.last == UInt8(ascii: "/") { path = path.dropLast() }
        return host + path
    }
}
