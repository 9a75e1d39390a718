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
            if name == "engagement" { event.engagementMilliseconds = Int32(random.next(below: 60_000)) }
            return (
                event,
                [
                    .name: name, .hostname: "example.com", .page: "/\(random.next(below: 20))",
                    .country: ["DE", "FR", ""][Int(visitor % 3)],
                ]
            )
        }
    }

    private func add(_ some: ArraySlice<(RawEvents.Event, [Column: String])>, to day: OpenDay) {
        day.append { raw, vector in
            var vector = vector
            for (event, texts) in some {
                raw.append(event, texts)
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
            ], history: ZoneHistory(Zone.named("Europe/Berlin")!))
        var partial = engine.partial()
        for source in sources { try engine.scan(source, into: &partial) }
        return try engine.answers(partial)
    }

    private func answers(_ day: OpenDay, _ dictionaries: SiteDictionaries) throws -> [Figures] {
        try answers(day.segments(dictionaries).map { .block($0.block, excluded: $0.excluded) })
    }

    private func expected(_ some: ArraySlice<(RawEvents.Event, [Column: String])>) throws -> [Figures] {
        var raw = RawEvents()
        for (event, texts) in some { raw.append(event, texts) }
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
        guard let (checkpoint, vector) = day.checkpoint(dictionaries) else {
            #expect(until <= 1)
            return
        }
        let read = try Checkpoint(try checkpoint.encoded(clock: clock, since: nil), clock: clock, since: nil)
        let again = SiteDictionaries()
        let restored = OpenDay(read, vector: vector, clock: clock, since: nil, again)
        #expect(try answers(restored, again) == expected(events[..<until]))
        add(events[until...], to: restored)
        add(events[until...], to: day)
        #expect(try answers(restored, again) == expected(events[...]))
        #expect(try answers(day, dictionaries) == expected(events[...]))
    }

    @Test func `a checkpoint with any byte changed is refused, or is read`() throws {
        let events = events(40, seed: 6)
        let day = OpenDay(clock: clock, since: nil)
        add(events[...], to: day)
        let bytes = try day.checkpoint(SiteDictionaries())!.checkpoint.encoded(clock: clock, since: nil)
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
