extension BlockScan {
    /// What rows are counted of: visits or events, each with the number of its row.
    private struct Units {
        var areVisits: Bool
        /// Places among the selected events; nil: all of them (or all visits), in order.
        var picks: [UInt32]?
        var keys: [UInt32]
    }

    /// Takes away what a summary said too much.
    func subtract(plan number: Int, from partial: inout Engine.Partial) throws(QuestionError) {
        let before = partial.tallies[number]
        partial.tallies[number] = Tally(engine.plans[number])
        try add(plan: number, to: &partial)
        let these = partial.tallies[number]
        partial.tallies[number] = before
        partial.tallies[number].subtract(these)
    }

    func add(plan number: Int, to partial: inout Engine.Partial) throws(QuestionError) {
        let plan = engine.plans[number]
        guard let key = keptKey(plan) else {
            try look(plan, number, &partial)
            return
        }
        if let known = loaded.tally(key) {
            partial.tallies[number].merge(known)
        } else {
            let before = partial.tallies[number]
            partial.tallies[number] = Tally(plan)
            try look(plan, number, &partial)
            let these = partial.tallies[number]
            loaded.keep(these, for: key)
            partial.tallies[number] = before
            partial.tallies[number].merge(these)
        }
        try partial.check(number)
    }

    /// What a plan without filter, of few rows, is known by once the whole block was looked at for it: goals and money, of
    /// which summaries say nothing, and which every look at a dashboard asks for. Nil for other plans.
    private func keptKey(_ plan: Plan) -> Fingerprint? {
        let selection = engine.selections[plan.selection]
        guard isWhole, selection.isEverything, plan.axes.isEmpty || plan.axes == [.goal],
            selection.window.map(isInside) ?? true
        else { return nil }
        var key = Fingerprint()
        key.add(Int64(plan.axes.count))
        for sum in plan.sums.map(\.rawValue).sorted() { key.add(Int64(sum)) }
        key.add(plan.needsMoney ? -1 : -2)
        for goal in plan.goals { key.add(goal) }
        return key
    }

    private func look(_ plan: Plan, _ number: Int, _ partial: inout Engine.Partial) throws(QuestionError) {
        let selected = select(plan.selection, &partial.outcomes)
        guard !selected.isEmpty else { return }
        let constants = plan.constants(of: block.day)
        let bound = plan.axes.indices.filter { !plan.axes[$0].isConstant }.map { bind($0, of: plan) }
        if bound.isEmpty {
            addTotals(plan, selected, constants, to: &partial.tallies[number])
        } else if bound.allSatisfy({ $0.size > 0 }) {
            addRows(plan, bound, selected, constants, number, &partial)
        }
        try partial.check(number)
    }

    private func addTotals(_ plan: Plan, _ selected: Selected, _ constants: RowKey, to tally: inout Tally) {
        var values = Sum.allCases.map { _ in Int64(0) }
        for sum in plan.sums {
            switch sum {
            case .visitors: values[sum.rawValue] = Loops.distinct(selected.visitorOfVisit)
            case .visits: values[sum.rawValue] = Int64(selected.visits.count)
            default: values[sum.rawValue] = Loops.sum(selected.values(ofVisits: sum))
            }
        }
        let row = tally.row(constants)
        tally.add(values, to: row)
        guard plan.needsMoney else { return }
        forEachRevenue(selected.events.numbers) { _, revenue in addMoney(revenue, to: UInt32(row), &tally) }
    }

    private func addRows(
        _ plan: Plan, _ bound: [BoundAxis], _ selected: Selected, _ constants: RowKey, _ number: Int,
        _ partial: inout Engine.Partial
    ) {
        let combination = Combination(bound)
        var units: Units
        if bound.allSatisfy({ plan.axes[$0.axis].isOfVisit }) {
            let keys = bound.map { keysOfVisits(plan.axes[$0.axis], $0, selected) }
            units = Units(areVisits: true, picks: nil, keys: [])
            units.keys = combination.keys(keys)
        } else {
            units = eventUnits(plan, bound, selected, combination, &partial.outcomes)
        }
        let size = combination.size
        guard size > 0 else { return }
        var local = Tally.Local(size: size, plan.sums)
        for sum in plan.sums { count(sum, units, selected, into: &local.sums[sum.rawValue]) }
        let rows = rows(plan, bound, combination, local, constants, &partial.tallies[number])
        partial.tallies[number].add(local, rows: rows)
        if plan.needsMoney { addMoney(units, selected, rows, to: &partial.tallies[number]) }
    }

    private func eventUnits(
        _ plan: Plan, _ bound: [BoundAxis], _ selected: Selected, _ combination: Combination,
        _ outcomes: inout [[UInt8]]
    ) -> Units {
        let goalAxis = bound.firstIndex { plan.axes[$0.axis] == .goal }
        let keys = bound.indices.map { index in
            index == goalAxis ? [] : keysOfEvents(plan.axes[bound[index].axis], bound[index], selected)
        }
        guard let goalAxis else {
            return Units(areVisits: false, picks: nil, keys: combination.keys(keys))
        }
        // An event stands once for each goal that it reaches. For each goal events ascend, as counting wants it.
        var picks: [UInt32] = []
        var goals: [UInt32] = []
        for (goal, places) in reached(plan.goalConditions, in: selected, &outcomes).enumerated() {
            picks += places
            goals += repeatElement(UInt32(goal), count: places.count)
        }
        let picked = keys.indices.map { $0 == goalAxis ? goals : Loops.pick(keys[$0], picks) }
        return Units(areVisits: false, picks: picks, keys: combination.keys(picked))
    }

