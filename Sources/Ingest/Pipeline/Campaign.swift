/// What a page's query says of where its visitor came from. Everything else in a query is passed over.
struct Campaign: Equatable {
    var source = ""
    var medium = ""
    var campaign = ""
    var content = ""
    var term = ""
    /// The name of an advertiser's click id; its value identifies a person and is never read.
    var clickIDParameter = ""

    static let maximumValue = 255

    private static let clickIDs: [StaticString] = [
        "gclid", "gbraid", "wbraid", "dclid", "msclkid", "fbclid", "ttclid", "twclid", "li_fat_id", "yclid",
    ]

    /// Those that stand on paid clicks only, and so are a medium.
    static let paidClickIDs: Set<String> = ["gclid", "gbraid", "wbraid", "msclkid"]

    init(query: Substring) {
        if !query.isEmpty { query.withBytes { read($0) } }
    }

    private mutating func read(_ query: UnsafeBufferPointer<UInt8>) {
        var start = 0
        var count = 0
        while start < query.count, count < 100 {
            let end = query[start...].firstIndex(of: UInt8(ascii: "&")) ?? query.count
            if end > start {
                count += 1
                let mark = query[start..<end].firstIndex(of: UInt8(ascii: "="))
                read(
                    name: UnsafeBufferPointer(rebasing: query[start..<(mark ?? end)]),
                    mark.map { UnsafeBufferPointer(rebasing: query[($0 + 1)..<end]) })
            }
            start = end + 1
        }
    }

    private mutating func read(
        name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>?
    ) {
        guard (3...12).contains(name.count) else { return }
        if clickIDParameter.isEmpty, let id = Campaign.clickIDs.first(where: { name.isExactly($0) }) {
            clickIDParameter = "\(id)"
        }
        guard let value else { return }
        if name.isExactly("utm_source") {
            source = Campaign.text(value)
        } else if name.isExactly("utm_medium") {
            medium = Campaign.text(value)
        } else if name.isExactly("utm_campaign") {
            campaign = Campaign.text(value)
        } else if name.isExactly("utm_content") {
            content = Campaign.text(value)
        } else if name.isExactly("utm_term") {
            term = Campaign.text(value)
        } else if source.isEmpty, name.isExactly("ref") || name.isExactly("source") {
            source = Campaign.text(value)
        }
    }

    private static func text(_ value: UnsafeBufferPointer<UInt8>) -> String {
        PercentEncoding.decodedQuery(value).cut(toBytes: maximumValue)
    }
}
