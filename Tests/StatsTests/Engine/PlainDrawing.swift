import Days
import Stats

/// Draws small sites, and questions that some of their events answer.
struct PlainDrawing {
    var dice: Dice
    let history: ZoneHistory
    let days: [Day]

    static let zones = [
        ("UTC", "2026-03-01"), ("Europe/Berlin", "2026-03-28"), ("America/New_York", "2026-10-31"),
        ("Australia/Lord_Howe", "2026-04-03"), ("Australia/Lord_Howe", "2026-10-02"),
        ("Asia/Kathmandu", "2026-12-30"),
    ]

    // Composed and decomposed: Swift holds them for equal, bytes do not.
    private static let texts = ["", "a", "A", "b", "ab", "\u{e9}", "e\u{301}", "(other)"]
    private static let pages = ["", "/", "/a", "/a/b", "/a/b/c", "/blog/x", "/blog/y", "/A"]
    private static let names = ["pageview", "pageview", "pageview", "Signup", "Buy", ""]
    private static let keys = ["plan", "\u{e9}"]
    static let expressions: [String: @Sendable (String) -> Bool] = [
        "^a": { $0.utf8.first == UInt8(ascii: "a") }, "b$": { $0.utf8.last == UInt8(ascii: "b") },
        "^$": { $0.isEmpty }, "/": { $0.utf8.contains(UInt8(ascii: "/")) }, ".*": { _ in true },
        "(?i)^A$": { $0 == "a" || $0 == "A" },
    ]

    init(seed: UInt64) {
        dice = Dice(seed: seed)
        let zone = dice.one(of: PlainDrawing.zones)
        history = ZoneHistory(Zone.named(zone.0)!)
        days = (0..<dice.number(1...4)).map { Day(zone.1)!.advanced(by: $0) }
    }

    // MARK: Sites

    mutating func site() -> [PlainDay] {
        var parts: [PlainDay] = []
        for day in days {
            for _ in 0..<dice.one(of: [0, 1, 1, 1, 2]) { parts.append(part(day)) }
        }
        return parts
    }

    private mutating func part(_ day: Day) -> PlainDay {
        let length = history.clock(of: day).end - history.clock(of: day).start
        var part = PlainDay(day: day, visits: [])
        for visitor in 0..<dice.number(0...10) {
            for _ in 0..<dice.one(of: [1, 1, 2, 3]) {
                var visit = PlainDay.Visit(visitor: visitor, events: [])
                for column in Column.allCases where column.isOfVisit && dice.chance(50) {
                    visit.texts[column] = dice.one(of: Self.texts)
                }
                visit.duration = dice.number(0...4_000)
                visit.bounced = dice.chance(40)
                var time = dice.number(0...Int(length) - 1)
                for _ in 0..<dice.number(1...5) {
                    visit.events.append(event(time))
                    time = min(time + dice.number(0...1_800), Int(length) - 1)
                }
                part.visits.append(visit)
            }
        }
        if dice.chance(25), part.visitorCount > 0 {
            part.excluded = Set(dice.some(2, of: Array(0..<part.visitorCount)))
        }
        return part
    }

    private mutating func event(_ time: Int) -> PlainDay.Event {
        var event = PlainDay.Event(name: dice.one(of: Self.names), time: time)
        event.texts = [
            .page: dice.one(of: Self.pages), .hostname: dice.one(of: Self.texts),
            .title: dice.one(of: Self.texts),
        ]
        if event.isPageView, dice.chance(40) { event.engagement = dice.number(0...90_000) }
        if event.isPageView, dice.chance(40) { event.depth = dice.number(0...100) }
        if dice.chance(15) {
            event.money = (dice.one(of: ["EUR", "USD", ""]), Int64(dice.number(-50...900)) * 10_000)
        }
        for key in Self.keys where dice.chance(20) { event.properties[key] = dice.one(of: Self.texts) }
        return event
    }

    // MARK: Questions

