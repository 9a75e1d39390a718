import Testing

@testable import Ingest

@Suite struct PageTests {
    @Test(arguments: [
        ("http://example.com/", "example.com", "/", ""), ("http://www.Example.COM", "example.com", "/", ""),
        ("https://user:pw@example.com:8443/a?b=c#d", "example.com", "/a", "b=c"),
        ("http://example.com?x=1", "example.com", "/", "x=1"),
        ("http://example.com./a", "example.com", "/a", ""), ("http://İÉ.Example/", "İÉ.example", "/", ""),
        ("file:///android_asset/www/index.html", "(none)", "/android_asset/www/index.html", ""),
        ("http://example.com/%D8%AC%D9%88", "example.com", "/جو", ""),
        ("http://example.com/%FF", "example.com", "/%FF", ""),
        ("http://example.com/%00", "example.com", "/%00", ""),
        ("http://example.com/a%0Ab", "example.com", "/a%0Ab", ""),
        ("http://example.com/100%", "example.com", "/100%", ""),
        ("http://[2001:db8::1]:80/", "[2001:db8::1]", "/", ""),
        ("http://example.com/a ", "example.com", "/a", ""), ("app://localhost/x", "localhost", "/x", ""),
        ("http://www.example.com/#page-a", "example.com", "/", ""),
    ])
    func `a page has a host and a path`(url: String, host: String, path: String, query: String) throws {
        let page = try #require(PageURL(url))
        #expect([page.hostname, page.pathname, String(page.query)] == [host, path, query])
    }

    @Test(arguments: [
        "", "example.com", "/a", "data:text/html,x", "javascript:alert(1)", "http:/example.com",
        "http://exa mple.com/",
        "http://example.com:port/", "://example.com", "http://[2001:db8::1", "ht tp://example.com",
    ])
    func `what is no page is refused`(url: String) {
        #expect(PageURL(url) == nil)
    }

    @Test func `the fragment is the page where the site says so`() {
        #expect(PageURL("http://www.example.com/#page-a", hashMode: true)?.pathname == "/#page-a")
        #expect(PageURL("http://example.com/x?a=1#/b", hashMode: true)?.pathname == "/x#/b")
        #expect(PageURL("/a?b", host: "WWW.example.com")?.hostname == "example.com")
    }

    @Test(arguments: [
        ("", ""), ("https://www.indiehackers.com/page?query=param#hash", "indiehackers.com/page"),
        ("https://facebook.com/page/", "facebook.com/page"), ("https:://twitter.com", ""), ("aaaa", ""),
        ("android-app://some.android.app", "android-app://some.android.app"), ("http://own.example/x", ""),
        ("https://www.own.example/", ""), ("https://t.co", "t.co"), ("mailto:a@b.c", ""),
        ("https://user:secret@example.com/a", "example.com/a"),
        ("https://example.com:8080/a", "example.com/a"),
        ("https://blog.own.example", "blog.own.example"),
    ])
    func `a referrer is stored without what may name a person`(text: String, expected: String) {
        #expect(Referrer.cleaned(text, ownHost: "own.example") == expected)
    }

    @Test(arguments: [
        ("utm_source=%25balle%25", "%balle%", "", ""),
        ("utm_source=Something+%22quoted%22", "Something \"quoted\"", "", ""),
        ("source=betalist", "betalist", "", ""), ("ref=a&utm_source=b", "b", "", ""),
        ("utm_source=b&ref=a", "b", "", ""),
        ("gclid=secret&utm_medium=ads", "", "ads", "gclid"), ("x=1&&=&utm_medium", "", "", ""),
    ])
    func `a query tells of the campaign`(query: String, source: String, medium: String, click: String) {
        let campaign = Campaign(query: query[...])
        #expect([campaign.source, campaign.medium, campaign.clickIDParameter] == [source, medium, click])
    }

    @Test(arguments: [
        ("/blog/*", "/blog/a/b", true), ("/blog/*", "/blog", false), ("*", "", true),
        ("*.example", "a.example", true),
        ("a*b*c", "axxbyyc", true), ("a*b*c", "axxbyy", false), ("/a", "/ab", false), ("**", "x", true),
    ])
    func `a star stands for anything`(pattern: String, text: String, matches: Bool) {
        #expect(Pattern.matches(pattern, text) == matches)
    }

    @Test func `a pattern of many stars takes no time`() {
        let pattern = String(repeating: "*a", count: 200) + "b"
        #expect(!Pattern.matches(pattern, String(repeating: "a", count: 2_000)))
    }
}
