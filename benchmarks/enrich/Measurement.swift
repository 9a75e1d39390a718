@testable import Ingest

/// Six visits of the kinds that a site has every day, each part of their enrichment, and all of it.
enum Measurement {
    static func run(database path: String?) {
        UserAgent.prepare()
        Source.prepare()
        let locations = path.map { Locations(path: $0) }
        if let locations { print("locations: \(locations.reload())") }
        print("part" + String(repeating: " ", count: 30) + "ns/event")
        measure("agent: bots, browser, device") { UserAgent(agents[$0]).browser.utf8.count }
        measure("agent with hints") { UserAgent(agents[0], hints).browser.utf8.count &+ $0 }
        measure("referrer spam") { ReferrerSpam.contains(hosts[$0]) ? 1 : 0 }
        measure("source") { source($0).name.utf8.count }
        measure("channel") { Channel.name(for: .init(source: sources[$0], medium: media[$0])).utf8.count }
        measure("location") { place($0, locations).country.utf8.count }
        measure("masking of path and title") {
            PersonalData.masked(path: paths[$0]).utf8.count
                &+ PersonalData.masked(text: titles[$0]).utf8.count
        }
        let whole = measure("everything") { index in
            let agent = UserAgent(agents[index], index % 2 == 0 ? hints : ClientHints())
            let isSpam = ReferrerSpam.contains(hosts[index])
            let channel = Channel.name(for: .init(source: source(index), medium: media[index]))
            let path = PersonalData.masked(path: paths[index])
            let title = PersonalData.masked(text: titles[index])
            return agent.os.utf8.count &+ (isSpam ? 1 : 0) &+ channel.utf8.count
                &+ place(index, locations).country.utf8.count &+ path.utf8.count &+ title.utf8.count
        }
        print(whole <= 4_000 ? "within 4 µs an event" : "beyond 4 µs an event")
    }

    private static func source(_ index: Int) -> Source {
        tags[index].isEmpty ? .of(referrer: referrers[index]) : .of(tag: tags[index])
    }

    private static func place(_ index: Int, _ locations: Locations?) -> Place {
        .of(
            high: 0, low: 0xFFFF_C000_0201, in: locations?.database, proxyCountry: nil, timeZone: zones[index]
        )
    }

    /// The least of many short runs, in nanoseconds for one call: others use the machine too.
    @discardableResult
    private static func measure(_ name: String, _ body: (Int) -> Int) -> Double {
        let count = 6_000
        var least = Duration.seconds(1_000)
        for _ in 0..<150 {
            var sum = 0
            least = min(
                least, ContinuousClock().measure { for index in 0..<count { sum &+= body(index % 6) } })
            keep(sum)
        }
        let each = Double(least.components.attoseconds) / 1e9 / Double(count)
        let number = String(Int(each.rounded()))
        print(name, number, separator: String(repeating: " ", count: max(1, 42 - name.count - number.count)))
        return each
    }

    @inline(never)
    private static func keep(_ value: Int) {}

    // MARK: Visits

    private static let agents = [
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 "
            + "Safari/537.36",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            + "Version/17.4.1 Mobile/15E148 Safari/604.1",
        "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile "
            + "Safari/537.36",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 "
            + "Safari/605.1.15",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:125.0) Gecko/20100101 Firefox/125.0",
        "Mozilla/5.0 (Linux; Android 14; SM-S918B; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 "
            + "Chrome/124.0.6367.82 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/462.0.0.47.85;]",
    ]
    private static let hints = ClientHints(
        brands: #""Chromium";v="124", "Google Chrome";v="124", "Not-A.Brand";v="99""#,
        platform: #""Windows""#,
        mobile: "?0")
    private static let referrers = [
        "", "google.com", "", "m.facebook.com/story", "news.ycombinator.com/item", "blog.example.com/a/post",
    ]
    private static let hosts = referrers.map { String($0.prefix { $0 != "/" }) }
    private static let tags = ["", "", "google", "newsletter", "", "fb"]
    private static let media = ["", "", "cpc", "email", "", "paid_social"]
    private static let sources = (0..<6).map { source($0) }
    private static let paths = [
        "/", "/blog/2026/11/21/a-long-article-title-with-many-words", "/products/12345",
        "/docs/getting-started",
        "/user/name@example.com/orders", "/pricing",
    ]
    private static let titles = [
        "Home", "A long article title with many words – Example", "Product 12345", "Getting started",
        "Orders",
        "Pricing",
    ]
    private static let zones = [
        "Europe/Berlin", "America/New_York", "Asia/Tokyo", "Asia/Calcutta", "Europe/London",
        "America/Sao_Paulo",
    ]
}
