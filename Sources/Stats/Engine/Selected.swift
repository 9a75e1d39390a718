/// Visits of a block, and events of them. What is made of them is made once, when a plan asks for it.
final class Selected {
    /// Events, grouped by visit.
    struct Events {
        /// Numbers of the block's events, ascending.
        var numbers: [UInt32]
        /// Where a visit's begin among `numbers`; one more at the end.
        var firsts: [UInt32]
        /// Beside `numbers`: the place of its visit among ``Selected/visits``.
        var places: [UInt32]
    }

    let block: Block
    /// Numbers of the block's visits, ascending.
    let visits: [UInt32]
    /// Nil: all events of these visits.
    private let cut: Events?

    private(set) lazy var events = cut ?? allEvents()
    /// The same visits with all of their events.
    var whole: Selected { cut == nil ? self : uncut }
    private lazy var uncut = Selected(block, visits: visits)
    private(set) lazy var visitorOfVisit: [UInt32] = Loops.gather(block.visitor, visits)
    private(set) lazy var visitorOfEvent = Loops.pick(visitorOfVisit, events.places)
    /// By ``Sum``.
    private var visitValues = [[Int64]?](repeating: nil, count: Sum.allCases.count)
    private var eventValues = [[Int64]?](repeating: nil, count: Sum.allCases.count)

    init(_ block: Block, visits: [UInt32], events: Events? = nil) {
        self.block = block
        self.visits = visits
        cut = events
    }

    var isEmpty: Bool { visits.isEmpty }

    /// Visits have few events each: loops within loops would be guessed wrong at nearly every end.
    private func allEvents() -> Events {
        // Ascending and without repeats: as many as there are, they are all of them.
        if visits.count == block.visitCount {
            return Events(
                numbers: Loops.all(block.eventCount), firsts: block.firstEvent,
                places: Loops.places(of: block.firstEvent))
        }
        var firsts: [UInt32] = []
        var shifts: [UInt32] = []
        firsts.reserveCapacity(visits.count + 1)
        shifts.reserveCapacity(visits.count)
        var size: UInt32 = 0
        block.firstEvent.withUnsafeBufferPointer { firstEvent in
            for visit in visits {
                firsts.append(size)
                shifts.append(firstEvent[Int(visit)] &- size)
                size &+= firstEvent[Int(visit) + 1] &- firstEvent[Int(visit)]
            }
        }
        firsts.append(size)
        let places = Loops.places(of: firsts)
        let numbers = [UInt32](unsafeUninitializedCapacity: places.count) { numbers, count in
            shifts.withUnsafeBufferPointer { shifts in
                places.withUnsafeBufferPointer { places in
                    for index in 0..<places.count {
                        numbers[index] = UInt32(truncatingIfNeeded: index) &+ shifts[Int(places[index])]
                    }
                }
            }
            count = places.count
        }
        return Events(numbers: numbers, firsts: firsts, places: places)
    }

    /// The visits whose byte is 1.
    func keeping(visits mask: [UInt8]) -> Selected {
        Selected(block, visits: Loops.kept(visits, where: mask))
    }

    /// The events whose byte is 1, and the visits that have one.
    func keeping(events mask: [UInt8]) -> Selected {
        let kept = Loops.rows(where: mask)
        let numbers = Loops.pick(events.numbers, kept)
        // Where the visits of the events that stay were. Those with none that stays do not occur.
        var places = Loops.pick(events.places, kept)
        var firsts: [UInt32] = []
        let visits = [UInt32](unsafeUninitializedCapacity: places.count + 1) { staying, count in
            firsts = [UInt32](unsafeUninitializedCapacity: places.count + 1) { begins, ends in
                var last = UInt32.max
                places.withUnsafeMutableBufferPointer { places in
                    self.visits.withUnsafeBufferPointer { visits in
                        for index in 0..<places.count {
                            let place = places[index]
                            // Written before it is known whether it counts: the next one, or the end, is written over it.
                            begins[count] = UInt32(truncatingIfNeeded: index)
                            staying[count] = visits[Int(place)]
                            count &+= place == last ? 0 : 1
                            last = place
                            places[index] = UInt32(truncatingIfNeeded: count &- 1)
                        }
                    }
                }
                begins[count] = UInt32(places.count)
                ends = count + 1
            }
        }
        return Selected(
            block, visits: visits, events: Events(numbers: numbers, firsts: firsts, places: places))
    }

    // MARK: Values

    /// What each visit adds to a sum. Not for visitors.
    func values(ofVisits sum: Sum) -> [Int64] {
        if let known = visitValues[sum.rawValue] { return known }
        let made: [Int64]
        switch sum {
        case .visitors, .visits: made = visits.map { _ in 1 }
        case .bounces: made = Loops.gather(block.bounced, visits)
        case .duration: made = Loops.gather(block.duration, visits)
        case .pageViews where cut == nil: made = Loops.gather(block.pageViews, visits)
        case .events where cut == nil:
            made = visits.map { Int64(block.firstEvent[Int($0) + 1] - block.firstEvent[Int($0)]) }
        case .events: made = (0..<visits.count).map { Int64(events.firsts[$0 + 1] - events.firsts[$0]) }
        case .pageViews, .engagement, .engaged, .depth, .deep, .exits:
            made = Loops.sums(values(ofEvents: sum), groups: events.firsts)
        }
        visitValues[sum.rawValue] = made
        return made
    }

    /// What each event adds to a sum of events.
    func values(ofEvents sum: Sum) -> [Int64] {
        if let known = eventValues[sum.rawValue] { return known }
        var made: [Int64]
        switch sum {
        case .pageViews: made = flags(.pageView)
        case .engaged: made = flags(.engaged)
        case .exits: made = flags(.exit)
        case .engagement: made = Loops.gather(block.engagement, events.numbers)
        case .depth:
            made = Loops.gather(block.depth, events.numbers)
            for index in made.indices where made[index] == Int64(Block.unknownDepth) { made[index] = 0 }
        case .deep:
            made = Loops.gather(block.depth, events.numbers)
            for index in made.indices { made[index] = made[index] == Int64(Block.unknownDepth) ? 0 : 1 }
        case .visitors, .visits, .events, .bounces, .duration: made = events.numbers.map { _ in 1 }
        }
        eventValues[sum.rawValue] = made
        return made
    }

    private func flags(_ kind: Block.Kinds) -> [Int64] {
        let mask = kind.rawValue
        return [Int64](unsafeUninitializedCapacity: events.numbers.count) { result, count in
            block.kinds.withUnsafeBufferPointer { kinds in
                events.numbers.withUnsafeBufferPointer { numbers in
                    for index in 0..<numbers.count {
                        result[index] = kinds[Int(numbers[index])].rawValue & mask == 0 ? 0 : 1
                    }
                }
            }
            count = events.numbers.count
        }
    }
}
