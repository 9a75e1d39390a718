import Auth
import Days
import FoundationEssentials
import HTTPTypes
import Postgres
import Stats
import TestSupport
import Testing

@testable import App

/// `POST /api/v2/query`.
@Suite struct StatsQueryTests {
    /// Queries and what their rows are, over 400 events that are all of the last two days.
    static let queries: [(name: String, query: JSONValue)] = [
        ("totals", ["metrics": ["visitors", "visits", "pageviews", "events"], "date_range": "7d"]),
        ("rates", ["metrics": ["bounce_rate", "views_per_visit", "visit_duration"], "date_range": "7d"]),
        ("pages", ["metrics": ["visitors", "pageviews"], "date_range": "7d", "dimensions": ["event:page"]]),
        (
            "names of countries",
            [
                "metrics": ["visitors"], "date_range": "7d", "dimensions": ["visit:country_name"],
                "order_by": [["visit:country_name", "desc"]], "pagination": ["limit": 2, "offset": 1],
            ]
        ),
        (
            "and, or, not",
            [
                "metrics": ["visitors"], "date_range": "7d",
                "filters": [
                    [
                        "or",
                        [["is", "visit:country", ["DE"]], ["not", ["contains", "event:page", ["docs"]]]],
                    ],
                    ["and", [["matches", "event:page", ["^/[a-z]*$"]], ["is_not", "visit:os", ["Mac"]]]],
                ],
            ]
        ),
        (
            "has done",
            [
                "metrics": ["visitors", "conversion_rate"], "date_range": "7d",
                "filters": [
                    ["is", "event:goal", ["Signup"]], ["has_done", ["is", "event:page", ["/pricing"]]],
                    ["has_not_done", ["is", "event:goal", ["PurchaseUSD"]]],
                ],
            ]
        ),
        (
            "days and a property",
            [
                "metrics": ["visitors", "events"], "date_range": "30d",
                "dimensions": ["time:day", "event:props:is_customer"],
                "order_by": [["time:day", "asc"], ["event:props:is_customer", "desc"]],
                "include": ["time_labels": true, "total_rows": true],
            ]
        ),
        (
            "compared",
            [
                "metrics": ["visitors", "bounce_rate"], "date_range": "day", "dimensions": ["visit:source"],
                "include": ["comparisons": ["mode": "previous_period"], "imports": true],
            ]
        ),
        (
            "a series compared",
            [
                "metrics": ["visitors"], "date_range": "7d", "dimensions": ["time:day"],
                "include": ["comparisons": ["mode": "year_over_year", "match_day_of_week": true]],
            ]
        ),
        (
            "time and more compared",
            [
                "metrics": ["visitors"], "date_range": "7d",
                "dimensions": ["visit:entry_page_hostname", "time:day", "visit:exit_page_hostname"],
                "include": ["comparisons": ["mode": "previous_period"], "time_labels": true],
            ]
        ),
        (
            "goals",
            [
                "metrics": ["visitors", "group_conversion_rate"], "date_range": "7d",
                "dimensions": ["event:goal"],
            ]
        ),
        (
            "money",
            [
                "metrics": ["total_revenue", "average_revenue"], "date_range": "7d",
                "dimensions": ["event:name"],
            ]
        ),
        (
            "a segment",
            ["metrics": ["visitors"], "date_range": "all", "filters": [["is", "segment", [2]]]]
        ),
        (
            "times",
            ["metrics": ["visitors"], "date_range": ["2026-11-20T10:00:00+01:00", "2026-11-21T09:59:59Z"]]
        ),
    ]

    static func sent(_ query: JSONValue, site: String = "dummy.site") -> JSONValue {
        .object(query.members.merging(["site_id": .text(site)]) { own, _ in own })
    }

