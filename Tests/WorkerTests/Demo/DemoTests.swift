import Days
import FoundationEssentials
import Postgres
import Stats
import TestSupport
import Testing

@testable import Ingest
@testable import Worker

@Suite struct DemoTests {
    private static func traffic(
        domain: String = "example.com", zone: String = "Europe/Berlin", days: Int = 35, events: Int = 30_000,
        seed: UInt64 = 1
    ) -> DemoTraffic {
        DemoTraffic(
            domain: domain, history: ZoneHistory(Zone.named(zone)!), last: Day("2026-11-15")!, days: days,
            events: events, seed: seed)
    }

    private static func blocks(_ traffic: DemoTraffic) -> [Block] {
        traffic.calendar.days.indices.map { index in
            Fold.fold(
                traffic.events(onDay: index), clock: traffic.history.clock(of: traffic.calendar.days[index])
            ).block
        }
    }

    @Test func `one seed makes the same traffic always, another another`() {
        let blocks = Self.blocks(Self.traffic())
        #expect(Self.blocks(Self.traffic()) == blocks)
        #expect(Self.blocks(Self.traffic(seed: 2))[0] != blocks[0])
        #expect(Self.blocks(Self.traffic(domain: "example.org"))[0].time != blocks[0].time)
    }

    @Test(arguments: [(1, 1), (1, 1_000), (13, 7), (35, 30_000), (400, 40_001)])
    func `there are exactly as many events as were asked for`(days: Int, events: Int) {
        let blocks = Self.blocks(Self.traffic(days: days, events: events))
        #expect(blocks.count == days)
        #expect(blocks.reduce(0) { $0 + $1.eventCount } == events)
    }

    @Test func `weekends are quiet, and the day of the launch is the busiest`() throws {
        let calendar = Self.traffic(days: 70).calendar
        let launch = try #require(calendar.launch)
        #expect(calendar.days[launch].weekday == 2)
        #expect(calendar.events.max() == calendar.events[launch])
        for (index, day) in calendar.days.enumerated() where day.weekday == 6 && index > 3 && index != launch
        {
            #expect(calendar.events[index] < calendar.events[index - 3])
        }
        #expect(calendar.events.suffix(7).reduce(0, +) > calendar.events.prefix(7).reduce(0, +))
        #expect(Self.traffic(days: 13).calendar.launch == nil)
    }

    @Test(arguments: ["Europe/Berlin", "Asia/Tokyo", "America/St_Johns"])
    func `nights are quiet in the site's own zone`(zone: String) {
        let traffic = Self.traffic(zone: zone)
        var hours = [Int](repeating: 0, count: 24)
        for (index, block) in Self.blocks(traffic).enumerated() {
            let clock = traffic.history.clock(of: traffic.calendar.days[index])
            for time in block.time { hours[clock.shown(after: Int(time)) / 3_600] += 1 }
        }
        #expect(hours[2...4].reduce(0, +) * 4 < hours[9...11].reduce(0, +))
    }

    @Test func `every event is of its day, also when a clock is changed`() {
        let traffic = Self.traffic()
        for index in traffic.calendar.days.indices {
            let clock = traffic.history.clock(of: traffic.calendar.days[index])
            let raw = traffic.events(onDay: index)
            let times = raw.events.map(\.time)
            #expect(times.allSatisfy { clock.start * 1_000_000 <= $0 && $0 < clock.end * 1_000_000 })
            #expect(Set(raw.events.map(\.sequence)).count == raw.count)
            #expect(Fold.fold(raw, clock: clock).dropped == 0)
        }
    }

    @Test func `it looks like life`() {
        let blocks = Self.blocks(Self.traffic(days: 20, events: 40_000))
        func sum(_ value: (Block) -> Int) -> Double { Double(blocks.reduce(0) { $0 + value($1) }) }
        let visits = sum(\.visitCount)
        let bounces = sum { $0.bounced.reduce(0) { $0 + Int($1) } }
        let views = sum { $0.pageViews.reduce(0) { $0 + Int($1) } }
        #expect((0.35...0.65).contains(bounces / visits))
        #expect((1.8...4).contains(views / visits))
        #expect(sum(\.visitorCount) < visits)
        #expect((30...300).contains(sum { $0.duration.reduce(0) { $0 + Int($1) } } / visits))
        let names = Set(blocks.flatMap { $0.dictionaries[Int(Column.name.rawValue)] })
        #expect(names == ["pageview", "Signup", "Purchase", "File Download", "Outbound Link: Click"])
        #expect(blocks.contains { !$0.revenues.isEmpty })
        let keys = Set(blocks.flatMap { $0.properties.map(\.key) })
        #expect(keys == ["plan", "method", "url"])
    }

    @Test(arguments: DemoSource.all.indices)
    func `sources and channels are those that the collector would find`(row: Int) {
        let source = DemoSource.all[row]
        var found = Source.of(referrer: source.referrer)
        if !source.tags[0].isEmpty { found = .of(tag: source.tags[0]) }
        let channel = Channel.name(
            for: Channel.Signs(source: found, medium: source.tags[1], campaign: source.tags[2]))
        #expect([found.name, channel] == [source.name, source.channel])
        #expect(Referrer.cleaned("https://\(source.referrer)", ownHost: "example.com") == source.referrer)
    }

    @Test func `devices are those that the collector knows`() {
        let browsers = Set(BrowserWords.all.map(\.name))
        let systems = Set(SystemWords.all.map(\.name))
        for device in DemoDevice.all {
            #expect(browsers.contains(device.browser))
            #expect(systems.contains(device.os))
            #expect(UserAgent.Device(rawValue: device.device) != nil)
            #expect(["Mobile", "Tablet", "Laptop", "Desktop"].contains(device.viewport))
        }
        #expect(DemoPlace.countries.allSatisfy { $0.code.utf8.count == 2 && !$0.cities.isEmpty })
    }

    @Test func `paths and titles belong together, and none is there twice`() {
        let pages = DemoPages(name: "Example")
        #expect(Set(pages.all.map(\.path)).count == pages.all.count)
        #expect(Set(pages.all.map(\.title)).count == pages.all.count)
        #expect(pages.all.allSatisfy { $0.path.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } })
        #expect(pages.bySection.allSatisfy { !$0.isEmpty })
    }

    @Test func `a choice is as frequent as its weight`() {
        let choice = DemoChoice([0, 1, 3, 6])
        var random = DemoRandom(seed: 7, stream: 0)
        var counts = [0, 0, 0, 0]
        for _ in 0..<100_000 { counts[choice.pick(&random)] += 1 }
        #expect(counts[0] == 0)
        #expect(abs(counts[1] - 10_000) < 600 && abs(counts[2] - 30_000) < 1_000)
        let waits = (0..<100_000).map { _ in random.waiting() }
        #expect(abs(waits.reduce(0, +) / 100_000 - 1) < 0.02)
    }
}
