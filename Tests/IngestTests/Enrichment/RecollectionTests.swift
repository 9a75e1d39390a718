import Testing

@testable import Ingest

@Suite struct RecollectionTests {
    private static func hasher(_ text: String) -> Hasher {
        var hasher = Hasher()
        hasher.combine(bytesOf: text)
        return hasher
    }

    @Test func `what came before is not worked out again`() {
        let memory = Recollection<Int>(size: 1 << 10)
        #expect(memory.outcome(of: Self.hasher("a")) { 1 } == 1)
        #expect(memory.outcome(of: Self.hasher("a")) { 2 } == 1)
        #expect(memory.outcome(of: Self.hasher("b")) { 3 } == 3)
    }

    @Test func `what shares a place is not taken for the other`() {
        let memory = Recollection<Int>(size: 1)
        for (number, text) in ["a", "b", "a", "a", "b"].enumerated() {
            let outcome = memory.outcome(of: Self.hasher(text)) { number }
            #expect(outcome == [0, 1, 2, 2, 4][number])
        }
    }

    @Test func `where one text ends and the next begins makes a difference`() {
        func hash(_ texts: [String]) -> Int {
            var hasher = Hasher()
            for text in texts { hasher.combine(bytesOf: text) }
            return hasher.finalize()
        }
        #expect(hash(["ab", "c"]) != hash(["a", "bc"]))
        #expect(hash(["ab", "c"]) == hash(["ab", "c"]))
    }

    @Test func `agents and hints say the same from memory`() {
        let memory = Recollection<UserAgent>(size: 1 << 4)
        let chrome =
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 "
            + "Safari/537.36"
        let brave = #""Chromium";v="124", "Brave";v="124", "Not-A.Brand";v="99""#
        let cases = [
            (chrome, ClientHints()), (chrome, ClientHints(brands: brave, platform: #""Windows""#)),
            (chrome, ClientHints(platform: #""Windows""#, platformVersion: #""15.0.0""#)),
            (chrome, ClientHints(platform: #""Android""#, mobile: "?1")),
            (chrome, ClientHints(fullVersionList: brave)), ("curl/8.5.0", ClientHints()),
        ]
        for _ in 0..<2 {
            for (agent, hints) in cases {
                #expect(UserAgent(agent, hints, memory) == UserAgent(agent, hints))
            }
        }
    }

    @Test(arguments: [
        "", "google.com/search", "example.com", "www2.1-best-seo.com/x", "android-app://com.reddit.frontpage",
        "android-app://some.android.app", "localhost/x",
    ])
    func `referrers say the same from memory`(referrer: String) {
        let memory = Recollection<(source: Source, isSpam: Bool)>(size: 1)
        for _ in 0..<2 {
            let (source, isSpam) = Source.of(referrer: referrer, memory)
            #expect(source == Source.of(referrer: referrer))
            #expect(isSpam == ReferrerSpam.contains(Referrer.host(of: referrer)))
        }
    }
}
