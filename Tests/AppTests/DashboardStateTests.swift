import Auth
import Days
import Testing

@testable import App
@testable import Stats

@Suite struct DashboardStateTests {
    private func state(_ query: String) throws -> BoardState {
        try BoardState(try Fields(encoded: query.utf8))
    }

    @Test(arguments: [
        "", "period=today", "period=7d", "period=24h", "period=custom&from=2026-01-01&to=2026-01-31",
        "period=month&date=2026-01-01", "period=12mo&compare=year&weekdays=match",
        "period=7d&compare=custom&compare_from=2026-01-01&compare_to=2026-01-07", "compare=off",
        "interval=week&metric=bounce_rate&tabs=referrers,entry-pages", "tabs=properties&property=plan",
        "f=is,country,DE", "f=is,country,DE,FR&f=contains,page,/blog",
        "join=or&f=is,country,DE&f=is_not,source,",
        "f=has_done,goal,Signup", "f=is,page,/a%5C,b%5C%5Cc", "f=is,title,%E3%81%82%20%26%20%F0%9F%98%80",
    ])
    func `an address reads as what it was written from`(query: String) throws {
        #expect(try state(query).query == (query.isEmpty ? "" : "?" + query))
    }

    @Test(arguments: [
        "f=country,DE", "f=is,country", "f=is", "f=,", "f=is,nothing,x", "f=is,day,2026-01-01",
        "f=like,page,/",
        "f=contains,goal,a", "f=matches,segment,1",
        String(repeating: "f=is,page,/&", count: 21), "f=is,page," + String(repeating: "a", count: 20_001),
    ])
    func `a filter that says nothing is refused`(query: String) {
        #expect(throws: FormError.self) { try state(query) }
    }

    @Test(arguments: [
        "period=x", "period=custom&from=2026-02-01&to=2026-01-01", "metric=x&interval=x&compare=x&tabs=x",
    ])
    func `what is no period, metric or tab is the standard one`(query: String) throws {
        #expect(try state(query).query == "")
    }

    @Test func `choosing a value replaces the one chosen before, and stands last`() throws {
        let chosen = try state("f=is,country,DE&f=is,browser,Firefox").selecting("JP", of: "country")
        #expect(chosen.query == "?f=is,browser,Firefox&f=is,country,JP")
    }

    @Test func `conditions are joined as the address says`() throws {
        let country = Filter.match(.init(.country, .equals, ["DE", "FR"]))
        let page = Filter.match(.init(.page, .contains, ["/B"], isNegated: true, isCaseSensitive: false))
        let query = "f=is,country,DE,FR&f=contains_not,page,/B"
        #expect(try state(query).filter(SavedQuestions()) == .all([country, page]))
        #expect(try state("join=or&" + query).filter(SavedQuestions()) == .any([country, page]))
        #expect(
            try state("f=has_not_done,event,Signup").filter(SavedQuestions())
                == .not(.hasDone(.match(.init(.event, .equals, ["Signup"])))))
    }

    @Test func `goals and segments are looked up by name and id`() throws {
        let goal = Goal(id: 7, name: "Signup", kind: .event("Signup"))
        let phones = Filter.match(.init(.device, .equals, ["Mobile"]))
        let saved = SavedQuestions(
            goals: [.init(goal: goal, currency: nil)],
            segments: [.init(id: 3, name: "Phones", filter: phones, owner: nil)])
        #expect(
            try state("f=is,goal,Signup&f=is_not,segment,3").filter(saved)
                == .all([.goal(goal), .not(phones)]))
        #expect(throws: FormError.self) { try state("f=is,segment,4").filter(saved) }
        #expect(throws: FormError.self) { try state("f=is,goal,Other").filter(saved) }
    }
}