    @Test func `every query of the table is answered in the shape that it asks for`() async throws {
        try await Program.withSite(events: 400) { program in
            try await program.addGoals()
            for (name, query) in Self.queries {
                let answer = try await program.query(Self.sent(query))
                #expect(answer.status == 200, "\(name): \(answer.text)")
                for row in answer.json["results"].items {
                    #expect(row["metrics"].items.count == query["metrics"].items.count, "\(name)")
                    #expect(row["dimensions"].items.count == query["dimensions"].items.count, "\(name)")
                }
                for key in ["metrics", "dimensions", "include"] where query[key] != .null {
                    #expect(answer.json["query"][key] == query[key], "\(name)")
                }
            }
        }
    }

    @Test func `the published examples come back with the same keys and nesting`() async throws {
        guard let data = shared("cases/stats_api_v2_examples.json") else {
            print("cases/stats_api_v2_examples.json is not here: skipped")
            return
        }
        let file = try JSONValue(parsing: Array(data))
        try await Program.withSite(events: 400) { program in
            try await program.addGoals()
            let site = program.site.site
            try await program.database.owner.transaction { connection in
                _ = try connection.execute(
                    """
                    INSERT INTO imports (account_id, site_id, kind, digest, from_time, to_time, from_day, to_day)
                    VALUES (\(site.account), \(site.id), 'log', ''::bytea, now(), now(), current_date - 2, current_date)
                    """)
            }
            #expect(file["cases"].items.count == 16)
            for example in file["cases"].items {
                let name = "\(example["name"])"
                let answer = try await program.query(example["query"])
                #expect(answer.status == 200, "\(name): \(answer.text)")
                Self.compare(example["response"], with: answer.json, name)
            }
        }
    }

