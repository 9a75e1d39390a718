import Auth
import Postgres

/// What shared dashboards show: a segment that always holds, and no figure about fewer visitors than the link allows.
///
/// Rows below the bound are folded into one, which is not below it either: the smallest of the others go with it until it
/// is large enough. With a filter, neither the visitors that it selects nor those that it leaves out may be few: the
/// difference to the unfiltered figure would tell of them.
extension Statistics {
    /// The value of the folded row.
    package static let folded = "(other)"

    /// - Throws: ``QuestionError`` for more than one filter where figures are bounded.
    func shared(_ questions: [Question], of site: SiteAccess, _ sharing: Sharing) async throws -> Answers {
        var base = Filter.everything
        if let json = sharing.segment {
            let goals = try await SiteGoals(app: app).list(of: site).map(\.goal)
            base = try Filter(json: json, goals: goals)
        }
        let least = Double(sharing.leastVisitors)
        let within = questions.map { question in
            var question = question
            question.filter = base.isEverything ? question.filter : .all([base, question.filter])
            return question
        }
        guard least > 1 else { return try await asked(within, funnels: [], inside: site) }

        for question in questions where question.filter.matches > 1 {
            throw QuestionError("This shared dashboard takes one filter at a time.")
        }
        // Each answer with its visitors, then for each the visitors that are selected, and all of them.
        let counted = within.map { question in
            var question = question
            question.metrics.append(.visitors)
            // All rows, whatever part of them is shown: two pages that are cut differently would fold differently, and
            // their difference would tell of what is in the fold.
            (question.limit, question.offset) = (Question.Limit.rows.upperBound, 0)
            question.order = []
            if !question.dimensions.allSatisfy(\.isTime) {
                question.order = [.init(.metric(.visitors), .descending)]
            }
            return question
        }
        let selections = within.map { Question(span: $0.span, filter: $0.filter, metrics: [.visitors]) }
        let totals = within.map { Question(span: $0.span, filter: base, metrics: [.visitors]) }
        var answers = try await asked(counted + selections + totals, funnels: [], inside: site)
        let figures = answers.figures
        let count = within.count
        answers.figures = within.indices.map { index in
            let selected = Statistics.only(figures[count + index])
            let all = Statistics.only(figures[2 * count + index])
            let mayTell = [selected, all - selected].allSatisfy { $0 <= 0 || $0 >= least }
            return Statistics.bounded(
                figures[index], question: within[index], least: mayTell ? least : .infinity)
        }
        return answers
    }

    private static func only(_ figures: Figures) -> Double { figures.rows.first?.figures.first?.number ?? 0 }

    /// The answer without its last metric, visitors, and without rows that have fewer than `least` of them.
    static func bounded(_ answer: Figures, question: Question, least: Double) -> Figures {
        let visitors = answer.rows.map { $0.figures.last?.number ?? 0 }
        var hidden = visitors.indices.filter { visitors[$0] > 0 && visitors[$0] < least }
        var sum = hidden.reduce(0) { $0 + visitors[$1] }
        let smallestFirst = visitors.indices.filter { visitors[$0] >= least }.sorted {
            (visitors[$0], $0) < (visitors[$1], $1)
        }
        // One row that is missing could be worked out from the total.
        if !question.dimensions.isEmpty {
            for index in smallestFirst where !hidden.isEmpty && sum < least {
                hidden.append(index)
                sum += visitors[index]
            }
        }
        let isHidden = Set(hidden)
        func stripped(_ row: Figures.Row) -> Figures.Row {
            .init(values: row.values, figures: Array(row.figures.dropLast()))
        }
        // Totals and pieces of time keep their place, and say nothing.
        if question.dimensions.allSatisfy({ $0.isTime }) {
            let rows = answer.rows.indices.map { index in
                var row = stripped(answer.rows[index])
                if isHidden.contains(index) { row.figures = row.figures.map { $0.blank } }
                return row
            }
            return Figures(rows: rows, total: answer.total)
        }
        var rows = Statistics.ordered(
            answer.rows.indices.filter { !isHidden.contains($0) }.map { stripped(answer.rows[$0]) }, question)
        if !hidden.isEmpty, sum >= least {
            let figures = question.metrics.indices.map { column -> Figure in
                guard question.metrics[column].isAdditive else { return .none }
                return .number(hidden.reduce(0) { $0 + (answer.rows[$1].figures[column].number ?? 0) })
            }
            rows.append(
                .init(
                    values: question.dimensions.map { _ in folded }, figures: figures))
        }
        let page = rows.dropFirst(question.offset).prefix(question.limit)
        return Figures(rows: Array(page), total: rows.count)
    }

    /// In the question's order, by figures of its own and by values; what is equal stays where it is.
    private static func ordered(_ rows: [Figures.Row], _ question: Question) -> [Figures.Row] {
        let order =
            question.order.isEmpty ? [.init(.metric(question.metrics[0]), .descending)] : question.order
        func precedes(_ one: Figures.Row, _ other: Figures.Row) -> Bool {
            for key in order {
                let isAscending: Bool?
                switch key.key {
                case .metric(let metric):
                    guard let column = question.metrics.firstIndex(of: metric) else { continue }
                    let (left, right) = (one.figures[column].number ?? -1, other.figures[column].number ?? -1)
                    isAscending = left == right ? nil : left < right
                case .dimension(let dimension):
                    guard let column = question.dimensions.firstIndex(of: dimension) else { continue }
                    let (left, right) = (one.values[column], other.values[column])
                    isAscending = left == right ? nil : left < right
                }
                if let isAscending { return isAscending == (key.direction == .ascending) }
            }
            return false
        }
        return rows.sorted(by: precedes)
    }
}

extension Figure {
    /// The same kind of figure, which says nothing.
    fileprivate var blank: Figure {
        switch self {
        case .number: .number(0)
        case .none, .money: .none
        }
    }
}

extension Metric {
    /// Whether rows add.
    fileprivate var isAdditive: Bool { unit == .count && basis == nil }
}

extension Dimension {
    fileprivate var isTime: Bool {
        if case .time = kind { true } else { false }
    }
}

extension Filter {
    fileprivate var isEverything: Bool { self == .everything }

    /// How many conditions there are in it.
    fileprivate var matches: Int {
        switch self {
        case .all(let filters), .any(let filters): filters.reduce(0) { $0 + $1.matches }
        case .not(let filter), .hasDone(let filter): filter.matches
        case .match, .goal: 1
        }
    }
}
