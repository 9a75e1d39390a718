import Days

/// Reads what ``CoreCoding`` wrote.
///
/// Each step reads planes, checks them, and goes once over the visits and their events.
struct CoreReading {
    private var block: Block
    /// By ``Column``: of how many texts.
    private let counts: [Int]
    private let isFirstVisit: [UInt8]
    /// How many page views come after one that tells when to expect them.
    private var expecting = 0
    /// Seconds from the start of each visit.
    private var expectedDuration: [Int64] = []

    /// - Parameter wanted: beside ``ColumnGroup/core``, and with what they are written with. The rest is passed over.
    static func block(
        _ planes: inout PlaneReader, _ wanted: ColumnGroup = .ofCore
    ) throws(BlockDamage) -> Block {
        let groups = wanted.complete.intersection(.ofCore).union(.core)
        var reading = try CoreReading(&planes, groups)
        try planes.readColumns(ofEvents: .ofCore, groups, reading.counts, into: &reading.block)
        try reading.readViews(&planes)
        if groups.contains(.times) {
            (reading.block.time, reading.expectedDuration) = try reading.times(&planes)
            try reading.readDurations(&planes)
        } else {
            try reading.skipTimes(&planes)
        }
        try reading.readBounces(&planes)
        try planes.readColumns(ofVisits: .ofCore, groups, reading.counts, into: &reading.block)
        try reading.readRevenues(&planes)
        return reading.block
    }

    private init(_ planes: inout PlaneReader, _ groups: ColumnGroup) throws(BlockDamage) {
        block = Block(day: Day(rawValue: try planes.integer()), start: try planes.integer())
        block.groups = groups
        let visits = try planes.count(upTo: BlockFile.maximumEvents)
        let events = try planes.count(upTo: BlockFile.maximumEvents)
        counts = try planes.read(dictionariesOf: .ofCore, groups, into: &block.dictionaries)
        isFirstVisit = try planes.bits(visits)
        let more = try planes.numbers(visits)
        var visitor = [UInt32](repeating: 0, count: visits)
        var firstEvent = [UInt32](repeating: 0, count: visits + 1)
        var (visitors, event) = (0, 0)
        for visit in 0..<visits {
            visitors &+= Int(isFirstVisit[visit])
            event &+= Int(more[visit]) &+ 1
            guard visitors > 0, event <= events else {
                throw BlockDamage("A visit has no visitor, or more events than there are.")
            }
            visitor[visit] = UInt32(visitors - 1)
            firstEvent[visit + 1] = UInt32(event)
        }
        guard event == events else { throw BlockDamage("Events belong to no visit.") }
        block.visitorCount = visitors
        block.visitor = visitor
        block.firstEvent = firstEvent
        block.kinds = Array(repeating: [], count: events)
    }

    // MARK: Page views

    private mutating func readViews(_ planes: inout PlaneReader) throws(BlockDamage) {
        let allMarks = try marks(&planes)
        let marks = allMarks.span
        var count = 0
        for event in marks.indices { count &+= Int(marks[event]) }
        let allTold = try planes.numbers(count)
        let told = allTold.span
        var engagedCount = 0
        for view in told.indices { engagedCount &+= told[view] > 0 ? 1 : 0 }
        let depths = try planes.take(count)
        var worst: UInt8 = 0
        for depth in depths { worst = max(worst, depth &+ 1) }
        guard worst <= 101 else { throw BlockDamage("A page was read to more than its end.") }

        // Loops without branches: which events are page views, and which of them were engaged, nobody can
        // predict.
        var allEvents = [UInt32](repeating: 0, count: count + 1)
        var allBefore = [UInt32](repeating: 0, count: marks.count + 1)
        Self.number(marks, &allEvents, &allBefore)
        let (events, viewsBefore) = (allEvents.span, allBefore.span)
        var kinds = [Block.Kinds](repeating: [], count: marks.count)
        block.engagement = Array(repeating: 0, count: marks.count)
        block.depth = Array(repeating: Block.unknownDepth, count: marks.count)
        Self.spread(told, depths, engaged: engagedCount, events, &kinds, &block.engagement, &block.depth)

        let visits = block.visitCount
        var pageViews = [UInt32](repeating: 0, count: visits)
        var entryPage = [UInt16](repeating: Block.none, count: visits)
        var exitPage = entryPage
        let (allPages, allFirst) = (block.numbers(of: .page), block.firstEvent)
        let (pages, firstEvent) = (allPages.span, allFirst.span)
        var expecting = engagedCount
        var first = 0
        for visit in 0..<visits {
            let end = Int(viewsBefore[Int(firstEvent[visit + 1])])
            defer { first = end }
            guard first < end else { continue }
            let exit = Int(events[end - 1])
            pageViews[visit] = UInt32(truncatingIfNeeded: end - first)
            entryPage[visit] = pages[Int(events[first])]
            exitPage[visit] = pages[exit]
            kinds[exit].insert(.exit)
            // Nobody expects a page view after the last.
            expecting -= told[end - 1] > 0 ? 1 : 0
        }
        self.expecting = expecting
        block.kinds = kinds
        (block.pageViews, block.entryPage, block.exitPage) = (pageViews, entryPage, exitPage)
    }

