import Auth
import Foundation
import Postgres
import TestSupport
import Testing

@testable import Ingest

extension SharedEventCases {
    static let differentFromPlausible: Set<String> = [
        // A collector does not know visits; the fold passes over engagement without one.
        "engagement without a session"
    ]

    @Test func `Plausible's cases`() async throws {
        guard let file = try Self.cases("ingest_plausible_event.json") else { return }
        let cases = file["cases"] as! [[String: Any]]
        let names = Set(cases.map { $0["name"] as! String })
        #expect(Self.differentFromPlausible.isSubset(of: names))
        // They need a database of places, and stand with the tests of the location.
        @Sendable func needsPlaces(_ name: String) -> Bool {
            name.hasPrefix("geo:") || name.contains("forwarded") || name.hasPrefix("x-plausible")
        }
        let bodies = try cases.map {
            try JSONSerialization.data(withJSONObject: $0["body"]!, options: .fragmentsAllowed)
        }
        let data = try JSONSerialization.data(withJSONObject: cases)
        try await withTestDatabase { database in
            _ = try await database.site(domain: "site.test")
            try await withCollector(database) { collector in
                let cases = try JSONSerialization.jsonObject(with: data) as! [[String: Any]]
                for (number, one) in cases.enumerated() {
                    let name = one["name"] as! String
                    if needsPlaces(name) || Self.differentFromPlausible.contains(name) { continue }
                    try await Self.checkPlausible(
                        name, one, body: bodies[number], address: Self.visitor(number), collector)
                }
            }
        }
    }

    private static func checkPlausible(
        _ name: String, _ one: [String: Any], body: Data, address: String, _ collector: TestCollector
    ) async throws {
        let expect = one["expect"] as! [String: Any]
        let text = String(decoding: body, as: UTF8.self).replacing("{site}", with: "site.test")
        var headers = one["headers"] as? [String: String] ?? [:]
        headers["X-Forwarded-For"] = headers["X-Forwarded-For"] ?? address
        headers["X-Debug-Request"] = "true"
        let debug = try await collector.event(text, headers: headers)
        headers["X-Debug-Request"] = nil
        let answer = try await collector.event(text, headers: headers)
        if let status = expect["status"] as? Int { #expect(answer.status == status, "\(name)") }
        if let body = expect["body"] as? String { #expect(answer.body == body, "\(name)") }
        if let dropped = expect["dropped_header"] as? String {
            #expect(answer.headers["x-plausible-dropped"] == dropped, "\(name)")
        }
        if expect["recorded"] as? Bool == false {
            #expect(answer.headers["x-mochi-dropped"] != nil, "\(name)")
        }
        let answered = object(answer.body)
        if let json = expect["json"] { #expect(isEqual(json, answered), "\(name): \(answer.body)") }
        if let field = expect["error_field"] as? String {
            #expect((answered["errors"] as? [String: Any])?[field] != nil, "\(name)")
        }
        let decided = object(debug.body)
        for part in ["event", "session"] {
            let found = decided[part] as? [String: Any] ?? [:]
            for (key, value) in expect[part] as? [String: Any] ?? [:] {
                checkPlausible("\(name): \(part).\(key)", value, key, found)
            }
        }
    }

    private static func checkPlausible(_ name: String, _ value: Any, _ key: String, _ found: [String: Any]) {
        switch key {
        case "props_count": #expect((found["props"] as? [String: Any])?.count == value as? Int, "\(name)")
        case "props_at_least":
            for (key, value) in value as! [String: String] {
                #expect((found["props"] as? [String: String])?[key] == value, "\(name)")
            }
        case "revenue": #expect(found["revenue_amount"] is NSNull, "\(name)")
        default: #expect(isEqual(found[key], value), "\(name): \(found[key] ?? "missing")")
        }
    }
}
