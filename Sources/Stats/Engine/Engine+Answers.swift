extension Engine {
    /// One for each question, in their order.
    ///
    /// - Throws: ``QuestionError/tooLarge``.
    package func answers(_ partial: Partial) throws(QuestionError) -> [Figures] {
        var answers: [Figures] = []
        for answering in answering {
            let rows = AnswerRows(self, answering, partial)
            guard answering.series != nil || rows.count <= limits.rows else { throw .tooLarge }
            answers.append(rows.figures())
        }
        return answers
    }

    /// One for each funnel, in their order.
    package func funnelAnswers(_ partial: Partial) -> [FunnelFigures] { partial.funnels }
}

/// The rows of one question, on their way to be ordered and cut.
struct AnswerRows {
    private let answering: Answering
    private let plan: Plan
    private let partial: Engine.Partial
    private let tally: Tally
    /// The tally's numbers of the rows that are there.
    private let rows: [Int]
    /// By row, where money is asked for.
    private let money: [Int: [Sums.Money]]
    /// By their raw values.
    private let needed: [Int]

    init(_ engine: Engine, _ answering: Answering, _ partial: Engine.Partial) {
        self.answering = answering
        self.partial = partial
        plan = engine.plans[answering.plan]
        tally = partial.tallies[answering.plan]
        needed = plan.sums.map(\.rawValue)
        if plan.axes.isEmpty {
            rows = [0]
        } else {
            let present = tally.sums[plan.presence.rawValue]
            rows = present.indices.filter { present[$0] > 0 }
        }
        money = AnswerRows.money(tally, partial.dictionaries)
    }

    var count: Int { rows.count }

    func figures() -> Figures {
        if let series = answering.series, case .time(let interval) = plan.axes[0] {
            return Figures(
                rows: series.map { id in
                    Figures.Row(
                        values: [TimeValue.label(id, interval)],
                        figures: figures(of: tally.known(RowKey(first: id)), RowKey(first: id)))
                }, total: series.count)
        }
        let question = answering.question
        let offset = min(question.offset, rows.count)
        let chosen = ordered(upTo: offset + question.limit).dropFirst(offset)
        return Figures(
            rows: chosen.map { row in
                let key = key(row)
                return Figures.Row(
                    values: plan.axes.indices.map { text(key[$0], $0) }, figures: figures(of: row, key))
            }, total: rows.count)
    }

    // MARK: Figures

    private func figures(of row: Int?, _ key: RowKey) -> [Figure] {
        var sums = Sums()
        load(row, into: &sums)
        return answering.question.metrics.map { $0.figure(sums, basis(of: $0, key)) }
    }

    private func load(_ row: Int?, into sums: inout Sums) {
        for sum in needed {
            sums.values[sum] = row.flatMap { $0 < tally.rowCount ? tally.sums[sum][$0] : nil } ?? 0
        }
        if !money.isEmpty { sums.money = row.flatMap { money[$0] } ?? [] }
    }

    private func basis(of metric: Metric, _ key: RowKey) -> Int64 {
        switch answering.bases[metric] {
        case nil, .nobody: return 0
        case .total(let plan): return partial.tallies[plan].sums[Sum.visitors.rawValue].first ?? 0
        case .row(let plan, let axes):
            var its = RowKey()
            for (place, axis) in axes.enumerated() { its[place] = key[axis] }
            let tally = partial.tallies[plan]
            return tally.known(its).map { tally.sums[Sum.visitors.rawValue][$0] } ?? 0
        }
    }

    private func key(_ row: Int) -> RowKey {
        tally.table?.keys[row] ?? RowKey(first: UInt32(row))
    }

    /// Currencies in the order of their codes' bytes.
    private static func money(_ tally: Tally, _ site: SiteDictionaries?) -> [Int: [Sums.Money]] {
        guard let site, !tally.money.isEmpty else { return [:] }
        var money: [Int: [Sums.Money]] = [:]
        for (key, amount) in tally.money {
            let currency = site.texts(of: .currency).string(UInt32(truncatingIfNeeded: key))
            money[Int(key >> 32), default: []]
                .append(Sums.Money(currency: currency, amount: amount.amount, count: amount.count))
        }
        return money.mapValues { $0.sorted { $0.currency.utf8.lexicographicallyPrecedes($1.currency.utf8) } }
    }

    // MARK: Order