    private mutating func span() -> Span {
        let first = dice.one(of: days).advanced(by: dice.chance(10) ? -1 : 0)
        var span = Span(days: first...max(first, dice.chance(60) ? days.last! : first))
        if dice.chance(25) {
            let begin = history.start(of: first) + Int64(dice.number(-3_600...90_000))
            span.window = begin..<begin + Int64(dice.one(of: [1, 900, 1_800, 7_200, 100_000, 400_000]))
        }
        return span
    }

    mutating func question() -> Question {
        var question = Question(
            span: span(), filter: dice.chance(35) ? .everything : filter(2, goals: true), metrics: [])
        if dice.chance(25) { question.filter = .all([question.filter, .goal(goal(7))]) }
        question.goals = (0..<dice.number(0...3)).map { goal(Int64($0)) }
        let all = Dimension.all + [.property("plan"), .property("\u{e9}"), .property("none")]
        question.dimensions = dice.some(dice.one(of: [0, 1, 1, 1, 1, 2, 2, 3]), of: all)
        question.metrics = dice.some(
            dice.number(1...6), of: Metric.all.filter { $0.objection(question) == nil })
        if dice.chance(40), !question.dimensions.isEmpty {
            let keys =
                question.dimensions.map { Question.Key.dimension($0) } + question.metrics.map { .metric($0) }
                + [.metric(.visits), .metric(.totalRevenue)]
            question.order = dice.some(dice.number(1...3), of: keys)
                .map { .init($0, dice.chance(50) ? .ascending : .descending) }
        }
        question.limit = dice.one(of: [1, 2, 5, 10, 10_000])
        question.offset = dice.chance(75) ? 0 : dice.number(1...9)
        return question
    }

    mutating func funnel() -> FunnelQuestion {
        let steps = (0..<dice.number(2...4)).map { goal(Int64($0)) }
        return FunnelQuestion(
            Funnel(steps: steps, scope: dice.one(of: Funnel.Scope.allCases)), span: span(),
            filter: dice.chance(50) ? .everything : filter(1, goals: true))
    }

    private mutating func goal(_ id: Int64) -> Goal {
        let pattern = dice.one(of: ["/", "/*", "/**", "/a/*", "**", "/blog/*", "/a/**c", "*/*", "/*/b"])
        let kind: Goal.Kind =
            switch dice.number(0...2) {
            case 0: .event(dice.one(of: ["Signup", "Buy", "pageview"]))
            case 1: .page(pattern)
            default: .scroll(page: pattern, depth: dice.one(of: [0, 30, 90]))
            }
        return Goal(
            id: id, name: "Goal \(id)", kind: kind, condition: dice.chance(30) ? filter(1, goals: false) : nil
        )
    }

    private mutating func filter(_ depth: Int, goals: Bool) -> Filter {
        if depth == 0 || dice.chance(40) {
            return goals && dice.chance(15) ? .goal(goal(9)) : .match(match())
        }
        let several = (0..<dice.number(0...3)).map { _ in filter(depth - 1, goals: goals) }
        switch dice.number(0...4) {
        case 0: return .all(several)
        case 1: return .any(several)
        case 2: return .not(filter(depth - 1, goals: goals))
        case 3: return .hasDone(filter(depth - 1, goals: goals))
        default: return .not(.hasDone(filter(depth - 1, goals: goals)))
        }
    }

    private mutating func match() -> Filter.Match {
        let dimensions =
            Dimension.all.filter { $0.kind != .goal && $0.interval == nil && $0.kind != .column(.currency) }
            + [
                .page, .page, .event, .entryPage, .exitPage, .country, .property("plan"), .property("\u{e9}"),
                .property("none"),
            ]
        let dimension = dice.one(of: dimensions)
        let comparison = dice.one(of: Filter.Comparison.allCases)
        let pool =
            switch comparison {
            case .matches: Self.expressions.keys.sorted()
            default: Self.texts + Self.pages + Self.names
            }
        return Filter.Match(
            dimension, comparison, (0..<dice.number(1...2)).map { _ in dice.one(of: pool) },
            isNegated: dice.chance(35), isCaseSensitive: comparison == .matches || dice.chance(70))
    }
}