    /// Whatever the example has is there, of the same kind.
    private static func compare(_ example: JSONValue, with answer: JSONValue, _ name: String) {
        #expect(Set(answer.members.keys) == Set(example.members.keys), "\(name)")
        for key in ["metrics", "dimensions", "order_by", "include", "site_id"] {
            #expect(answer["query"][key] == example["query"][key], "\(name), \(key)")
        }
        // One example was sent with another value than it was answered with.
        if !name.contains("case-insensitive") {
            #expect(answer["query"]["filters"] == example["query"]["filters"], "\(name)")
        }
        #expect(answer["query"]["date_range"].items.count == 2, "\(name)")
        #expect(Set(example["query"].members.keys).isSubset(of: answer["query"].members.keys), "\(name)")
        // What is imported can be filtered here, and revenue is mixed only if it is.
        let differing: Set = ["imports_skip_reason", "imports_warning", "metric_warnings"]
        #expect(
            Set(example["meta"].members.keys).subtracting(differing)
                == Set(answer["meta"].members.keys).subtracting(differing), "\(name)")
        guard let row = example["results"].items.first, let ours = answer["results"].items.first else {
            return
        }
        #expect(Set(ours.members.keys) == Set(row.members.keys), "\(name)")
        #expect(ours["metrics"].items.count == row["metrics"].items.count, "\(name)")
        #expect(
            ours["dimensions"].items.count == answer["query"]["dimensions"].items.count, "\(name)")
    }

    // MARK: What is refused

    private static let refusals: [(query: String, error: String)] = [
        ("", "#: This is no JSON, at byte 0."),
        ("[]", "#: An object is expected here."),
        (#"{"a":1,"a":2}"#, "#: “a” stands there twice, at byte 10."),
        (#"{"metrics":["visitors"]}"#, "#/site_id: This is missing."),
        (#"{"site_id":"dummy.site"}"#, "#/metrics: This is missing."),
        (#"{"site_id":"dummy.site","metrics":["visitors"]}"#, "#/date_range: This is missing."),
        (
            #"{"site_id":7,"metrics":["visitors"]}"#,
            "#/site_id: A site’s domain or id is expected here, as a text."
        ),
        (
            #"{"site_id":"dummy.site","metrics":[],"date_range":"7d"}"#,
            "#/metrics: At least 1 of metrics belong here."
        ),
        (
            #"{"site_id":"dummy.site","metrics":["visitors","x"],"date_range":"7d"}"#,
            "#/metrics/1: “x” is no metric;"
        ),
        (
            #"{"site_id":"dummy.site","metrics":["visitors","visitors"],"date_range":"7d"}"#,
            "#/metrics/1: It stands there twice."
        ),
        (
            #"{"site_id":"dummy.site","metrics":["conversion_rate"],"date_range":"7d"}"#,
            "#/metrics/0: Choose a goal"
        ),
        (
            #"{"site_id":"dummy.site","metrics":["visitors"],"date_range":"8x"}"#,
            "#/date_range: “8x” is no date range;"
        ),
        (
            #"{"site_id":"dummy.site","metrics":["visitors"],"date_range":["2026-01-02","2026-01-01"]}"#,
            "#/date_range: The range ends before it begins."
        ),
        (
            #"{"site_id":"dummy.site","metrics":["visitors"],"date_range":["1026-01-02","2026-01-01"]}"#,
            "#/date_range: A range has at most"
        ),
        (
            #"{"site_id":"dummy.site","metrics":["visitors"],"date_range":"7d","dimensions":["visit:shoe"]}"#,
            "#/dimensions/0: “visit:shoe” is no dimension;"
        ),
        (
            #"{"site_id":"dummy.site","metrics":["visitors"],"date_range":"7d","limit":7}"#,
            "#: “limit” is not known here; known are site_id,"
        ),
        (
            #"{"site_id":"dummy.site","metrics":["visitors"],"date_range":"7d","filters":[["is","visit:os"]]}"#,
            "#/filters/0: A dimension and a list of values are missing."
        ),
        (
            #"{"site_id":"dummy.site","metrics":["visitors"],"date_range":"7d","filters":[["or",[["was","visit:os",["a"]]]]]}"#,
            "#/filters/0/1/0/0: “was” is no operator;"
        ),
        (
            #"{"site_id":"dummy.site","metrics":["visitors"],"date_range":"7d","filters":[["is","visit:os",[1]]]}"#,
            "#/filters/0/2/0: A value is expected here, as a text."
        ),
        (
            #"{"site_id":"dummy.site","metrics":["visitors"],"date_range":"7d","filters":[["matches","visit:os",["("]]]}"#,
            "#/filters/0/2/0: “(” is not a regular expression:"
        ),
        (
            #"{"site_id":"dummy.site","metrics":["visitors"],"date_range":"7d","filters":[["is","event:goal",["None"]]]}"#,
            "#/filters/0/2/0: The site has no goal “None”."
        ),
        (
            #"{"site_id":"dummy.site","metrics":["visitors"],"date_range":"7d","filters":[["is","time:day",["2026-01-01"]]]}"#,
            "#/filters/0/1: “time:day” is nothing that can be filtered by."
        ),
        (
            #"{"site_id":"dummy.site","metrics":["visitors"],"date_range":"7d","order_by":[["events","desc"]]}"#,
            "#/order_by/0/0: “events” is not among"
        ),
        (
            #"{"site_id":"dummy.site","metrics":["visitors"],"date_range":"7d","pagination":{"limit":0}}"#,
            "#/pagination/limit: A whole number from 1 to 10000 is expected here."
        ),
        (
            #"{"site_id":"dummy.site","metrics":["visitors"],"date_range":"7d","include":{"time_labels":true}}"#,
            "#/include/time_labels: There are labels only with"
        ),
    ]

    @Test(arguments: refusals.indices) func `what is wrong is said with the path to it`(number: Int)
        async throws
    {
        let (query, error) = Self.refusals[number]
        try await Program.withSite { program in
            let answer = try await program.send(.post, "/api/v2/query", body: query)
            #expect(answer.status == 400)
            #expect(answer.error?.hasPrefix(error) == true, "\(answer.text)")
            #expect(Array(answer.json.members.keys) == ["error"])
        }
    }

    @Test func `a query that is changed anywhere is answered or refused, and never breaks anything`()
        async throws
    {
        try await Program.withSite(events: 60) { program in
            try await program.addGoals()
            var draws = Draws(20_261_121)
            var counts: [Int: Int] = [:]
            for number in 0..<900 {
                let query = Self.sent(Self.queries[number % Self.queries.count].query)
                var bytes = (number % 3 == 0 ? query : Mutation.changed(query, &draws)).bytes
                if number % 5 == 0 { Mutation.damage(&bytes, &draws) }
                let text = String(decoding: bytes, as: UTF8.self)
                let answer = try await program.send(.post, "/api/v2/query", body: text)
                counts[answer.status, default: 0] += 1
                #expect([200, 400, 404].contains(answer.status), "\(answer.status): \(text)")
                if answer.status != 200 {
                    #expect(answer.error?.hasPrefix("#") == true, "\(answer.text): \(text)")
                }
            }
            #expect((counts[400] ?? 0) > 200 && (counts[200] ?? 0) > 50, "\(counts)")
        }
    }

    @Test func `somebody else's site is no site`() async throws {
        try await Program.withSite { program in
            _ = try await program.database.site(domain: "theirs.example")
            for name in [
                "theirs.example", "nobodys.example", "", "x\\u0001", String(repeating: "x", count: 5_000),
            ] {
                let body = #"{"site_id":"\#(name)","metrics":["visitors"],"date_range":"7d"}"#
                let answer = try await program.send(.post, "/api/v2/query", body: body)
                #expect(answer.status == 404)
                #expect(answer.error == "#/site_id: There is no such site, or it is somebody else’s.")
            }
        }
    }

    // MARK: Answers

    @Test func `rows carry what is compared, labels, totals, and the names of countries`() async throws {
        try await Program.withSite(events: 400) { program in
            let compared = try await program.query(
                Self.sent([
                    "metrics": ["visitors"], "date_range": "7d", "dimensions": ["visit:source"],
                    "include": ["comparisons": ["mode": "previous_period"], "total_rows": true],
                ]))
            for row in compared.json["results"].items {
                #expect(row["comparison"]["dimensions"] == row["dimensions"])
                #expect(row["comparison"]["metrics"].items.count == 1)
                #expect(row["comparison"]["change"].items.count == 1)
            }
            #expect(compared.json["query"]["comparison_date_range"].items.count == 2)
            let sources = compared.json["results"].items.map { $0["dimensions"][0] }
            #expect(sources.contains("Direct / None"))
            #expect(sources.count >= 4 && compared.json["meta"]["total_rows"] == .whole(sources.count))

            let hours = try await program.query(
                Self.sent([
                    "metrics": ["visitors"], "date_range": ["2026-03-28", "2026-03-28"],
                    "dimensions": ["time:hour"], "include": ["time_labels": true],
                ]))
            #expect(hours.json["results"] == [])
            #expect(hours.json["meta"]["time_labels"].items.count == 24)
            #expect(hours.json["meta"]["time_labels"][1] == "2026-03-28 01:00:00")
            #expect(hours.json["query"]["order_by"] == [["time:hour", "asc"], ["visitors", "desc"]])
            #expect(
                hours.json["query"]["date_range"]
                    == ["2026-03-28T00:00:00+00:00", "2026-03-28T23:59:59+00:00"])

            func visitors(_ filter: JSONValue) async throws -> JSONValue {
                try await program.query(
                    Self.sent(["metrics": ["visitors"], "date_range": "7d", "filters": [filter]])
                ).json["results"][0]["metrics"][0]
            }
            let american = try await visitors(["is", "visit:country", ["US"]])
            #expect(american != 0)
            #expect(
                try await visitors(["is", "visit:country_name", ["United States of America"]]) == american)
            #expect(
                try await visitors([
                    "contains", "visit:country_name", ["united st"], ["case_sensitive": false],
                ]) == american)
            #expect(try await visitors(["is", "visit:country_name", ["Nowhere"]]) == 0)
            let unknown = try await visitors(["is", "visit:country", ["(not set)"]])
            #expect(unknown != 0)
            #expect(try await visitors(["is", "visit:country_name", [""]]) == unknown)
            let without = try await visitors(["is", "event:props:is_customer", ["(none)"]])
            #expect(without != 0)
            #expect(try await visitors(["not", ["contains", "event:props:is_customer", [""]]]) == without)
        }
    }

    @Test func `time together with another dimension stands beside the same piece of the other period`()
        async throws
    {
        try await Program.withSite(events: 400) { program in
            let today = try await program.web.statistics.calendar(program.site).today(at: Date())
            func rows(_ day: Day, _ include: JSONValue) async throws -> [JSONValue] {
                try await program.query(
                    Self.sent([
                        "metrics": ["visitors", "pageviews"],
                        "date_range": [.text("\(day)"), .text("\(day)")],
                        "dimensions": ["time:day", "visit:source"], "include": include,
                    ])
                ).json["results"].items
            }
            let yesterday = today.advanced(by: -1)
            let alone = try await rows(today, [:])
            let compared = try await rows(
                yesterday,
                [
                    "comparisons": [
                        "mode": "custom", "date_range": [.text("\(today)"), .text("\(today)")],
                    ]
                ])
            #expect(!alone.isEmpty && !compared.isEmpty)
            for row in compared {
                let source = row["dimensions"][1]
                #expect(row["dimensions"][0] == .text("\(yesterday)"))
                #expect(row["comparison"]["dimensions"] == [.text("\(today)"), source])
                let other = alone.first { $0["dimensions"][1] == source }
                #expect(row["comparison"]["metrics"] == other?["metrics"] ?? [0, 0])
            }
            // A period of two days beside one of a single day: the second day has nothing to be compared with.
            let longer = try await program.query(
                Self.sent([
                    "metrics": ["visitors"], "date_range": [.text("\(yesterday)"), .text("\(today)")],
                    "dimensions": ["time:day", "visit:source"],
                    "include": [
                        "comparisons": [
                            "mode": "custom",
                            "date_range": [.text("\(yesterday)"), .text("\(yesterday)")],
                        ]
                    ],
                ]))
            for row in longer.json["results"].items {
                let isFirst = row["dimensions"][0] == .text("\(yesterday)")
                #expect((row["comparison"] != .null) == isFirst)
            }
        }
    }

    @Test func `the days are those of the site's own zone`() async throws {
        try await Program.withSite(timeZone: "America/New_York") { program in
            let answer = try await program.query(
                Self.sent(["metrics": ["visitors"], "date_range": ["2026-03-08", "2026-03-09"]]))
            #expect(
                answer.json["query"]["date_range"]
                    == ["2026-03-08T00:00:00-05:00", "2026-03-09T23:59:59-04:00"])
        }
    }

    @Test func `money is told with its currency, and not at all when there are several`() async throws {
        #expect(MoneyText.short(.init(currency: "USD", amount: 96_336_315)) == "$96.3M")
        #expect(MoneyText.long(.init(currency: "USD", amount: 96_336_315)) == "$96,336,315.00")
        #expect(MoneyText.long(.init(currency: "JPY", amount: 1_250.4)) == "¥1,250")
        #expect(MoneyText.long(.init(currency: "SEK", amount: -0.5)) == "-SEK 0.50")
        try await Program.withSite(events: 400) { program in
            let answer = try await program.query(
                Self.sent(["metrics": ["total_revenue"], "date_range": "7d"]))
            #expect(answer.json["results"][0]["metrics"][0] == .null)
            #expect(
                answer.json["meta"]["metric_warnings"]["total_revenue"]["code"]
                    == "no_single_revenue_currency")
        }
    }

    @Test func `what is not exact is said`() async throws {
        try await Program.withSite { program in
            let site = program.site
            let day = Day("2026-03-01")!
            let clock = ZoneHistory(.utc).clock(of: day)
            var raw = RawEvents()
            raw.append(
                .init(time: clock.start * 1_000_000, visitor: 1, stream: 1, sequence: 1),
                [.name: "pageview", .hostname: "h", .page: "/"])
            let block = Fold.fold(raw, clock: clock).block
            try await program.database.system.transaction { connection in
                try SiteDays.replace(
                    .seal, with: [.init(block)], account: site.site.account.rawValue,
                    site: site.site.id.rawValue, clock: clock, now: Date(), in: connection)
            }
            func warning(_ metric: JSONValue, _ days: JSONValue) async throws -> JSONValue {
                try await program.query(Self.sent(["metrics": [metric], "date_range": days]))
                    .json["meta"]["metric_warnings"]["visitors"]["code"]
            }
            #expect(try await warning("visitors", ["2026-03-01", "2026-03-02"]) == .null)
            try await program.database.owner.withConnection {
                _ = try $0.execute("UPDATE site_days SET inexact = true")
            }
            #expect(try await warning("visitors", ["2026-03-01", "2026-03-02"]) == "inexact_visitors")
            #expect(try await warning("pageviews", ["2026-03-01", "2026-03-02"]) == .null)
            #expect(try await warning("visitors", ["2026-03-02", "2026-03-02"]) == .null)
        }
    }

    // MARK: Keys

    @Test func `a key needs its scope, and says how much it may still ask`() async throws {
        try await Program.withSite(keyLimit: 3, scopes: [.readStats]) { program in
            let body = Self.sent(["metrics": ["visitors"], "date_range": "7d"])
            #expect(try await program.send(.get, "/api/sites").status == 401)
            for left in [2, 1, 0] {
                let answer = try await program.query(body)
                #expect(answer.status == 200)
                #expect(answer.headers[.init("RateLimit-Limit")!] == "3")
                #expect(answer.headers[.init("RateLimit-Remaining")!] == "\(left)")
                #expect(answer.headers[.init("RateLimit-Reset")!].flatMap { Int($0) } != nil)
            }
            let refused = try await program.query(body)
            #expect(refused.status == 429 && refused.error != nil)
            #expect(refused.headers[.retryAfter] != nil)
            #expect(refused.headers[.init("RateLimit-Remaining")!] == "0")
        }
    }
}

