/// How many came how far in a funnel.
///
/// The filter, and the span's window, select visits: those with an event for which they hold. Steps are looked for among
/// all events of these visits (within the window, if there is one). A visit that took the steps in order counts for each;
/// looking for the earliest event of each step finds as many as there are.
package struct FunnelQuestion: Sendable, Hashable {
    package var funnel: Funnel
    package var span: Span
    package var filter: Filter

    package init(_ funnel: Funnel, span: Span, filter: Filter = .everything) {
        self.funnel = funnel
        self.span = span
        self.filter = filter
    }
}

/// Visits, or visitors, as the funnel's scope says.
package struct FunnelFigures: Sendable, Equatable {
    /// All that the filter selects.
    package var selected: Int64
    /// One for each step: those who reached it, and all before it.
    package var steps: [Int64]

    package init(selected: Int64, steps: [Int64]) {
        self.selected = selected
        self.steps = steps
    }
}

extension BlockScan {
    func add(funnel number: Int, to partial: inout Engine.Partial) {
        let funnel = engine.funnels[number]
        var selected = select(funnel.selection, &partial.outcomes)
        guard !selected.isEmpty else { return }
        let owners = funnel.scope == .visit ? nil : selected.visitorOfVisit
        partial.funnels[number].selected += owners.map { Loops.distinct($0) } ?? Int64(selected.visits.count)
        selected = selected.whole
        if let window = funnel.span.window, let inside = inside(window, selected) {
            selected = selected.keeping(events: inside)
        }
        let steps = steps(funnel, selected, &partial.outcomes)
        for (step, count) in reached(steps, of: funnel.steps.count, owners: owners, selected).enumerated() {
            partial.funnels[number].steps[step] += count
        }
    }

    /// A bit for each step that an event may be.
    private func steps(_ funnel: FunnelPlan, _ selected: Selected, _ outcomes: inout [[UInt8]]) -> [UInt8] {
        var steps = [UInt8](repeating: 0, count: selected.events.numbers.count)
        for (step, condition) in funnel.steps.enumerated() {
            let mask = ofEvents(mask(condition, in: selected, &outcomes), in: selected)
            for index in steps.indices { steps[index] |= mask[index] << UInt8(step) }
        }
        return steps
    }

    /// How many took the first steps in order, by step. Without owners every visit is one of its own.
    private func reached(
        _ steps: [UInt8], of count: Int, owners: [UInt32]?, _ selected: Selected
    ) -> [Int64] {
        var reached = [Int64](repeating: 0, count: count)
        var next = 0
        for place in selected.visits.indices {
            if let owners, place > 0, owners[place] == owners[place - 1] {
                // The same visitor goes on.
            } else {
                next = 0
            }
            for index in Int(selected.events.firsts[place])..<Int(selected.events.firsts[place + 1])
            where next < count && steps[index] >> UInt8(next) & 1 == 1 {
                reached[next] += 1
                next += 1
            }
        }
        return reached
    }
}
