import Days
import Stats

/// Answers a question by the words of its types' comments: straight loops over plain values, and sets to count with.
struct PlainAnswer {
    let history: ZoneHistory
    let days: [PlainDay]
    /// What regular expressions of the questions mean.
    var expressions: [String: @Sendable (String) -> Bool] = [:]

    /// An event with what it is part of.
    private struct Here {
        var part: Int
        var visit: Int
        var event: Int
    }

    private struct Row {
        var sums = Sums()
        var visitors: Set<[Int]> = []
        var visits: Set<[Int]> = []
        var money: [[UInt8]: Sums.Money] = [:]
    }

    func figures(_ question: Question) -> Figures {
        let rows = rows(question, question.filter, question.dimensions)
        let selection = rows.isEmpty && question.dimensions.isEmpty ? [[]: Row()] : rows
        var answered = selection.map { values, row in (values: values, row: row) }
        let isSeries = question.dimensions.count == 1 && question.dimensions[0].interval != nil
        if isSeries {
            answered = pieces(question).map { label in
                let value = [Array(label.utf8)]
                return (value, selection[value] ?? Row())
            }
        }
        let everybody = self.rows(question, question.filter, [])[[]]?.visitors.count ?? 0
        let withoutGoals = self.rows(question, question.filter.withoutGoals, [])[[]]?.visitors.count ?? 0
        let others = question.dimensions.indices.filter { question.dimensions[$0].kind != .goal }
        let same = self.rows(question, question.filter.withoutGoals, others.map { question.dimensions[$0] })
        func figure(_ metric: Metric, _ item: (values: [[UInt8]], row: Row)) -> Figure {
            var sums = item.row.sums
            sums.money = item.row.money.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.value)
            let basis =
                switch metric.basis {
                case nil: 0
                case .selection: everybody
                case .withoutGoals: withoutGoals
                case .sameRowWithoutGoals: same[others.map { item.values[$0] }]?.visitors.count ?? 0
                }
            return metric.figure(sums, Int64(basis))
        }
        func weight(_ figure: Figure) -> Double {
            switch figure {
            case .none: -.infinity
            case .number(let number): number
            case .money(let money): money.reduce(0) { $0 + $1.amount }
            }
        }
        if !isSeries {
            let order =
                question.order.isEmpty ? [.init(.metric(question.metrics[0]), .descending)] : question.order
            answered.sort { left, right in
                for key in order {
                    let isAscending = key.direction == .ascending
                    switch key.key {
                    case .metric(let metric):
                        let (one, other) = (weight(figure(metric, left)), weight(figure(metric, right)))
                        if one != other { return (one < other) == isAscending }
                    case .dimension(let dimension):
                        let index = question.dimensions.firstIndex(of: dimension)!
                        if left.values[index] != right.values[index] {
                            return left.values[index].lexicographicallyPrecedes(right.values[index])
                                == isAscending
                        }
                    }
                }
                for (one, other) in zip(left.values, right.values) where one != other {
                    return one.lexicographicallyPrecedes(other)
                }
                return false
            }
        }
        let page = isSeries ? answered[...] : answered.dropFirst(question.offset).prefix(question.limit)
        return Figures(
            rows: page.map { item in
                .init(
                    values: item.values.map { String(decoding: $0, as: UTF8.self) },
                    figures: question.metrics.map { figure($0, item) })
            }, total: answered.count)
    }

    func figures(_ question: FunnelQuestion) -> FunnelFigures {
        var selected: Set<[Int]> = []
        var visits: Set<[Int]> = []
        for here in all(question.span) where holds(question.filter, here) {
            visits.insert([here.part, here.visit])
            selected.insert(owner(question.funnel.scope, here))
        }
        var reached: [[Int]: Int] = [:]
        for here in all(question.span) where visits.contains([here.part, here.visit]) {
            let next = reached[owner(question.funnel.scope, here)] ?? 0
            if next < question.funnel.steps.count, holds(.goal(question.funnel.steps[next]), here) {
                reached[owner(question.funnel.scope, here)] = next + 1
            }
        }
        return FunnelFigures(
            selected: Int64(selected.count),
            steps: question.funnel.steps.indices.map { step in
                Int64(reached.values.count { $0 > step })
            })
    }

    private func owner(_ scope: Funnel.Scope, _ here: Here) -> [Int] {
        [here.part, scope == .visit ? here.visit : days[here.part].visits[here.visit].visitor]
    }

    // MARK: Events

    private func all(_ span: Span) -> [Here] {
        var all: [Here] = []
        for (part, day) in days.enumerated() where span.days.contains(day.day) {
            let start = history.clock(of: day.day).start
            for (number, visit) in day.visits.enumerated() where !day.excluded.contains(visit.visitor) {
                for (index, event) in visit.events.enumerated() {
                    if let window = span.window, !window.contains(start + Int64(event.time)) { continue }
                    all.append(Here(part: part, visit: number, event: index))
                }
            }
        }
        return all
    }

    private func event(_ here: Here) -> PlainDay.Event {
        days[here.part].visits[here.visit].events[here.event]
    }

    private func rows(_ question: Question, _ filter: Filter, _ dimensions: [Dimension]) -> [[[UInt8]]: Row] {
        var rows: [[[UInt8]]: Row] = [:]
        for here in all(question.span) where holds(filter, here) {
            let visit = days[here.part].visits[here.visit]
            let event = event(here)
            var combinations: [[[UInt8]]] = [[]]
            for dimension in dimensions {
                let values = values(dimension, question.goals, here)
                    .filter { !($0.isEmpty && dimension.unknown == nil) }
                combinations = combinations.flatMap { some in values.map { some + [Array($0.utf8)] } }
            }
            for values in combinations {
                var row = rows[values] ?? Row()
                row.visitors.insert([here.part, visit.visitor])
                let isFirst = row.visits.insert([here.part, here.visit]).inserted
                func add(_ sum: Sum, _ value: Int) { row.sums.values[sum.rawValue] += Int64(value) }
                row.sums.values[Sum.visitors.rawValue] = Int64(row.visitors.count)
                row.sums.values[Sum.visits.rawValue] = Int64(row.visits.count)
                add(.events, 1)
                if event.isPageView { add(.pageViews, 1) }
                if isFirst, visit.bounced { add(.bounces, 1) }
                if isFirst { add(.duration, visit.duration) }
                if let engagement = event.engagement {
                    add(.engagement, engagement)
                    add(.engaged, 1)
                }
                if let depth = event.depth {
                    add(.depth, depth)
                    add(.deep, 1)
                }
                if visit.events.lastIndex(where: \.isPageView) == here.event { add(.exits, 1) }
                if let money = event.money {
                    row.money[
                        Array(money.currency.utf8),
                        default: .init(currency: money.currency, amount: 0, count: 0)
                    ].amount += money.amount
                    row.money[Array(money.currency.utf8)]!.count += 1
                }
                rows[values] = row
            }
        }
        return rows
    }

    /// None, one, or for goals several.
    private func values(_ dimension: Dimension, _ goals: [Goal], _ here: Here) -> [String] {
        let visit = days[here.part].visits[here.visit]
        switch dimension.kind {
        case .column(let column): return [column.isOfVisit ? visit.texts[column] ?? "" : event(here)[column]]
        case .entryPage: return [visit.entryPage ?? ""]
        case .exitPage: return [visit.exitPage ?? ""]
        case .entryHostname: return [visit.entryHostname ?? ""]
        case .exitHostname: return [visit.exitHostname ?? ""]
        case .goal: return goals.filter { holds(.goal($0), here) }.map(\.name)
        case .property(let key): return event(here).properties[key].map { [$0] } ?? []
        case .time(let interval):
            return [label(days[here.part].day, event(here).time, interval)]
        }
    }

    // MARK: Time

    private func label(_ day: Day, _ time: Int, _ interval: Dimension.Interval) -> String {
        let shown = history.clock(of: day).shown(after: time)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        switch interval {
        case .quarter: return "\(day) \(two(shown / 3_600)):\(two(shown % 3_600 / 900 * 15))"
        case .hour: return "\(day) \(two(shown / 3_600)):00"
        case .day: return "\(day)"
        case .week: return "\(day.monday)"
        case .month: return "\(day.firstOfMonth)"
        }
    }

    private func pieces(_ question: Question) -> [String] {
        let interval = question.dimensions[0].interval!
        var labels: Set<String> = []
        var day = question.span.days.lowerBound
        while day <= question.span.days.upperBound {
            let clock = history.clock(of: day)
            let isWhole = question.span.window == nil && ![.hour, .quarter].contains(interval)
            if isWhole { labels.insert(label(day, 0, interval)) }
            for second in stride(from: 0, to: Int(clock.end - clock.start), by: 60) {
                if let window = question.span.window,
                    !window.overlaps(clock.start + Int64(second)..<clock.start + Int64(second) + 60)
                {
                    continue
                }
                labels.insert(label(day, second, interval))
            }
            day = day.advanced(by: 1)
        }
        return labels.sorted()
    }

    // MARK: Conditions

    private func holds(_ filter: Filter, _ here: Here) -> Bool {
        switch filter {
        case .all(let filters): return filters.allSatisfy { holds($0, here) }
        case .any(let filters): return filters.contains { holds($0, here) }
        case .not(let filter): return !holds(filter, here)
        case .hasDone(let filter):
            return days[here.part].visits[here.visit].events.indices.contains {
                holds(filter, Here(part: here.part, visit: here.visit, event: $0))
            }
        case .match(let match):
            let isMet = values(match.dimension, [], here).contains { value in
                match.values.contains { compare(value, $0, match) }
            }
            return isMet != match.isNegated
        case .goal(let goal):
            let event = event(here)
            let isReached =
                switch goal.kind {
                case .event(let name): !event.isPageView && event.name == name
                case .page(let pattern): event.isPageView && isLike(event[.page][...], pattern[...])
                case .scroll(let pattern, let depth):
                    event.isPageView && isLike(event[.page][...], pattern[...]) && event.depth ?? -1 >= depth
                        && event.depth != nil
                }
            return isReached && goal.condition.map { holds($0, here) } ?? true
        }
    }

    private func compare(_ value: String, _ wanted: String, _ match: Filter.Match) -> Bool {
        if match.comparison == .matches { return expressions[wanted]!(value) }
        let left = Array((match.isCaseSensitive ? value : value.lowercased()).utf8)
        let right = Array((match.isCaseSensitive ? wanted : wanted.lowercased()).utf8)
        if match.comparison == .equals { return left == right }
        return right.isEmpty || left.indices.contains { left[$0...].starts(with: right) }
    }

    private func isLike(_ text: Substring, _ pattern: Substring) -> Bool {
        guard let first = pattern.first else { return text.isEmpty }
        if pattern.hasPrefix("**") {
            return isLike(text, pattern.dropFirst(2)) || !text.isEmpty && isLike(text.dropFirst(), pattern)
        }
        if first == "*" {
            return isLike(text, pattern.dropFirst())
                || !text.isEmpty && text.first != "/" && isLike(text.dropFirst(), pattern)
        }
        return text.first == first && isLike(text.dropFirst(), pattern.dropFirst())
    }
}
