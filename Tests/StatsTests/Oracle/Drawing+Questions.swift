import Days
import Stats

/// Draws questions that some of a site's events answer: every metric where it makes sense, every dimension, every form of
/// filter.
struct QuestionDrawing {
    var dice: Dice
    let site: RecordedSite
    private let days: [Day]
    private let seconds: [Int64]

    init(dice: Dice, site: RecordedSite) {
        self.dice = dice
        self.site = site
        let history = site.history
        seconds = site.events.map { $0.time / 1_000_000 }.sorted()
        days = Set(seconds.map { history.localDay(at: $0).day }).sorted()
    }

    private static let patterns = [
        "^a", "b$", "a.c", "^/blog/[^/]+$", "(a|b)c*", "[0-9]+", "^$", "^..$", "^/(shop|blog)", "ü", "京$",
        "^[^a]*$",
        "o{2}|%", "a\\.b", "x?", "^(pro|1)$",
    ]

    mutating func question() -> Question {
        let first = dice.one(of: days).advanced(by: dice.chance(20) ? -dice.number(1...2) : 0)
        let reach = dice.one(of: [0, 0, 1, 3, 9])
        let last = reach == 9 ? max(first, days.last!) : first.advanced(by: reach)
        let depth = dice.one(of: [0, 0, 0, 1, 1, 1, 2, 3])
        let filter = dice.chance(35) ? .everything : self.filter(depth: depth)
        var question = Question(span: Span(days: first...last), filter: filter, metrics: [])
        if dice.chance(15) {
            let begin = dice.one(of: seconds) - Int64(dice.one(of: [0, 1, 60, 1_800]))
            question.span.window =
                begin..<(begin + Int64(dice.one(of: [1, 1_800, 20_000, 50_000, 100_000, 200_000])))
        }
        if dice.chance(20) {
            question.filter = .all([question.filter] + (0..<dice.one(of: [1, 1, 2])).map { _ in goals() })
        }
        question.goals = dice.some(dice.one(of: [0, 1, 2, 3, 3]), of: [1, 2, 3]).map { goal(id: Int64($0)) }
        question.dimensions = dimensions(goals: question.goals)
        let sensible = Metric.all.filter { $0.objection(question) == nil }
        question.metrics = dice.some(dice.number(1...5), of: sensible)
        let conversions = sensible.filter {
            $0.id.hasSuffix("conversion_rate") && !question.metrics.contains($0)
        }
        if dice.chance(60) { question.metrics += conversions.prefix(1) }
        if dice.chance(50), !question.dimensions.isEmpty {
            let keys: [Question.Key] =
                question.metrics.map { .metric($0) } + question.dimensions.map { .dimension($0) }
            question.order = dice.some(dice.number(1...3), of: keys)
                .map { .init($0, dice.chance(50) ? .ascending : .descending) }
        }
        question.limit = dice.one(of: [1, 2, 5, 10, 1_000])
        question.offset = dice.chance(question.dimensions.isEmpty ? 97 : 85) ? 0 : dice.number(1...5)
        return question
    }

    mutating func funnel() -> FunnelQuestion {
        let about = question()
        let steps = (0..<dice.one(of: [2, 2, 2, 3, 4, 8])).map { step in
            // What is reached often, so that some come far.
            dice.chance(50)
                ? Goal(id: Int64(step), name: "", kind: .page(dice.one(of: ["**", "/**", "/*"])))
                : goal(id: Int64(step))
        }
        let filter = dice.chance(50) ? .everything : about.filter
        return FunnelQuestion(
            Funnel(steps: steps, scope: dice.one(of: Funnel.Scope.allCases)), span: about.span, filter: filter
        )
    }

    private mutating func dimensions(goals: [Goal]) -> [Dimension] {
        let keys = SiteDrawing.keys + ["never told"]
        var all = dice.some(6, of: Dimension.all.filter { $0.kind != .goal || !goals.isEmpty })
        all += dice.some(1, of: keys).map { .property($0) }
        // More often than once in thirty.
        if dice.chance(20) { all = Dimension.all.filter { $0.interval != nil } + all.prefix(1) }
        if dice.chance(20), !goals.isEmpty {
            return dice.some(dice.number(1...3), of: [.goal, .page, .source, .day])
        }
        return dice.some(
            dice.one(of: [0, 1, 1, 1, 1, 2, 2, 3]), of: Array(Set(all)).sorted { $0.id < $1.id })
    }

