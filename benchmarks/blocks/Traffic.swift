import Days
import Stats

/// Days of one site that look like life, the same for the same seed.
///
/// 4,000 pages with their titles, of which a day shows some 3,000; 3,300 cities in 60 countries; 12 in 100
/// visitors come twice; two page views a visit, more in few; seven in ten page views tell an engagement,
/// often twice; one event in ten is a custom one; one in five has properties.
struct Traffic {
    private var random: Random
    private let words: [String]
    private var pages: [(path: String, title: String, author: String)] = []
    private var sources: [(source: String, channel: String, referrers: [String])] = []
    private var cities: [(country: String, region: String, city: String, language: String)] = []
    private var agents: [(browser: String, version: String, os: String, osVersion: String, device: String)] =
        []

    init(seed: UInt64) {
        var random = Random(state: seed)
        let syllables = [
            "ba", "lo", "ter", "in", "ga", "ment", "shi", "cu", "ver", "no", "pra", "del", "on", "ri", "es",
        ]
        let words = (0..<900).map { _ in
            (0..<Int(random.below(3) + 1)).map { _ in syllables[Int(random.below(15))] }.joined()
        }
        func word() -> String { words[random.zipf(900)] }
        for index in 0..<4_000 {
            let slug = (0..<Int(random.below(5) + 2)).map { _ in word() }
            let section = ["blog/2026", "docs", "products", "news", "guides/setup"][Int(random.below(5))]
            let title = slug.joined(separator: " ")
            pages.append(
                (
                    index == 0 ? "/" : "/\(section)/\(slug.joined(separator: "-"))",
                    title.prefix(1).uppercased() + title.dropFirst() + " – Example",
                    "author-\(random.zipf(40))"
                ))
        }
        let channels = ["Organic Search", "Organic Social", "Referral", "Email", "Paid Search", "Direct"]
        sources.append(("", "Direct", [""]))
        for index in 0..<250 {
            let host = "\(word())\(word()).example"
            let referrers = (0..<(index < 10 ? 1 : 8)).map {
                $0 == 0 ? host : "\(host)/\(word())/\(word())-\($0)"
            }
            sources.append(
                (
                    index < 30 ? host.prefix(1).uppercased() + host.dropFirst(1).prefix(5) : host,
                    channels[index < 12 ? index % 5 : 2], referrers
                ))
        }
        for country in 0..<60 {
            let code =
                String(UnicodeScalar(UInt8(65 + country / 8)))
                + String(UnicodeScalar(UInt8(65 + country % 23)))
            for region in 0..<max(2, 30 - country / 2) {
                for _ in 0..<max(1, 6 - region / 4) {
                    cities.append(
                        (
                            code, "\(code)-\(region + 1)", words[Int(random.below(900))] + word() + "a",
                            code.lowercased()
                        ))
                }
            }
        }
        let systems = [
            ("Windows", 3, "desktop"), ("Android", 8, "mobile"), ("iOS", 14, "mobile"),
            ("macOS", 9, "desktop"),
            ("Linux", 1, "desktop"), ("iPadOS", 9, "tablet"),
        ]
        let browsers = [("Chrome", 20), ("Safari", 14), ("Firefox", 18), ("Edge", 12), ("Opera", 9)]
        for _ in 0..<400 {
            let (os, versions, device) = systems[random.zipf(systems.count)]
            let (browser, releases) =
                os.hasSuffix("OS") && random.below(10) < 8
                ? browsers[1] : browsers[random.zipf(browsers.count)]
            agents.append(
                (browser, "\(124 - random.zipf(releases))", os, "\(17 - random.zipf(versions))", device))
        }
        self.random = random
        self.words = words
    }

