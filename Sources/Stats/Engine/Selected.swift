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
    private(set) lazy var whole = cut == nil ? self : Selected(block, visits: visits)
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
        // Marks where visits begin, added up, are the place of each event's visit.
        var places = [UInt32](repeating: 0, count: Int(size))
        var numbers = places
        places.withUnsafeMutableBufferPointer { places in
            for first in firsts.dropFirst() where first < size { places[Int(first)] += 1 }
            var place: UInt32 = 0
            shifts.withUnsafeBufferPointer { shifts in
                numbers.withUnsafeMutableBufferPointer { numbers in
                    for index in 0..<places.count {
                        place &+= places[index]
                        places[index] = place
                        numbers[index] = UInt32(truncatingIfNeeded: index) &+ shifts[Int(place)]
                    }
                }
            }
        }
        return Events(numbers: numbers, firsts: firsts, places: places)
    }

    /// The visits whose byte is 1.
    func keeping(visits mask: [UInt8]) -> Selected {
        Selected(block, visits: Loops.kept(visits, where: mask))
    }

    /// The events whose byte is 1, and the visits that have one.
    func keeping(events mask: [UInt8]) -> Selected {
        let events = self.events
        let has = Loops.hasOne(mask, groups: events.firsts)
        let numbers = Loops.kept(events.numbers, where: mask)
        var firsts: [UInt32] = []
        firsts.reserveCapacity(visits.count + 1)
        let places = [UInt32](unsafeUninitializedCapacity: numbers.count) { places, count in
            var (index, place) = (0, UInt32(0))
            mask.withUnsafeBufferPointer { mask in
                for visit in 0..<visits.count where has[visit] == 1 {
                    firsts.append(UInt32(index))
                    for event in Int(events.firsts[visit])..<Int(events.firsts[visit + 1])
                    where mask[event] == 1 {
                        places[index] = place
                        index += 1
                    }
                    place += 1
                }
            }
            firsts.append(UInt32(index))
            count = index
        }
        return Selected(
            block, visits: Loops.kept(visits, where: has),
            events: Events(numbers: numbers, firsts: firsts, places: places))
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
        let made: [Int64]
        switch sum {
        case .pageViews: made = flags(.pageView)
        case .engaged: made = flags(.engaged)
        case .exits: made = flags(.exit)
        case .engagement: made = Loops.gather(block.engagement, events.numbers)
        case .depth:
            made = Loops.gather(block.depth.map { $0 == Block.unknownDepth ? 0 : $0 }, events.numbers)
        case .deep: made = Loops.gather(block.depth.map { $0 == Block.unknownDepth ? 0 : 1 }, events.numbers)
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
