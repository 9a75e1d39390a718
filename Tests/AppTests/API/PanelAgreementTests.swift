import Auth
import Days
import FoundationEssentials
import Postgres
import Stats
import TestSupport
import Testing

@testable import App

/// One panel in all its shapes: page, JSON, CSV, API, the engine, and plain SQL over the events.
@Suite struct PanelAgreementTests {
    /// What a panel is about. Nothing here is taken from the product's own tables.
    private struct Row {
        let panel: String
        let api: String
        let dimension: Dimension
        /// A column of the events of which visitors and page views can simply be counted.
        var sql: SQL?
    }

    private static let rows = [
        Row(panel: "channels", api: "visit:channel", dimension: .channel, sql: "channel"),
        Row(panel: "sources", api: "visit:source", dimension: .source, sql: "source"),
        Row(panel: "referrers", api: "visit:referrer", dimension: .referrer, sql: "referrer"),
        Row(panel: "campaigns", api: "visit:utm_campaign", dimension: .utmCampaign, sql: "utm_campaign"),
        Row(panel: "campaign-sources", api: "visit:utm_source", dimension: .utmSource, sql: "utm_source"),
        Row(panel: "campaign-mediums", api: "visit:utm_medium", dimension: .utmMedium, sql: "utm_medium"),
        Row(panel: "campaign-contents", api: "visit:utm_content", dimension: .utmContent, sql: "utm_content"),
        Row(panel: "campaign-terms", api: "visit:utm_term", dimension: .utmTerm, sql: "utm_term"),
        Row(panel: "pages", api: "event:page", dimension: .page, sql: "pathname"),
        Row(panel: "entry-pages", api: "visit:entry_page", dimension: .entryPage),
        Row(panel: "exit-pages", api: "visit:exit_page", dimension: .exitPage),
        Row(panel: "hostnames", api: "event:hostname", dimension: .hostname, sql: "hostname"),
        Row(panel: "titles", api: "event:title", dimension: .pageTitle, sql: "title"),
        Row(panel: "countries", api: "visit:country", dimension: .country, sql: "country"),
        Row(panel: "map", api: "visit:country", dimension: .country, sql: "country"),
        Row(panel: "regions", api: "visit:region", dimension: .region, sql: "region"),
        Row(panel: "cities", api: "visit:city", dimension: .city, sql: "city"),
        Row(panel: "languages", api: "visit:language", dimension: .language, sql: "language"),
        Row(panel: "browsers", api: "visit:browser", dimension: .browser, sql: "browser"),
        Row(panel: "systems", api: "visit:os", dimension: .system, sql: "os"),
        Row(panel: "devices", api: "visit:device", dimension: .device, sql: "device"),
        Row(panel: "viewports", api: "visit:viewport", dimension: .viewport, sql: "viewport"),
        Row(
            panel: "browser-versions", api: "visit:browser_version", dimension: .browserVersion,
            sql: "browser_version"),
        Row(panel: "system-versions", api: "visit:os_version", dimension: .systemVersion, sql: "os_version"),
        Row(panel: "events", api: "event:name", dimension: .event, sql: "name"),
        Row(panel: "goals", api: "event:goal", dimension: .goal),
        Row(
            panel: "property-is_customer", api: "event:props:is_customer",
            dimension: .property("is_customer"), sql: "props ->> 'is_customer'"),
    ]

    /// One condition in the four languages that it is asked in. `sql` holds for a row of `events`.
    private struct Term {
        let url: String
        let json: JSONValue
        let filter: Filter
        var sql: SQL?
    }

    private static func match(
        _ dimension: Dimension, _ comparison: Filter.Comparison, _ values: [String], not: Bool = false
    ) -> Filter {
        .match(
            .init(dimension, comparison, values, isNegated: not, isCaseSensitive: comparison != .contains))
    }

    private static let signup = Goal(id: 0, name: "Signup", kind: .event("Signup"))

