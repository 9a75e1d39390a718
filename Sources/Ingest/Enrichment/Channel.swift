/// The channels of acquisition: what a source and a campaign's tags come to.
///
/// Names, order and rules are those that Plausible documents (plausible.io/docs/top-referrers, in turn Google
/// Analytics 4's default channel group) with their `AI Assistants`; the first rule that holds wins.
struct Channel: Sendable {
    let name: String
    private let holds: @Sendable (Signs) -> Bool

    /// What a channel is told by.
    struct Signs {
        let source: Source
        /// These in lower case.
        let sourceName: String
        let medium: String
        let campaign: String
        /// The name of an advertiser's click id in the page's query.
        let clickID: String

        init(source: Source, medium: String = "", campaign: String = "", clickID: String = "") {
            self.source = source
            sourceName = source.name.lowercased()
            self.medium = medium.lowercased()
            self.campaign = campaign.lowercased()
            self.clickID = clickID
        }
    }

    static func name(for signs: Signs) -> String {
        for channel in all where channel.holds(signs) { return channel.name }
        return "Direct"
    }

    private init(_ name: String, _ holds: @escaping @Sendable (Signs) -> Bool) {
        self.name = name
        self.holds = holds
    }

    static let all: [Channel] = [
        Channel("Cross-network") { $0.campaign.has("cross-network") },
        Channel("Paid Shopping") { ($0.source.kind == .shopping || $0.isShopping) && $0.isPaid },
        Channel("Paid Search") { $0.source.kind == .search && $0.isPaid || $0.isPaidClick },
        Channel("Paid Social") { $0.source.kind == .social && $0.isPaid },
        Channel("Paid Video") { $0.source.kind == .video && $0.isPaid },
        Channel("Display") {
            switch $0.medium {
            case "display", "banner", "expandable", "interstitial", "cpm": true
            default: false
            }
        },
        Channel("Paid Other") { $0.isPaid },
        Channel("Organic Shopping") { $0.source.kind == .shopping || $0.isShopping },
        Channel("Organic Social") {
            if $0.source.kind == .social { return true }
            switch $0.medium {
            case "social", "social-network", "social-media", "sm", "social network", "social media":
                return true
            default: return false
            }
        },
        Channel("Organic Video") { $0.source.kind == .video || $0.medium.has("video") },
        Channel("AI Assistants") { $0.source.kind == .assistant },
        Channel("Organic Search") { $0.source.kind == .search || $0.medium == "organic" },
        Channel("Email") {
            $0.source.kind == .mail || isMail($0.medium) || isMail($0.sourceName)
        },
        Channel("Affiliates") { $0.medium == "affiliate" || $0.medium == "affiliates" },
        Channel("Audio") { $0.medium == "audio" },
        Channel("SMS") { $0.medium == "sms" || $0.sourceName == "sms" },
        Channel("Mobile Push Notifications") {
            $0.medium.hasSuffix("push") || $0.medium.has("mobile") || $0.medium.has("notification")
                || $0.sourceName == "firebase"
        },
        Channel("Referral") {
            !$0.source.name.isEmpty || $0.medium == "referral" || $0.medium == "app" || $0.medium == "link"
        },
    ]

    private static func isMail(_ text: String) -> Bool {
        !text.isEmpty
            && (text == "mail" || text == "e-mail" || text == "e_mail" || text == "e mail"
                || text.has("email")
                || text.has("newsletter"))
    }
}

extension Channel.Signs {
    /// GA4's `^(.*cp.*|ppc|retargeting|paid.*)$`, or a source that is an advertisement by its name.
    fileprivate var isPaid: Bool {
        if medium.isEmpty { return source.isPaid }
        return source.isPaid || medium.hasPrefix("paid") || medium == "ppc" || medium == "retargeting"
            || medium.has("cp")
    }

    /// GA4's `^(.*(([^a-df-z]|^)shop|shopping).*)$` on the campaign: `shop` at the beginning, or after what is no
    /// letter but `e`.
    fileprivate var isShopping: Bool {
        if campaign.isEmpty { return false }
        if campaign.has("shopping") { return true }
        var before: UInt8?
        var rest = campaign.utf8[...]
        while let first = rest.first {
            let mayBegin = before.map { $0 == UInt8(ascii: "e") || !$0.isLetter } ?? true
            if mayBegin, rest.starts(with: "shop".utf8) { return true }
            before = first
            rest = rest.dropFirst()
        }
        return false
    }

    /// Google and Microsoft put their ids on paid clicks only (Facebook puts `fbclid` on every link). A medium that
    /// says something else is believed.
    fileprivate var isPaidClick: Bool {
        guard !clickID.isEmpty, medium.isEmpty || medium == "(\(clickID))" else { return false }
        return switch clickID {
        case "gclid", "gbraid", "wbraid": source.name == "Google"
        case "msclkid": source.name == "Bing"
        default: false
        }
    }
}

extension String {
    /// Whether a text holds a word. (The standard library's `contains` takes a microsecond.)
    func has(_ word: StaticString) -> Bool {
        !isEmpty && withBytes { bytes in word.withUTF8Buffer { bytes.firstEnd(of: $0) } != nil }
    }
}
