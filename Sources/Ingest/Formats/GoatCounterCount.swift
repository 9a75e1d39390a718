/// `GET` or `POST /count?p=…`: GoatCounter's pixel, with the site's key in the path or as `k`.
///
/// Its query string of a page is read for campaigns and not stored, other than with GoatCounter.
enum GoatCounterCount {
    /// GoatCounter's own limit.
    static let maximumPath = 2_048

    static func count(_ exchange: inout Exchange, key pathKey: Substring?) -> Answer {
        let parameters = exchange.request.parameters()
        guard let key = pathKey.map(String.init) ?? parameters["k"] else {
            return refusal("no site: k is missing")
        }
        guard let path = parameters["p"], !path.isEmpty else { return refusal("no path: p is missing") }
        guard path.utf8.count <= maximumPath else { return refusal("p is longer than 2048 bytes") }
        var hit = Hit(target: .key(key))
        if let size = parameters["s"], !size.isEmpty {
            guard let width = Double(size.prefix { $0 != "," }), width >= 0, width <= 65_535 else {
                return refusal("s is not a size")
            }
            if (1...32_767).contains(Int(width)) { hit.viewportWidth = Int(width) }
        }
        if parameters["e"] == "true" || parameters["e"] == "1" {
            hit.name = path.cut(toBytes: Hit.maximumName)
        } else {
            hit.path = normalized(path)
        }
        hit.title = (parameters["t"] ?? "").cut(toBytes: Hit.maximumTitle)
        hit.referrer = parameters["r"] ?? ""
        hit.campaignQuery = parameters["q"].map(query)
        // What count.js found: a driven or headless browser.
        if let bot = parameters["b"].flatMap({ Int($0) }), bot > 0 { hit.isSaidToBeBot = true }
        guard let drop = exchange.take(hit) else { return .gif }
        return Answer.gif.dropping([drop]).with("X-Goatcounter", "not counted: \(drop.reason.rawValue)")
    }

    /// Without the question mark.
    static func query(_ text: String) -> String {
        text.utf8.first == UInt8(ascii: "?") ? String(text.dropFirst()) : text
    }

    /// Begins with one slash and ends with none; without the prefix of the Internet Archive's copies.
    static func normalized(_ path: String) -> String {
        let mark = path.utf8.firstIndex(of: UInt8(ascii: "?")) ?? path.endIndex
        var page = path[..<mark]
        let rest = path[mark...]
        if page.hasPrefix("/web/20"), let original = archived(page) { page = original }
        while page.utf8.first == UInt8(ascii: "/") { page = page.dropFirst() }
        while page.utf8.last == UInt8(ascii: "/") { page = page.dropLast() }
        return "/\(page)\(rest)"
    }

    /// `/web/20200104233523/https://example.com/page` is about `/page`.
    private static func archived(_ path: Substring) -> Substring? {
        let parts = path.split(separator: "/", maxSplits: 2)
        guard parts.count == 3, parts[1].utf8.prefix(4).allSatisfy({ (48...57).contains($0) }),
            parts[2].hasPrefix("http://") || parts[2].hasPrefix("https://")
        else { return nil }
        let host = parts[2].drop { $0 != "/" }.dropFirst(2)
        return host.drop { $0 != "/" }
    }

    private static func refusal(_ reason: String) -> Answer {
        Answer(.badRequest, type: Answer.gif.type, Answer.gif.body).with("X-Goatcounter", reason)
    }
}