    /// The first rows, in the question's order.
    private func ordered(upTo end: Int) -> [Int] {
        if rows.count == 1 { return rows }
        let question = answering.question
        let order =
            question.order.isEmpty ? [.init(.metric(question.metrics[0]), .descending)] : question.order
        var candidates = rows
        var weights: [[Double]?] = order.map { _ in nil }
        if case .metric(let metric) = order[0].key {
            let sign: Double = order[0].direction == .descending ? 1 : -1
            let all = self.weights(metric, rows, sign: sign)
            // Texts are looked at only of those that may be among them.
            if rows.count > end {
                let least = AnswerRows.least(ofGreatest: end, all)
                let kept = all.indices.filter { all[$0] >= least }
                candidates = kept.map { rows[$0] }
                weights[0] = kept.map { all[$0] }
            } else {
                weights[0] = all
            }
        }
        for (index, order) in order.enumerated() {
            guard weights[index] == nil, case .metric(let metric) = order.key else { continue }
            weights[index] = self.weights(metric, candidates, sign: order.direction == .descending ? 1 : -1)
        }
        let comparison = Comparison(
            weights: weights, texts: plan.axes.indices.map { texts(candidates, $0) },
            axes: order.map { order in
                guard case .dimension(let dimension) = order.key else { return nil }
                return question.dimensions.firstIndex { $0.isIdentical(to: dimension) }
            }, isDescending: order.map { $0.direction == .descending })
        let sorted = candidates.indices.sorted(by: comparison.precedes)
        return sorted.prefix(end).map { candidates[$0] }
    }

    private struct Comparison {
        /// Of each key of the order that is a figure: by candidate, greater first.
        let weights: [[Double]?]
        /// Of each axis.
        let texts: [CopiedTexts]
        /// Of each key of the order that is a value: which.
        let axes: [Int?]
        let isDescending: [Bool]

        func precedes(_ left: Int, _ right: Int) -> Bool {
            for key in weights.indices {
                if let weights = weights[key] {
                    if weights[left] != weights[right] { return weights[left] > weights[right] }
                } else if let axis = axes[key] {
                    let order = texts[axis].compare(left, right)
                    if order != 0 { return (order < 0) != isDescending[key] }
                }
            }
            for texts in texts {
                let order = texts.compare(left, right)
                if order != 0 { return order < 0 }
            }
            return left < right
        }
    }

    /// A figure's weight in an order: none is less than every number.
    private func weights(_ metric: Metric, _ rows: [Int], sign: Double) -> [Double] {
        var sums = Sums()
        return rows.map { row in
            load(row, into: &sums)
            let weight: Double =
                switch metric.figure(sums, basis(of: metric, key(row))) {
                case .none: -.infinity
                case .number(let number): number
                case .money(let money): money.reduce(0) { $0 + $1.amount }
                }
            return sign * weight
        }
    }

    /// The least of the greatest so many: a heap holds them, with the least on top.
    private static func least(ofGreatest count: Int, _ weights: [Double]) -> Double {
        var heap = Array(weights.prefix(count)).sorted()
        for weight in weights.dropFirst(count) where weight > heap[0] {
            var place = 0
            while true {
                var child = 2 * place + 1
                if child >= heap.count { break }
                if child + 1 < heap.count, heap[child + 1] < heap[child] { child += 1 }
                if heap[child] >= weight { break }
                heap[place] = heap[child]
                place = child
            }
            heap[place] = weight
        }
        return heap[0]
    }

    // MARK: Texts

    private func text(_ id: UInt32, _ axis: Int) -> String {
        switch plan.axes[axis] {
        case .goal: plan.goals[Int(id)].name
        case .time(let interval): TimeValue.label(id, interval)
        default: sharedTexts(axis)?.string(id) ?? ""
        }
    }

    private func texts(_ rows: [Int], _ axis: Int) -> CopiedTexts {
        let ids = rows.map { key($0)[axis] }
        if let shared = sharedTexts(axis) { return shared.copies(of: ids) }
        var texts = CopiedTexts(count: ids.count)
        for id in ids { texts.append(text(id, axis)) }
        return texts
    }

    private func sharedTexts(_ axis: Int) -> SharedTexts? {
        switch plan.axes[axis] {
        case .column(let column): partial.dictionaries?.texts(of: column)
        case .entryPage, .exitPage: partial.dictionaries?.texts(of: .page)
        case .entryHostname, .exitHostname: partial.dictionaries?.texts(of: .hostname)
        case .property(let key): partial.dictionaries?.texts(ofProperty: key)
        case .goal, .time: nil
        }
    }
}
