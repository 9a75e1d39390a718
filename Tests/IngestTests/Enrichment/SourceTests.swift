import Testing

@testable import Ingest

struct SourceTests {
    @Test(arguments: [
        ("", Source.direct),
        ("google.com", Source(name: "Google", kind: .search)),
        ("google.co.uk/url", Source(name: "Google", kind: .search)),
        ("google.com.tr", Source(name: "Google", kind: .search)),
        ("google.de/search", Source(name: "Google", kind: .search)),
        ("notgoogle.com", Source(name: "notgoogle.com", kind: .other)),
        ("google.example.com", Source(name: "google.example.com", kind: .other)),
        ("m.facebook.com/story", Source(name: "Facebook", kind: .social)),
        ("old.reddit.com/r/swift", Source(name: "Reddit", kind: .social)),
        ("android-app://com.reddit.frontpage", Source(name: "Reddit", kind: .social)),
        ("android-app://some.android.app", Source(name: "android-app://some.android.app", kind: .other)),
        ("mail.google.com/mail/u/0", Source(name: "Gmail", kind: .mail)),
        ("gemini.google.com", Source(name: "Gemini", kind: .assistant)),
        ("chatgpt.com", Source(name: "chatgpt.com", kind: .assistant)),
        ("youtube.com/watch", Source(name: "Youtube", kind: .video)),
        ("amazon.co.jp", Source(name: "Amazon", kind: .shopping)),
        ("blog.example.com/post", Source(name: "blog.example.com", kind: .other)),
        ("localhost", .direct), ("127.0.0.1/x", .direct), ("[::1]", .direct), ("printer.local", .direct),
        ("intranet/wiki", .direct), ("com", .direct),
        ("xn--bcher-kva.example", Source(name: "xn--bcher-kva.example", kind: .other)),
    ])
    func `a referrer has one name however it is reached`(referrer: String, expected: Source) {
        #expect(Source.of(referrer: referrer) == expected)
    }

    @Test(arguments: [
        ("fb", Source(name: "Facebook", kind: .social)),
        ("IG", Source(name: "Instagram", kind: .social)),
        ("google", Source(name: "Google", kind: .search)),
        ("Adwords", Source(name: "Google", kind: .search, isPaid: true)),
        ("www.duckduckgo.com", Source(name: "DuckDuckGo", kind: .search)),
        ("Newsletter-UK", Source(name: "Newsletter-UK", kind: .other)),
        ("hackernews", Source(name: "Hacker News", kind: .social)),
        ("", .direct),
    ])
    func `a tag has the same names`(tag: String, expected: Source) {
        #expect(Source.of(tag: tag) == expected)
    }

    @Test(arguments: [
        ("1-best-seo.com", true), ("www2.1-best-seo.com", true), ("x1-best-seo.com", false),
        ("example.com", false),
        ("com", false), ("", false), (".", false),
    ])
    func `a sender of referrer spam is known with its sub-domains`(host: String, expected: Bool) {
        #expect(ReferrerSpam.contains(host) == expected)
    }
}
