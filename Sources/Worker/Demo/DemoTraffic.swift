import Days
import Stats

/// Traffic of a site that does not exist, as lively as that of one that does; always the same for the same seed.
struct DemoTraffic: Sendable {
    let calendar: DemoCalendar
    let hostname: String
    /// Which instants belong to which of its days.
    let history: ZoneHistory
    private let seed: UInt64
    private let walk: DemoWalk
    private let places: DemoChoice
    private let cities: [DemoChoice]
    private let mobile = DemoChoice(DemoDevice.mobile.map(\.weight))
    private let desktop = DemoChoice(DemoDevice.desktop.map(\.weight))

    /// - Parameters:
    ///   - last: the last of `days` days, in the site's zone
    ///   - events: page views and custom events, all days together
    init(domain: String, history: ZoneHistory, last: Day, days: Int, events: Int, seed: UInt64) {
        hostname = domain
        self.history = history
        // Sites of one seed differ: FNV-1a of their domains.
        self.seed = domain.utf8.reduce(seed ^ 0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0100_0000_01B3 }
        calendar = DemoCalendar(last: last, count: days, events: events, seed: self.seed)
        let label = domain.prefix { $0 != "." }
        walk = DemoWalk(DemoPages(name: label.prefix(1).uppercased() + label.dropFirst()))
        places = DemoChoice(DemoPlace.countries.map(\.weight))
        cities = DemoPlace.countries.map { DemoChoice(ranked: $0.cities.count) }
    }

    /// All events of a day, and engagements, which are none.
    func events(onDay index: Int) -> RawEvents {
        var writer = DemoWriter(self, day: index)
        writer.writeAll()
        return writer.raw
    }

    func visitor(mobile perMille: Int, _ random: inout DemoRandom) -> DemoVisitor {
        let isMobile = random.happens(perMille: perMille)
        let country = places.pick(&random)
        let place = DemoPlace.countries[country]
        return DemoVisitor(
            hash: Int64(bitPattern: random.next()), country: country, city: cities[country].pick(&random),
            language: random.below(place.languages.count),
            device: isMobile
                ? mobile.pick(&random) : DemoDevice.mobile.count + desktop.pick(&random))
    }

    var pages: DemoPages { walk.pages }

    func page(after page: Int?, _ entry: DemoSource.Entry, _ random: inout DemoRandom) -> Int {
        if let page { walk.step(from: page, &random) } else { walk.entry(entry, &random) }
    }

    func goesOn(from page: Int, views: Int, _ random: inout DemoRandom) -> Bool {
        random.happens(perMille: walk.goesOn(from: page, isFirst: views == 1, views: views))
    }

    func attention(_ page: Int) -> (seconds: Double, isLong: Bool) { walk.attention(page) }

    func random(ofDay index: Int) -> DemoRandom {
        DemoRandom(seed: seed, stream: UInt64(bitPattern: Int64(calendar.days[index].rawValue)))
    }
}
