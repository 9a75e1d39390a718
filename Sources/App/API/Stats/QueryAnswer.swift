import Auth
import Days
import FoundationEssentials
import Stats

/// What a query of the Stats API is answered with.
struct QueryAnswer: Sendable {
    struct Row: Sendable {
        /// As programs see them.
        var dimensions: [String]
        var figures: [Figure]
        var compared: Compared?
    }

    struct Compared: Sendable {
        var dimensions: [String]
        var figures: [Figure]
    }

    var rows: [Row]
    /// Of the days that were asked for: see `Statistics.Answers`.
    var inexactDays: [Day] = []
    /// How many there are in all.
    var total: Int
    var timeLabels: [String] = []
    var comparisonSpan: Span?
}

extension StatsQuery {
    /// A single dimension of time: the engine answers every piece of the period, those with nothing included.
    var isSeries: Bool { dimensions.count == 1 && dimensions[0].isTime }

    /// Names and dates are put in order here, where they are known, and series, which the engine leaves as they are.
    private var isOrderedHere: Bool {
        isSeries
            || order.contains {
                if case .dimension(let index) = $0.key { dimensions[index].isCountryName } else { false }
            }
    }

    private static let presence: [Metric] = [.events, .visits, .visitors]

    /// The engine's question for a span.
    func question(_ span: Span) -> Question {
        Question(
            span: span, filter: filter,
            metrics: metrics.map(\.metric) + (isSeries ? StatsQuery.presence : []),
            dimensions: dimensions.map(\.dimension), goals: goals,
            order: order.map { order in
                let key: Question.Key =
                    switch order.key {
                    case .metric(let index): .metric(metrics[index].metric)
                    case .dimension(let index): .dimension(dimensions[index].dimension)
                    }
                return Question.Order(key, order.isDescending ? .descending : .ascending)
            }, limit: isOrderedHere ? StatsQuery.mostRows : limit, offset: isOrderedHere ? 0 : offset)
    }

    /// - Throws: ``QuestionError``.
    func answer(of site: SiteAccess, _ calendar: SiteCalendar, _ web: Web) async throws -> QueryAnswer {
        var questions = [question(range.span)]
        let compared = comparing.map { comparing in
            comparing.comparison.span(
                for: range.span, at: Int64(web.now().timeIntervalSince1970.rounded(.down)),
                history: calendar.history, matchingWeekdays: comparing.matchesWeekdays)
        }
        if let compared {
            var question = question(compared)
            (question.limit, question.offset) = (StatsQuery.mostRows, 0)
            questions.append(question)
        }
        let time = includesTimeLabels ? dimensions.first(where: \.isTime) : nil
        if let time {
            questions.append(Question(span: range.span, metrics: [.events], dimensions: [time.dimension]))
        }
        let pieces = compared.flatMap { compared in
            dimensions.count > 1 ? dimensions.firstIndex(where: \.isTime).map { ($0, compared) } : nil
        }
        // Before the labels, which are last.
        let firstPieces = compared == nil ? 1 : 2
        if let (index, compared) = pieces {
            questions.insert(
                contentsOf: [range.span, compared].map {
                    Question(span: $0, metrics: [.events], dimensions: [dimensions[index].dimension])
                }, at: firstPieces)
        }
        let asked = try await web.statistics.asked(questions, funnels: [], of: site)
        let answers = asked.figures
        let beside = pieces.map { index, _ in
            PiecesBeside(index, of: answers[firstPieces], and: answers[firstPieces + 1])
        }
        var answer = try rows(answers[0], against: compared.map { (answers[1], $0) }, beside)
        answer.comparisonSpan = compared
        answer.inexactDays = asked.inexactDays.filter { range.span.days.contains($0) }
        if let time, let labels = answers.last?.rows.map({ $0.values[0] }) {
            let now = time.dimension.interval.map { calendar.label(of: $0, at: web.now()) } ?? ""
            answer.timeLabels = labels.filter { !trimsLabels || $0 <= now }
                .map { time.shown($0, from: range.span.days.lowerBound.description) }
        }
        return answer
    }

