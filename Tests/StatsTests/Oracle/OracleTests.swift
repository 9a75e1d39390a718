import Days
import Stats
import TestSupport
import Testing

/// Days that are counted by hand: so are the oracle's answers right, and those of everything that it judges.
struct OracleTests {
    private static let day = Day("2026-05-04")!
    private static let noon = Int64(day.rawValue) * 86_400_000_000 + 43_200_000_000

    /// Minutes after noon.
    private static func event(
        _ minute: Double, _ visitor: Int64 = 1, _ name: String = "pageview", _ page: String = "/",
        _ change: (inout RecordedEvent) -> Void = { _ in }
    ) -> RecordedEvent {
        let time = noon + Int64((minute * 60_000_000).rounded())
        var event = RecordedEvent(
            time: time, visitor: visitor, sequence: time &* 31 &+ visitor,
            texts: [.name: name, .page: page, .hostname: "h"])
        change(&event)
        return event
    }

    private static func engagement(
        _ minute: Double, _ page: String = "/", _ milliseconds: Int32 = 0, depth: Int16? = nil,
        visitor: Int64 = 1
    ) -> RecordedEvent {
        event(minute, visitor, "engagement", page) {
            $0.milliseconds = milliseconds
            $0.depth = depth
        }
    }

    private static func question(
        _ metrics: [Metric], by dimensions: [Dimension] = [], where filter: Filter = .everything,
        goals: [Goal] = [],
        order: [Question.Order] = []
    ) -> Question {
        Question(
            span: Span(days: day...day), filter: filter, metrics: metrics, dimensions: dimensions,
            goals: goals,
            order: order)
    }

    private static func total(_ numbers: Double?...) -> Figures {
        Figures(rows: [.init(values: [], figures: numbers.map { $0.map { .number($0) } ?? .none })], total: 1)
    }

    private static func rows(_ rows: (String, [Double?])...) -> Figures {
        Figures(
            rows: rows.map { .init(values: [$0], figures: $1.map { $0.map { .number($0) } ?? .none }) },
            total: rows.count)
    }

    private static let signUp = Goal(id: 1, name: "Signed up", kind: .event("Sign-up"))

    private static let cases: [(String, events: [RecordedEvent], Question, Figures)] = [
        (
            "nobody came", [event(-900)], question([.visitors, .pageViews, .bounceRate]), total(0, 0, nil)
        ),
        (
            "silence of exactly thirty minutes continues a visit, a microsecond more does not",
            [
                event(0), event(30), event(30, 2), event(60, 2) { $0.time += 1 },
            ],
            question([.visitors, .visits, .pageViews, .events, .viewsPerVisit]), total(2, 3, 4, 4, 4.0 / 3)
        ),
        (
            "what comes twice counts once", [event(0), event(0), event(1), event(1)],
            question([.visitors, .visits, .pageViews, .visitDuration]), total(1, 1, 2, 60)
        ),
        (
            "engagement opens no visit, and does not lengthen one that has not begun",
            [engagement(0), engagement(10), event(20), engagement(45), event(70), engagement(200)],
            question([.visits, .events, .visitDuration]), total(1, 2, 3_000)
        ),
        (
            "engagement and depth belong to the latest page view of that page in the visit",
            [
                event(0, 1, "pageview", "/a"), event(1, 1, "pageview", "/a"), event(2, 1, "pageview", "/b"),
                engagement(3, "/a", 1_500, depth: 30), engagement(4, "/a", 500, depth: 20),
                engagement(5, "/c", 9_000, depth: 90), engagement(6, "/b", 0, depth: 120),
            ],
            question([.pageViews, .timeOnPage, .scrollDepth], by: [.page]),
            rows(("/a", [2, 2, 30]), ("/b", [1, nil, 100]))
        ),
        (
            "one page view is a bounce unless something interactive is done",
            [
                event(0, 1), event(0, 2), event(1, 2, "Seen") { $0.interactive = false },
                event(0, 3), event(1, 3, "Sign-up"), event(0, 4, "Sign-up"), event(0, 5), event(1, 5),
            ],
            question([.visits, .bounceRate]), total(5, 60)
        ),
        (
            "a visit has the source of its first event, and the pages of its first and last page view",
            [
                event(0, 1, "Sign-up", "/x") { $0[.source] = "Google" },
                event(1, 1, "pageview", "/a") { $0[.source] = "Bing" }, event(2, 1, "pageview", "/b"),
                event(3, 1, "Sign-up", "/y"),
            ],
            question([.visits, .exitRate], by: [.source, .entryPage, .exitPage]),
            Figures(
                rows: [.init(values: ["Google", "/a", "/b"], figures: [.number(1), .number(50)])], total: 1)
        ),
        (
            "a visit without a page view has neither entry nor exit page", [event(0, 1, "Sign-up")],
            question([.visits], by: [.entryPage]), Figures(rows: [], total: 0)
        ),
        (
            "an event without a property is in no row of it, and is none of what a filter denies",
            [
                event(0, 1) { $0.properties = ["plan": "pro"] }, event(0, 2) { $0.properties = ["plan": ""] },
                event(0, 3),
            ],
            question(
                [.visitors], by: [.property("plan")],
                where: .match(.init(.property("plan"), .equals, ["x"], isNegated: true))),
            rows(("", [1]), ("pro", [1]))
        ),
        (
            "a denied value holds for those who have none",
            [event(0, 1) { $0.properties = ["plan": "pro"] }, event(0, 2)],
            question(
                [.visitors], where: .match(.init(.property("plan"), .contains, ["pr"], isNegated: true))),
            total(1)
        ),
        (
            "who has done something is selected with all they did",
            [event(0, 1), event(1, 1, "Sign-up"), event(0, 2), event(100, 1)],
            question([.visitors, .visits, .events], where: .hasDone(.goal(signUp))), total(1, 1, 2)
        ),
        (
            "who has not done it is selected by visit",
            [event(0, 1), event(1, 1, "Sign-up"), event(0, 2), event(100, 1)],
            question([.visitors, .visits, .events], where: .not(.hasDone(.goal(signUp)))), total(2, 2, 2)
        ),
        (
            "rates of conversion are rates of those who need not convert",
            [
                event(0, 1, "pageview", "/a"), event(1, 1, "Sign-up", "/a"), event(0, 2, "pageview", "/a"),
                event(0, 3, "pageview", "/b"), event(1, 3, "Sign-up", "/b"), event(0, 4, "pageview", "/c"),
            ],
            question(
                [.visitors, .conversionRate, .groupConversionRate, .percentage], by: [.page],
                where: .goal(signUp)),
            rows(("/a", [1, 25, 50, 50]), ("/b", [1, 25, 100, 50]))
        ),
        (
            "each goal has a row",
            [event(0, 1, "pageview", "/a/b"), event(1, 1, "Sign-up", "/a"), event(0, 2, "pageview", "/a")],
            question(
                [.visitors, .events, .conversionRate], by: [.goal],
                goals: [
                    signUp, Goal(id: 2, name: "Below", kind: .page("/*/*")),
                    Goal(id: 3, name: "All", kind: .page("/**")),
                    Goal(id: 4, name: "Never", kind: .page("/*/*/*")),
                ]),
            rows(("All", [2, 2, 100]), ("Below", [1, 1, 50]), ("Signed up", [1, 1, 50]))
        ),
        (
            "values are compared by letters without case where asked", [event(0, 1, "pageview", "/MÜNCHEN")],
            question(
                [.visitors],
                where: .match(.init(.page, .contains, ["münch"], isCaseSensitive: false))), total(1)
        ),
        (
            "rows without a figure come after all others, and equal ones in the order of their bytes",
            [
                event(0, 1, "pageview", "/é"), event(1, 1, "pageview", "/z"), event(2, 1, "pageview", "/A"),
                engagement(3, "/z", 0, depth: 0),
            ],
            question([.scrollDepth], by: [.page]), rows(("/z", [0]), ("/A", [nil]), ("/é", [nil]))
        ),
        (
            "a week is named by its Monday", [event(0), event(59), event(60)],
            question([.events, .visits], by: [.week]), rows(("2026-05-04", [3, 2]))
        ),
    ]

