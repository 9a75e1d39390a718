import Auth
import Foundation
import Postgres
import TestSupport
import Testing

@testable import Ingest

/// The cases of three peers' clients that lie beside the repository, against a whole collector.
@Suite struct SharedEventCases {
    /// What differs on purpose, and why, in docs/compatibility.md.
    static let different: Set<String> = [
        // A collector does not know visits; the fold passes over engagement without one.
        "engagement without a session"
    ]

    @Test func `Plausible's cases`() async throws {
        guard let data = shared("cases/ingest_plausible_event.json") else {
            print("cases/ingest_plausible_event.json is not here: skipped")
            return
        }
        try await withTestDatabase { database in
            _ = try await database.site(domain: "site.test")
            try await withCollector(database) { collector in
                let root = try JSONSerialization.jsonObject(with: data) as! [String: Any]
                for one in root["cases"] as! [[String: Any]] {
                    let name = one["name"] as! String
                    // They need a database of places.
                    if name.hasPrefix("geo:") || name.contains("forwarded") || name.hasPrefix("x-plausible") {
                        continue
                    }
                    if Self.different.contains(name) { continue }
                    try await Self.check(name, one, collector)
                }
            }
        }
    }

    private static func check(
        _ name: String, _ one: [String: Any], _ collector: TestCollector
    ) async throws {
        let expect = one["expect"] as! [String: Any]
        let body = try JSONSerialization.data(withJSONObject: one["body"]!, options: .fragmentsAllowed)
        let text = String(decoding: body, as: UTF8.self).replacing("{site}", with: "site.test")
        var headers = one["headers"] as? [String: String] ?? [:]
        // One visitor each, so that no case repeats another.
        headers["X-Forwarded-For"] = headers["X-Forwarded-For"] ?? "192.0.2.\(abs(name.hashValue) % 250 + 1)"
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
        let answered =
            (try? JSONSerialization.jsonObject(with: Data(answer.body.utf8))) as? [String: Any] ?? [:]
        if let json = expect["json"] as? NSDictionary {
            #expect(json.isEqual(to: answered), "\(name): \(answer.body)")
        }
        if let field = expect["error_field"] as? String {
            #expect((answered["errors"] as? [String: Any])?[field] != nil, "\(name)")
        }
        let decided =
            (try? JSONSerialization.jsonObject(with: Data(debug.body.utf8))) as? [String: Any] ?? [:]
        for part in ["event", "session"] {
            let found = decided[part] as? [String: Any] ?? [:]
            for (key, value) in expect[part] as? [String: Any] ?? [:] {
                check("\(name): \(part).\(key)", value, key, found)
            }
        }
    }

    private static func check(_ name: String, _ value: Any, _ key: String, _ found: [String: Any]) {
        switch key {
        case "props_count": #expect((found["props"] as? [String: Any])?.count == value as? Int, "\(name)")
        case "props_at_least":
            for (key, value) in value as! [String: String] {
                #expect((found["props"] as? [String: String])?[key] == value, "\(name)")
            }
        case "revenue": #expect(found["revenue_amount"] is NSNull, "\(name)")
        default:
            let actual = found[key] as? NSObject
            #expect(actual?.isEqual(value) == true, "\(name): \(actual?.description ?? "missing")")
        }
    }
}
