import Days
import Testing

@testable import Stats

struct VisitTests {
    private static let half: Int64 = 30 * 60

    @Test func `nobody makes an empty block`() {
        let (block, dropped) = Fold.fold(RawEvents(), clock: Happening.clock)
        #expect(block == Block(day: Happening.clock.day, start: Happening.clock.start))
        #expect(dropped == 0)
    }

    @Test func `a visit goes on after thirty minutes of silence`() {
        let (visits, _) = folded([Happening(at: 0), Happening("pageview", "/b", at: Self.half)])
        #expect(
            visits == [
                Told(
                    seconds: 1_800, bounced: false, entry: "/", exit: "/b",
                    events: [
                        .init(name: "pageview", page: "/", at: 0),
                        .init(name: "pageview", page: "/b", at: 1_800),
                    ])
            ])
    }

    @Test func `a visit ends after a microsecond more`() {
        let (visits, _) = folded([
            Happening(at: 0), Happening("pageview", "/b", at: Self.half, microseconds: 1),
        ])
        #expect(
            visits == [
                Told(
                    bounced: true, entry: "/", exit: "/", events: [.init(name: "pageview", page: "/", at: 0)]),
                Told(
                    bounced: true, entry: "/b", exit: "/b",
                    events: [.init(name: "pageview", page: "/b", at: 1_800)]),
            ])
    }

    @Test(arguments: [
        (["pageview"], true), (["Signup"], true), (["pageview", "pageview"], false),
        (["pageview", "Signup"], false),
        (["Signup", "Signup"], false), (["pageview", "Seen"], true), (["Seen", "Seen", "pageview"], true),
        (["Seen"], true), (["Seen", "Signup", "pageview"], false),
    ]) func `a visit bounces with one page view or interactive event at most`(names: [String], bounces: Bool)
    {
        let (visits, _) = folded(
            names.enumerated().map { index, name in
                Happening(name, at: Int64(index)).changed { $0.interactive = name != "Seen" }
            })
        #expect(visits.map(\.bounced) == [bounces])
    }

    @Test func `a visit without a page view has no entry and no exit`() {
        let (visits, _) = folded([Happening("Signup", "/join", at: 5)])
        #expect(visits == [Told(bounced: true, events: [.init(name: "Signup", page: "/join", at: 5)])])
    }

    @Test func `entry and exit are page views, not other events`() {
        let (visits, _) = folded([
            Happening("Seen", "/a", at: 0), Happening("pageview", "/b", at: 1),
            Happening("pageview", "/c", at: 2),
            Happening("Signup", "/d", at: 3),
        ])
        #expect(visits.map(\.entry) == ["/b"])
        #expect(visits.map(\.exit) == ["/c"])
    }

    @Test func `what a visit has is what its first event says`() {
        let first = Happening(at: 0).with([.source: "Google", .country: "DE", .title: "Home"])
        let second = Happening("pageview", "/b", at: 5).with([
            .source: "Stripe", .country: "FR", .title: "Other",
        ])
        let (block, _) = Fold.fold(RawEvents([second, first]), clock: Happening.clock)
        #expect(block.dictionary(of: .source) == ["Google"])
        #expect(block.dictionary(of: .country) == ["DE"])
        #expect(block.dictionary(of: .title) == ["Home", "Other"])
        #expect(block.numbers(of: .title) == [0, 1])
    }

    @Test func `durations are cut to whole seconds`() {
        let (visits, _) = folded([
            Happening(at: 10, microseconds: 900_000), Happening(at: 12, microseconds: 899_999),
        ])
        #expect(visits.map(\.seconds) == [1])
        #expect(visits.map { $0.events.map(\.at) } == [[10, 12]])
    }

    @Test func `what was before midnight counts as midnight`() {
        let (visits, _) = folded([Happening(at: -3, microseconds: 500_000), Happening(at: 2)])
        #expect(visits.map { $0.events.map(\.at) } == [[0, 2]])
        #expect(visits.map(\.seconds) == [4])
    }

    @Test func `what comes twice counts once`() {
        let view = Happening(at: 0).changed { $0.sequence = 7 }
        let engagement = Happening.engagement(at: 3, milliseconds: 500).changed { $0.sequence = 8 }
        let other = Happening(at: 0).changed { $0.sequence = 7 }.changed { $0.stream = 2 }
        let (visits, dropped) = folded([view, engagement, view, other, engagement, view])
        #expect(visits.map { $0.events.map(\.engagement) } == [[0, 500]])
        #expect(dropped == 0)
    }

    @Test func `visitors stand in the order of their first event, visits by visitor and time`() {
        let (visits, _) = folded([
            Happening("pageview", "/c", at: 9_000, by: 5), Happening("pageview", "/b", at: 20, by: -7),
            Happening("pageview", "/a", at: 10, by: 5), Happening("pageview", "/d", at: 20, by: 900),
            // It opens no visit, and so numbers nobody.
            .engagement(at: 1, by: 900),
        ])
        #expect(visits.map(\.visitor) == [0, 0, 1, 2])
        #expect(visits.map(\.entry) == ["/a", "/c", "/b", "/d"])
    }

    @Test func `events at the same instant stand by stream, then by sequence`() {
        let events = ([(2, 1), (1, 9), (1, 8)] as [(Int64, Int64)]).map { stream, sequence in
            Happening("pageview", "/\(stream)/\(sequence)").changed { event in
                event.stream = stream
                event.sequence = sequence
            }
        }
        #expect(folded(events).visits.map { $0.events.map(\.page) } == [["/1/8", "/1/9", "/2/1"]])
    }

    @Test func `the last page view of a visit is its exit`() {
        let (block, _) = Fold.fold(
            RawEvents([
                Happening(at: 0), Happening("Signup", at: 1), Happening(at: 2), Happening("Signup", at: 3),
                Happening("Signup", at: 9_000),
            ]), clock: Happening.clock)
        #expect(block.kinds == [.pageView, [], [.pageView, .exit], [], []])
        #expect(block.pageViews == [2, 0])
    }

    @Test func `money goes with its event and currency`() {
        let (block, dropped) = Fold.fold(
            RawEvents([
                Happening("Buy", at: 5).with([.currency: "USD"]).changed { $0.revenue = -1_500_000 },
                Happening(at: 0).with([.currency: "EUR"]).changed { $0.revenue = 20_000_000 },
                Happening(at: 1).with([.currency: "CHF"]),
                Happening.engagement(at: 6).with([.currency: "GBP"]).changed { $0.revenue = 1 },
            ]), clock: Happening.clock)
        #expect(block.dictionary(of: .currency) == ["EUR", "USD"])
        #expect(
            block.revenues == [
                .init(event: 0, currency: 0, amount: 20_000_000),
                .init(event: 2, currency: 1, amount: -1_500_000),
            ])
        #expect(block.numbers(of: .currency) == [])
        #expect(dropped == 0)
    }

    @Test func `properties go by key, those of engagements are left out, and the last of a key counts`() {
        let (block, _) = Fold.fold(
            RawEvents([
                Happening(at: 0).with([:], properties: [("plan", "b"), ("author", "Ada"), ("plan", "a")]),
                Happening(at: 1), Happening(at: 2).with([:], properties: [("plan", "")]),
                Happening.engagement(at: 3).with([:], properties: [("none", "x")]),
            ]), clock: Happening.clock)
        #expect(
            block.properties == [
                .init(key: "author", events: [0], values: [0], dictionary: ["Ada"]),
                .init(key: "plan", events: [0, 2], values: [1, 0], dictionary: ["", "a"]),
            ])
    }
}