    @Test func `days that were counted by hand`() async throws {
        try await withTestDatabase { database in
            for (title, events, question, expected) in Self.cases {
                let site = RecordedSite(zone: "UTC", events: events)
                for answerer in [.oracle(database.owner)] + Answerer.all(database) {
                    let answer = try await answerer.answers(site, [question], 1)[0]
                    #expect(answer.isIdentical(to: expected), "\(answerer.name): \(title): \(answer.lines)")
                }
            }
        }
    }

    @Test func `money is added up by currency`() async throws {
        let events = [
            Self.event(0, 1) {
                $0.revenue = 1_500_000
                $0[.currency] = "USD"
            },
            Self.event(1, 1) {
                $0.revenue = 500_000
                $0[.currency] = "USD"
            },
            Self.event(2, 1) {
                $0.revenue = -250_000
                $0[.currency] = "EUR"
            },
            Self.event(3, 1),
        ]
        let expected: [Figure] = [
            .money([.init(currency: "EUR", amount: -0.25), .init(currency: "USD", amount: 2)]),
            .money([.init(currency: "EUR", amount: -0.25), .init(currency: "USD", amount: 1)]),
        ]
        try await withTestDatabase { database in
            for answerer in [.oracle(database.owner)] + Answerer.all(database) {
                let answers = try await answerer.answers(
                    RecordedSite(zone: "UTC", events: events),
                    [Self.question([.totalRevenue, .averageRevenue])], 1)
                #expect(
                    answers == [Figures(rows: [.init(values: [], figures: expected)], total: 1)],
                    "\(answerer.name)")
            }
        }
    }

    @Test
    func
        `a spring day has no row for the hour that it skips, an autumn day one for the hour that it repeats`()
        async throws
    {
        func hours(_ text: String) -> (question: Question, start: Int64) {
            let day = Day(text)!
            return (
                Question(span: Span(days: day...day), metrics: [.events], dimensions: [.hour]),
                Zone.named("Europe/Berlin")!.start(of: day)
            )
        }
        let (spring, autumn) = (hours("2026-03-29"), hours("2026-10-25"))
        let starts = [spring.start + 7_200, autumn.start + 7_200, autumn.start + 10_800]
        let events = starts.enumerated().map { index, start in
            RecordedEvent(
                time: start * 1_000_000, visitor: 1, sequence: Int64(index), texts: [.name: "pageview"])
        }
        try await withTestDatabase { database in
            for answerer in [.oracle(database.owner)] + Answerer.all(database) {
                let answers = try await answerer.answers(
                    RecordedSite(zone: "Europe/Berlin", events: events), [spring.question, autumn.question], 1
                )
                func labels(_ day: String, _ hours: [Int]) -> [[String]] {
                    hours.map { ["\(day) \($0 < 10 ? "0" : "")\($0):00"] }
                }
                #expect(
                    answers.map { $0.rows.map(\.values) } == [
                        labels("2026-03-29", Array(0...1) + Array(3...23)),
                        labels("2026-10-25", Array(0...23)),
                    ], "\(answerer.name)")
                #expect(
                    answers.map { $0.rows.flatMap(\.figures).compactMap(\.number).filter { $0 > 0 } } == [
                        [1], [2],
                    ], "\(answerer.name)")
            }
        }
    }
}
