import Days

extension Engine {
    /// Whether a day's summary says all that a plan needs.
    func summarySuffices(_ plan: Plan, _ day: Day, hasRevenue: Bool) -> Bool {
        guard selections[plan.selection].isEverything, coversWhole(day, plan.span),
            !(plan.needsMoney && hasRevenue)
        else { return false }
        let varying = plan.axes.filter { !$0.isConstant }
        guard let axis = varying.first else { return true }
        return varying.count == 1 && key(axis, plan.sums) != nil
    }

    /// Which of a summary's tables is about an axis.
    private func key(_ axis: Plan.Axis, _ sums: Set<Sum>) -> Summary.Key? {
        switch axis {
        case .column(let column): column == .currency ? nil : .column(column)
        case .entryPage: .entryPage
        case .exitPage: .exitPage
        case .time(.quarter): .quarter
        // Who came in two quarters of an hour is one visitor of it.
        case .time(.hour): sums.isDisjoint(with: [.visitors, .visits, .bounces, .duration]) ? .quarter : nil
        case .entryHostname, .exitHostname, .property, .goal, .time: nil
        }
    }

    /// The table that a plan is answered from; nil for totals.
    func tableKey(of plan: Plan) -> Summary.Key? {
        plan.axes.first { !$0.isConstant }.flatMap { key($0, plan.sums) }
    }

    func add(_ loaded: LoadedSummary, _ numbers: [Int], to partial: inout Partial) throws {
        for number in numbers {
            let plan = plans[number]
            let constants = plan.constants(of: loaded.summary.day)
            if let axis = plan.axes.firstIndex(where: { !$0.isConstant }), let key = tableKey(of: plan) {
                guard let table = loaded.summary.tables[key] else {
                    throw MissingTable(day: loaded.summary.day, needed: key)
                }
                add(table, bind(axis, plan, loaded), plan, constants, to: &partial.tallies[number])
            } else if loaded.summary.totals[plan.presence.rawValue] > 0 {
                let row = partial.tallies[number].row(constants)
                partial.tallies[number].add(loaded.summary.totals, to: row)
            }
            try partial.check(number)
        }
    }

    /// The axis with the summary's own numbers.
    private func bind(_ axis: Int, _ plan: Plan, _ loaded: LoadedSummary) -> BoundAxis {
        let column: Column
        switch plan.axes[axis] {
        case .time(let interval):
            let length = TimeValue.slots(of: interval)
            return BoundAxis(
                axis: axis,
                ids: (0..<TimeValue.slots).map {
                    TimeValue.id(loaded.summary.day, slot: $0 / length * length)
                },
                dropsEmpty: false)
        case .column(let its): column = its
        default: column = .page
        }
        return BoundAxis(axis: axis, ids: loaded.ids[Int(column.rawValue)], dropsEmpty: plan.dropsEmpty[axis])
    }

    private func add(
        _ table: Summary.Table, _ axis: BoundAxis, _ plan: Plan, _ constants: RowKey, to tally: inout Tally
    ) {
        let present = table.sums[plan.presence.rawValue]
        var rows: [UInt32] = []
        rows.reserveCapacity(table.values.count)
        for (index, value) in table.values.enumerated() {
            guard present[index] > 0, let id = axis.id(Int(value)) else {
                rows.append(Tally.dropped)
                continue
            }
            if plan.isDense {
                rows.append(id)
            } else {
                var key = constants
                key[axis.axis] = id
                rows.append(UInt32(tally.row(key)))
            }
        }
        tally.add(Tally.Local(table.sums), rows: rows)
    }
}
