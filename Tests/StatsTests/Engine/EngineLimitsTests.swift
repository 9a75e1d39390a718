import Days
import Testing

@testable import Stats

/// What the engine refuses, and what it asks for.
struct EngineLimitsTests {
    private let history = ZoneHistory(.utc)
    private static let day = Day("2026-03-02")!
    private static let span = Span(days: day...day)

    private static func deep(_ depth: Int) -> Filter {
        (1..<depth).reduce(Filter.everything) { filter, _ in .not(filter) }
    }

    private static let page = Filter.match(.init(.page, .equals, ["/"]))
    private static let goal = Goal(id: 1, name: "Goal", kind: .page("/"))

    @Test(arguments: [
        Question(span: span, metrics: []),
        Question(span: span, metrics: Array(repeating: .visitors, count: 21)),
        Question(span: span, metrics: [.visitors], dimensions: [.page, .country, .day, .source]),
        Question(span: span, metrics: [.visitors], dimensions: [.page, .page]),
        Question(span: span, metrics: [.visitors], limit: 0),
        Question(span: span, metrics: [.visitors], limit: 10_001),
        Question(span: span, metrics: [.visitors], offset: -1),
        Question(span: span, metrics: [.conversionRate]),
        Question(span: span, metrics: [.timeOnPage], dimensions: [.event]),
        Question(span: span, metrics: [.visitors], goals: Array(repeating: goal, count: 65)),
        Question(span: span, metrics: [.visitors], order: [.init(.dimension(.page), .ascending)]),
        Question(span: span, metrics: [.visitors], order: [.init(.metric(.conversionRate), .ascending)]),
        Question(span: span, filter: deep(17), metrics: [.visitors]),
        Question(span: span, filter: .all(Array(repeating: page, count: 200)), metrics: [.visitors]),
        Question(span: span, filter: .match(.init(.page, .equals, [])), metrics: [.visitors]),
        Question(
            span: span, filter: .match(.init(.page, .equals, Array(repeating: "", count: 1_001))),
            metrics: [.visitors]),
        Question(span: span, filter: .match(.init(.page, .matches, ["("])), metrics: [.visitors]),
        Question(span: span, filter: .match(.init(.day, .equals, ["2026-03-02"])), metrics: [.visitors]),
        Question(
            span: span,
            filter: .goal(Goal(id: 1, name: "", kind: .page("/"), condition: .goal(goal))),
            metrics: [.visitors]),
        Question(
            span: Span(days: day...day.advanced(by: 40_000)), metrics: [.visitors]),
    ])
    func `what makes no sense, or is too much, is refused with a sentence`(question: Question) throws {
        let error = #expect(throws: QuestionError.self) {
            try Engine(questions: [question], history: ZoneHistory(.utc))
        }
        #expect(error!.description.hasSuffix("."))
    }

    @Test(arguments: [deep(16), .all(Array(repeating: page, count: 199))])
    func `what just fits is answered`(filter: Filter) throws {
        let question = Question(
            span: Self.span, filter: filter, metrics: Array(repeating: .visitors, count: 20),
            dimensions: [.page, .country, .day], goals: Array(repeating: Self.goal, count: 64), limit: 10_000)
        let engine = try Engine(questions: [question], history: history)
        #expect(try engine.answers(engine.partial()) == [Figures(rows: [], total: 0)])
    }

    @Test(arguments: [1, 9])
    func `a funnel has two to eight steps`(steps: Int) {
        let funnel = Funnel(steps: Array(repeating: Self.goal, count: steps), scope: .visit)
        #expect(throws: QuestionError.self) {
            try Engine(questions: [], funnels: [FunnelQuestion(funnel, span: Self.span)], history: history)
        }
    }

    @Test(arguments: [[Dimension.page], [.page, .country], [.quarter]])
    func `too many rows are an error, not an answer`(dimensions: [Dimension]) throws {
        let visits = (0..<20).map { visitor in
            PlainDay.Visit(
                visitor: visitor, events: [.init(time: visitor * 900, texts: [.page: "/\(visitor)"])])
        }
        let clock = history.clock(of: Self.day)
        let block = LoadedBlock(
            PlainDay(day: Self.day, visits: visits).block(clock), clock: clock,
            dictionaries: SiteDictionaries())
        let question = Question(span: Self.span, metrics: [.visitors], dimensions: dimensions, limit: 1)
        func answer(rows: Int) throws -> Int {
            let engine = try Engine(questions: [question], history: history, limits: .init(rows: rows))
            var partial = engine.partial()
            try engine.scan(.block(block), into: &partial)
            return try engine.answers(partial)[0].total
        }
        let count = dimensions == [.quarter] ? 96 : 20
        #expect(try answer(rows: count) == count)
        #expect(throws: QuestionError.tooLarge) { try answer(rows: count - 1) }
    }

    @Test func `a cancelled scan ends`() throws {
        let clock = history.clock(of: Self.day)
        let block = LoadedBlock(
            Block(day: Self.day, start: clock.start), clock: clock, dictionaries: SiteDictionaries())
        let engine = try Engine(
            questions: [Question(span: Self.span, metrics: [.visitors])], history: history)
        var partial = engine.partial()
        #expect(throws: CancellationError.self) {
            try engine.scan(.block(block), into: &partial, isCancelled: { true })
        }
    }

    // MARK: What has to be there

    private func needed(
        _ dimensions: [Dimension] = [], _ filter: Filter = .everything, metrics: [Metric] = [.visitors],
        window: Range<Int64>? = nil, hasRevenue: Bool = true
    ) throws -> ColumnGroup? {
        let question = Question(
            span: Span(days: Self.day...Self.day, window: window), filter: filter, metrics: metrics,
            dimensions: dimensions, goals: [Self.goal])
        return try Engine(questions: [question], history: history)
            .needsColumns(of: Self.day, hasRevenue: hasRevenue)
    }

    @Test func `summaries answer what they can, blocks the rest`() throws {
        let start = history.start(of: Self.day)
        for dimension in Dimension.all
        where ![.goal, .hour, .entryHostname, .exitHostname].contains(dimension) {
            #expect(try needed([dimension]) == nil, "\(dimension.id)")
        }
        #expect(try needed() == nil)
        #expect(try needed([.day, .page]) == nil)
        #expect(try needed([.hour]) == [.core, .times])
        #expect(try needed([.hour], metrics: [.events]) == nil)
        #expect(try needed([.goal]) == .core)
        #expect(try needed([.entryHostname]) == needed([.exitHostname]))
        #expect(try needed([.exitHostname]) == Column.hostname.group.union(.ofCore))
        #expect(try needed([.page, .region]) == Column.region.group.union(.ofCore))
        #expect(try needed([.property("plan")]) == [.core, .times, .properties])
        #expect(try needed([], Self.page) == .core)
        #expect(
            try needed([], .match(.init(.city, .equals, [""]))) == [
                .ofCore, Column.region.group, Column.city.group,
            ])
        #expect(try needed([], Self.page, metrics: [.bounceRate]) == .core)
        #expect(try needed([], Self.page, metrics: [.visitDuration]) == [.core, .times])
        #expect(try needed([.source], Self.page) == [.core, Column.source.group])
        #expect(try needed(metrics: [.totalRevenue]) == .core)
        #expect(try needed(metrics: [.totalRevenue], hasRevenue: false) == nil)
        #expect(try needed(window: start..<start + 86_400) == nil)
        #expect(try needed(window: start + 1..<start + 86_400) == [.core, .times])
        #expect(try needed(window: start + 86_400..<start + 90_000) == nil)
    }

    @Test func `columns that are not there are an error`() throws {
        let clock = history.clock(of: Self.day)
        let dictionaries = SiteDictionaries()
        let block = Block(day: Self.day, start: clock.start)
        let question = Question(span: Self.span, metrics: [.visitors], dimensions: [.page, .region])
        let engine = try Engine(questions: [question], history: history)
        var partial = engine.partial()
        #expect(throws: Engine.MissingColumns.self) {
            try engine.scan(
                .block(LoadedBlock(block.with(.core), clock: clock, dictionaries: dictionaries)),
                into: &partial)
        }
        #expect(throws: Engine.MissingColumns.self) {
            try engine.scan(
                .summary(LoadedSummary(Summary(of: block, clock: clock), dictionaries: dictionaries)),
                into: &partial)
        }
    }

    @Test func `of a summary only the tables that are needed have to be there`() throws {
        let clock = history.clock(of: Self.day)
        var summary = Summary(
            of: PlainDay(day: Self.day, visits: [.init(visitor: 0, events: [.init(texts: [.page: "/"])])])
                .block(clock), clock: clock)
        let questions = [[Dimension.page], [.day], [.day, .exitPage], [.hour]].map {
            Question(span: Self.span, metrics: [.events], dimensions: $0)
        }
        let engine = try Engine(questions: questions, history: history)
        #expect(engine.needsTables(of: Self.day) == [.column(.page), .exitPage, .quarter])
        func answer() throws -> [Int] {
            var partial = engine.partial()
            try engine.scan(
                .summary(LoadedSummary(summary, dictionaries: SiteDictionaries())), into: &partial)
            return try engine.answers(partial).map(\.total)
        }
        summary.tables = summary.tables.filter { engine.needsTables(of: Self.day)!.contains($0.key) }
        #expect(try answer() == [1, 1, 1, 24])
        summary.tables[.exitPage] = nil
        #expect(throws: Engine.MissingTable.self) { try answer() }
    }

    @Test func `a loaded block is the block that it was made of`() {
        var drawing = PlainDrawing(seed: 5)
        let dictionaries = SiteDictionaries()
        for part in drawing.site() {
            let clock = drawing.history.clock(of: part.day)
            let block = part.block(clock)
            #expect(LoadedBlock(block, clock: clock, dictionaries: dictionaries).complete == block)
        }
    }

    @Test(arguments: [
        ("/*", "/", true), ("/*", "/a", true), ("/*", "/a/b", false), ("/**", "/a/b", true),
        ("**/b", "/a/b", true),
        ("/a*c", "/abbc", true), ("/a*c", "/ab/c", false), ("/a**c", "/ab/c", true), ("", "", true),
        ("", "/", false),
        ("*", "", true), ("**", "", true), ("/*/*/x", "/a/b/x", true), ("/*/*/x", "/a/x", false),
        ("/ü*", "/üx", true),
        ("/a+b.?", "/a+b.?", true), ("/a+b.?", "/aab.", false), ("***", "/", true), ("/a", "/a/", false),
    ])
    func `stars of a pattern`(pattern: String, text: String, matches: Bool) {
        #expect(Array(text.utf8).withUnsafeBytes { StarPattern(pattern).matches($0) } == matches)
    }
}
