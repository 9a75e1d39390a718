/// What a client reported, in whichever of the formats: the one input of the pipeline.
///
/// Strings are within their limits; nothing else about them is settled.
struct Hit {
    /// How the client named its site.
    enum Target: Equatable {
        case domain(String)
        case key(String)
        case id(String)
    }

    var target: Target
    var name = "pageview"
    var page: PageURL?
    /// Where a format says no host: a path of the page that sent it, or else of the site's domain.
    var path: String?
    /// A kind of message that Mochi has no use for.
    var unsupported: String?
    var referrer = ""
    var title = ""
    var props = Props()
    var revenue: Revenue?
    var interactive = true
    var engagementMilliseconds: Int32 = 0
    /// Percent.
    var scrollDepth: Int16?
    /// The client's own id of this event, for exact deduplication.
    var id: String?
    /// An IANA name.
    var timeZone: String?
    var language: String?
    /// Pixels.
    var viewportWidth: Int?
    /// The query that campaigns are read from, where a format gives it apart from the page.
    var campaignQuery: String?

    /// The client took itself for a program.
    var isSaidToBeBot = false

    // What only an authenticated server may say of its visitor.
    var address: Address?
    var userAgent: String?
    /// Tells the visitor from others in the place of address and user agent.
    var visitorName: String?
    /// ISO 3166.
    var country: String?
    /// Microseconds since 1970.
    var timestamp: Int64?

    init(target: Target) {
        self.target = target
    }

    static let maximumURL = 2_000
    static let maximumName = 120
    static let maximumTitle = 500
    static let maximumID = 200
    /// How far ahead, in microseconds, a sender's clock may be.
    static let clockTolerance: Int64 = 300_000_000
}

struct Revenue: Equatable {
    /// Millionths of the currency's unit.
    var amount: Int64
    /// Three capital letters.
    var currency: String

    /// Nil when the amount is not a decimal number within ± 9 × 10^12, or the currency not three letters.
    init?(amount text: String, currency: String) {
        let currency = currency.uppercased()
        guard currency.utf8.count == 3, currency.utf8.allSatisfy({ (65...90).contains($0) }),
            let amount = Revenue.millionths(text)
        else { return nil }
        self.amount = amount
        self.currency = currency
    }

    private static func millionths(_ text: String) -> Int64? {
        var digits = text.utf8[...]
        let isNegative = digits.first == UInt8(ascii: "-")
        if isNegative { digits = digits.dropFirst() }
        let parts = digits.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first, (1...12).contains(whole.count),
            parts.count == 1 || (1...18).contains(parts[1].count)
        else { return nil }
        let fraction = parts.count == 2 ? Array(parts[1].prefix(6)) : []
        guard digits.allSatisfy({ (48...57).contains($0) || $0 == UInt8(ascii: ".") }),
            parts.count == 1 || !parts[1].contains(UInt8(ascii: "."))
        else { return nil }
        var amount: Int64 = 0
        for byte in whole { amount = amount * 10 + Int64(byte & 15) }
        for index in 0..<6 {
            amount = amount * 10 + (index < fraction.count ? Int64(fraction[index] & 15) : 0)
        }
        return isNegative ? -amount : amount
    }

    /// `10.0`, as it is shown.
    static func text(_ amount: Int64) -> String {
        let magnitude = amount.magnitude
        var fraction = String(magnitude % 1_000_000)
        fraction = String(repeating: "0", count: 6 - fraction.count) + fraction
        while fraction.count > 1, fraction.hasSuffix("0") { fraction.removeLast() }
        return "\(amount < 0 ? "-" : "")\(magnitude / 1_000_000).\(fraction)"
    }
}

/// Custom properties: texts by name, as a JSON object.
struct Props {
    /// A name or a value beyond its limit: the request is refused.
    struct TooLong: Error {}

    /// At most this many are kept, the first.
    static let maximumCount = 30
    static let maximumKey = 300
    static let maximumValue = 2_000

    private var writer = JSONWriter()
    private(set) var count = 0

    /// `{…}`; empty when there are none.
    var json: [UInt8] { count == 0 ? [] : Array("{".utf8) + writer.bytes + Array("}".utf8) }

    mutating func add(_ key: String, _ value: String) throws(TooLong) {
        guard key.utf8.count <= Props.maximumKey, value.utf8.count <= Props.maximumValue else {
            throw TooLong()
        }
        guard count < Props.maximumCount, !key.isBlank, !value.isBlank else { return }
        writer.member(key, value)
        count += 1
    }

    /// Reads an object's texts, numbers and booleans; passes over what else it holds.
    mutating func add(objectAt scanner: JSONScanner) throws(TooLong) {
        var scanner = scanner
        var tooLong = false
        var collected = self
        // The object was read before, so that it cannot be malformed.
        try? scanner.object { scanner, key throws(JSONError) in
            let value: String
            switch try scanner.value() {
            case .string(let text): value = text
            case .number(let range, _): value = scanner.text(range)
            case .bool(let bool): value = bool ? "true" : "false"
            case .null, .object, .array: return
            }
            do throws(TooLong) { try collected.add(key, value) } catch { tooLong = true }
        }
        if tooLong { throw TooLong() }
        self = collected
    }
}

extension String {
    /// Nothing but ASCII white space.
    var isBlank: Bool { utf8.allSatisfy { $0 == 0x20 || (0x09...0x0D).contains($0) } }

    /// At most so many bytes, cut between characters.
    func cut(toBytes limit: Int) -> String {
        guard utf8.count > limit else { return self }
        var end = utf8.index(startIndex, offsetBy: limit)
        while utf8[end] & 0xC0 == 0x80 { end = utf8.index(before: end) }
        return String(self[..<end])
    }
}
