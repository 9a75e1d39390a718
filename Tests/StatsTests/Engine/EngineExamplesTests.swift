import Days
import Testing

@testable import Stats

/// Days made by hand, with answers worked out by hand.
struct EngineExamplesTests {
    private let history = ZoneHistory(.utc)
    private static let day = Day("2026-03-02")!

    private func visit(
        _ visitor: Int, _ texts: [Column: String] = [:], duration: Int = 0, bounced: Bool = false,
        _ events: PlainDay.Event...
    ) -> PlainDay.Visit {
        .init(visitor: visitor, texts: texts, duration: duration, bounced: bounced, events: events)
    }

    private func view(
        _ page: String, at time: Int = 0, engagement: Int? = nil, depth: Int? = nil,
        money: (String, Int64)? = nil,
        _ properties: [String: String] = [:]
    ) -> PlainDay.Event {
        .init(
            time: time, texts: [.page: page], engagement: engagement, depth: depth,
            money: money.map { (currency: $0.0, amount: $0.1) }, properties: properties)
    }

    private func event(
        _ name: String, at time: Int = 0, money: (String, Int64)? = nil, _ properties: [String: String] = [:]
    ) -> PlainDay.Event {
        .init(
            name: name, time: time, money: money.map { (currency: $0.0, amount: $0.1) },
            properties: properties)
    }

    /// Three visitors: one comes twice.
    private var site: [PlainDay] {
        [
            PlainDay(
                day: Self.day,
                visits: [
                    visit(
                        0, [.country: "DE", .source: "Google"], duration: 100,
                        view("/", at: 10, engagement: 3_000, depth: 40),
                        view("/a", at: 70, engagement: 1_000, depth: 100),
                        event("Signup", at: 110, money: ("EUR", 9_000_000), ["plan": "pro"])),
                    visit(0, [.country: "DE"], bounced: true, view("/", at: 7_200)),
                    visit(
                        1, [.country: "FR", .source: "Google"], duration: 31, view("/", at: 3_590),
                        view("/", at: 3_621)),
                    visit(
                        2, bounced: true, event("Signup", at: 50_000, money: ("USD", 500_000), ["plan": ""])),
                ])
        ]
    }

    private func span(_ window: Range<Int64>? = nil) -> Span {
        Span(days: Self.day...Self.day, window: window)
    }

    private func answers(
        _ questions: [Question], funnels: [FunnelQuestion] = [], of site: [PlainDay]? = nil,
        in history: ZoneHistory? = nil
    ) throws -> ([Figures], [FunnelFigures]) {
        let history = history ?? self.history
        let engine = try Engine(questions: questions, funnels: funnels, history: history)
        let dictionaries = SiteDictionaries()
        var partial = engine.partial()
        for part in site ?? self.site {
            let clock = history.clock(of: part.day)
            try engine.scan(
                .block(LoadedBlock(part.block(clock), clock: clock, dictionaries: dictionaries)),
                into: &partial)
        }
        return (try engine.answers(partial), engine.funnelAnswers(partial))
    }

    private func answer(_ question: Question) throws -> Figures { try answers([question]).0[0] }

    private func row(_ values: [String], _ numbers: Double?...) -> Figures.Row {
        .init(values: values, figures: numbers.map { $0.map { .number($0) } ?? .none })
    }

    // MARK: Metrics

