/// A referring page as it is stored: host without `www.` and path, never a query or fragment, which may name a
/// person.
enum Referrer {
    /// "" for none, for what is not a web page's or an app's address, and for the site's own pages.
    static func cleaned(_ text: String, ownHost: String) -> String {
        if text.isEmpty { return "" }
        return text.cut(toBytes: Hit.maximumURL).withBytes { cleaned($0, ownHost) }
    }

    /// The host of a cleaned referrer; `android-app:` and `ios-app:` of an app's.
    static func host(of cleaned: String) -> Substring {
        cleaned[..<(cleaned.utf8.firstIndex(of: UInt8(ascii: "/")) ?? cleaned.endIndex)]
    }

    private static func cleaned(_ bytes: UnsafeBufferPointer<UInt8>, _ ownHost: String) -> String {
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), bytes.count >= colon + 3,
            bytes[colon + 1] == UInt8(ascii: "/"), bytes[colon + 2] == UInt8(ascii: "/")
        else { return "" }
        let scheme = UnsafeBufferPointer(rebasing: bytes[..<colon])
        let isWeb = scheme.isWord("https") || scheme.isWord("http")
        guard isWeb || scheme.isWord("android-app") || scheme.isWord("ios-app") else { return "" }
        let rest = bytes[(colon + 3)...].prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
        let slash = rest.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
        guard let host = PageURL.hostname(UnsafeBufferPointer(rebasing: rest[..<slash])), !host.isEmpty else {
            return ""
        }
        if !isWeb { return "\(scheme.isWord("ios-app") ? "ios-app" : "android-app")://\(host)" }
        if host == ownHost { return "" }
        var path = PercentEncoding.decodedPath(UnsafeBufferPointer(rebasing: rest[slash...]))
        while path.utf8.last == UInt8(ascii: "/") { path.removeLast() }
        return host + path
    }
}
