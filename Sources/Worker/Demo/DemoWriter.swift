import Days
import Stats

struct DemoVisitor {
    let hash: Int64
    /// Rows of the tables.
    let country: Int
    let city: Int
    /// Of its country's.
    let language: Int
    let device: Int
}

/// The numbers of the tables' texts in one day's events, asked for once each.
struct DemoTexts {
    typealias Pair = (column: Int, id: UInt32)

    let pages: [(path: UInt32, title: UInt32)]
    let sources: [[Pair]]
    let devices: [[Pair]]
    let countries: [UInt32]
    let cities: [[[Pair]]]
    let languages: [[UInt32]]
    let currencies: [UInt32]
    let hostname: UInt32
    let view: UInt32
    let engagement: UInt32

    init(_ traffic: DemoTraffic, _ raw: inout RawEvents) {
        func pairs(_ texts: KeyValuePairs<Column, String>) -> [Pair] {
            texts.map { (Int($0.key.rawValue), raw.id(of: $0.value, in: $0.key)) }
        }
        pages = traffic.pages.all.map { (raw.id(of: $0.path, in: .page), raw.id(of: $0.title, in: .title)) }
        sources = DemoSource.all.map { source in
            pairs([
                .source: source.name, .channel: source.channel, .referrer: source.referrer,
                .utmSource: source.tags[0], .utmMedium: source.tags[1], .utmCampaign: source.tags[2],
                .utmContent: source.tags[3], .utmTerm: source.tags[4],
            ])
        }
        devices = DemoDevice.all.map { device in
            pairs([
                .device: device.device, .os: device.os, .osVersion: device.osVersion,
                .browser: device.browser,
                .browserVersion: device.browserVersion, .viewport: device.viewport,
            ])
        }
        countries = DemoPlace.countries.map { raw.id(of: $0.code, in: .country) }
        cities = DemoPlace.countries.map { country in
            country.cities.map { pairs([.region: $0.region, .city: $0.city]) }
        }
        languages = DemoPlace.countries.map { $0.languages.map { raw.id(of: $0, in: .language) } }
        currencies = DemoPlace.countries.map { raw.id(of: $0.currency, in: .currency) }
        hostname = raw.id(of: traffic.hostname, in: .hostname)
        view = raw.id(of: Fold.pageView, in: .name)
        engagement = raw.id(of: Fold.engagement, in: .name)
    }
}

/// Writes one day's events.
struct DemoWriter {
    let traffic: DemoTraffic
    var raw = RawEvents()
    private var random: DemoRandom
    private let clock: DayClock
    private let starts: DemoClock
    private let sources: DemoChoice
    private var left: Int
    private var sequence: Int64 = 0
    private let stream: Int64
    private let texts: DemoTexts
    private let pages: DemoPages
    private var ids = [UInt32](repeating: 0, count: RawEvents.width)

    init(_ traffic: DemoTraffic, day index: Int) {
        self.traffic = traffic
        let calendar = traffic.calendar
        let day = calendar.days[index]
        clock = traffic.history.clock(of: day)
        random = traffic.random(ofDay: index)
        starts = DemoClock(weekday: day.weekday, isLaunch: index == calendar.launch)
        sources = DemoChoice(DemoSource.all.map { calendar.weight(of: $0, on: index) })
        left = calendar.events[index]
        stream = Int64(bitPattern: random.next())
        var raw = RawEvents()
        raw.reserveCapacity(left * 3 / 2)
        texts = DemoTexts(traffic, &raw)
        pages = traffic.pages
        self.raw = raw
    }

    mutating func writeAll() {
        while left > 0 { writeVisitor() }
    }

    /// A visitor's visits of the day; one in seven comes again.
    private mutating func writeVisitor() {
        var source = sources.pick(&random)
        let visitor = traffic.visitor(mobile: DemoSource.all[source].mobile, &random)
        set(visitor)
        var second = Double(starts.pick(&random))
        while true {
            set(texts.sources[source])
            second = writeVisit(visitor, DemoSource.all[source].entry, from: second)
            guard left > 0, random.happens(perMille: 140) else { return }
            second += 2_400 + random.waiting() * 7_200
            guard second < 86_000 else { return }
            // Who knows the way comes directly, mostly.
            if random.happens(perMille: 700) { source = 0 }
        }
    }

