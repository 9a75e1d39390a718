import NIOCore
import NIOHTTP1

/// A request, from its head on. An object, because a copy of its thirty texts at each step costs more than to read
/// them from the wire did. Used on its connection's event loop alone.
final class Request {
    let method: HTTPMethod
    let keepsAlive: Bool
    /// Without the operator's prefix and without query.
    let path: Substring
    let query: Substring
    let headers: RequestHeaders
    /// What it leads to, if it collects.
    let endpoint: Endpoint?
    let began: NIODeadline
    /// Whether whoever is connected may speak for others.
    let isFromProxy: Bool
    /// The visitor's address, as far as it is known.
    let client: Address
    /// Whose API key came with it, for endpoints that ask for one.
    var account: Int64?
    var body = ByteBuffer()
    /// Also of what is not kept.
    var bodySize = 0
    /// When it was whole; microseconds since 1970.
    var receivedAt: Int64 = 0

    init(
        _ head: HTTPRequestHead, _ headers: RequestHeaders, path: Substring, query: Substring,
        endpoint: Endpoint?, client: Address, isFromProxy: Bool
    ) {
        method = head.method
        keepsAlive = head.isKeepAlive
        self.path = path
        self.query = query
        self.headers = headers
        self.endpoint = endpoint
        began = .now()
        self.isFromProxy = isFromProxy
        self.client = client
    }

    /// The last value of each query parameter, decoded.
    func parameters() -> [String: String] {
        var parameters: [String: String] = [:]
        for pair in query.utf8.split(separator: UInt8(ascii: "&")).prefix(50) {
            guard let mark = pair.firstIndex(of: UInt8(ascii: "=")) else { continue }
            let (name, value) = (Substring(pair[..<mark]), Substring(pair[pair.index(after: mark)...]))
            parameters[PercentEncoding.decodedQuery(name)] = PercentEncoding.decodedQuery(value)
        }
        return parameters
    }

    /// The page that a browser names as the sender, for formats that give no host.
    var sendingHost: String? {
        for value in [headers.origin, headers.referer] {
            if let value, let page = PageURL(value), page.hostname != PageURL.none { return page.hostname }
        }
        return nil
    }
}

/// The headers that mean something here, picked in one pass.
struct RequestHeaders {
    var userAgent = ""
    var hints = ClientHints()
    var acceptLanguage: String?
    var authorization: String?
    var origin: String?
    var referer: String?
    var ifNoneMatch: String?
    var acceptsGzip = false
    var contentLength: Int?
    var isDebug = false
    /// The browser fetches ahead of a visit that may never come.
    var isAhead = false
    var expectsContinue = false
    /// Names and values together.
    var size = 0
    var count = 0

    // From proxies.
    var plausibleIP: String?
    var cloudflareIP: String?
    var cloudflareCountry: String?
    var bunnyForwardedFor: String?
    var forwardedFor: String?
    var forwarded: String?
    var realIP: String?

    init(_ headers: HTTPHeaders) {
        for (name, value) in headers {
            count += 1
            size += name.utf8.count + value.utf8.count
            read(name, value)
        }
    }

    private mutating func read(_ name: String, _ value: String) {
        switch name.utf8.count {
        case 5:
            if name.isHeader("x-moz") { isAhead = isAhead || value.isPrefetch }
        case 6:
            if name.isHeader("origin") { origin = value }
            if name.isHeader("expect") { expectsContinue = value.lowercased() == "100-continue" }
        case 7:
            if name.isHeader("referer") { referer = value }
            if name.isHeader("purpose") { isAhead = isAhead || value.isPrefetch }
        case 9:
            if name.isHeader("forwarded") { forwarded = forwarded.map { "\($0),\(value)" } ?? value }
            if name.isHeader("x-real-ip") { realIP = value }
            if name.isHeader("sec-ch-ua") { hints.brands = value.cut(toBytes: 500) }
            if name.isHeader("x-purpose") { isAhead = isAhead || value.isPrefetch }
        case 10:
            if name.isHeader("user-agent") { userAgent = value.cut(toBytes: 1_000) }
        case 11:
            if name.isHeader("sec-purpose") { isAhead = isAhead || value.isPrefetch }
        case 12:
            if name.isHeader("cf-ipcountry") { cloudflareCountry = value }
        case 13:
            if name.isHeader("authorization") { authorization = value }
            if name.isHeader("if-none-match") { ifNoneMatch = value }
        case 14:
            if name.isHeader("content-length") { contentLength = contentLength ?? Int(value) }
            if name.isHeader("x-plausible-ip") { plausibleIP = value }
        case 15:
            if name.isHeader("sec-ch-ua-model") { hints.model = value.cut(toBytes: 100) }
            if name.isHeader("x-forwarded-for") {
                forwardedFor = forwardedFor.map { "\($0),\(value)" } ?? value
            }
            if name.isHeader("accept-language") { acceptLanguage = value }
            if name.isHeader("accept-encoding") { acceptsGzip = value.has("gzip") }
            if name.isHeader("b-forwarded-for") { bunnyForwardedFor = value }
            if name.isHeader("x-debug-request") { isDebug = value.lowercased() == "true" }
        case 16:
            if name.isHeader("cf-connecting-ip") { cloudflareIP = value }
            if name.isHeader("sec-ch-ua-mobile") { hints.mobile = value.cut(toBytes: 10) }
        case 18:
            if name.isHeader("sec-ch-ua-platform") { hints.platform = value.cut(toBytes: 100) }
        case 26:
            if name.isHeader("sec-ch-ua-platform-version") { hints.platformVersion = value.cut(toBytes: 100) }
        case 27:
            if name.isHeader("sec-ch-ua-full-version-list") {
                hints.fullVersionList = value.cut(toBytes: 1_000)
            }
        default: break
        }
    }
}

extension String {
    /// Compares a header's name with one in lower case.
    fileprivate func isHeader(_ lower: StaticString) -> Bool {
        withBytes { $0.isWord(lower) }
    }

    fileprivate var isPrefetch: Bool {
        let lower = lowercased()
        return lower.contains("prefetch") || lower.contains("prerender") || lower.contains("preview")
    }
}
