import Auth
import HTTPTypes
import Hummingbird
import Operations

/// `GET /openapi.json`: the API as programs read it (OpenAPI 3.1). What it says is checked against what is answered.
enum OpenAPI {
    static func show(_ request: Request, _ context: PublicContext, _ web: Web) async throws -> Response {
        .json(document(web.configuration))
    }

    static func document(_ configuration: Configuration) -> JSONValue {
        [
            "openapi": "3.1.0",
            "info": [
                "title": "Mochi", "version": "1",
                "description": "Sites, their settings, and questions about their statistics.",
                "license": ["name": "MIT", "identifier": "MIT"],
            ],
            "servers": [["url": .text(configuration.baseURL)]],
            "security": [["key": []]],
            "paths": .object(
                paths.merging(["/api/events": events(configuration.ingestURL)]) { one, _ in one }),
            "components": [
                "securitySchemes": [
                    "key": ["type": "http", "scheme": "bearer", "description": "An API key: mochi_…"]
                ],
                "schemas": .object(schemas),
            ],
        ]
    }

    // MARK: Paths

    private static let paths: [String: JSONValue] = [
        "/api/sites": [
            "get": operation(
                "List sites", .readSites, answers: ["200": ("The account’s sites", ref("SiteList"))]),
            "post": operation(
                "Add a site", .writeSites, body: ref("NewSite"),
                answers: ["201": ("The site", ref("Site")), "409": ("The domain is taken", ref("Error"))]),
        ],
        "/api/sites/{id}": [
            "parameters": [siteID],
            "get": operation(
                "A site and its settings", .readSites, answers: ["200": ("The site", ref("SiteSettings"))]),
            "patch": operation(
                "Change a site; what is not named stays as it is", .writeSites, body: ref("SiteChanges"),
                answers: [
                    "200": ("The site", ref("SiteSettings")), "409": ("The domain is taken", ref("Error")),
                ]),
            "delete": operation(
                "Remove a site; what was counted of it is removed by a job", .writeSites,
                answers: ["202": ("The site is gone", ref("Erasure"))]),
        ],
        "/api/sites/{id}/metrics/overview": [
            "parameters": [siteID],
            "get": operation(
                "Totals and days", .readStats, parameters: [query("days", whole(1...3_660))],
                answers: ["200": ("Days with nothing are there with zeros", ref("Overview"))]),
        ],
        "/api/sites/{id}/metrics/top-pages": [
            "parameters": [siteID],
            "get": operation(
                "Pages by visitors", .readStats,
                parameters: [query("days", whole(1...3_660)), query("limit", whole(1...1_000))],
                answers: ["200": ("The pages", ref("TopPages"))]),
        ],
        "/api/jobs": [
            "get": operation(
                "Work on sites, the newest first", .readSites, answers: ["200": ("The jobs", ref("JobList"))])
        ],
        "/api/jobs/{job}": [
            "parameters": [
                ["name": "job", "in": "path", "required": true, "schema": ["type": "integer", "minimum": 1]]
            ],
            "get": operation("How far a job is", .readSites, answers: ["200": ("The job", ref("Job"))]),
            "delete": operation(
                "Ask a job to stop", .writeSites,
                answers: ["200": ("The job", ref("Job")), "409": ("It cannot be stopped", ref("Error"))]),
        ],
        "/api/v2/query": [
            "post": operation(
                "Any question about a site: Plausible’s Stats API, second version", .readStats,
                body: ref("Query"),
                answers: ["200": ("The answer", ref("QueryAnswer"))], errors: "PlainError")
        ],
        "/api/v1/stats/realtime/visitors": [
            "get": operation(
                "Visitors of the last five minutes", .readStats, parameters: [requiredQuery("site_id", text)],
                answers: ["200": ("How many", ["type": "integer", "minimum": 0])], errors: "PlainError")
        ],
        "/api/v1/stats/aggregate": [
            "get": operation(
                "Totals", .readStats,
                parameters: first + [query("compare", ["type": "string", "enum": ["previous_period"]])],
                answers: ["200": ("By metric", ref("Aggregate"))], errors: "PlainError")
        ],
        "/api/v1/stats/timeseries": [
            "get": operation(
                "Totals by pieces of time", .readStats,
                parameters: first + [
                    query("interval", ["type": "string", "enum": ["hour", "date", "day", "month"]])
                ],
                answers: ["200": ("Every piece, in order", ref("Rows"))], errors: "PlainError")
        ],
        "/api/v1/stats/breakdown": [
            "get": operation(
                "Totals by a property", .readStats,
                parameters: first + [
                    requiredQuery("property", ["type": "string", "enum": .list(properties)]),
                    query("limit", whole(1...1_000)), query("page", whole(1...1_000_000)),
                ], answers: ["200": ("Rows, the largest first", ref("Rows"))], errors: "PlainError")
        ],
    ]

