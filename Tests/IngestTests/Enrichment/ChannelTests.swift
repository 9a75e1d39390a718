import Testing

@testable import Ingest

struct ChannelTests {
    @Test(arguments: [
        (Channel.Signs(source: .direct), "Direct"),
        (Channel.Signs(source: .of(tag: "google"), clickID: "gclid"), "Paid Search"),
        (Channel.Signs(source: .of(tag: "google"), medium: "(gclid)", clickID: "gclid"), "Paid Search"),
        (Channel.Signs(source: .of(tag: "google"), medium: "display", clickID: "gclid"), "Display"),
        (Channel.Signs(source: .of(tag: "bing"), clickID: "msclkid"), "Paid Search"),
        (Channel.Signs(source: .of(tag: "DuckDuckGo"), clickID: "msclkid"), "Organic Search"),
        (Channel.Signs(source: .of(tag: "facebook"), clickID: "fbclid"), "Organic Social"),
        (Channel.Signs(source: .of(tag: "facebook"), medium: "CPC"), "Paid Social"),
        (Channel.Signs(source: .of(tag: "fb-ads")), "Paid Social"),
        (Channel.Signs(source: .direct, medium: "cpm"), "Display"),
        (Channel.Signs(source: .direct, campaign: "x-Cross-Network-1"), "Cross-network"),
        (Channel.Signs(source: .direct, campaign: "eshop"), "Organic Shopping"),
        (Channel.Signs(source: .direct, campaign: "workshop"), "Direct"),
        (Channel.Signs(source: .direct, campaign: "bishop 1shop"), "Organic Shopping"),
        (Channel.Signs(source: .of(tag: "claude.ai")), "AI Assistants"),
        (Channel.Signs(source: .of(tag: "partner.example"), medium: "affiliate"), "Affiliates"),
        (Channel.Signs(source: .direct, medium: "web-push"), "Mobile Push Notifications"),
        (Channel.Signs(source: .direct, medium: "link"), "Referral"),
    ])
    func `the first rule that holds gives the channel`(signs: Channel.Signs, expected: String) {
        #expect(Channel.name(for: signs) == expected)
    }

    private struct Case: Decodable {
        var source: String?
        var utm_source: String?
        var utm_medium: String?
        var utm_campaign: String?
        var click_id_param: String?
        var expected: String?
        var expected_2026: String?
        var referrer: String?
        var channel: String?
        var channel_2026: String?
    }

    @Test func `sources and tags come to the channels that Plausible's come to`() throws {
        guard let cases = try sharedCases("channels_plausible", of: Case.self) else { return }
        for entry in cases {
            let signs = Channel.Signs(
                source: .of(tag: entry.utm_source ?? entry.source ?? ""), medium: entry.utm_medium ?? "",
                campaign: entry.utm_campaign ?? "", clickID: entry.click_id_param ?? "")
            #expect(Channel.name(for: signs) == entry.expected_2026 ?? entry.expected, "\(entry)")
        }
        print("channels: \(cases.count) cases")
    }

    @Test func `referrers come to the sources and channels that Plausible's come to`() throws {
        guard let cases = try sharedCases("channels_plausible", "referrer_cases", of: Case.self) else {
            return
        }
        for entry in cases {
            let referrer = entry.referrer!.split(separator: "//", maxSplits: 1)
            let source = Source.of(
                referrer: referrer[0] == "android-app:" ? entry.referrer! : String(referrer[1]))
            let signs = Channel.Signs(source: source, medium: entry.utm_medium ?? "")
            #expect(
                [source.name, Channel.name(for: signs)] == [
                    entry.source, entry.channel_2026 ?? entry.channel,
                ],
                "\(entry)")
        }
        print("referrers: \(cases.count) cases")
    }
}

extension Channel.Signs: CustomTestStringConvertible {
    var testDescription: String { "\(source.name) \(medium) \(campaign) \(clickID)" }
}