@Suite struct CSVTests {
    @Test(arguments: [
        ("plain", "plain"), ("a,b", "\"a,b\""), ("say \"hi\"", "\"say \"\"hi\"\"\""),
        ("two\nlines", "\"two\nlines\""),
        ("=1+1", "'=1+1"), ("+49", "+49"), ("+49x", "'+49x"), ("-3.5", "-3.5"), ("-cmd", "'-cmd"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"), (" =1", "' =1"), ("|calc", "'|calc"),
        ("=HYPERLINK(\"x\",\"y\")", "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\""),
        ("＝1", "'＝1"), ("日本,語", "\"日本,語\""), ("", ""),
    ])
    func `a cell is never a formula, and always one cell`(text: String, cell: String) {
        #expect(CSV.cell(text) == cell)
    }

    @Test(
        arguments: [
            (0, "0"), (12, "12"), (2.5, "2.5"), (33.33333, "33.3333"), (-0.00001, "0"), (-1.5, "-1.5"),
            (0.0204, "0.0204"),
        ] as [(Double, String)])
    func `numbers have no exponent and four decimals at most`(number: Double, text: String) {
        #expect(CSV.number(number) == text)
    }
}

@Suite struct ChartTests {
    private func chart(_ figures: [Double], now: String, compared: [Double]? = nil) -> Chart {
        func rows(_ figures: [Double], _ month: String) -> [Figures.Row] {
            figures.enumerated().map {
                Figures.Row(values: ["2026-\(month)-0\($0 + 1)"], figures: [.number($1)])
            }
        }
        return Chart(
            .visitors, .day, rows: rows(figures, "06"), compared: compared.map { rows($0, "05") },
            days: Day("2026-06-01")!...Day("2026-06-30")!, now: now)
    }

    @Test func `what is still to come has no figure, and what is not over is dashed`() {
        let model = chart([4, 2, 1, 0], now: "2026-06-03").model()
        #expect(model["solid"] as? String == "M6 0L18 50")
        #expect(model["dashed"] as? String == "M18 50L30 75")
        #expect((model["rows"] as? [Model])?.map { $0["value"] as! String } == ["4", "2", "1", "–"])
        #expect((model["rows"] as? [Model])?[2]["label"] as? String == "Wed 3 Jun (so far)")
    }

    @Test(
        arguments: [
            (Metric.visitors, 110.0, 100.0, "↑ 10%", "good"), (.visitors, 50, 100, "↓ 50%", "poor"),
            (.visitors, 100, 100, "0%", "even"), (.viewsPerVisit, 2.361, 2.369, "0%", "even"),
            (.visitors, 1_004, 1_000, "0%", "even"), (.visitors, 1_005, 1_000, "↑ 1%", "good"),
            (.bounceRate, 49, 50.5, "↓ 1.5 pp", "good"), (.bounceRate, 50.5, 49, "↑ 1.5 pp", "poor"),
            (.bounceRate, 50.04, 50, "0 pp", "even"), (.visitors, 0, 0, nil, nil),
            (.visitors, 3, 0, nil, nil),
        ] as [(Metric, Double, Double, String?, String?)])
    func `a change says by how much, and what rounds to nothing is neither good nor bad`(
        metric: Metric, now: Double, before: Double, text: String?, look: String?
    ) {
        let figure = HeadlineFigure(
            metric: metric, title: "", figure: .number(now), compared: .number(before))
        let change = figure.model(isChosen: false, href: nil, showsCompared: false)["change"] as? Model
        #expect(change?["text"] as? String == text && change?["look"] as? String == look)
    }

    @Test func `the line behind has its own days`() {
        let model = chart([1, 1], now: "", compared: [2, 2]).model()
        #expect(model["compared"] as? String == "M6 0L18 0")
        let row = (model["rows"] as? [Model])?[1]
        #expect(row?["comparedLabel"] as? String == "Sat 2 May" && row?["comparedValue"] as? String == "2")
    }

    @Test(
        arguments: [(0, 2), (3, 4), (11, 12), (1_095, 1_200), (2_001, 2_400), (95_000, 100_000)]
            as [(Double, Double)])
    func `the scale is round and near`(largest: Double, top: Double) {
        #expect(Chart.scale(for: largest) == top)
    }
}

@Suite struct ZipTests {
    @Test func `a zip is what unzip and zipinfo take it for`() {
        var zip = ZipArchive(year: 2026, month: 11, day: 21)
        zip.add("a.csv", Array("a,b\r\n".utf8))
        zip.add("empty.csv", [])
        let bytes = zip.finished()
        #expect(bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]))
        #expect(bytes.suffix(22).starts(with: [0x50, 0x4B, 0x05, 0x06]))
        #expect(bytes.suffix(22).dropFirst(10).prefix(2) == [2, 0])
    }
}
