import Auth
import Days
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Stats

// `GET /api/v1/stats/…`: Plausible's Stats API, first version, whose queries are read into those of the second.

extension StatsAPI {
    /// A request of the first version: everything stands in the URL.
    private struct First {
        let fields: Fields
        let site: SiteAccess
        let surroundings: StatsQuery.Surroundings

        init(_ request: Request, _ context: KeyContext, _ web: Web) async throws {
            fields = try Fields(query: request)
            if fields["site_id"].isEmpty { throw JSONPlace.refusal("site_id", "This is missing.") }
            guard let site = try await StatsAPI.site(named: fields["site_id"], context, web) else {
                throw APIError(
                    .notFound, "not_found", "site_id: There is no such site, or it is somebody else’s.")
            }
            self.site = site
            let asksForGoals = [fields["filters"], fields["property"]].contains { $0.contains("event:goal") }
            surroundings = try await StatsAPI.surroundings(of: site, asksForGoals ? "event:goal" : .null, web)
        }

        // MARK: Periods

        /// Relative to `date`, which is today if it is not given.
        func range() throws -> QueryRange {
            let period = fields["period"].isEmpty ? "30d" : fields["period"]
            let dates = fields["date"].isEmpty ? [] : FirstFilters.split(fields["date"], at: ",")
            if period == "custom" {
                guard dates.count == 2 else {
                    throw JSONPlace.refusal("date", "A custom period has two days: 2026-01-01,2026-01-31.")
                }
                return try QueryRange(
                    JSONPlace(.list(dates.map { .text($0) }), path: "date"), surroundings.calendar,
                    now: surroundings.now)
            }
            guard dates.count <= 1, let date = dates.first.map({ Day($0) }) ?? today else {
                throw JSONPlace.refusal("date", "A day such as 2026-11-21 is expected here.")
            }
            let end = JSONValue.text(date.description)
            func days(_ first: Day) throws -> QueryRange {
                try QueryRange(
                    JSONPlace([.text(first.description), end], path: "date"), surroundings.calendar,
                    now: surroundings.now)
            }
            switch period {
            case "day": return try days(date)
            case "6mo": return try days(date.firstOfMonth.advanced(months: -5))
            case "12mo": return try days(date.firstOfMonth.advanced(months: -11))
            case "month", "year", "all", "realtime":
                _ = try days(date)
                let period: Period? =
                    period == "month" ? .month(date) : period == "year" ? .year(date) : Period(period)
                return QueryRange(period ?? .standard, surroundings.calendar, now: surroundings.now)
            default:
                guard case .last(let count)? = Period(period) else {
                    throw JSONPlace.refusal(
                        "period",
                        "“\(period.prefix(50))” is no period; there are day, 7d, 30d, month, 6mo, 12mo, year, all, "
                            + "realtime, custom.")
                }
                return try days(date.advanced(by: 1 - count))
            }
        }

        private var today: Day? { surroundings.calendar.today(at: surroundings.now) }

        /// What a series of the period is cut into.
        func interval() throws -> QueryDimension {
            switch fields["interval"] {
            case "month": return QueryDimension.named("time:month")!
            case "date", "day": return QueryDimension.named("time:day")!
            case "hour": return QueryDimension.named("time:hour")!
            case "":
                switch fields["period"] {
                case "day": return QueryDimension.named("time:hour")!
                case "realtime": return QueryDimension.named("time:minute15")!
                case "6mo", "12mo", "year", "all": return QueryDimension.named("time:month")!
                default: return QueryDimension.named("time:day")!
                }
            default: throw JSONPlace.refusal("interval", "Use hour, date or month.")
            }
        }

        // MARK: Metrics, filters, pages

        func query(_ dimensions: [QueryDimension] = []) throws -> StatsQuery {
            let names =
                fields["metrics"].isEmpty
                ? ["visitors"] : fields["metrics"].split(separator: ",").map(String.init)
            guard (1...QueryMetric.all.count).contains(names.count) else {
                throw JSONPlace.refusal("metrics", "1 to \(QueryMetric.all.count) metrics belong here.")
            }
            let metrics = try names.map { name in
                guard let metric = QueryMetric.named(name.filter { $0 != " " }) else {
                    throw JSONPlace.refusal("metrics", "“\(name.prefix(100))” is no metric.")
                }
                return metric
            }
            var query = StatsQuery(metrics: metrics, range: try range())
            query.goals = surroundings.goals
            query.dimensions = dimensions
            var reader = QueryFilters(goals: surroundings.goals, segments: [])
            query.filter = try reader.filter(JSONPlace(try filters(), path: "filters"))
            query.finish()
            let question = query.question(query.range.span)
            for metric in metrics {
                if let objection = metric.metric.objection(question) {
                    throw JSONPlace.refusal("metrics", "\(metric.id): \(objection)")
                }
            }
            return query
        }

        /// `visit:source==Google|Bing;event:page!=/blog*` as the second version writes it.
        private func filters() throws -> JSONValue {
            .list(
                try FirstFilters.split(fields["filters"], at: ";").filter { !$0.isEmpty }.map { condition in
                    for (sign, isNegated) in [("!=", true), ("==", false)] {
                        guard let range = condition.firstRange(of: sign) else { continue }
                        let values = FirstFilters.split(String(condition[range.upperBound...]), at: "|")
                        return FirstFilters.json(
                            String(condition[..<range.lowerBound]), values, isNegated: isNegated)
                    }
                    throw JSONPlace.refusal("filters", "“\(condition.prefix(100))” has neither == nor !=.")
                })
        }

