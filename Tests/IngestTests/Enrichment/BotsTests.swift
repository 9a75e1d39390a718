import Testing

@testable import Ingest

struct BotsTests {
    @Test(arguments: [
        ("", BotClass.empty),
        ("   ", .empty),
        ("curl/8.5.0", .library),
        ("python-requests/2.31.0", .library),
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", .searchEngine),
        (
            "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; GPTBot/1.2; +https://openai.com/gptbot",
            .artificialIntelligence
        ),
        ("facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)", .linkPreview),
        ("Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)", .monitoring),
        ("Feedly/1.0 (+http://www.feedly.com/fetcher.html; like FeedFetcher-Google)", .searchEngine),
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/120.0.0.0 Safari/537.36",
            .headless
        ),
        ("Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)", .marketing),
        ("Mozilla/5.0 (compatible; SomeNewBot/1.0)", .crawler),
        ("generic crawler", .crawler),
        ("MyAgent/1.0 (someone@example.org)", .address),
        ("MyAgent/1.0 (+https://example.org/about)", .address),
        ("123", .unlike),
        (
            "Anonymous, Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/120.0.0.0 Safari/537.36",
            .forged
        ),
    ])
    func `a program is told by what it says of itself`(agent: String, expected: BotClass) {
        #expect(UserAgent(agent).bot == expected)
    }

    @Test(arguments: [
        "Mozilla/5.0 (Linux; Android 6.0; CUBOT MAX Build/MRA58K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/51.0.2704.81 Mobile Safari/537.36",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/21F79 Instagram 330.0.3.29.91 (iPhone14,3; iOS 17_5; en_IR@calendar=persian)",
        "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/111.0.0.0 Mobile Safari/537.36 (Ecosia android@111.0.5563.116)",
        "Mozilla/5.0 (Linux; Android 13; 2201116SI; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/125.0.6422.165 Mobile Safari/537.36 CamScanner",
        "unknown UA",
    ])
    func `a person is let in`(agent: String) {
        #expect(UserAgent(agent).bot == nil)
    }

    private struct Case: Decodable {
        let ua: String
        let bot: Bool
    }

    @Test func `nearly all known bots are found, and no person is refused`() throws {
        guard let cases = try sharedCases("bots_isbot", of: Case.self) else { return }
        let bots = cases.filter(\.bot)
        let missed = bots.filter { UserAgent($0.ua).bot == nil }.map(\.ua)
        let refused = cases.filter { !$0.bot && UserAgent($0.ua).bot != nil }.map(\.ua)
        #expect(Double(bots.count - missed.count) / Double(bots.count) >= 0.98, "missed: \(missed)")
        #expect(refused.isEmpty)
        print("bots: \(bots.count - missed.count) of \(bots.count) found, \(refused.count) people refused")
    }
}