    /// A goal that has to be reached, or one of several.
    private mutating func goals() -> Filter {
        dice.chance(60)
            ? .goal(goal(id: 9)) : .any((0..<dice.number(1...2)).map { .goal(goal(id: Int64($0 + 10))) })
    }

    private mutating func goal(id: Int64) -> Goal {
        let customs = site.events.map { $0[.name] }.filter { $0 != "pageview" && $0 != "engagement" }
        let custom = dice.one(of: customs.isEmpty ? SiteDrawing.names : customs)
        let pattern =
            dice.chance(40)
            ? dice.one(of: site.events)[.page]
            : dice.one(of: [
                "/*", "/*", "/**", "/**", "/blog*", "/blog/*", "**/a", "*", "/a+b.?", "/*/*", "/**/b",
            ])
        let kind: Goal.Kind =
            switch dice.number(0...3) {
            case 0, 1: .event(dice.chance(90) ? custom : dice.one(of: SiteDrawing.names + ["pageview"]))
            case 2: .page(pattern)
            default: .scroll(page: pattern, depth: dice.one(of: [0, 1, 10, 55, 100]))
            }
        let condition = dice.chance(20) ? filter(depth: dice.number(0...1), withGoals: false) : nil
        return Goal(
            id: id, name: dice.one(of: ["Goal", "goal", "Ziel ü"]) + " \(id)", kind: kind,
            condition: condition)
    }

    private mutating func filter(depth: Int, withGoals: Bool = true) -> Filter {
        if depth == 0 {
            switch dice.number(0...9) {
            case 0: return .everything
            case 1 where withGoals: return .goal(goal(id: 20))
            default: return .match(match())
            }
        }
        let several = (0..<dice.one(of: [0, 1, 2, 2, 2, 3])).map { _ in
            filter(depth: depth - 1, withGoals: withGoals)
        }
        switch dice.number(0...9) {
        case 0...1: return .all(several)
        case 2...5: return .any(several.isEmpty && dice.chance(80) ? [.everything] : several)
        case 6: return .not(filter(depth: depth - 1, withGoals: withGoals))
        case 7: return .not(.hasDone(filter(depth: depth - 1, withGoals: withGoals)))
        default: return .hasDone(filter(depth: depth - 1, withGoals: withGoals))
        }
    }

    private mutating func match() -> Filter.Match {
        let usual: [Dimension] = [
            .page, .entryPage, .exitPage, .entryHostname, .exitHostname, .event, .event, .hostname, .source,
            .country,
            .property(dice.one(of: SiteDrawing.keys)),
        ]
        let any = Dimension.all.filter { $0.kind != .goal && $0.interval == nil }
        let dimension = dice.one(of: dice.chance(50) ? usual : any)
        let comparison = dice.one(of: Filter.Comparison.allCases)
        let values = (0..<dice.one(of: [1, 2, 3, 5])).map { _ in
            comparison == .matches
                ? dice.one(of: Self.patterns) : value(of: dimension, part: comparison == .contains)
        }
        return Filter.Match(
            dimension, comparison, values, isNegated: dice.chance(35),
            isCaseSensitive: comparison == .matches || dice.chance(70))
    }

    /// One that the site has, mostly; or part of it.
    private mutating func value(of dimension: Dimension, part: Bool) -> String {
        let event = dice.one(of: site.events)
        let value =
            switch dimension.kind {
            case .column(let column): event[column]
            case .entryPage, .exitPage: event[.page]
            case .entryHostname, .exitHostname: event[.hostname]
            case .property(let key): event.properties[key] ?? dice.one(of: SiteDrawing.values)
            case .goal, .time: ""
            }
        switch dice.number(0...9) {
        case 0: return dice.one(of: SiteDrawing.texts)
        case 1: return value.uppercased()
        case 2: return value.lowercased()
        case 3...6 where part && !value.isEmpty:
            let scalars = Array(value.unicodeScalars)
            let begin = dice.number(0...scalars.count - 1)
            return String(String.UnicodeScalarView(scalars[begin...dice.number(begin...scalars.count - 1)]))
        default: return value
        }
    }
}