    private func count(_ sum: Sum, _ units: Units, _ selected: Selected, into sums: inout [Int64]) {
        func picked<T: Sendable>(_ values: [T]) -> [T] {
            units.picks.map { Loops.pick(values, $0) } ?? values
        }
        switch (sum, units.areVisits) {
        case (.visitors, true):
            Loops.countDistinct(keys: units.keys, owners: selected.visitorOfVisit, into: &sums)
        case (.visitors, false):
            let visitors =
                units.picks.map {
                    Loops.pick(selected.visitorOfVisit, Loops.pick(selected.events.places, $0))
                }
                ?? selected.visitorOfEvent
            Loops.countDistinct(keys: units.keys, owners: visitors, into: &sums)
        case (.visits, false):
            Loops.countDistinct(keys: units.keys, owners: picked(selected.events.places), into: &sums)
        case (.bounces, false), (.duration, false):
            Loops.addDistinct(
                keys: units.keys, owners: picked(selected.events.places), of: selected.values(ofVisits: sum),
                into: &sums)
        case (.visits, true), (.events, false): Loops.count(keys: units.keys, into: &sums)
        case (_, true): Loops.add(keys: units.keys, selected.values(ofVisits: sum), into: &sums)
        case (_, false): Loops.add(keys: units.keys, picked(selected.values(ofEvents: sum)), into: &sums)
        }
    }

    /// Where the tally has each local row; those with nothing in them are dropped.
    private func rows(
        _ plan: Plan, _ bound: [BoundAxis], _ combination: Combination, _ local: Tally.Local,
        _ constants: RowKey,
        _ tally: inout Tally
    ) -> [UInt32] {
        let present = local.sums[plan.presence.rawValue]
        if plan.isDense {
            let axis = bound[0]
            return present.indices.map { present[$0] == 0 ? Tally.dropped : axis.id($0) ?? Tally.dropped }
        }
        return present.indices.map { index in
            if present[index] == 0 { return Tally.dropped }
            var key = constants
            var rest = combination.parts(of: index)
            for axis in bound.reversed() {
                guard let id = axis.id(Int(rest % UInt64(axis.size))) else { return Tally.dropped }
                key[axis.axis] = id
                rest /= UInt64(axis.size)
            }
            return UInt32(tally.row(key))
        }
    }

    // MARK: Money

    private func addMoney(_ units: Units, _ selected: Selected, _ rows: [UInt32], to tally: inout Tally) {
        let events = selected.events
        if let picks = units.picks {
            // For each goal from the start: sublists ascend.
            var start = 0
            while start < picks.count {
                var end = start + 1
                while end < picks.count, picks[end] > picks[end - 1] { end += 1 }
                forEachRevenue(Loops.pick(events.numbers, Array(picks[start..<end]))) { index, revenue in
                    addMoney(revenue, to: rows[Int(units.keys[start + index])], &tally)
                }
                start = end
            }
            return
        }
        forEachRevenue(events.numbers) { index, revenue in
            let unit = units.areVisits ? Int(events.places[index]) : index
            addMoney(revenue, to: rows[Int(units.keys[unit])], &tally)
        }
    }

    private func addMoney(_ revenue: Block.Revenue, to row: UInt32, _ tally: inout Tally) {
        guard row != Tally.dropped else { return }
        tally.addMoney(
            row: row, currency: loaded.ids[Int(Column.currency.rawValue)][Int(revenue.currency)],
            .init(amount: revenue.amount, count: 1))
    }

    /// The revenues of ascending events, with their places among them.
    private func forEachRevenue(_ events: [UInt32], _ body: (Int, Block.Revenue) -> Void) {
        var place = 0
        for revenue in block.revenues {
            while place < events.count, events[place] < revenue.event { place += 1 }
            if place == events.count { return }
            if events[place] == revenue.event { body(place, revenue) }
        }
    }
}

/// Numbers for combinations of local values.
final class Combination {
    private let sizes: [UInt64]
    /// The combinations that are there, by number, if there could be too many to have a number for each.
    private var table: RowTable?
    private(set) var size = 0

    /// So many rows are cleared and looked through more quickly than found by hashing.
    private static let mostDense: UInt64 = 32_768

    init(_ bound: [BoundAxis]) {
        sizes = bound.map { UInt64($0.size) }
    }

    /// - Parameter keys: of each axis, beside each other.
    func keys(_ keys: [[UInt32]]) -> [UInt32] {
        let product = sizes.reduce(1, *)
        if keys.count == 1 {
            size = Int(product)
            return keys[0]
        }
        var combined = keys[0].map { UInt64($0) }
        for (axis, size) in zip(keys, sizes).dropFirst() {
            for index in combined.indices { combined[index] = combined[index] &* size &+ UInt64(axis[index]) }
        }
        if product <= Combination.mostDense {
            size = Int(product)
            return combined.map { UInt32(truncatingIfNeeded: $0) }
        }
        var table = RowTable()
        let numbers = combined.map { number in
            UInt32(
                table.row(
                    RowKey(
                        first: UInt32(truncatingIfNeeded: number),
                        second: UInt32(truncatingIfNeeded: number >> 32))))
        }
        self.table = table
        size = table.count
        return numbers
    }

    /// A combination as a number of mixed radix; the last axis has the lowest digit.
    func parts(of number: Int) -> UInt64 {
        guard let table else { return UInt64(number) }
        let key = table.keys[number]
        return UInt64(key.second) << 32 | UInt64(key.first)
    }
}
