import Auth
import Days
import FoundationEssentials
import Stats
import TestSupport
import Testing

@testable import App

/// The API says what the engine says.
@Suite struct StatsAgreementTests {
    private struct Pair {
        let json: JSONValue
        let filter: Filter
    }

    private static func match(
        _ dimension: Dimension, _ comparison: Filter.Comparison, _ values: [String], not: Bool = false,
        cased: Bool = true
    ) -> Filter {
        .match(.init(dimension, comparison, values, isNegated: not, isCaseSensitive: cased))
    }

    private static let leaves: [Pair] = [
        Pair(json: ["is", "visit:country", ["DE", "EE"]], filter: match(.country, .equals, ["DE", "EE"])),
        Pair(json: ["is_not", "visit:os", ["Mac"]], filter: match(.system, .equals, ["Mac"], not: true)),
        Pair(json: ["contains", "event:page", ["docs"]], filter: match(.page, .contains, ["docs"])),
        Pair(
            json: ["contains_not", "event:page", ["DOCS"], ["case_sensitive": false]],
            filter: match(.page, .contains, ["DOCS"], not: true, cased: false)),
        Pair(json: ["matches", "event:page", ["^/blog/.$"]], filter: match(.page, .matches, ["^/blog/.$"])),
        Pair(json: ["is", "visit:source", ["Direct / None"]], filter: match(.source, .equals, [""])),
        Pair(
            json: ["is", "event:props:is_customer", ["true"]],
            filter: match(.property("is_customer"), .equals, ["true"])),
        Pair(
            json: ["has_done", ["is", "event:name", ["Signup"]]],
            filter: .hasDone(match(.event, .equals, ["Signup"]))),
        Pair(
            json: ["has_not_done", ["is", "event:page", ["/pricing"]]],
            filter: .not(.hasDone(match(.page, .equals, ["/pricing"])))),
    ]

    private static func pair(_ draws: inout Draws, depth: Int = 0) -> Pair {
        guard depth < 3, Int.random(in: 0..<3, using: &draws) == 0 else {
            return leaves.randomElement(using: &draws)!
        }
        let (one, other) = (pair(&draws, depth: depth + 1), pair(&draws, depth: depth + 1))
        switch Int.random(in: 0..<3, using: &draws) {
        case 0:
            return Pair(json: ["and", [one.json, other.json]], filter: .all([one.filter, other.filter]))
        case 1: return Pair(json: ["or", [one.json, other.json]], filter: .any([one.filter, other.filter]))
        default: return Pair(json: ["not", one.json], filter: .not(one.filter))
        }
    }

    /// What the API calls it, and what the engine does; nothing here is taken from the API's own tables.
    private static let metrics: [(name: String, metric: Metric, decimals: Int)] = [
        ("visitors", .visitors, 0), ("visits", .visits, 0), ("pageviews", .pageViews, 0),
        ("events", .events, 0),
        ("views_per_visit", .viewsPerVisit, 2), ("bounce_rate", .bounceRate, 0),
        ("visit_duration", .visitDuration, 0), ("percentage", .percentage, 1),
    ]

    private static func rowed(_ dimension: Dimension) -> Dimension {
        Dimension(id: dimension.id, title: dimension.title, kind: dimension.kind, unknown: "?")
    }

    private static let dimensions: [(name: String, dimension: Dimension, empty: String)] = [
        ("event:page", .page, "(not set)"), ("visit:source", .source, "Direct / None"),
        ("visit:country", .country, "(not set)"), ("visit:utm_campaign", rowed(.utmCampaign), "(not set)"),
        ("visit:city_name", rowed(.city), "(not set)"), ("visit:browser", .browser, "(not set)"),
        ("visit:entry_page", rowed(.entryPage), "(not set)"),
        ("visit:entry_page_hostname", rowed(.entryHostname), "(not set)"),
        ("visit:exit_page_hostname", rowed(.exitHostname), "(not set)"),
        ("event:props:is_customer", .property("is_customer"), "(none)"), ("time:day", .day, ""),
    ]