    /// About so many page views and custom events; engagements come on top.
    mutating func day(_ clock: DayClock, events count: Int) -> RawEvents {
        var raw = RawEvents()
        var sequence: Int64 = 0
        var kept = 0
        var arrivals: [(event: RawEvents.Event, ids: [UInt32], properties: [RawEvents.Property])] = []
        while kept < count {
            let visitor = Int64(bitPattern: random.next())
            let place = cities[random.zipf(cities.count)]
            let agent = agents[random.zipf(agents.count)]
            let viewport =
                agent.device == "desktop" ? ["L", "XL", "M"][random.zipf(3)] : ["XS", "S"][random.zipf(2)]
            let isLoggedIn = random.below(6) == 0
            var time = clock.start * 1_000_000 + Int64(dayTime() * 1e6)
            for _ in 0..<(random.below(100) < 12 ? 2 : 1) {
                var ids = [UInt32](repeating: 0, count: RawEvents.width)
                func set(_ column: Column, _ text: String) {
                    ids[Int(column.rawValue)] = raw.id(of: text, in: column)
                }
                let origin = sources[random.below(10) < 4 ? 0 : random.zipf(sources.count)]
                set(.source, origin.source)
                set(.channel, origin.channel)
                set(.referrer, origin.referrers[random.zipf(origin.referrers.count)])
                if random.below(100) < 8 {
                    set(.utmSource, origin.source)
                    set(.utmMedium, ["cpc", "email", "social"][Int(random.below(3))])
                    set(.utmCampaign, "campaign-\(random.zipf(20))")
                    set(.utmContent, ["", "banner", "text"][Int(random.below(3))])
                }
                set(.country, place.country)
                set(.region, place.region)
                set(.city, place.city)
                set(.language, random.below(5) == 0 ? "en" : place.language)
                set(.browser, agent.browser)
                set(.browserVersion, agent.version)
                set(.os, agent.os)
                set(.osVersion, agent.osVersion)
                set(.device, agent.device)
                set(.viewport, viewport)
                set(.hostname, "www.example.com")
                var views = 1
                while views < 60, random.below(100) < (views == 1 ? 45 : 65) { views += 1 }
                for _ in 0..<views {
                    let index = random.zipf(pages.count)
                    let page = pages[index]
                    set(.name, "pageview")
                    set(.page, page.path)
                    set(.title, page.title)
                    func append(_ event: RawEvents.Event, _ properties: [RawEvents.Property] = []) {
                        arrivals.append((event, ids, properties))
                        sequence += 1
                    }
                    func event() -> RawEvents.Event {
                        .init(time: time, visitor: visitor, stream: 7, sequence: sequence)
                    }
                    var properties: [RawEvents.Property] = []
                    if page.path.hasPrefix("/blog") { properties.append(raw.property("author", page.author)) }
                    if isLoggedIn { properties.append(raw.property("logged_in", "true")) }
                    append(event(), properties)
                    kept += 1
                    let stay = random.exponential(45)
                    if random.below(10) < 7 {
                        var engagement = event()
                        engagement.time += Int64(stay * 1e6)
                        let attentive = random.below(10) < 7 ? stay - 0.05 : stay * random.unit()
                        engagement.engagementMilliseconds = Int32(max(attentive, 0.1) * 1e3)
                        engagement.scrollDepth = Int16(min(100, 15 + random.below(110)))
                        set(.name, "engagement")
                        append(engagement)
                    }
                    if random.below(100) < 12 {
                        var custom = event()
                        custom.time += Int64(stay * random.unit() * 1e6)
                        let kind = random.zipf(6)
                        set(.name, ["outbound", "download", "signup", "search", "purchase", "video"][kind])
                        if kind == 4 {
                            custom.revenue = Int64(random.below(20_000)) * 10_000
                            set(.currency, "EUR")
                        }
                        custom.interactive = kind != 5
                        append(
                            custom,
                            kind < 2
                                ? [raw.property("url", "https://\(words[random.zipf(900)]).example/")] : [])
                        set(.currency, "")
                        kept += 1
                    }
                    time += Int64(stay * 1e6) + 1_000_000
                }
                time += 3_600_000_000 + Int64(random.exponential(7_200) * 1e6)
            }
        }
        arrivals.sort { $0.event.time < $1.event.time }
        for arrival in arrivals {
            raw.append(arrival.event, ids: arrival.ids, properties: arrival.properties)
        }
        return raw
    }

    /// Seconds after midnight: a night, a long day with its peak in the evening.
    private mutating func dayTime() -> Double {
        while true {
            let hour = random.unit() * 22
            let busy = hour < 6 ? 0.15 : hour < 18 ? 0.7 : 1
            if random.unit() < busy { return hour * 3_600 }
        }
    }
}

/// SplitMix64: the same numbers everywhere.
struct Random {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    mutating func below(_ bound: UInt64) -> UInt64 { next().multipliedFullWidth(by: bound).high }

    mutating func unit() -> Double { Double(next() >> 11) / 9_007_199_254_740_992 }
}

#if canImport(Glibc)
import Glibc
#endif

extension Random {
    mutating func exponential(_ mean: Double) -> Double { -mean * log(1 - unit()) }

    /// 0 to `count` - 1, each about as likely as 1 / (number + 1).
    mutating func zipf(_ count: Int) -> Int {
        min(count - 1, Int(pow(Double(count + 1), unit())) - 1)
    }
}
