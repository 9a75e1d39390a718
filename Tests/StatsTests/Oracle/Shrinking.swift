import Days
import Stats

extension Case {
    /// A small case that still fails: fewer events, fewer days, a simpler filter, fewer metrics and dimensions.
    ///
    /// Tries at most so many smaller ones, greedily.
    func shrunk(attempts: Int = 3_000, _ fails: (Case) async -> Bool) async -> Case {
        var smallest = self
        var left = attempts
        var progress = true
        while progress, left > 0 {
            progress = false
            for simpler in smallest.simpler where left > 0 {
                left -= 1
                guard await fails(simpler) else { continue }
                smallest = simpler
                progress = true
                break
            }
            if progress { continue }
            // Events in ever smaller pieces: Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input".
            var piece = max(1, smallest.site.events.count / 2)
            while piece >= 1, left > 0 {
                var begin = 0
                while begin < smallest.site.events.count, left > 0 {
                    var fewer = smallest
                    fewer.site.events.removeSubrange(begin..<min(begin + piece, fewer.site.events.count))
                    left -= 1
                    if !fewer.site.events.isEmpty, await fails(fewer) {
                        smallest = fewer
                        progress = true
                    } else {
                        begin += piece
                    }
                }
                piece = piece == 1 ? 0 : piece / 2
            }
        }
        return smallest
    }

    /// Cases that have a little less, in the question or in all events; only those whose metrics still make sense.
    private var simpler: [Case] {
        let questions = question.simpler
            .filter { question in question.metrics.allSatisfy { $0.objection(question) == nil } }
            .map { Case(site: site, question: $0, seed: seed) }
        let sites = site.simpler.map { Case(site: $0, question: question, seed: seed) }
        return questions + sites
    }
}

extension Question {
    fileprivate var simpler: [Question] {
        func with(_ change: (inout Question) -> Void) -> Question {
            var copy = self
            change(&copy)
            copy.order.removeAll { order in
                switch order.key {
                case .metric(let metric): !copy.metrics.contains(metric)
                case .dimension(let dimension): !copy.dimensions.contains(dimension)
                }
            }
            if !copy.dimensions.contains(where: { $0.kind == .goal }) { copy.goals = [] }
            return copy
        }
        var all = filter.simpler.map { filter in with { $0.filter = filter } }
        if metrics.count > 1 { all += metrics.map { metric in with { $0.metrics = [metric] } } }
        all += dimensions.indices.map { index in with { $0.dimensions.remove(at: index) } }
        all += goals.indices.map { index in with { $0.goals.remove(at: index) } }
        all += goals.indices.flatMap { index in
            goals[index].simpler.map { goal in with { $0.goals[index] = goal } }
        }
        all += order.indices.map { index in with { $0.order.remove(at: index) } }
        if span.window != nil { all.append(with { $0.span.window = nil }) }
        if limit != 1_000 { all.append(with { $0.limit = 1_000 }) }
        if offset != 0 { all.append(with { $0.offset = 0 }) }
        let (first, last) = (span.days.lowerBound, span.days.upperBound)
        if first < last {
            all.append(with { $0.span.days = first...first })
            all.append(with { $0.span.days = first.advanced(by: 1)...last })
            all.append(with { $0.span.days = first...last.advanced(by: -1) })
        }
        return all.filter { $0 != self }
    }
}

extension Filter {
    fileprivate var simpler: [Filter] {
        switch self {
        case .all(let filters):
            (filters.isEmpty ? [] : [.everything]) + (filters.count == 1 ? filters : [])
                + Filter.fewer(filters).map { .all($0) }
        case .any(let filters):
            [.everything] + (filters.count == 1 ? filters : []) + Filter.fewer(filters).map { .any($0) }
        case .not(let filter): [.everything, filter] + filter.simpler.map { .not($0) }
        case .hasDone(let filter): [.everything, filter] + filter.simpler.map { .hasDone($0) }
        case .match(let match): [.everything] + match.simpler.map { .match($0) }
        case .goal(let goal): [.everything] + goal.simpler.map { .goal($0) }
        }
    }

    /// Without one of them, or with a simpler one in its place.
    private static func fewer(_ filters: [Filter]) -> [[Filter]] {
        filters.indices.flatMap { index -> [[Filter]] in
            var without = filters
            without.remove(at: index)
            return [without]
                + filters[index].simpler.map { simpler in
                    var changed = filters
                    changed[index] = simpler
                    return changed
                }
        }
    }
}

extension Filter.Match {
    fileprivate var simpler: [Filter.Match] {
        var all: [Filter.Match] = []
        if values.count > 1 {
            all += values.map {
                .init(dimension, comparison, [$0], isNegated: isNegated, isCaseSensitive: isCaseSensitive)
            }
        }
        if isNegated { all.append(.init(dimension, comparison, values, isCaseSensitive: isCaseSensitive)) }
        if !isCaseSensitive { all.append(.init(dimension, comparison, values, isNegated: isNegated)) }
        return all
    }
}

extension Goal {
    fileprivate var simpler: [Goal] {
        guard let condition else { return [] }
        return [Goal(id: id, name: name, kind: kind)]
            + condition.simpler.map { Goal(id: id, name: name, kind: kind, condition: $0) }
    }
}

extension RecordedSite {
    fileprivate var simpler: [RecordedSite] {
        func each(_ change: (inout RecordedEvent) -> Void) -> RecordedSite {
            var copy = self
            for index in copy.events.indices { change(&copy.events[index]) }
            return copy
        }
        var all: [RecordedSite] = []
        if eras != [.init(from: Day(rawValue: 0), zone: "UTC")] {
            all.append(RecordedSite(zone: "UTC", events: events))
        }
        all += Column.allCases.filter { $0 != .name }.map { column in each { $0[column] = "" } }
        all += [
            each { $0.properties = [:] }, each { $0.revenue = nil }, each { $0.milliseconds = 0 },
            each { $0.depth = nil }, each { $0.interactive = true },
            each { $0.time = $0.time / 1_000_000 * 1_000_000 },
        ]
        return all.filter { $0 != self }
    }
}