    /// - Parameters:
    ///   - allEvents: gets the event of each page view.
    ///   - allBefore: gets of each event how many page views come before it.
    private static func number(
        _ marks: Swift.Span<UInt8>, _ allEvents: inout [UInt32], _ allBefore: inout [UInt32]
    ) {
        var events = allEvents.mutableSpan
        var before = allBefore.mutableSpan
        var view = 0
        for event in marks.indices {
            events[view] = UInt32(truncatingIfNeeded: event)
            before[event] = UInt32(truncatingIfNeeded: view)
            view &+= Int(marks[event])
        }
        before[marks.count] = UInt32(truncatingIfNeeded: view)
    }

    /// What page views tell, to their events.
    ///
    /// - Parameter depths: those of page views with an engagement come first; `engaged` of them.
    private static func spread(
        _ told: Swift.Span<UInt32>, _ depths: UnsafeRawBufferPointer, engaged: Int,
        _ events: Swift.Span<UInt32>,
        _ allKinds: inout [Block.Kinds], _ allEngagement: inout [UInt32], _ allDepths: inout [UInt8]
    ) {
        var kinds = allKinds.mutableSpan
        var engagement = allEngagement.mutableSpan
        var depth = allDepths.mutableSpan
        var (next, other) = (0, engaged)
        for view in told.indices {
            let event = Int(events[view])
            let isEngaged = told[view] > 0 ? 1 : 0
            engagement[event] = told[view]
            kinds[event] = Block.Kinds(rawValue: UInt8(truncatingIfNeeded: 1 &+ 4 &* isEngaged))
            depth[event] = depths[isEngaged == 1 ? next : other]
            next &+= isEngaged
            other &+= 1 &- isEngaged
        }
    }

    /// 1 for each event that is a page view.
    private func marks(_ planes: inout PlaneReader) throws(BlockDamage) -> [UInt8] {
        switch CoreCoding.Marks(rawValue: try planes.integer()) {
        case .byName:
            let name =
                block.dictionary(of: .name).firstIndex(of: Fold.pageView).map { UInt16($0) } ?? Block.none
            let names = block.numbers(of: .name)
            return [UInt8](unsafeUninitializedCapacity: names.count) { marks, filled in
                for event in 0..<names.count { marks[event] = names[event] == name ? 1 : 0 }
                filled = names.count
            }
        case .bits: return try planes.bits(block.eventCount)
        case nil: throw BlockDamage("Page views are marked in an unknown way.")
        }
    }

    // MARK: Times

