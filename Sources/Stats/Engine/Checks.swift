import Days

extension Question {
    /// What may be asked at once.
    package enum Limit {
        package static let dimensions = 3
        package static let metrics = 20
        package static let goals = 64
        package static let steps = 2...8
        package static let rows = 1...10_000
        package static let orders = 20
        /// Of a filter: how deep it may be, how many conditions it may have, and how many values one of them.
        package static let depth = 16
        package static let conditions = 200
        package static let values = 1_000
        /// Of a value, and of a regular expression, in bytes.
        package static let length = 10_000
        package static let expression = 1_000
    }
}

extension Filter {
    /// Throws a sentence for the user if it makes no sense or is too much.
    package func check() throws(QuestionError) {
        var conditions = 0
        try check(depth: 1, &conditions, isOfGoal: false)
    }

    fileprivate func check(depth: Int, _ conditions: inout Int, isOfGoal: Bool) throws(QuestionError) {
        guard depth <= Question.Limit.depth else {
            throw QuestionError("Conditions may stand within each other \(Question.Limit.depth) deep.")
        }
        conditions += 1
        guard conditions <= Question.Limit.conditions else {
            throw QuestionError("A filter may have \(Question.Limit.conditions) conditions.")
        }
        switch self {
        case .all(let filters), .any(let filters):
            for filter in filters { try filter.check(depth: depth + 1, &conditions, isOfGoal: isOfGoal) }
        case .not(let filter), .hasDone(let filter):
            try filter.check(depth: depth + 1, &conditions, isOfGoal: isOfGoal)
        case .match(let match): try match.check()
        case .goal(let goal):
            guard !isOfGoal else { throw QuestionError("What a goal asks for cannot be another goal.") }
            try goal.check(depth: depth, &conditions)
        }
    }
}

extension Filter.Match {
    fileprivate func check() throws(QuestionError) {
        switch dimension.kind {
        case .goal, .time: throw QuestionError("\(dimension.title) is nothing to filter by.")
        default: break
        }
        guard !values.isEmpty else {
            throw QuestionError("Choose a value of \(dimension.title) to filter by.")
        }
        guard values.count <= Question.Limit.values else {
            throw QuestionError("A condition may have \(Question.Limit.values) values.")
        }
        guard values.allSatisfy({ $0.utf8.count <= Question.Limit.length }) else {
            throw QuestionError("A value to filter by may be \(Question.Limit.length) bytes long.")
        }
        if comparison == .matches {
            guard values.allSatisfy({ $0.utf8.count <= Question.Limit.expression }) else {
                throw QuestionError("A regular expression may be \(Question.Limit.expression) bytes long.")
            }
            for value in values { _ = try Expression(value) }
        }
    }
}

extension Goal {
    /// Throws a sentence for the user if it makes no sense or is too much.
    package func check() throws(QuestionError) {
        var conditions = 0
        try check(depth: 0, &conditions)
    }

    fileprivate func check(depth: Int, _ conditions: inout Int) throws(QuestionError) {
        let text =
            switch kind {
            case .event(let name): name
            case .page(let pattern), .scroll(let pattern, _): pattern
            }
        guard text.utf8.count <= Question.Limit.length else {
            throw QuestionError("A goal's page or event may be \(Question.Limit.length) bytes long.")
        }
        try condition?.check(depth: depth + 1, &conditions, isOfGoal: true)
    }
}

extension Question {
    /// Its rows are the pieces of the span.
    var isSeries: Bool { dimensions.count == 1 && dimensions[0].interval != nil }

    /// Throws a sentence for the user if it makes no sense or asks for too much.
    package func check() throws(QuestionError) {
        guard span.days.lowerBound.distance(to: span.days.upperBound) < Period.mostDays else {
            throw QuestionError("A period may be \(Period.mostDays) days long.")
        }
        guard !metrics.isEmpty else { throw QuestionError("Choose a metric.") }
        guard metrics.count <= Question.Limit.metrics else {
            throw QuestionError("A question may have \(Question.Limit.metrics) metrics.")
        }
        guard dimensions.count <= Question.Limit.dimensions else {
            throw QuestionError("A question may have \(Question.Limit.dimensions) dimensions.")
        }
        for index in dimensions.indices
        where dimensions[..<index].contains(where: { $0.isIdentical(to: dimensions[index]) }) {
            throw QuestionError("\(dimensions[index].title) is asked for twice.")
        }
        guard Question.Limit.rows.contains(limit) else {
            throw QuestionError(
                "An answer has \(Question.Limit.rows.lowerBound) to \(Question.Limit.rows.upperBound) rows.")
        }
        guard offset >= 0 else { throw QuestionError("Rows are counted from 0.") }
        guard goals.count <= Question.Limit.goals else {
            throw QuestionError("A question may have \(Question.Limit.goals) goals.")
        }
        try filter.check()
        for goal in goals { try goal.check() }
        guard order.count <= Question.Limit.orders else {
            throw QuestionError("Rows may be ordered by \(Question.Limit.orders) things.")
        }
        for key in order.map(\.key) {
            switch key {
            case .metric(let metric): try check(metric)
            case .dimension(let dimension):
                guard dimensions.contains(where: { $0.isIdentical(to: dimension) }) else {
                    throw QuestionError("Rows can be ordered by \(dimension.title) only if it is asked for.")
                }
            }
        }
        for metric in metrics { try check(metric) }
    }

    private func check(_ metric: Metric) throws(QuestionError) {
        if let objection = metric.objection(self) { throw QuestionError(objection) }
    }
}

extension Dimension {
    /// By bytes: two properties may have keys that only Unicode holds for equal.
    func isIdentical(to other: Dimension) -> Bool {
        var (left, right) = (Fingerprint(), Fingerprint())
        left.add(self)
        right.add(other)
        return left == right
    }
}

extension FunnelQuestion {
    /// Throws a sentence for the user if it makes no sense or asks for too much.
    package func check() throws(QuestionError) {
        guard Question.Limit.steps.contains(funnel.steps.count) else {
            throw QuestionError(
                "A funnel has \(Question.Limit.steps.lowerBound) to \(Question.Limit.steps.upperBound) steps."
            )
        }
        try filter.check()
        for step in funnel.steps { try step.check() }
    }
}