    @Test func `random queries have the engine's own figures`() async throws {
        try await Program.withSite(events: 500) { program in
            let today = try await program.web.statistics.calendar(program.site).today(at: Date())
            var draws = Draws(7)
            for _ in 0..<150 {
                let metrics = Array(
                    Self.metrics.shuffled(using: &draws).prefix(Int.random(in: 1...4, using: &draws)))
                let count = [0, 1, 1, 2].randomElement(using: &draws)!
                let dimensions = Array(Self.dimensions.shuffled(using: &draws).prefix(count))
                // A series alone has rows of its own kind; the other tests have it.
                if dimensions.map(\.name) == ["time:day"] { continue }
                let filters = (0..<Int.random(in: 0...2, using: &draws)).map { _ in Self.pair(&draws) }
                let days = today.advanced(by: -Int.random(in: 0...3, using: &draws))...today
                let limit = Int.random(in: 1...20, using: &draws)
                let offset = dimensions.isEmpty ? 0 : Int.random(in: 0...3, using: &draws)
                let query: JSONValue = [
                    "site_id": .text(program.site.site.domain),
                    "metrics": .list(metrics.map { .text($0.name) }),
                    "dimensions": .list(dimensions.map { .text($0.name) }),
                    "filters": .list(filters.map(\.json)),
                    "date_range": [.text("\(days.lowerBound)"), .text("\(days.upperBound)")],
                    "order_by": [[.text(metrics[0].name), "desc"]],
                    "pagination": ["limit": .whole(limit), "offset": .whole(offset)],
                    "include": ["total_rows": true],
                ]
                let answer = try await program.query(query)
                let figures = try await program.web.statistics.answer(
                    Question(
                        span: Span(days: days), filter: .all(filters.map(\.filter)),
                        metrics: metrics.map(\.metric),
                        dimensions: dimensions.map(\.dimension),
                        order: [.init(.metric(metrics[0].metric), .descending)],
                        limit: limit, offset: offset), of: program.site)
                let text = String(decoding: query.bytes, as: UTF8.self)
                #expect(answer.json["meta"]["total_rows"] == .whole(figures.total), "\(text)")
                let expected: [JSONValue] = figures.rows.map { row in
                    [
                        "dimensions": .list(
                            zip(row.values, dimensions).map { .text($0.isEmpty ? $1.empty : $0) }),
                        "metrics": .list(
                            zip(row.figures, metrics).map { Self.told($0, $1.metric, $1.decimals) }),
                    ]
                }
                #expect(answer.json["results"].items == expected, "\(text)")
            }
        }
    }

    private static let panels: [(panel: String, dimension: String, empty: JSONValue)] = [
        ("pages", "event:page", "(not set)"), ("sources", "visit:source", "Direct / None"),
        ("countries", "visit:country", "(not set)"), ("channels", "visit:channel", "(not set)"),
        ("browsers", "visit:browser", "(not set)"), ("devices", "visit:device", "(not set)"),
    ]

    /// A filter in the address of a dashboard, and in a query.
    private static let terms: [(url: String, json: JSONValue)] = [
        ("is,country,DE,EE", ["is", "visit:country", ["DE", "EE"]]),
        ("is_not,os,Mac", ["is_not", "visit:os", ["Mac"]]),
        ("contains,page,/blog", ["contains", "event:page", ["/blog"]]),
        ("matches_not,page,%5E/d", ["matches_not", "event:page", ["^/d"]]),
        ("is,event,pageview", ["is", "event:name", ["pageview"]]),
        ("is,prop:is_customer,true", ["is", "event:props:is_customer", ["true"]]),
    ]

    @Test func `panels and the API say the same, whatever the filters`() async throws {
        try await Program.withSite(events: 500) { program in
            let tab = program.tab
            _ = try await tab.get("/login")
            _ = try await tab.post("/login", ["email": "owner@dummy.site", "password": "a long enough one"])
            var draws = Draws(11)
            var rowCount = 0
            for number in 0..<36 {
                let (panel, dimension, empty) = Self.panels[number % Self.panels.count]
                let terms = Self.terms.shuffled(using: &draws).prefix(number < 6 ? 0 : 1 + number % 2)
                let period = ["day", "7d", "30d"][number % 3]
                let filters = terms.map { "&f=\($0.url)" }.joined()
                let shown = try await tab.get(
                    "/sites/dummy.site/panels/\(panel).json?period=\(period)\(filters)")
                let answer = try await program.query([
                    "site_id": "dummy.site", "metrics": ["visitors"], "date_range": .text(period),
                    "dimensions": [.text(dimension)], "filters": .list(terms.map(\.json)),
                    "pagination": ["limit": 5],
                ])
                let rows = try JSONValue(parsing: Array(shown.text.utf8))["rows"].items
                rowCount += rows.count
                let shownRows: [JSONValue] = rows.prefix(5).map {
                    [$0["value"] == "" ? empty : $0["value"], $0["metrics"]["visitors"]]
                }
                let answered: [JSONValue] = answer.json["results"].items.map {
                    [$0["dimensions"][0], $0["metrics"][0]]
                }
                #expect(shownRows == answered, "\(panel) \(period) \(filters)")
            }
            #expect(rowCount > 60)
        }
    }

    /// A figure as it comes back from JSON.
    private static func told(_ figure: Figure, _ metric: Metric, _ decimals: Int) -> JSONValue {
        guard let number = figure.number else { return metric == .visitDuration ? .null : 0 }
        let power = [1.0, 10, 100][decimals]
        let rounded = (number * power).rounded() / power
        return Int(exactly: rounded).map { .whole($0) } ?? .number(rounded)
    }
}
