import Days
import Testing

@testable import Stats

/// An open day answers as if all of it had just been folded, however it came.
struct OpenDayTests {
    private let clock = ZoneHistory(Zone.named("Europe/Berlin")!).clock(of: Day("2026-11-21")!)

    /// Traffic of a day in the order of arrival: visitors come back, now and then an hour later; some only tell that they
    /// are still there.
    private func events(_ count: Int, seed: UInt64) -> [(RawEvents.Event, [Column: String])] {
        var random = Sequence64(seed)
        return (0..<count).map { index in
            let visitor = Int64(random.next(below: UInt64(count / 3 + 1)))
            var event = RawEvents.Event(
                time: clock.start * 1_000_000 + Int64(index) * 40_000_000
                    + Int64(random.next(below: 90_000_000)),
                visitor: visitor &* 0x9E37_79B9, stream: Int64(random.next(below: 3)) + 1,
                sequence: Int64(index) + 1)
            let name = ["pageview", "pageview", "pageview", "engagement", "Signup"][
                Int(random.next(below: 5))]
            if name == "engagement" {
                event.engagementMilliseconds = Int32(random.next(below: 60_000))
                if random.next(below: 2) == 0 { event.scrollDepth = Int16(random.next(below: 101)) }
            }
            if name == "Signup" {
                event.interactive = random.next(below: 2) == 0
                if random.next(below: 2) == 0 { event.revenue = Int64(random.next(below: 5)) * 990_000 }
            }
            // More pages than a byte can number.
            return (
                event,
                [
                    .name: name, .hostname: "example.com",
                    .page: "/\(random.next(below: UInt64(count / 2 + 1)))",
                    .country: ["DE", "FR", ""][Int(visitor % 3)],
                    .currency: event.revenue == nil ? "" : "EUR",
                ]
            )
        }
    }

    private func properties(of event: RawEvents.Event) -> KeyValuePairs<String, String> {
        switch event.sequence % 5 {
        case 0: ["plan": "free"]
        case 1: ["plan": "paid", "seats": "\(event.sequence % 7)"]
        default: [:]
        }
    }

    private func add(_ some: ArraySlice<(RawEvents.Event, [Column: String])>, to day: OpenDay) {
        day.append { raw, vector in
            var vector = vector
            for (event, texts) in some {
                raw.append(event, texts, properties: properties(of: event))
                vector[event.stream] = max(vector[event.stream] ?? 0, event.sequence)
            }
            return vector
        }
    }

    private func answers(_ sources: [Engine.Source]) throws -> [Figures] {
        let span = Span(days: clock.day...clock.day)
        let engine = try Engine(
            questions: [
                Question(span: span, metrics: Metric.all.filter { $0.basis == nil && !$0.needsMoney }),
                Question(
                    span: span, metrics: [.visitors, .visits, .events], dimensions: [.page], limit: 100),
                Question(
                    span: span,
                    filter: .match(.init(.country, .equals, ["DE"])), metrics: [.visitors, .visitDuration],
                    dimensions: [.entryPage], limit: 100),
                Question(span: span, metrics: [.visitors, .pageViews], dimensions: [.hour]),
                Question(
                    span: span, metrics: [.visitors, .events],
                    dimensions: [.property("plan"), .property("seats")],
                    limit: 100),
                Question(span: span, metrics: [.totalRevenue, .bounceRate, .scrollDepth]),
            ], history: ZoneHistory(Zone.named("Europe/Berlin")!))
        var partial = engine.partial()
        for source in sources { try engine.scan(source, into: &partial) }
        return try engine.answers(partial)
    }

    private func answers(_ day: OpenDay, _ dictionaries: SiteDictionaries) throws -> [Figures] {
        let segments = day.segments(dictionaries)
        let scanned = try answers(segments.map { .block($0.block, excluded: $0.excluded) })
        for segment in segments { segment.block.summarize() }
        let summed = try answers(
            segments.map { .block($0.block, summary: $0.block.summary, excluded: $0.excluded) })
        #expect(summed == scanned)
        return scanned
    }