        func whole(_ name: String, standard: Int, in range: ClosedRange<Int>) throws -> Int {
            if fields[name].isEmpty { return standard }
            guard let number = Int(fields[name]), range.contains(number) else {
                throw JSONPlace.refusal(
                    name, "A whole number from \(range.lowerBound) to \(range.upperBound) is expected here.")
            }
            return number
        }
    }

    // MARK: What is answered

    /// How many are there now: visitors with a sign of life in the last five minutes.
    static func realtime(_ request: Request, _ context: KeyContext, _ web: Web) async throws -> Response {
        let first = try await First(request, context, web)
        let now = Int64(first.surroundings.now.timeIntervalSince1970.rounded(.down))
        let history = first.surroundings.calendar.history
        let window = now - 300 + 1..<now + 1
        let days = history.localDay(at: window.lowerBound).day...history.localDay(at: now).day
        let figures = try await web.statistics.answer(
            Question(span: Span(days: days, window: window), metrics: [.visitors]), of: first.site)
        return .json(.whole(Int(figures.rows[0].figures[0].number ?? 0)))
    }

    static func aggregate(_ request: Request, _ context: KeyContext, _ web: Web) async throws -> Response {
        let first = try await First(request, context, web)
        var query = try first.query()
        switch first.fields["compare"] {
        case "": break
        case "previous_period": query.comparing = .init(comparison: .previousPeriod)
        default: throw JSONPlace.refusal("compare", "Only previous_period can be compared with.")
        }
        let answer = try await answered("filters") {
            try await query.answer(of: first.site, first.surroundings.calendar, web)
        }
        var results: [String: JSONValue] = [:]
        for (index, metric) in query.metrics.enumerated() {
            var result = ["value": metric.json(answer.rows[0].figures[index])]
            if let compared = answer.rows[0].compared {
                result["change"] =
                    metric.change(from: compared.figures[index], to: answer.rows[0].figures[index])
                    .map { .number($0) } ?? .null
            }
            results[metric.id] = .object(result)
        }
        return .json(["results": .object(results)])
    }

    /// Every piece of the period, those with nothing included.
    static func timeseries(_ request: Request, _ context: KeyContext, _ web: Web) async throws -> Response {
        let first = try await First(request, context, web)
        let interval = try first.interval()
        let query = try first.query([interval])
        let span = query.range.span
        let figures = try await answered("filters") {
            try await web.statistics.answer(query.question(span), of: first.site)
        }
        return .json([
            "results": .list(
                figures.rows.map { row in
                    var members = ["date": JSONValue.text(interval.shown(row.values[0], from: ""))]
                    for (metric, figure) in zip(query.metrics, row.figures) {
                        members[metric.id] = figure == .none ? .null : metric.json(figure)
                    }
                    return .object(members)
                })
        ])
    }

    static func breakdown(_ request: Request, _ context: KeyContext, _ web: Web) async throws -> Response {
        let first = try await First(request, context, web)
        let property = first.fields["property"]
        guard let dimension = QueryDimension.named(property), !dimension.isTime else {
            throw JSONPlace.refusal(
                "property",
                property.isEmpty ? "This is missing." : "“\(property.prefix(100))” is no property.")
        }
        var query = try first.query([dimension])
        query.limit = try first.whole("limit", standard: 100, in: 1...1_000)
        query.offset = (try first.whole("page", standard: 1, in: 1...1_000_000) - 1) * query.limit
        let answer = try await answered("filters") { [query] in
            try await query.answer(of: first.site, first.surroundings.calendar, web)
        }
        let name = property.hasPrefix("event:props:") ? property.dropFirst(12) : property.dropFirst(6)
        return .json([
            "results": .list(
                answer.rows.map { row in
                    var members: [String: JSONValue] = [:]
                    for (metric, figure) in zip(query.metrics, row.figures) {
                        members[metric.id] = metric.json(figure)
                    }
                    members[String(name)] = .text(row.dimensions[0])
                    return .object(members)
                })
        ])
    }
}

/// The first version's notation of filters.
enum FirstFilters {
    /// A separator after a backslash is none.
    static func split(_ text: String, at separator: Character) -> [String] {
        var parts = [""]
        var isEscaped = false
        for character in text {
            if character == separator, !isEscaped {
                parts.append("")
            } else if character == separator {
                parts[parts.count - 1].removeLast()
                parts[parts.count - 1].append(character)
            } else {
                parts[parts.count - 1].append(character)
            }
            isEscaped = character == "\\"
        }
        return parts
    }

    /// A star stands for any text; then the values are regular expressions.
    static func json(_ property: String, _ values: [String], isNegated: Bool) -> JSONValue {
        let hasStars = values.contains { $0.contains("*") }
        let word = (hasStars ? "matches" : "is") + (isNegated ? "_not" : "")
        return [
            .text(word), .text(property),
            .list(values.map { .text(hasStars ? expression($0) : $0) }),
        ]
    }

    private static func expression(_ value: String) -> String {
        var text = "^"
        var wasStar = false
        for scalar in value.unicodeScalars {
            if scalar == "*" {
                if !wasStar { text += ".*" }
            } else {
                if scalar.isASCII, !scalar.properties.isAlphabetic, !("0"..."9").contains(scalar) {
                    text += "\\"
                }
                text.unicodeScalars.append(scalar)
            }
            wasStar = scalar == "*"
        }
        return text + "$"
    }
}