    /// The one path that is the collector's.
    private static func events(_ server: String) -> JSONValue {
        [
            "servers": [["url": .text(server)]],
            "post": [
                "summary": "Count events from a server", "parameters": [],
                "description": "The key needs the scope events:write. At most 1,000 events and 1 MiB.",
                "requestBody": [
                    "required": true, "content": ["application/json": ["schema": ref("Events")]],
                ],
                "responses": [
                    "202": response("What became of each; what was accepted is on disk", ref("EventResults")),
                    "400": response("It is no list of events", ref("Error")),
                    "401": response("No valid key with this scope", ref("Error")),
                    "413": ["description": "More than 1 MiB"],
                    "503": [
                        "description": "Nothing can be stored just now; Retry-After says when to try again"
                    ],
                ],
            ],
        ]
    }

    private static let siteID: JSONValue = [
        "name": "id", "in": "path", "required": true, "schema": ["type": "string", "format": "uuid"],
    ]

    /// Of the first version's questions.
    private static let first: [JSONValue] = [
        requiredQuery("site_id", text),
        query(
            "period",
            [
                "type": "string",
                "enum": ["day", "7d", "30d", "month", "6mo", "12mo", "year", "all", "realtime", "custom"],
            ]),
        query(
            "date", ["type": "string", "description": "A day, or two with a comma between for period=custom"]),
        query("metrics", ["type": "string", "description": "Metrics with commas between"]),
        query("filters", ["type": "string", "description": "visit:source==Google|Bing;event:page!=/blog*"]),
    ]

    private static let properties = QueryDimension.all.filter { !$0.isTime }.map { JSONValue.text($0.id) }

    private static func operation(
        _ summary: String, _ scope: Scope, parameters: [JSONValue] = [], body: JSONValue? = nil,
        answers: [String: (String, JSONValue)], errors: String = "Error"
    ) -> JSONValue {
        var responses: [String: JSONValue] = [:]
        for (status, meaning) in problems { responses[status] = response(meaning, ref(errors)) }
        for (status, answer) in answers { responses[status] = response(answer.0, answer.1) }
        var operation: [String: JSONValue] = [
            "summary": .text(summary), "description": .text("The key needs the scope \(scope.rawValue)."),
            "parameters": .list(parameters), "responses": .object(responses),
        ]
        if let body {
            operation["requestBody"] = ["required": true, "content": ["application/json": ["schema": body]]]
        }
        return .object(operation)
    }

    /// What any request may be answered with.
    private static let problems = [
        "400": "Something in it is wrong: it says what", "401": "No valid key with this scope",
        "403": "The key’s role may not", "404": "There is no such thing, or it is somebody else’s",
        "413": "More than 64 KiB", "429": "Too many requests; Retry-After says when to go on",
        "503": "The database is away, or too busy",
    ]

    private static func response(_ meaning: String, _ schema: JSONValue) -> JSONValue {
        ["description": .text(meaning), "content": ["application/json": ["schema": schema]]]
    }

    // MARK: Schemas

    private static let text: JSONValue = ["type": "string"]
    private static let time: JSONValue = ["type": "string", "format": "date-time"]
    private static let count: JSONValue = ["type": "integer", "minimum": 0]
    private static let texts = list(text)

