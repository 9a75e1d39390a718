import Auth
import Days
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Stats

/// `POST /api/v2/query`: Plausible's Stats API, second version.
enum StatsAPI {
    static func query(_ request: Request, _ context: KeyContext, _ web: Web) async throws -> Response {
        let body = try await body(of: request)
        let members = try body.object(of: StatsQuery.keys)
        guard let siteID = members["site_id"] else { throw StatsQuery.missing("site_id") }
        let name = try siteID.text("A site’s domain or id")
        guard let site = try await site(named: name, context, web) else {
            throw APIError(
                .notFound, "not_found", "#/site_id: There is no such site, or it is somebody else’s.")
        }
        let surroundings = try await surroundings(of: site, body.value, web)
        let query = try StatsQuery(members, surroundings)
        let answer = try await answered("#") { try await query.answer(of: site, surroundings.calendar, web) }
        let imports =
            query.includesImports ? try await web.goals.hasImports(in: query.range.span.days, of: site) : nil
        return .json(
            .object([
                "results": .list(answer.rows.map { row(query, $0) }),
                "meta": meta(query, answer, hasImports: imports),
                "query": echo(query, answer, name, surroundings),
            ]))
    }

    // MARK: What both versions need

    static func body(of request: Request) async throws -> JSONPlace {
        let buffer = try await request.body.collect(upTo: Admission.bodyLimit)
        do {
            return JSONPlace(try JSONValue(parsing: Array(buffer.readableBytesView)))
        } catch let mistake {
            throw JSONPlace.refusal("#", mistake.description)
        }
    }

    /// By its domain, or by its id.
    static func site(named name: String, _ context: KeyContext, _ web: Web) async throws -> SiteAccess? {
        guard (1...253).contains(name.utf8.count), !name.utf8.contains(0) else { return nil }
        if let id = UUID(uuidString: name) {
            return try await web.sites.find(id: SiteID(rawValue: id), in: context.account)
        }
        return try await web.sites.find(domain: name.lowercased(), in: context.account)
    }

    /// Goals and segments are looked up only if the query speaks of them.
    static func surroundings(
        of site: SiteAccess, _ query: JSONValue, _ web: Web
    ) async throws -> StatsQuery.Surroundings {
        let goals = query.mentions("event:goal") || query.mentions("segment")
        return StatsQuery.Surroundings(
            calendar: try await web.statistics.calendar(site),
            goals: goals ? try await web.goals.list(of: site).map(\.goal) : [],
            segments: query.mentions("segment") ? try await web.goals.segments(of: site) : [], now: web.now())
    }

    /// What the engine objects to is the asker's to mend.
    static func answered<Result: Sendable>(
        _ path: String, _ body: () async throws -> Result
    ) async throws -> Result {
        do {
            return try await body()
        } catch let error as QuestionError {
            throw JSONPlace.refusal(path, error.description)
        }
    }

    // MARK: The answer

    private static func row(_ query: StatsQuery, _ row: QueryAnswer.Row) -> JSONValue {
        func figures(_ figures: [Figure]) -> JSONValue {
            .list(zip(query.metrics, figures).map { $0.json($1) })
        }
        var members: [String: JSONValue] = [
            "dimensions": .list(row.dimensions.map { .text($0) }), "metrics": figures(row.figures),
        ]
        if let compared = row.compared {
            members["comparison"] = [
                "dimensions": .list(compared.dimensions.map { .text($0) }),
                "metrics": figures(compared.figures),
                "change": .list(
                    query.metrics.indices.map { index in
                        query.metrics[index].change(from: compared.figures[index], to: row.figures[index])
                            .map { .number($0) } ?? .null
                    }),
            ]
        }
        return .object(members)
    }

    private static func meta(
        _ query: StatsQuery, _ answer: QueryAnswer, hasImports: Bool?
    ) -> JSONValue {
        var meta: [String: JSONValue] = [:]
        if let hasImports {
            meta["imports_included"] = .truth(hasImports)
            if !hasImports { meta["imports_skip_reason"] = "no_imported_data" }
        }
        if query.includesTimeLabels { meta["time_labels"] = .list(answer.timeLabels.map { .text($0) }) }
        if query.includesTotal { meta["total_rows"] = .whole(answer.total) }
        var warnings: [String: JSONValue] = [:]
        for (index, metric) in query.metrics.enumerated() where metric.metric.unit == .money {
            let isMixed = answer.rows.contains { row in
                if case .money(let money) = row.figures[index] { money.count > 1 } else { false }
            }
            if isMixed {
                warnings[metric.id] = [
                    "code": "no_single_revenue_currency",
                    "warning": "Revenue is null where it came in several currencies: they are not added.",
                ]
            }
        }
        let inexact = query.countsVisitors ? answer.inexactDays : []
        if let first = inexact.first {
            warnings["visitors"] = [
                "code": "inexact_visitors",
                "warning": .text(
                    "On \(first)\(inexact.count == 1 ? "" : " and \(inexact.count - 1) other days") some visitors may "
                        + "be counted twice: what came late could not be told from who was there already."),
            ]
        }
        if !warnings.isEmpty { meta["metric_warnings"] = .object(warnings) }
        return .object(meta)
    }

    private static func echo(
        _ query: StatsQuery, _ answer: QueryAnswer, _ site: String, _ surroundings: StatsQuery.Surroundings
    ) -> JSONValue {
        let history = surroundings.calendar.history
        guard case .object(var members) = query.json(site: site, history: history) else { return .null }
        if let span = answer.comparisonSpan {
            members["comparison_date_range"] = QueryRange.json(span, history)
        }
        return .object(members)
    }
}

extension JSONValue {
    /// Whether a text stands in it anywhere.
    func mentions(_ text: String) -> Bool {
        switch self {
        case .text(let own): own == text
        case .list(let items): items.contains { $0.mentions(text) }
        case .object(let members): members.values.contains { $0.mentions(text) }
        case .null, .truth, .whole, .number: false
        }
    }
}