    /// - Returns: the second at which it ended
    private mutating func writeVisit(
        _ visitor: DemoVisitor, _ entry: DemoSource.Entry, from start: Double
    ) -> Double {
        var second = start
        var page: Int?
        var views = 0
        while left > 0 {
            let current = traffic.page(after: page, entry, &random)
            page = current
            views += 1
            let attention = traffic.attention(current)
            let wait = random.waiting()
            let looked = min(attention.seconds * wait, 1_200) + 0.4
            var event = event(visitor, at: second)
            event.scrollDepth = depth(attention.isLong, wait)
            let goesOn = traffic.goesOn(from: current, views: views, &random)
            // The last is told by an engagement: so it is known how long it was looked at.
            if goesOn { event.engagementMilliseconds = Int32(looked * 1_000) }
            append(event, name: texts.view, page: current)
            second += looked
            writeActions(visitor, on: current, at: second - 0.2)
            guard goesOn, left > 0, second < 86_399 else {
                if second < 86_399 {
                    var last = self.event(visitor, at: second)
                    last.engagementMilliseconds = Int32(looked * 1_000)
                    append(last, name: texts.engagement, page: current, isCounted: false)
                }
                return second
            }
            second = min(second + 0.3 + random.waiting() * 4, 86_399)
        }
        return second
    }

    /// What is done on a page besides reading it.
    private mutating func writeActions(_ visitor: DemoVisitor, on page: Int, at second: Double) {
        func chance(_ perMille: Int) -> Bool {
            left > 0 && second < 86_399 && random.happens(perMille: perMille)
        }
        switch pages.all[page].section {
        case .welcome:
            if chance(920) {
                let plan = ["free", "free", "free", "pro", "pro", "team"][random.below(6)]
                let method = ["email", "email", "google", "github"][random.below(4)]
                append(
                    event(visitor, at: second), name: raw.id(of: "Signup", in: .name), page: page,
                    [raw.property("plan", plan), raw.property("method", method)])
            }
        case .thanks:
            if chance(970) { writePurchase(visitor, page, second) }
        case .download:
            if chance(480) {
                let file = ["notes-2.0-setup.exe", "notes-2.0.dmg", "notes-2.0.deb"][random.below(3)]
                append(
                    event(visitor, at: second), name: raw.id(of: "File Download", in: .name), page: page,
                    [raw.property("url", "https://\(traffic.hostname)/files/\(file)")])
            }
        case .post, .docs:
            if chance(28) {
                let link = DemoWriter.links[random.below(DemoWriter.links.count)]
                append(
                    event(visitor, at: second), name: raw.id(of: "Outbound Link: Click", in: .name),
                    page: page,
                    [raw.property("url", link)])
            }
        default: break
        }
    }

    private mutating func writePurchase(_ visitor: DemoVisitor, _ page: Int, _ second: Double) {
        var event = event(visitor, at: second)
        var amount: Int64 = 0
        for _ in 0...random.below(3) {
            amount += pages.all[pages.pick(.product, &random)].price
        }
        event.revenue = amount
        ids[Int(Column.currency.rawValue)] = texts.currencies[visitor.country]
        let method = ["card", "card", "card", "paypal", "invoice"][random.below(5)]
        append(
            event, name: raw.id(of: "Purchase", in: .name), page: page, [raw.property("method", method)])
        ids[Int(Column.currency.rawValue)] = 0
    }

    private static let links = [
        "https://commonmark.example/spec", "https://paper.example/weights", "https://weeknotes.example/tools",
        "https://github.com/topics/notes", "https://stationery.example/best-notebooks",
    ]

    /// Who reads long gets far; a long page's end is reached by one in four.
    private mutating func depth(_ isLong: Bool, _ wait: Double) -> Int16 {
        if !isLong { return Int16(70 + random.below(31)) }
        if wait < 0.15 { return Int16(6 + random.below(30)) }
        if random.happens(perMille: 240) { return 100 }
        return Int16(min(20 + Int(wait * 30) + random.below(45), 100))
    }

    // MARK: Rows

    private mutating func event(_ visitor: DemoVisitor, at second: Double) -> RawEvents.Event {
        sequence += 1
        // A day with an hour more, or less, is stretched to fit.
        let length = Double(clock.end - clock.start) / 86_400
        return RawEvents.Event(
            time: clock.start * 1_000_000 + Int64(second * length * 1_000_000), visitor: visitor.hash,
            stream: stream,
            sequence: sequence)
    }

    private mutating func append(
        _ event: RawEvents.Event, name: UInt32, page: Int, _ properties: [RawEvents.Property] = [],
        isCounted: Bool = true
    ) {
        ids[Int(Column.name.rawValue)] = name
        ids[Int(Column.hostname.rawValue)] = texts.hostname
        ids[Int(Column.page.rawValue)] = texts.pages[page].path
        ids[Int(Column.title.rawValue)] = texts.pages[page].title
        raw.append(event, ids: ids, properties: properties)
        if isCounted { left -= 1 }
    }

    private mutating func set(_ visitor: DemoVisitor) {
        ids[Int(Column.country.rawValue)] = texts.countries[visitor.country]
        ids[Int(Column.language.rawValue)] = texts.languages[visitor.country][visitor.language]
        set(texts.cities[visitor.country][visitor.city])
        set(texts.devices[visitor.device])
    }

    private mutating func set(_ pairs: [DemoTexts.Pair]) {
        for (column, id) in pairs { ids[column] = id }
    }
}