    private static func ref(_ name: String) -> JSONValue { ["$ref": .text("#/components/schemas/\(name)")] }
    private static func list(_ items: JSONValue) -> JSONValue { ["type": "array", "items": items] }
    private static func list(_ items: JSONValue, _ counts: ClosedRange<Int>) -> JSONValue {
        [
            "type": "array", "items": items, "minItems": .whole(counts.lowerBound),
            "maxItems": .whole(counts.upperBound),
        ]
    }
    private static func whole(_ range: ClosedRange<Int>) -> JSONValue {
        ["type": "integer", "minimum": .whole(range.lowerBound), "maximum": .whole(range.upperBound)]
    }
    private static func words(_ words: [String]) -> JSONValue {
        ["type": "string", "enum": .list(words.map { .text($0) })]
    }
    private static func either(_ schemas: JSONValue...) -> JSONValue { ["anyOf": .list(schemas)] }
    private static func query(_ name: String, _ schema: JSONValue) -> JSONValue {
        ["name": .text(name), "in": "query", "schema": schema]
    }
    private static func requiredQuery(_ name: String, _ schema: JSONValue) -> JSONValue {
        ["name": .text(name), "in": "query", "required": true, "schema": schema]
    }

    /// - Parameter optional: names of those that may be missing.
    private static func object(
        _ properties: [String: JSONValue], optional: Set<String> = [], isClosed: Bool = true
    ) -> JSONValue {
        [
            "type": "object", "properties": .object(properties), "additionalProperties": .truth(!isClosed),
            "required": .list(properties.keys.filter { !optional.contains($0) }.sorted().map { .text($0) }),
        ]
    }

    private static let siteMembers: [String: JSONValue] = [
        "id": ["type": "string", "format": "uuid"], "domain": text, "name": text, "time_zone": text,
        "tracking_key": text, "created_at": time,
    ]

    private static let settings: [String: JSONValue] = [
        "hostnames": texts, "duplicate_window": whole(0...60), "kept_parameters": texts,
        "personal_patterns": texts,
        "tracker_features": list(words(SiteSettings.allFeatures)),
        "retention_days": either(whole(1...SiteSettings.mostRetentionDays), ["type": "null"]),
        "exclusions": list(ref("Exclusion")),
    ]

    private static let metric = words(QueryMetric.all.map(\.id))
    private static let dimension: JSONValue = either(
        words(QueryDimension.all.map(\.id) + ["time"]), ["type": "string", "pattern": "^event:props:.+$"])
    private static let days: JSONValue = list(["type": "string", "format": "date"], 2...2)

    private static var schemas: [String: JSONValue] {
        sites.merging(metrics) { one, _ in one }.merging(questions) { one, _ in one }
            .merging(collecting) { one, _ in one }
    }

    private static let collecting: [String: JSONValue] = [
        "Events": object(["events": list(ref("Event"), 0...1_000)], isClosed: false),
        "Event": object(
            [
                "n": text, "u": text, "d": text, "r": text, "i": ["type": "boolean"], "p": ["type": "object"],
                "id": text, "ip": text, "user_agent": text, "timestamp": time,
            ], optional: ["r", "i", "p", "id", "ip", "user_agent", "timestamp"], isClosed: false),
        "EventResults": object([
            "results": list(
                object(
                    [
                        "status": words(["accepted", "dropped", "invalid"]), "reason": text, "detail": text,
                        "errors": ["type": "object", "additionalProperties": texts],
                    ], optional: ["reason", "detail", "errors"]))
        ]),
    ]

    private static let sites: [String: JSONValue] = [
        "Error": object([
            "error": object(["code": text, "message": text, "field": text], optional: ["field"])
        ]),
        "PlainError": object(["error": text]),
        "Site": object(siteMembers),
        "SiteList": object(["sites": list(ref("Site")), "next": ["type": "null"]]),
        "NewSite": object(
            ["domain": text, "name": text, "time_zone": text], optional: ["name", "time_zone"]),
        "SiteSettings": object(siteMembers.merging(settings) { one, _ in one }),
        "SiteChanges": object(
            settings.merging(["name": text, "domain": text, "time_zone": text]) { one, _ in one },
            optional: Set(settings.keys).union(["name", "domain", "time_zone"])),
        "Exclusion": object(["kind": words(SiteExclusion.Kind.allCases.map(\.rawValue)), "value": text]),
        "Erasure": object(["id": text, "job": either(count, ["type": "null"])]),
        "JobList": object(["jobs": list(ref("Job"))]),
        "Job": object([
            "id": count, "kind": text, "state": words(["ready", "running", "done", "dead", "cancelled"]),
            "done": count, "total": count, "text": text, "cancelling": ["type": "boolean"],
            "created_at": time,
            "finished_at": either(time, ["type": "null"]),
        ]),
    ]