/// Queries that are nearly right.
enum Mutation {
    private static let odd: [JSONValue] = [
        .null, true, 0, -1, 9_223_372_036_854_775_807, .number(1e300), .number(-0.5), "", " ", "visitors",
        "event:page",
        "visit:country_name", "is", "has_done", "event:goal", "event:props:", "event:props:x", "time",
        "time:hour", "\u{0}",
        "日本 🎉", ".*", "(((((", "1d", "all", "realtime", "24h", ["2026-01-01"], ["2026-01-01", "2026-02-30"],
        ["0000-01-01", "9999-12-31"], ["2999-12-30", "2999-12-31"],
        ["2026-01-01T00:00:00Z", "2026-01-01T00:00:00-14:00"],
        [], [[]], [:], ["": ""], ["mode": "custom", "date_range": ["1970-01-01", "1970-01-02"]], ["limit": 1],
        .text(String(repeating: "x", count: 3_000)), .list(Array(repeating: "visitors", count: 400)),
        ["is", "visit:os", ["Mac"]], ["not", ["not", ["not", ["or", []]]]], ["and", []], ["or", []],
    ]

    static func changed(_ value: JSONValue, _ draws: inout Draws) -> JSONValue {
        if Int.random(in: 0..<5, using: &draws) == 0 { return odd.randomElement(using: &draws)! }
        switch value {
        case .list(var items):
            guard let index = items.indices.randomElement(using: &draws) else { return ["x"] }
            switch Int.random(in: 0..<6, using: &draws) {
            case 0: items.remove(at: index)
            case 1: items.insert(items[index], at: index)
            case 2: items.append(odd.randomElement(using: &draws)!)
            default: items[index] = changed(items[index], &draws)
            }
            return .list(items)
        case .object(var members):
            guard let key = members.keys.sorted().randomElement(using: &draws) else { return ["x": 1] }
            switch Int.random(in: 0..<8, using: &draws) {
            case 0: members[key] = nil
            case 1: members["unknown"] = odd.randomElement(using: &draws)!
            default: members[key] = changed(members[key]!, &draws)
            }
            return .object(members)
        default: return odd.randomElement(using: &draws)!
        }
    }

    static func damage(_ bytes: inout [UInt8], _ draws: inout Draws) {
        guard let index = bytes.indices.randomElement(using: &draws) else { return }
        if Bool.random(using: &draws) {
            bytes[index] = UInt8.random(in: 0x20..<0x7F, using: &draws)
        } else {
            bytes.removeSubrange(index...)
        }
    }
}
