import Days

/// An axis of a plan with a block's, or a summary's, own numbers for values.
struct BoundAxis {
    /// Its place among the plan's axes.
    let axis: Int
    /// By local number: the site's. What is beyond them has no value.
    let ids: [UInt32]
    /// How many local numbers there are, that for no value included.
    let size: Int
    let dropsEmpty: Bool

    init(axis: Int, ids: [UInt32], hasNothing: Bool = false, dropsEmpty: Bool) {
        self.axis = axis
        self.ids = ids
        size = ids.count + (hasNothing ? 1 : 0)
        self.dropsEmpty = dropsEmpty
    }

    /// The site's number of a local one; nil where there is no row.
    @inline(__always)
    func id(_ local: Int) -> UInt32? {
        guard local < ids.count else { return nil }
        let id = ids[local]
        return id == 0 && dropsEmpty ? nil : id
    }

    /// For a plan whose rows are values' own numbers.
    var rows: [UInt32] {
        (0..<size).map { id($0) ?? Tally.dropped }
    }

    static func time(_ axis: Int, _ day: Day, _ interval: Dimension.Interval) -> BoundAxis {
        let length = TimeValue.slots(of: interval)
        return BoundAxis(
            axis: axis,
            ids: stride(from: 0, to: TimeValue.slots, by: length).map { TimeValue.id(day, slot: $0) },
            dropsEmpty: false)
    }
}

extension Plan {
    /// The values that all of a day's rows have in common.
    func constants(of day: Day) -> RowKey {
        var key = RowKey()
        for (place, axis) in axes.enumerated() where axis.isConstant {
            if case .time(let interval) = axis { key[place] = TimeValue.id(day, interval) }
        }
        return key
    }
}

extension BlockScan {
    func bind(_ place: Int, of plan: Plan) -> BoundAxis {
        let dropsEmpty = plan.dropsEmpty[place]
        switch plan.axes[place] {
        case .column(let column):
            return BoundAxis(axis: place, ids: loaded.ids[Int(column.rawValue)], dropsEmpty: dropsEmpty)
        case .entryPage, .exitPage:
            // A visit without a page view has no row even where "" has one.
            return BoundAxis(
                axis: place, ids: loaded.ids[Int(Column.page.rawValue)], hasNothing: true,
                dropsEmpty: dropsEmpty)
        case .entryHostname, .exitHostname:
            return BoundAxis(
                axis: place, ids: loaded.ids[Int(Column.hostname.rawValue)], hasNothing: true,
                dropsEmpty: dropsEmpty)
        case .property(let key):
            return BoundAxis(
                axis: place, ids: loaded.property(key).map { loaded.properties[$0].ids } ?? [],
                hasNothing: true, dropsEmpty: dropsEmpty)
        case .goal:
            return BoundAxis(axis: place, ids: plan.goals.indices.map { UInt32($0) }, dropsEmpty: false)
        case .time(let interval):
            return BoundAxis.time(place, block.day, interval)
        }
    }

    /// The local number of each selected visit's value. Only for axes of visits.
    func keysOfVisits(_ axis: Plan.Axis, _ bound: BoundAxis, _ selected: Selected) -> [UInt32] {
        switch axis {
        case .column(let column):
            return Loops.gather(block.columns[Int(column.rawValue)], selected.visits)
        case .entryPage: return pages(block.entryPage, bound, selected)
        case .exitPage: return pages(block.exitPage, bound, selected)
        case .entryHostname: return pages(block.hostnames(at: .entry), bound, selected)
        case .exitHostname: return pages(block.hostnames(at: .exit), bound, selected)
        case .property, .goal, .time: return selected.visits.map { _ in 0 }
        }
    }

    private func pages(_ pages: [UInt16], _ bound: BoundAxis, _ selected: Selected) -> [UInt32] {
        let nothing = UInt32(bound.size - 1)
        var keys: [UInt32] = Loops.gather(pages, selected.visits)
        keys.withUnsafeMutableBufferPointer { keys in
            for index in 0..<keys.count { keys[index] = min(keys[index], nothing) }
        }
        return keys
    }

    /// The local number of each selected event's value. Not for goals: an event may reach several.
    func keysOfEvents(_ axis: Plan.Axis, _ bound: BoundAxis, _ selected: Selected) -> [UInt32] {
        if axis.isOfVisit { return Loops.pick(keysOfVisits(axis, bound, selected), selected.events.places) }
        let numbers = selected.events.numbers
        switch axis {
        case .column(let column):
            return Loops.gather(block.columns[Int(column.rawValue)], numbers)
        case .property(let key):
            var values = [UInt32](repeating: UInt32(bound.size - 1), count: block.eventCount)
            if let number = loaded.property(key) {
                let property = block.properties[number]
                for (event, value) in zip(property.events, property.values) {
                    values[Int(event)] = UInt32(value)
                }
            }
            return Loops.gather(values, numbers)
        case .time(let interval): return pieces(interval, numbers)
        case .entryPage, .exitPage, .entryHostname, .exitHostname, .goal: return numbers.map { _ in 0 }
        }
    }

    /// Which piece of its day the clock showed at each event.
    private func pieces(_ interval: Dimension.Interval, _ numbers: [UInt32]) -> [UInt32] {
        let clock = loaded.clock
        let length = TimeValue.slots(of: interval) * 900
        let shift = Int(block.start - clock.start)
        guard let piece = clock.pieces.first, clock.pieces.count == 1 else {
            return numbers.map { UInt32(clock.shown(after: Int(block.time[Int($0)]) + shift) / length) }
        }
        let offset = piece.shift + shift
        return block.time.withUnsafeBufferPointer { time in
            numbers.map { UInt32(min(max(Int(time[Int($0)]) + offset, 0), 86_399) / length) }
        }
    }
}