    private static let metrics: [String: JSONValue] = [
        "Overview": object([
            "site_id": text, "from": text, "to": text,
            "totals": object([
                "page_views": count, "unique_visitors": count, "visits": count,
                "bounce_rate": ["type": "number"],
                "visit_duration": ["type": "number"],
            ]),
            "days": list(object(["date": text, "page_views": count, "unique_visitors": count])),
        ]),
        "TopPages": object([
            "site_id": text, "from": text, "to": text,
            "pages": list(object(["path": text, "page_views": count, "unique_visitors": count])),
        ]),
        "Aggregate": object([
            "results": [
                "type": "object",
                "additionalProperties": object(
                    ["value": ref("Figure"), "change": either(["type": "number"], ["type": "null"])],
                    optional: ["change"]),
            ]
        ]),
        "Rows": object([
            "results": list(["type": "object", "additionalProperties": either(ref("Figure"), text)])
        ]),
        "Figure": either(
            ["type": "number"], ["type": "null"],
            object(["currency": text, "value": ["type": "number"], "short": text, "long": text])),
    ]

    private static let questions: [String: JSONValue] = [
        "Query": object(
            [
                "site_id": text, "metrics": list(metric, 1...QueryMetric.all.count),
                "date_range": either(words(QueryRange.words), days, list(time, 2...2)),
                "dimensions": list(dimension, 0...3), "filters": list(ref("Filter"), 0...100),
                "order_by": list(list(either(metric, dimension, words(["asc", "desc"])), 2...2)),
                "pagination": object(
                    ["limit": whole(1...StatsQuery.mostRows), "offset": whole(0...StatsQuery.mostOffset)],
                    optional: ["limit", "offset"]),
                "include": ref("Include"),
            ], optional: ["dimensions", "filters", "order_by", "pagination", "include"]),
        "Filter": [
            "type": "array", "minItems": 2, "maxItems": 4,
            "prefixItems": [words(QueryFilters.words)],
            "description":
                "[operator, dimension, [value, …], {\"case_sensitive\": false}?] or [word, filter or filters]",
        ],
        "Include": object(
            [
                "imports": ["type": "boolean"], "time_labels": ["type": "boolean"],
                "total_rows": ["type": "boolean"], "trim_relative_date_range": ["type": "boolean"],
                "comparisons": object(
                    [
                        "mode": words(["previous_period", "year_over_year", "custom"]), "date_range": days,
                        "match_day_of_week": ["type": "boolean"],
                    ], optional: ["date_range", "match_day_of_week"]),
            ], optional: ["imports", "time_labels", "total_rows", "trim_relative_date_range", "comparisons"]),
        "QueryAnswer": object([
            "results": list(
                object(
                    ["dimensions": texts, "metrics": list(ref("Figure")), "comparison": ref("Compared")],
                    optional: ["comparison"])),
            "meta": object(
                [
                    "imports_included": ["type": "boolean"], "imports_skip_reason": text,
                    "time_labels": texts,
                    "total_rows": count,
                    "metric_warnings": [
                        "type": "object", "additionalProperties": object(["code": text, "warning": text]),
                    ],
                ],
                optional: [
                    "imports_included", "imports_skip_reason", "time_labels", "total_rows", "metric_warnings",
                ]),
            "query": ["type": "object"],
        ]),
        "Compared": object([
            "dimensions": texts, "metrics": list(ref("Figure")),
            "change": list(either(["type": "number"], ["type": "null"])),
        ]),
    ]
}