    @Test(arguments: [
        (Metric.visitors, Figure.number(3)), (.visits, .number(4)), (.pageViews, .number(5)),
        (.events, .number(7)),
        (.viewsPerVisit, .number(1.25)), (.bounceRate, .number(50)), (.visitDuration, .number(32.75)),
        (.timeOnPage, .number(2)), (.scrollDepth, .number(70)), (.exitRate, .number(60)),
        (.percentage, .number(100)),
        (
            .totalRevenue,
            .money([.init(currency: "EUR", amount: 9), .init(currency: "USD", amount: 0.5)])
        ),
        (
            .averageRevenue,
            .money([.init(currency: "EUR", amount: 9), .init(currency: "USD", amount: 0.5)])
        ),
    ])
    func `totals of a day`(metric: Metric, figure: Figure) throws {
        #expect(
            try answer(Question(span: span(), metrics: [metric]))
                == Figures(rows: [.init(values: [], figures: [figure])], total: 1))
    }

    @Test func `every metric has an example`() throws {
        #expect(Metric.all.count == 15)
    }

    @Test func `a conversion rate is of those whom the filter selects without its goals`() throws {
        let filter = Filter.all([
            .match(.init(.source, .equals, ["Google"])),
            .goal(Goal(id: 1, name: "Signup", kind: .event("Signup"))),
        ])
        #expect(
            try answer(Question(span: span(), filter: filter, metrics: [.visitors, .conversionRate])).rows
                == [
                    row([], 1, 50)
                ])
        #expect(
            try answer(
                Question(
                    span: span(), filter: filter,
                    metrics: [.visitors, .conversionRate, .groupConversionRate],
                    dimensions: [.country])
            ).rows == [row(["DE"], 1, 50, 100)])
    }

    @Test func `goals as rows: an event may reach several`() throws {
        let goals = [
            Goal(id: 1, name: "Any page", kind: .page("/**")), Goal(id: 2, name: "Home", kind: .page("/")),
            Goal(id: 3, name: "Deep", kind: .scroll(page: "/*", depth: 50)),
            Goal(
                id: 4, name: "Pro", kind: .event("Signup"),
                condition: .match(.init(.property("plan"), .equals, ["pro"]))),
            Goal(id: 5, name: "Never", kind: .event("Never")),
        ]
        #expect(
            try answer(
                Question(
                    span: span(), metrics: [.visitors, .events, .conversionRate, .groupConversionRate],
                    dimensions: [.goal], goals: goals, order: [.init(.dimension(.goal), .ascending)]))
                == Figures(
                    rows: [
                        row(["Any page"], 2, 5, 100.0 * 2 / 3, 100.0 * 2 / 3),
                        row(["Deep"], 1, 1, 100.0 / 3, 100.0 / 3),
                        row(["Home"], 2, 4, 100.0 * 2 / 3, 100.0 * 2 / 3),
                        row(["Pro"], 1, 1, 100.0 / 3, 100.0 / 3),
                    ], total: 4))
    }

    // MARK: Dimensions

    @Test func `a filter on an event counts only those events, and each visit and visitor once`() throws {
        let question = Question(
            span: span(), filter: .match(.init(.page, .equals, ["/"])),
            metrics: [.visitors, .visits, .pageViews, .bounceRate],
            dimensions: [.page])
        #expect(try answer(question) == Figures(rows: [row(["/"], 2, 3, 4, 100.0 / 3)], total: 1))
    }

    @Test func `what is unknown has a row only where that says something`() throws {
        #expect(
            try answer(Question(span: span(), metrics: [.visitors], dimensions: [.source]))
                == Figures(rows: [row([""], 2), row(["Google"], 2)], total: 2))
        #expect(
            try answer(Question(span: span(), metrics: [.visitors], dimensions: [.entryPage]))
                == Figures(rows: [row(["/"], 2)], total: 1))
        #expect(
            try answer(Question(span: span(), metrics: [.visitors], dimensions: [.property("plan")]))
                == Figures(rows: [row([""], 1), row(["pro"], 1)], total: 2))
        #expect(
            try answer(Question(span: span(), metrics: [.visitors], dimensions: [.property("none")]))
                == Figures(rows: [], total: 0))
    }

    @Test func `rows are combinations of up to three values`() throws {
        #expect(
            try answer(
                Question(span: span(), metrics: [.visits, .events], dimensions: [.day, .country, .event]))
                == Figures(
                    rows: [
                        row(["2026-03-02", "DE", "pageview"], 2, 3), row(["2026-03-02", "", "Signup"], 1, 1),
                        row(["2026-03-02", "DE", "Signup"], 1, 1),
                        row(["2026-03-02", "FR", "pageview"], 1, 2),
                    ], total: 4))
    }

    @Test func `rows stand in order, then by bytes, and are cut to a page of a true total`() throws {
        let question = Question(
            span: span(), metrics: [.visitors], dimensions: [.country],
            order: [.init(.metric(.pageViews), .descending)], limit: 1, offset: 1)
        #expect(try answer(question) == Figures(rows: [row(["FR"], 1)], total: 3))
        #expect(
            try answer(
                Question(
                    span: span(), metrics: [.timeOnPage], dimensions: [.country],
                    order: [.init(.metric(.timeOnPage), .ascending)]
                )) == Figures(rows: [row([""], nil), row(["FR"], nil), row(["DE"], 2)], total: 3))
    }

    @Test func `keys and values are told apart by bytes`() throws {
        let (composed, decomposed) = ("\u{e9}", "e\u{301}")
        let site = [
            PlainDay(
                day: Self.day,
                visits: [
                    visit(0, [.country: composed], view("/", [composed: "1"])),
                    visit(1, [.country: decomposed], view("/", [decomposed: "2"])),
                ])
        ]
        let questions = [composed, decomposed].map { text in
            Question(
                span: span(), filter: .match(.init(.country, .equals, [text])), metrics: [.visitors],
                dimensions: [.property(text)])
        }
        #expect(
            try answers(questions, of: site).0 == [
                Figures(rows: [row(["1"], 1)], total: 1), Figures(rows: [row(["2"], 1)], total: 1),
            ])
    }

    // MARK: Filters

    @Test(arguments: [
        (Filter.match(.init(.country, .equals, ["DE", "FR"])), 2.0),
        (.match(.init(.country, .equals, ["DE"], isNegated: true)), 2),
        (.match(.init(.country, .equals, ["de"], isCaseSensitive: false)), 1),
        (.match(.init(.source, .contains, ["oog"])), 2), (.match(.init(.source, .contains, [""])), 3),
        (.match(.init(.source, .matches, ["^G.*e$"])), 2),
        (.match(.init(.source, .matches, ["(?i)^g"], isNegated: true)), 2),
        (.match(.init(.entryPage, .equals, [""])), 1), (.match(.init(.property("plan"), .equals, [""])), 1),
        // An event without the property is nothing, and so not what is denied.
        (.match(.init(.property("plan"), .contains, [""])), 2),
        (.match(.init(.property("plan"), .equals, ["pro"], isNegated: true)), 3),
        (.hasDone(.match(.init(.event, .equals, ["Signup"]))), 2),
        (.not(.hasDone(.match(.init(.event, .equals, ["Signup"])))), 2),
        (.any([.match(.init(.page, .equals, ["/a"])), .match(.init(.country, .equals, ["FR"]))]), 2),
        (.all([.match(.init(.page, .equals, ["/a"])), .match(.init(.event, .equals, ["Signup"]))]), 0),
        (
            .all([
                .hasDone(.match(.init(.page, .equals, ["/a"]))), .match(.init(.event, .equals, ["Signup"])),
            ]), 1
        ),
        (.any([]), 0), (.not(.any([])), 3), (.everything, 3),
    ])
    func `visitors whom a filter selects`(filter: Filter, visitors: Double) throws {
        #expect(
            try answer(Question(span: span(), filter: filter, metrics: [.visitors])).rows == [
                row([], visitors)
            ])
    }

    @Test func `a window counts its events, and the visits that have one`() throws {
        let start = history.start(of: Self.day)
        let question = Question(
            span: span(start + 70..<start + 3_621), metrics: [.visitors, .visits, .events, .visitDuration])
        #expect(try answer(question).rows == [row([], 2, 2, 3, 65.5)])
    }

    // MARK: Time

    @Test func `every piece of time has its row`() throws {
        let start = history.start(of: Self.day)
        let question = Question(
            span: span(start + 3_000..<start + 9_001), metrics: [.visitors, .bounceRate], dimensions: [.hour])
        #expect(
            try answer(question)
                == Figures(
                    rows: [
                        row(["2026-03-02 00:00"], 1, 0), row(["2026-03-02 01:00"], 1, 0),
                        row(["2026-03-02 02:00"], 1, 100),
                    ], total: 3))
        let days = Day("2026-02-27")!...Day("2026-03-03")!
        func series(_ dimension: Dimension) throws -> Figures {
            try answer(
                Question(span: Span(days: days), metrics: [.visitors], dimensions: [dimension], limit: 1))
        }
        #expect(
            try series(.day)
                == Figures(
                    rows: [
                        row(["2026-02-27"], 0), row(["2026-02-28"], 0), row(["2026-03-01"], 0),
                        row(["2026-03-02"], 3),
                        row(["2026-03-03"], 0),
                    ], total: 5))
        #expect(
            try series(.week) == Figures(rows: [row(["2026-02-23"], 0), row(["2026-03-02"], 3)], total: 2))
        #expect(
            try series(.month) == Figures(rows: [row(["2026-02-01"], 0), row(["2026-03-01"], 3)], total: 2))
    }

    @Test(arguments: [
        // Forward an hour at 2, back an hour at 3, and half an hour each at 2.
        ("Europe/Berlin", "2026-03-29", 23, 92, "03:00"), ("Europe/Berlin", "2026-10-25", 24, 96, "02:00"),
        ("Australia/Lord_Howe", "2026-10-04", 24, 94, "02:30"),
        ("Australia/Lord_Howe", "2026-04-05", 24, 96, "01:30"),
    ])
    func `rows are what the clock showed`(zone: String, day: String, hours: Int, quarters: Int, atTwo: String)
        throws
    {
        let history = ZoneHistory(Zone.named(zone)!)
        let day = Day(day)!
        let site = [PlainDay(day: day, visits: [visit(0, [:], view("/", at: 7_200), view("/", at: 7_201))])]
        let figures = try answers(
            [Dimension.hour, .quarter].map {
                Question(span: Span(days: day...day), metrics: [.visitors, .events], dimensions: [$0])
            }, of: site, in: history
        ).0
        #expect(figures.map(\.total) == [hours, quarters])
        #expect(
            figures.map { $0.rows.filter { $0.figures != [.number(0), .number(0)] } } == [
                [row(["\(day) \(atTwo.prefix(2)):00"], 1, 2)], [row(["\(day) \(atTwo)"], 1, 2)],
            ])
    }

    // MARK: Funnels

    @Test func `a funnel counts who took its steps in order`() throws {
        let home = Goal(id: 1, name: "Home", kind: .page("/"))
        let signup = Goal(id: 2, name: "Signup", kind: .event("Signup"))
        func funnel(_ steps: [Goal], _ scope: Funnel.Scope, _ filter: Filter = .everything) -> FunnelQuestion
        {
            FunnelQuestion(Funnel(steps: steps, scope: scope), span: span(), filter: filter)
        }
        #expect(
            try answers(
                [],
                funnels: [
                    funnel([home, signup], .visit), funnel([signup, home], .visit),
                    funnel([signup, home], .day),
                    funnel([home, home], .visit), funnel([home, home], .day),
                    // The filter selects visits by an event; steps may be others.
                    funnel([home, signup], .visit, .match(.init(.page, .equals, ["/a"]))),
                ]
            ).1 == [
                .init(selected: 4, steps: [3, 1]), .init(selected: 4, steps: [2, 0]),
                .init(selected: 3, steps: [2, 1]),
                .init(selected: 4, steps: [3, 1]), .init(selected: 3, steps: [2, 2]),
                .init(selected: 1, steps: [1, 1]),
            ])
    }
}
