import Days

/// Makes plans of questions, and finds what they share.
struct Compiler {
    private(set) var plans: [Plan] = []
    private(set) var selections: [Selection] = []
    private(set) var tests: [TextTest] = []
    private var plansByKey: [Fingerprint: Int] = [:]
    private var selectionsByKey: [Fingerprint: Int] = [:]
    private var testsByKey: [Fingerprint: Int] = [:]

    mutating func answering(
        _ question: Question, history: ZoneHistory, limits: Engine.Limits
    ) throws(QuestionError) -> Answering {
        var metrics = question.metrics
        for case .metric(let metric) in question.order.map(\.key) where !metrics.contains(metric) {
            metrics.append(metric)
        }
        let plan = try plan(
            question, question.filter, question.dimensions, sums: metrics.flatMap(\.needs),
            needsMoney: metrics.contains(where: \.needsMoney))
        var bases: [Metric: Answering.Basis] = [:]
        for metric in metrics {
            switch metric.basis {
            case nil: bases[metric] = .nobody
            case .selection: bases[metric] = .total(plan: try self.plan(question, question.filter, []))
            case .withoutGoals:
                bases[metric] = .total(plan: try self.plan(question, question.filter.withoutGoals, []))
            case .sameRowWithoutGoals:
                let axes = question.dimensions.indices.filter { question.dimensions[$0].kind != .goal }
                let basis = try self.plan(
                    question, question.filter.withoutGoals, axes.map { question.dimensions[$0] })
                bases[metric] = axes.isEmpty ? .total(plan: basis) : .row(plan: basis, axes: axes)
            }
        }
        var series: [UInt32]?
        if question.isSeries, let interval = question.dimensions[0].interval {
            series = try TimeValue.all(interval, of: question.span, history: history, limit: limits.rows)
        }
        return Answering(question: question, plan: plan, bases: bases, series: series)
    }

    mutating func plan(_ funnel: FunnelQuestion) throws(QuestionError) -> FunnelPlan {
        var steps: [Condition] = []
        var groups = funnel.filter.groups.union(funnel.span.groups)
        for step in funnel.funnel.steps {
            steps.append(try condition(step))
            groups.formUnion(step.condition?.groups ?? [])
        }
        return FunnelPlan(
            span: funnel.span, selection: try selection(funnel.filter, funnel.span.window), steps: steps,
            scope: funnel.funnel.scope, groups: groups)
    }

    /// The number of a plan; visitors are what a basis needs.
    private mutating func plan(
        _ question: Question, _ filter: Filter, _ dimensions: [Dimension], sums: [Sum] = [.visitors],
        needsMoney: Bool = false
    ) throws(QuestionError) -> Int {
        let goals = dimensions.contains { $0.kind == .goal } ? question.goals : []
        var key = Fingerprint()
        key.add(filter)
        key.add(question.span)
        for dimension in dimensions { key.add(dimension) }
        for goal in goals {
            key.add(goal.name)
            key.add(goal)
        }
        let number: Int
        if let known = plansByKey[key] {
            number = known
        } else {
            number = plans.count
            let selection = try selection(filter, question.span.window)
            var goalConditions: [Condition] = []
            var groups = filter.groups.union(question.span.groups)
            for goal in goals {
                goalConditions.append(try condition(goal))
                groups.formUnion(goal.condition?.groups ?? [])
            }
            for dimension in dimensions { groups.formUnion(dimension.group) }
            plans.append(
                Plan(
                    span: question.span, selection: selection, axes: dimensions.map(Compiler.axis),
                    dropsEmpty: dimensions.map { $0.unknown == nil }, goals: goals,
                    goalConditions: goalConditions, sums: [], needsMoney: false, groups: groups))
            plansByKey[key] = number
        }
        plans[number].sums.formUnion(sums)
        plans[number].needsMoney = plans[number].needsMoney || needsMoney
        plans[number].sums.insert(plans[number].presence)
        if sums.contains(.duration) { plans[number].groups.insert(.times) }
        return number
    }