    private static let terms = [
        Term(
            url: "is,country,DE,EE", json: ["is", "visit:country", ["DE", "EE"]],
            filter: match(.country, .equals, ["DE", "EE"]), sql: "country IN ('DE', 'EE')"),
        Term(
            url: "is_not,os,Mac", json: ["is_not", "visit:os", ["Mac"]],
            filter: match(.system, .equals, ["Mac"], not: true), sql: "os <> 'Mac'"),
        Term(
            url: "contains,page,/DOCS",
            json: ["contains", "event:page", ["/DOCS"], ["case_sensitive": false]],
            filter: match(.page, .contains, ["/DOCS"]), sql: "pathname ILIKE '%/docs%'"),
        Term(
            url: "contains_not,page,blog",
            json: ["contains_not", "event:page", ["blog"], ["case_sensitive": false]],
            filter: match(.page, .contains, ["blog"], not: true), sql: "pathname NOT ILIKE '%blog%'"),
        Term(
            url: "matches,page,%5E/(docs%7Cblog/a)$", json: ["matches", "event:page", ["^/(docs|blog/a)$"]],
            filter: match(.page, .matches, ["^/(docs|blog/a)$"]), sql: "pathname IN ('/docs', '/blog/a')"),
        Term(
            url: "matches_not,hostname,%5Ewww", json: ["matches_not", "event:hostname", ["^www"]],
            filter: match(.hostname, .matches, ["^www"], not: true), sql: "hostname NOT LIKE 'www%'"),
        Term(
            url: "is,source,", json: ["is", "visit:source", ["Direct / None"]],
            filter: match(.source, .equals, [""]), sql: "source = ''"),
        Term(
            url: "is,prop:is_customer,true", json: ["is", "event:props:is_customer", ["true"]],
            filter: match(.property("is_customer"), .equals, ["true"]),
            sql: "coalesce(props ->> 'is_customer' = 'true', false)"),
        Term(
            url: "is,event,pageview", json: ["is", "event:name", ["pageview"]],
            filter: match(.event, .equals, ["pageview"]), sql: "name = 'pageview'"),
        Term(
            url: "is,entry_page,/docs", json: ["is", "visit:entry_page", ["/docs"]],
            filter: match(.entryPage, .equals, ["/docs"])),
        Term(
            url: "has_not_done,page,/pricing",
            json: ["has_not_done", ["is", "event:page", ["/pricing"]]],
            filter: .not(.hasDone(match(.page, .equals, ["/pricing"])))),
        Term(
            url: "is,goal,Signup", json: ["is", "event:goal", ["Signup"]], filter: .goal(signup),
            sql: "name = 'Signup'"),
    ]

    /// As the address has it, as the API has it, and as days before today.
    private static let periods: [(url: String, range: String?, days: ClosedRange<Int>?)] = [
        ("today", "day", 0...0), ("7d", "7d", 0...6), ("30d", "30d", 0...29), ("yesterday", nil, 1...1),
        ("custom", nil, 1...2), ("24h", "24h", nil), ("month", "month", nil), ("all", "all", nil),
    ]

    @Test func `every panel has a row in these tests`() {
        #expect(Set(Panel.all.map(\.id)).subtracting(Self.rows.map(\.panel)) == [])
    }

    @Test func `a panel's page, JSON and CSV, the API, the engine and SQL say the same, whatever is asked`()
        async throws
    {
        let rounds = ProcessInfo.processInfo.environment["MOCHI_TEST_LONG"] == nil ? 2 : 40
        try await Program.withSite(events: 500) { program in
            try await program.addGoals()
            _ = try await program.tab.get("/login")
            _ = try await program.tab.post(
                "/login", ["email": "owner@dummy.site", "password": "a long enough one"])
            let today = try await program.web.statistics.calendar(program.site).today(at: Date())
            var draws = Draws(23)
            var seen = 0
            for round in 0..<rounds {
                for row in Self.rows {
                    let count = round == 0 ? 0...1 : 1...3
                    var terms = Array(
                        Self.terms.shuffled(using: &draws).prefix(Int.random(in: count, using: &draws)))
                    if row.panel == "goals" { terms.removeAll { $0.url.contains("goal") } }
                    let isOr = terms.count > 1 && Bool.random(using: &draws)
                    let period = Self.periods.randomElement(using: &draws)!
                    let asked = Asked(
                        program: program, row: row, terms: terms, isOr: isOr, url: period.url,
                        range: period.range, back: period.days, today: today)
                    seen += try await asked.check()
                }
            }
            #expect(seen > 100)
        }
    }

    private struct Asked {
        let program: Program
        let row: Row
        let terms: [Term]
        let isOr: Bool
        let url: String
        let range: String?
        let back: ClosedRange<Int>?
        let today: Day

        private var days: ClosedRange<Day>? {
            back.map { today.advanced(by: -$0.upperBound)...today.advanced(by: -$0.lowerBound) }
        }

        private var query: String {
            var query = "?period=\(url)"
            if url == "custom", let days { query += "&from=\(days.lowerBound)&to=\(days.upperBound)" }
            if isOr { query += "&join=or" }
            return query + terms.map { "&f=\($0.url)" }.joined()
        }

