// What enriching one event costs, part by part and together: see README.md.
@testable import Ingest

let agents = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4.1 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:125.0) Gecko/20100101 Firefox/125.0",
    "Mozilla/5.0 (Linux; Android 14; SM-S918B; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/124.0.6367.82 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/462.0.0.47.85;]",
]
let hints = ClientHints(
    brands: #""Chromium";v="124", "Google Chrome";v="124", "Not-A.Brand";v="99""#, platform: #""Windows""#, mobile: "?0")
let referrers = ["", "google.com", "", "m.facebook.com/story", "news.ycombinator.com/item", "blog.example.com/a/post"]
let tags = ["", "", "google", "newsletter", "", "fb"]
let media = ["", "", "cpc", "email", "", "paid_social"]
let paths = [
    "/", "/blog/2026/11/21/a-long-article-title-with-many-words", "/products/12345", "/docs/getting-started",
    "/user/name@example.com/orders", "/pricing",
]
let titles = [
    "Home", "A long article title with many words – Example", "Product 12345", "Getting started", "Orders", "Pricing",
]
let zones = ["Europe/Berlin", "America/New_York", "Asia/Tokyo", "Asia/Calcutta", "Europe/London", "America/Sao_Paulo"]

var sink = 0

/// The least of nine runs, in nanoseconds for one call.
func measure(_ name: String, _ body: (Int) -> Int) -> Double {
    let count = 200_000
    var least = Duration.seconds(1_000)
    for _ in 0..<9 {
        let time = ContinuousClock().measure { for index in 0..<count { sink &+= body(index % 6) } }
        least = min(least, time)
    }
    let seconds = Double(least.components.seconds) + Double(least.components.attoseconds) / 1e18
    let each = seconds * 1e9 / Double(count)
    let number = String(Int(each.rounded()))
    print(name + String(repeating: " ", count: 34 - name.count) + String(repeating: " ", count: 6 - number.count) + number)
    return each
}

UserAgent.prepare()
Source.prepare()
let started = ContinuousClock.now
let pages = CommandLine.arguments.dropFirst().first.map { path in
    Locations(path: path)
}
if let pages { print("locations: \(pages.reload())") }
print("part" + String(repeating: " ", count: 30) + "ns/event")
_ = measure("agent: bots, browser, device") { UserAgent(agents[$0]).browser.utf8.count }
_ = measure("agent with hints") { UserAgent(agents[0], hints).browser.utf8.count &+ $0 }
_ = measure("referrer spam") { ReferrerSpam.contains(referrers[$0]) ? 1 : 0 }
_ = measure("source") { Source.of(referrer: referrers[$0]).name.utf8.count &+ Source.of(tag: tags[$0]).name.utf8.count }
_ = measure("channel") { Channel.name(for: .init(source: Source(name: referrers[$0], kind: .other), medium: media[$0])).utf8.count }
_ = measure("location") { index in
    Place.of(high: 0, low: 0xFFFF_C000_0201, in: pages?.database, proxyCountry: nil, timeZone: zones[index]).country
        .utf8.count
}
_ = measure("masking of path and title") {
    PersonalData.masked(path: paths[$0]).utf8.count &+ PersonalData.masked(text: titles[$0]).utf8.count
}
let whole = measure("everything") { index in
    let agent = UserAgent(agents[index], hints)
    let isSpam = ReferrerSpam.contains(referrers[index].prefix { $0 != "/" })
    let source = tags[index].isEmpty ? Source.of(referrer: referrers[index]) : Source.of(tag: tags[index])
    let channel = Channel.name(for: .init(source: source, medium: media[index]))
    let place = Place.of(
        high: 0, low: 0xFFFF_C000_0201, in: pages?.database, proxyCountry: nil, timeZone: zones[index])
    let path = PersonalData.masked(path: paths[index])
    let title = PersonalData.masked(text: titles[index])
    return agent.os.utf8.count &+ (isSpam ? 1 : 0) &+ channel.utf8.count &+ place.country.utf8.count
        &+ path.utf8.count &+ title.utf8.count
}
print(whole <= 4_000 ? "within 4 µs an event" : "beyond 4 µs an event", sink == 0 ? "" : " ")
