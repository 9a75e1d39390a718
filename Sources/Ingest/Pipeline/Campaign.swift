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

    static let clickIDs: Set<Substring> = [
        "gclid", "gbraid", "wbraid", "dclid", "msclkid", "fbclid", "ttclid", "twclid", "li_fat_id", "yclid",
    ]

    /// Those that stand on paid clicks only, and so are a medium.
    static let paidClickIDs: Set<String> = ["gclid", "gbraid", "wbraid", "msclkid"]

    init(query: Substring) {
        guard !query.isEmpty else { return }
        for pair in query.split(separator: "&").prefix(100) {
            let mark = pair.utf8.firstIndex(of: UInt8(ascii: "="))
            let name = pair[..<(mark ?? pair.endIndex)]
            if clickIDParameter.isEmpty, Campaign.clickIDs.contains(name) { clickIDParameter = String(name) }
            guard let mark, name.utf8.count <= 12 else { continue }
            let value = pair[pair.utf8.index(after: mark)...]
            switch name {
            case "utm_source": source = Campaign.text(value)
            case "utm_medium": medium = Campaign.text(value)
            case "utm_campaign": campaign = Campaign.text(value)
            case "utm_content": content = Campaign.text(value)
            case "utm_term": term = Campaign.text(value)
            case "ref", "source": if source.isEmpty { source = Campaign.text(value) }
            default: break
            }
        }
    }

    private static func text(_ value: Substring) -> String {
        PercentEncoding.decodedQuery(value).cut(toBytes: maximumValue)
    }
}