        /// How many rows there were.
        func check() async throws -> Int {
            let path = "/sites/dummy.site/panels/\(row.panel)"
            let text = try await program.tab.get("\(path).json\(query)&limit=1000").text
            let json = try JSONValue(parsing: Array(text.utf8))
            let name = Comment(rawValue: "\(path)\(query)")
            #expect(json["total"] == .whole(json["rows"].items.count), name)
            try await checkCSV(try await program.tab.get("\(path).csv\(query)&limit=1000").text, json, name)
            checkPage(try await program.tab.get(path + query).text, json, name)
            guard !json["rows"].items.isEmpty else { return 0 }
            try await checkAPI(json, name)
            try await checkEngine(json, name)
            try await checkCounts(json, name)
            return json["rows"].items.count
        }

        private func checkCSV(_ text: String, _ json: JSONValue, _ name: Comment) async throws {
            let lines = Asked.cells(text)
            let rows = json["rows"].items
            #expect(lines.count == rows.count + 1, name)
            for (line, row) in zip(lines.dropFirst(), rows) {
                let cells = Dictionary(uniqueKeysWithValues: zip(lines[0], line))
                #expect(JSONValue.text(line[0]) == row["value"], name)
                for (metric, figure) in row["metrics"].members {
                    let cell = cells[metric] ?? "missing"
                    switch figure {
                    case .null: #expect(cell == "", name)
                    case .object(let amounts):
                        let parts = Set(cell.components(separatedBy: " + "))
                        #expect(parts.count == amounts.count, name)
                        for part in parts {
                            let (amount, currency) = (part.dropLast(4), String(part.suffix(3)))
                            #expect(
                                Asked.near(Double(amount), amounts[currency]?.decimal, 0.0001), name)
                        }
                    default:
                        #expect(
                            Asked.near(Double(cell), figure.decimal, 0.0001), "\(name) \(metric) \(cell)")
                    }
                }
            }
        }

        /// Labels and visitors of its fifty rows, in the same order.
        private func checkPage(_ page: String, _ json: JSONValue, _ name: Comment) {
            let shown = page.matches(
                of: /<span>([^<]*)<\/span><\/a><\/th><td class="numeric">([^<]*)<\/td>/
            ).map { "\($0.1) \($0.2)" }
            let expected = json["rows"].items.prefix(50).map { row in
                "\(row["label"].string ?? "?") \(Numbers.whole(Int(row["metrics"]["visitors"].decimal ?? -1)))"
            }
            #expect(shown == expected, name)
        }

        private func checkAPI(_ json: JSONValue, _ name: Comment) async throws {
            let rows = json["rows"].items
            let metrics = rows[0]["metrics"].members.keys.sorted()
            let range: JSONValue =
                range.map { .text($0) }
                ?? .list(days.map { [.text("\($0.lowerBound)"), .text("\($0.upperBound)")] } ?? [])
            let filters: [JSONValue] = isOr ? [["or", .list(terms.map(\.json))]] : terms.map(\.json)
            let answer = try await program.query([
                "site_id": "dummy.site", "metrics": .list(metrics.map { .text($0) }), "date_range": range,
                "dimensions": [.text(row.api)], "filters": .list(filters),
                "order_by": [["visitors", "desc"]], "pagination": ["limit": 1000],
            ])
            #expect(answer.status == 200, "\(name): \(answer.text)")
            // Programs see a row of what is not known also where the dashboard leaves it out.
            let empties: Set<JSONValue> = ["(not set)", "(none)", "Direct / None"]
            let hasEmpty = rows.contains { $0["value"] == "" }
            let answered = answer.json["results"].items.filter {
                hasEmpty || !empties.contains($0["dimensions"][0])
            }
            #expect(answered.count == rows.count, name)
            for (ours, theirs) in zip(rows, answered) {
                let value = theirs["dimensions"][0]
                #expect(ours["value"] == (empties.contains(value) ? "" : value), name)
                for (index, metric) in metrics.enumerated() {
                    let (mine, other) = (ours["metrics"][metric], theirs["metrics"][index])
                    #expect(Asked.agree(mine, other, metric), "\(name) \(metric): \(mine) \(other)")
                }
            }
        }

        /// Halves of the last decimal that the API tells.
        private static let tolerances = [
            "views_per_visit": 0.005, "conversion_rate": 0.005, "percentage": 0.05, "exit_rate": 0.05,
            "visitors": 0, "visits": 0, "pageviews": 0, "events": 0,
        ]

        private static func agree(_ ours: JSONValue, _ theirs: JSONValue, _ metric: String) -> Bool {
            switch ours {
            // What there is not is null or 0 to programs, as Plausible's clients expect it.
            case .null: theirs == .null || theirs.decimal == 0
            case .object(let amounts):
                amounts.count == 1
                    ? near(amounts.first?.value.decimal, theirs["value"].decimal, 0.00501) : theirs == .null
            default: near(ours.decimal, theirs.decimal, (tolerances[metric] ?? 0.5) + 0.000001)
            }
        }

        private func checkEngine(_ json: JSONValue, _ name: Comment) async throws {
            guard let days else { return }
            let filters = terms.map(\.filter)
            let isOfGoals = row.panel == "goals"
            let goals = try await program.web.goals.list(of: program.site).map(\.goal)
            let figures = try await program.web.statistics.answer(
                Question(
                    span: Span(days: days), filter: isOr ? .any(filters) : .all(filters),
                    metrics: [.visitors], dimensions: [row.dimension], goals: isOfGoals ? goals : [],
                    limit: isOfGoals ? Question.Limit.goals : 1000), of: program.site)
            #expect(
                figures.rows.map { "\($0.values[0]) \(Int($0.figures[0].number ?? -1))" }
                    == Asked.visitors(json),
                name)
        }

        /// Visitors and page views of each value, counted without any of ours.
        private func checkCounts(_ json: JSONValue, _ name: Comment) async throws {
            guard let days, let column = row.sql, terms.allSatisfy({ $0.sql != nil }) else { return }
            let conditions = terms.compactMap(\.sql)
            let holds: SQL =
                conditions.isEmpty
                ? "true"
                : isOr
                    ? SQL.joined(conditions, separator: " OR ") : SQL.joined(conditions, separator: " AND ")
            let showsEmpty: SQL = row.dimension.unknown == nil ? "\(column) <> ''" : "\(column) IS NOT NULL"
            let counted = try await program.database.owner.transaction { connection in
                try connection.rows(
                    """
                    SELECT \(column), count(DISTINCT (day, visitor)),
                        count(*) FILTER (WHERE name = 'pageview')
                    FROM events WHERE site_id = \(program.site.site.id)
                        AND day BETWEEN \(days.lowerBound) AND \(days.upperBound)
                        AND (\(holds)) AND \(showsEmpty)
                    GROUP BY 1 ORDER BY 2 DESC, (\(column)) COLLATE "C" LIMIT 1000
                    """
                ) { row in
                    (value: try row[0] as String, visitors: try row[1] as Int, views: try row[2] as Int)
                }
            }
            #expect(counted.map { "\($0.value) \($0.visitors)" } == Asked.visitors(json), name)
            if json["rows"][0]["metrics"]["pageviews"] != .null {
                let views = json["rows"].items.map { $0["metrics"]["pageviews"].decimal.map(Int.init) }
                #expect(counted.map(\.views) == views, name)
            }
        }

        private static func visitors(_ json: JSONValue) -> [String] {
            json["rows"].items.map {
                "\($0["value"].string ?? "?") \(Int($0["metrics"]["visitors"].decimal ?? -1))"
            }
        }

        private static func near(_ one: Double?, _ other: Double?, _ tolerance: Double) -> Bool {
            guard let one, let other else { return false }
            return abs(one - other) <= tolerance
        }

        /// RFC 4180.
        private static func cells(_ text: String) -> [[String]] {
            var (lines, cell, isQuoted) = ([[String]](), "", false)
            var line: [String] = []
            let scalars = Array(text.unicodeScalars)
            var at = 0
            while at < scalars.count {
                let scalar = scalars[at]
                let next = at + 1 < scalars.count ? scalars[at + 1] : nil
                switch scalar {
                case "\"" where isQuoted && next == "\"":
                    cell.unicodeScalars.append(scalar)
                    at += 1
                case "\"": isQuoted.toggle()
                case "," where !isQuoted:
                    line.append(cell)
                    cell = ""
                case "\r" where !isQuoted: break
                case "\n" where !isQuoted:
                    lines.append(line + [cell])
                    (line, cell) = ([], "")
                default: cell.unicodeScalars.append(scalar)
                }
                at += 1
            }
            return lines
        }
    }
}

extension JSONValue {
    fileprivate var string: String? { if case .text(let text) = self { text } else { nil } }

    fileprivate var decimal: Double? {
        switch self {
        case .whole(let number): Double(number)
        case .number(let number): number
        default: nil
        }
    }
}
