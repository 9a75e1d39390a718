import Testing

@testable import Ingest

@Suite struct OtherFormatsTests {
    @Test(arguments: [
        ("/page", "/page"), ("//page/", "/page"), ("//", "/"), ("foo.html", "/foo.html"),
        ("/page?q=a", "/page?q=a"),
        ("/web/20200104233523/https://www.arp242.net/tmux.html", "/tmux.html"),
        ("/web/20190820072242/https://arp242.net", "/"),
        ("/web/20190820072242/https://arp242.net?a=b", "/?a=b"),
        ("/web/assets/images/social-github.svg", "/web/assets/images/social-github.svg"),
    ])
    func `GoatCounter's paths get one form`(path: String, expected: String) {
        #expect(GoatCounterCount.normalized(path) == expected)
    }

    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-11-21T04:00:00.5Z", 1_795_233_600_500_000),
            ("2026-11-21 05:00:00+01:00", 1_795_233_600_000_000),
            ("2026-11-20T23:00:00-05:00", 1_795_233_600_000_000),
            ("2026-11-21T04:00:00", nil), ("2026-11-21T24:00:00Z", nil), ("2026-11-31T04:00:00Z", nil),
            ("now", nil),
            ("2026-11-21T04:00:00.Z", nil), ("2026-11-21T04:00:00+0100", nil), ("", nil),
        ] as [(String, Int64?)])
    func `a timestamp is ISO 8601 with a zone`(text: String, expected: Int64?) {
        #expect(Timestamp.microseconds(text) == expected)
    }

    @Test(arguments: [
        (#"{"trackingKey":"k","path":"/a"}"#, nil), (#"{"path":"/a"}"#, "trackingKey"),
        (#"{"trackingKey":"k"}"#, "path"),
        (#"{"trackingKey":"k","path":"a"}"#, "path"),
        (#"{"trackingKey":"k","path":"/a","timestamp":"x"}"#, "timestamp"),
        (#"{"trackingKey":"k","path":"/a","timestamp":"2020-01-01T00:00:00Z"}"#, "timestamp"),
        (#"{"trackingKey":"k","path":"/a","timestamp":1795233600000}"#, nil),
    ])
    func `the seed's body is checked`(body: String, wrong: String?) {
        let result = Result {
            try Array(body.utf8).withUnsafeBytes { try Track.hit($0, now: 1_795_233_600_000_000) }
        }
        switch result {
        case .success(let hit):
            #expect(wrong == nil)
            #expect(hit.target == .key("k"))
            #expect(hit.path == "/a")
        case .failure(let error): #expect((error as? Refusal)?.field == wrong)
        }
    }
}