    private static func axis(_ dimension: Dimension) -> Plan.Axis {
        switch dimension.kind {
        case .column(let column): .column(column)
        case .entryPage: .entryPage
        case .exitPage: .exitPage
        case .entryHostname: .entryHostname
        case .exitHostname: .exitHostname
        case .property(let key): .property(key)
        case .goal: .goal
        case .time(let interval): .time(interval)
        }
    }

    private mutating func selection(_ filter: Filter, _ window: Range<Int64>?) throws(QuestionError) -> Int {
        var key = Fingerprint()
        key.add(filter)
        key.add(window)
        if let known = selectionsByKey[key] { return known }
        let conjuncts = try condition(filter).conjuncts
        selections.append(
            Selection(
                ofVisits: conjuncts.filter(\.isOfVisit), ofEvents: conjuncts.filter { !$0.isOfVisit },
                window: window))
        selectionsByKey[key] = selections.count - 1
        return selections.count - 1
    }

    // MARK: Conditions

    private mutating func condition(_ filter: Filter) throws(QuestionError) -> Condition {
        switch filter {
        case .all(let filters): return .all(try conditions(filters))
        case .any(let filters): return .any(try conditions(filters))
        case .not(let filter): return .not(try condition(filter))
        case .hasDone(let filter): return .hasDone(try condition(filter))
        case .goal(let goal): return try condition(goal)
        case .match(let match):
            let text: Condition.Text
            switch match.dimension.kind {
            case .column(let column): text = .column(column)
            case .entryPage: text = .entryPage
            case .exitPage: text = .exitPage
            case .entryHostname: text = .entryHostname
            case .exitHostname: text = .exitHostname
            case .property(let key): text = .property(key)
            case .goal, .time: throw QuestionError("\(match.dimension.title) is nothing to filter by.")
            }
            return .text(
                text,
                test: try test(text) { () throws(QuestionError) in
                    try TextTest(match)
                } key: {
                    $0.add(match)
                })
        }
    }

    private mutating func conditions(_ filters: [Filter]) throws(QuestionError) -> [Condition] {
        var conditions: [Condition] = []
        for filter in filters { conditions.append(try condition(filter)) }
        return conditions
    }

    private mutating func condition(_ goal: Goal) throws(QuestionError) -> Condition {
        var conditions: [Condition]
        switch goal.kind {
        case .event(let name):
            let test = try test(.column(.name)) { () throws(QuestionError) in
                TextTest(equals: name)
            } key: {
                $0.add("event")
                $0.add(name)
            }
            conditions = [.isPageView(false), .text(.column(.name), test: test)]
        case .page(let pattern): conditions = try pageConditions(pattern)
        case .scroll(let pattern, let depth): conditions = try pageConditions(pattern) + [.isRead(to: depth)]
        }
        if let condition = goal.condition { conditions.append(try self.condition(condition)) }
        return .all(conditions)
    }

    private mutating func pageConditions(_ pattern: String) throws(QuestionError) -> [Condition] {
        let test = try test(.column(.page)) { () throws(QuestionError) in
            TextTest(pattern: pattern)
        } key: {
            $0.add("pattern")
            $0.add(pattern)
        }
        return [.isPageView(true), .text(.column(.page), test: test)]
    }

    /// The number of a test; what it says is remembered for each text of one dictionary.
    private mutating func test(
        _ text: Condition.Text, _ make: () throws(QuestionError) -> TextTest,
        key build: (inout Fingerprint) -> Void
    ) throws(QuestionError) -> Int {
        var key = Fingerprint()
        build(&key)
        key.add(text)
        if let known = testsByKey[key] { return known }
        tests.append(try make())
        testsByKey[key] = tests.count - 1
        return tests.count - 1
    }
}