    private func rows(
        _ figures: Figures, against other: (figures: Figures, span: Span)?, _ beside: PiecesBeside?
    ) throws(QuestionError) -> QueryAnswer {
        guard
            isSeries
                || max(isOrderedHere ? figures.total : 0, other?.figures.total ?? 0) <= StatsQuery.mostRows
        else { throw QuestionError.tooLarge }
        let rows = isSeries ? series(figures, other) : matched(figures, other, beside)
        guard isOrderedHere else { return QueryAnswer(rows: rows, total: figures.total) }
        return QueryAnswer(rows: Array(ordered(rows).dropFirst(offset).prefix(limit)), total: rows.count)
    }

    /// Pieces of time in which anything was counted; those of two periods stand beside each other in their order.
    private func series(_ figures: Figures, _ other: (figures: Figures, span: Span)?) -> [QueryAnswer.Row] {
        figures.rows.indices.compactMap { index in
            let beside = other.flatMap {
                $0.figures.rows.indices.contains(index) ? $0.figures.rows[index] : nil
            }
            guard isThere(figures.rows[index]) || beside.map(isThere) == true else { return nil }
            var row = shown(figures.rows[index], range.span)
            if let other, let beside {
                let its = shown(beside, other.span)
                row.compared = .init(dimensions: its.dimensions, figures: its.figures)
            }
            return row
        }
    }

    /// The first piece of a period stands beside the first of the one that it is compared with.
    private struct PiecesBeside {
        /// Of time, among the dimensions.
        private let index: Int
        private let others: [String: String]

        /// - Parameter figures: all pieces of both periods, in order.
        init(_ index: Int, of figures: Figures, and others: Figures) {
            self.index = index
            self.others = Dictionary(zip(figures.rows, others.rows).map { ($0.values[0], $1.values[0]) }) {
                first, _ in first
            }
        }

        /// The values of the row to compare with; nil where the other period is shorter.
        func values(for values: [String]) -> [String]? {
            guard let piece = others[values[index]] else { return nil }
            var values = values
            values[index] = piece
            return values
        }
    }

    /// Every other row stands beside the one with the same values, or with those of its piece of time.
    private func matched(
        _ figures: Figures, _ other: (figures: Figures, span: Span)?, _ beside: PiecesBeside?
    ) -> [QueryAnswer.Row] {
        guard let other else { return figures.rows.map { shown($0, range.span) } }
        let nothing = metrics.map { metric -> Figure in metric.metric.unit == .count ? .number(0) : .none }
        let others = Dictionary(other.figures.rows.map { ($0.values, $0.figures) }) { first, _ in first }
        return figures.rows.map { row in
            var shown = shown(row, range.span)
            guard let values = beside.map({ $0.values(for: row.values) }) ?? row.values else { return shown }
            shown.compared = .init(
                dimensions: self.shown(.init(values: values, figures: []), other.span).dimensions,
                figures: others[values].map { Array($0.prefix(metrics.count)) } ?? nothing)
            return shown
        }
    }

    /// Whether anything was counted in a piece of time.
    private func isThere(_ row: Figures.Row) -> Bool {
        row.figures.dropFirst(metrics.count).contains { ($0.number ?? 0) > 0 }
    }

    private func shown(_ row: Figures.Row, _ span: Span) -> QueryAnswer.Row {
        let first = span.days.lowerBound.description
        return QueryAnswer.Row(
            dimensions: zip(row.values, dimensions).map { $1.shown($0, from: first) },
            figures: Array(row.figures.prefix(metrics.count)))
    }

    // MARK: Order

    private func ordered(_ rows: [QueryAnswer.Row]) -> [QueryAnswer.Row] {
        rows.sorted { left, right in
            for order in order {
                switch order.key {
                case .metric(let index):
                    let (one, other) = (left.figures[index].weight, right.figures[index].weight)
                    if one != other { return (one < other) != order.isDescending }
                case .dimension(let index):
                    let (one, other) = (left.dimensions[index], right.dimensions[index])
                    if one != other {
                        return one.utf8.lexicographicallyPrecedes(other.utf8) != order.isDescending
                    }
                }
            }
            for (one, other) in zip(left.dimensions, right.dimensions) where one != other {
                return one.utf8.lexicographicallyPrecedes(other.utf8)
            }
            return false
        }
    }
}

extension Figure {
    /// Where it stands in an order: none before every number.
    fileprivate var weight: Double {
        switch self {
        case .none: -.infinity
        case .number(let number): number
        case .money(let money): money.reduce(0) { $0 + $1.amount }
        }
    }
}
