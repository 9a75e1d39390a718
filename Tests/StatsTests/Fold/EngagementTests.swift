import Testing

@testable import Stats

struct EngagementTests {
    @Test func `an engagement without a visit opens none and is counted`() {
        let (visits, dropped) = folded([.engagement(at: 5), .engagement(at: 6)])
        #expect(visits == [])
        #expect(dropped == 2)
    }

    @Test func `an engagement keeps a visit alive`() {
        let (visits, dropped) = folded([
            Happening(at: 0), .engagement(at: 1_500), Happening("pageview", "/b", at: 3_000),
        ])
        #expect(visits.map(\.seconds) == [3_000])
        #expect(visits.map(\.bounced) == [false])
        #expect(dropped == 0)
    }

    @Test func `an engagement after the silence is dropped, and prolongs nothing`() {
        let (visits, dropped) = folded([
            Happening(at: 0), .engagement(at: 1_801), Happening("pageview", "/b", at: 1_802),
        ])
        #expect(visits.map(\.entry) == ["/", "/b"])
        #expect(visits.map(\.seconds) == [0, 0])
        #expect(visits.map { $0.events.map(\.engagement) } == [[0], [0]])
        #expect(dropped == 1)
    }

    @Test func `a visit lasts until its last engagement`() {
        #expect(folded([Happening(at: 10), .engagement(at: 70)]).visits.map(\.seconds) == [60])
    }

    @Test func `milliseconds add and the deepest depth stays`() {
        let (visits, _) = folded([
            Happening(at: 0), .engagement(at: 5, milliseconds: 4_000, depth: 40),
            .engagement(at: 9, milliseconds: 300, depth: 90), .engagement(at: 12, milliseconds: 0, depth: 60),
        ])
        #expect(
            visits.map(\.events) == [
                [.init(name: "pageview", page: "/", at: 0, engagement: 4_300, depth: 90)]
            ])
    }

    @Test func `an engagement belongs to the latest page view of its page before it`() {
        let (visits, dropped) = folded([
            Happening("pageview", "/a", at: 0), Happening("pageview", "/a", at: 10),
            Happening("pageview", "/b", at: 20),
            Happening("Signup", "/a", at: 25), .engagement("/a", at: 30, milliseconds: 7),
            Happening("pageview", "/a", at: 40), .engagement("/b", at: 50, milliseconds: 8),
        ])
        #expect(visits.map { $0.events.map(\.engagement) } == [[0, 7, 8, 0, 0]])
        #expect(dropped == 0)
    }

    @Test
    func
        `an engagement of another host's page, or of a page that was not viewed, only keeps the visit alive`()
    {
        let (visits, dropped) = folded([
            Happening("pageview", "/a", at: 0), .engagement("/b", at: 10, depth: 5),
            .engagement("/a", at: 20, depth: 5).with([.hostname: "other.example"]),
        ])
        #expect(
            visits == [
                Told(
                    seconds: 20, bounced: true, entry: "/a", exit: "/a",
                    events: [.init(name: "pageview", page: "/a", at: 0)])
            ])
        #expect(dropped == 2)
    }

    @Test func `an engagement finds its page view among any number of events`() {
        var events = (0..<40).map { Happening("pageview", "/\($0)", at: Int64($0)) }
        events += (0..<40).map { Happening("Signup", "/x", at: 50 + Int64($0)) }
        events += (0..<40).map { .engagement("/\($0)", at: 100, milliseconds: Int32($0 + 1)) }
        events += [Happening("pageview", "/3", at: 101), .engagement("/3", at: 102, milliseconds: 1_000)]
        events += [.engagement("/none", at: 103), .engagement("/4", at: 104, milliseconds: 1_000)]
        let (visits, dropped) = folded(events)
        var expected = (1...40).map { $0 } + Array(repeating: 0, count: 40) + [1_000]
        expected[4] += 1_000
        #expect(visits.map { $0.events.map(\.engagement) } == [expected])
        #expect(dropped == 1)
    }

    @Test func `a page view may tell its own engagement`() {
        let (block, _) = Fold.fold(
            RawEvents([
                Happening(at: 0).changed { $0.engagementMilliseconds = 20 },
                .engagement(at: 1, milliseconds: 5),
                Happening(at: 2).changed { $0.scrollDepth = 300 },
                Happening(at: 3).changed { $0.scrollDepth = -1 },
                Happening("Signup", at: 4).changed { event in
                    event.engagementMilliseconds = 9
                    event.scrollDepth = 9
                },
                Happening(at: 5).changed { $0.engagementMilliseconds = -9 },
            ]), clock: Happening.clock)
        #expect(block.engagement == [25, 0, 0, 0, 0])
        #expect(block.depth == [255, 100, 255, 255, 255])
        #expect(block.kinds == [[.pageView, .engaged], .pageView, .pageView, [], [.pageView, .exit]])
    }

    @Test func `milliseconds stop at the largest number`() {
        let events = [Happening(at: 0)] + (1...3).map { .engagement(at: $0, milliseconds: .max) }
        #expect(folded(events).visits.map { $0.events.map(\.engagement) } == [[Int(UInt32.max)]])
    }
}