    /// Of each event; and how long visits would last if nothing else were known.
    private func times(_ planes: inout PlaneReader) throws(BlockDamage) -> (
        times: [UInt32], durations: [Int64]
    ) {
        let first = try planes.numbers(block.visitorCount)
        let further = try planes.numbers(block.visitCount - block.visitorCount)
        let steps = try planes.numbers(block.eventCount - block.visitCount - expecting) + [0]
        let differences = try planes.longNumbers(expecting, upTo: 1 << 34) + [0]
        var times = [UInt32](repeating: 0, count: block.eventCount)
        var durations = [Int64](repeating: 0, count: block.visitCount)
        let kinds = block.kinds.span
        let engagement = block.engagement.span
        let firstEvent = block.firstEvent.span
        // Sums of five million of the largest steps do not overflow.
        var (firstStart, start, last): (Int64, Int64, Int64) = (0, 0, 0)
        var (visitor, other, nextStep, nextDifference) = (0, 0, 0, 0)
        var least: Int64 = 0
        for visit in durations.indices {
            if isFirstVisit[visit] == 1 {
                firstStart &+= Int64(first[visitor])
                visitor &+= 1
                start = firstStart
            } else {
                start &+= Int64(further[other])
                other &+= 1
            }
            var (time, expected, end): (Int64, Int64, Int64) = (start, 0, 0)
            var (isFirst, isExpecting) = (true, false)
            for event in Int(firstEvent[visit])..<Int(firstEvent[visit + 1]) {
                let isView = kinds[event].contains(.pageView)
                if !isFirst {
                    // Again without a branch; behind the last of both there is one more.
                    let isExpected = isView && isExpecting
                    let difference = ZigZag.decoded(differences[nextDifference])
                    let step = isExpected ? max(expected &- time, 0) &+ difference : Int64(steps[nextStep])
                    time &+= step
                    least = min(least, step)
                    nextDifference &+= isExpected ? 1 : 0
                    nextStep &+= isExpected ? 0 : 1
                }
                isFirst = false
                times[event] = UInt32(truncatingIfNeeded: time)
                let milliseconds = engagement[event]
                let until = time &+ Int64(milliseconds / 1_000)
                end = isView ? until : end
                expected = isView ? until : expected
                isExpecting = isView ? milliseconds > 0 : isExpecting
            }
            durations[visit] = max(end, time) &- start
            last = max(last, time)
        }
        guard least >= 0, last <= UInt32.max else { throw BlockDamage("Times do not ascend.") }
        return (times, durations)
    }

    private func skipTimes(_ planes: inout PlaneReader) throws(BlockDamage) {
        try planes.skipNumbers(block.visitorCount)
        try planes.skipNumbers(block.visitCount - block.visitorCount)
        try planes.skipNumbers(block.eventCount - block.visitCount - expecting)
        try planes.skipNumbers(expecting, upTo: 1 << 34)
        try planes.skipNumbers(block.visitCount, upTo: 1 << 34)
    }

    // MARK: Visits

    private mutating func readDurations(_ planes: inout PlaneReader) throws(BlockDamage) {
        let differences = try planes.longNumbers(block.visitCount, upTo: 1 << 34)
        var duration = [UInt32](repeating: 0, count: block.visitCount)
        // Any bit above the lower 32 of any of them.
        var beyond: Int64 = 0
        for visit in 0..<block.visitCount {
            let seconds = expectedDuration[visit] &+ ZigZag.decoded(differences[visit])
            beyond |= seconds >> 32
            duration[visit] = UInt32(truncatingIfNeeded: seconds)
        }
        guard beyond == 0 else { throw BlockDamage("A visit has no duration.") }
        block.duration = duration
    }

    private mutating func readBounces(_ planes: inout PlaneReader) throws(BlockDamage) {
        var bounced = [UInt8](repeating: 0, count: block.visitCount)
        var unknown: [Int] = []
        let (pageViews, firstEvent) = (block.pageViews, block.firstEvent)
        for visit in 0..<block.visitCount where pageViews[visit] < 2 {
            if firstEvent[visit + 1] - firstEvent[visit] == 1 {
                bounced[visit] = 1
            } else {
                unknown.append(visit)
            }
        }
        for (visit, bit) in zip(unknown, try planes.bits(unknown.count)) { bounced[visit] = bit }
        block.bounced = bounced
    }

    // MARK: Money

    private mutating func readRevenues(_ planes: inout PlaneReader) throws(BlockDamage) {
        let count = try planes.count(upTo: block.eventCount)
        let gaps = try planes.numbers(count)
        let currencies = try planes.column(count, of: block.dictionary(of: .currency).count)
        let divisor: UInt64 = try planes.integer()
        let isNegative = try planes.bits(count)
        let quotients = try planes.longNumbers(count, upTo: .max)
        block.revenues.reserveCapacity(count)
        var event = -1
        for index in 0..<count {
            event += Int(gaps[index]) + 1
            guard event < block.eventCount else {
                throw BlockDamage("There is no event \(event) with money.")
            }
            let (magnitude, overflow) = quotients[index].multipliedReportingOverflow(by: divisor)
            let amount =
                isNegative[index] == 0
                ? Int64(exactly: magnitude)
                : magnitude == 1 << 63 ? .min : Int64(exactly: magnitude).map { -$0 }
            guard let amount, !overflow else { throw BlockDamage("An amount of money is too large.") }
            block.revenues.append(.init(event: UInt32(event), currency: currencies[index], amount: amount))
        }
    }
}