    private func expected(_ some: ArraySlice<(RawEvents.Event, [Column: String])>) throws -> [Figures] {
        var raw = RawEvents()
        for (event, texts) in some { raw.append(event, texts, properties: properties(of: event)) }
        let block = Fold.fold(raw, clock: clock).block
        return try answers([
            .block(LoadedBlock(block, clock: clock, dictionaries: SiteDictionaries()), excluded: nil)
        ])
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `a day that grows answers as one that is folded whole`(seed: UInt64) throws {
        let events = events(1_500, seed: seed)
        let day = OpenDay(clock: clock, since: nil, youngest: 64, growth: 3)
        let dictionaries = SiteDictionaries()
        var random = Sequence64(seed)
        var at = 0
        while at < events.count {
            let next = min(at + 1 + Int(random.next(below: 90)), events.count)
            add(events[at..<next], to: day)
            at = next
            #expect(try answers(day, dictionaries) == expected(events[..<at]))
        }
    }

    @Test func `a large block is to be summed up once, when somebody comes back to it`() {
        func looks(events count: Int) -> [Bool] {
            var block = Fold.fold(RawEvents(), clock: clock).block
            block.kinds = Array(repeating: .pageView, count: count)
            let loaded = LoadedBlock(block, clock: clock, dictionaries: SiteDictionaries())
            return (0..<4).map { _ in loaded.summaryIsDue() }
        }
        #expect(looks(events: LoadedBlock.leastSummarized) == [false, true, false, false])
        #expect(looks(events: LoadedBlock.leastSummarized - 1) == [false, false, false, false])
    }

    @Test func `a look without news answers the same, and what comes twice counts once`() throws {
        let events = events(300, seed: 4)
        let day = OpenDay(clock: clock, since: nil)
        let dictionaries = SiteDictionaries()
        add(events[...], to: day)
        let first = try answers(day, dictionaries)
        #expect(try answers(day, dictionaries) == first)
        add(events[100..<200], to: day)
        #expect(try answers(day, dictionaries) == first)
    }

    @Test(arguments: [0, 1, 250, 700])
    func `a day that was written down and read again goes on as before`(until: Int) throws {
        let events = events(700, seed: 5)
        let day = OpenDay(clock: clock, since: nil, youngest: 64, growth: 3)
        let dictionaries = SiteDictionaries()
        add(events[..<until], to: day)
        _ = day.segments(dictionaries)
        guard let (bytes, vector) = try day.checkpoint(dictionaries) else {
            #expect(until <= 1)
            return
        }
        let again = SiteDictionaries()
        let restored = try restored(bytes, vector, again)
        #expect(restored.rowCount == until)
        #expect(try answers(restored, again) == expected(events[..<until]))
        for at in stride(from: until, to: events.count, by: 45) {
            let next = min(at + 45, events.count)
            add(events[at..<next], to: restored)
            #expect(try answers(restored, again) == expected(events[..<next]))
            #expect(restored.rowCount == next)
        }
        add(events[until...], to: day)
        #expect(try answers(day, dictionaries) == expected(events[...]))
    }

    private func restored(
        _ bytes: [UInt8], _ vector: [Int64: Int64], _ dictionaries: SiteDictionaries
    ) throws -> OpenDay {
        let day = OpenDay(clock: clock, since: nil, youngest: 64, growth: 3)
        day.restore(try Checkpoint(bytes, clock: clock, since: nil), vector: vector, dictionaries)
        return day
    }

    @Test func `a day that was read again is written down with what came since`() throws {
        let events = events(700, seed: 7)
        let day = OpenDay(clock: clock, since: nil, youngest: 64, growth: 3)
        add(events[..<300], to: day)
        let (bytes, vector) = try #require(try day.checkpoint(SiteDictionaries()))
        let dictionaries = SiteDictionaries()
        let restored = try restored(bytes, vector, dictionaries)
        // Some come back, the others' rows stay stored until then.
        add(events[300..<340], to: restored)
        _ = restored.segments(dictionaries)
        let (later, laterVector) = try #require(try restored.checkpoint(dictionaries))
        let again = SiteDictionaries()
        let last = try self.restored(later, laterVector, again)
        #expect(try answers(last, again) == expected(events[..<340]))
        add(events[340...], to: last)
        #expect(try answers(last, again) == expected(events[...]))
    }

    @Test func `a checkpoint with any byte changed is refused, or is read`() throws {
        let events = events(40, seed: 6)
        let day = OpenDay(clock: clock, since: nil)
        add(events[...], to: day)
        let bytes = try #require(try day.checkpoint(SiteDictionaries())).bytes
        for index in bytes.indices {
            var damaged = bytes
            damaged[index] ^= 0x41
            _ = try? Checkpoint(damaged, clock: clock, since: nil)
            _ = try? Checkpoint(Array(bytes[..<index]), clock: clock, since: nil)
        }
        #expect(throws: (any Error).self) { try Checkpoint([], clock: clock, since: nil) }
    }
}

/// Steele, Lea and Flood's SplitMix64.
private struct Sequence64 {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next(below bound: UInt64) -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return (mixed ^ (mixed >> 31)) % bound
    }
}
