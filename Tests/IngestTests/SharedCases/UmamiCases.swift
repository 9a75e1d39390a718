import Auth
import Foundation
import Postgres
import TestSupport
import Testing

@testable import Ingest

extension SharedEventCases {
    @Test func `Umami's cases`() async throws {
        guard let file = try Self.cases("ingest_umami_send.json") else { return }
        let data = try JSONSerialization.data(withJSONObject: file)
        try await withTestDatabase { database in
            let site = try await database.site(domain: "example.com").site
            try await database.owner.withConnection { connection in
                _ = try connection.execute(
                    """
                    INSERT INTO exclusions (account_id, site_id, kind, value)
                    VALUES (\(site.account), \(site.id), 'address', '203.0.113.0/24')
                    """)
            }
            try await withCollector(database) { collector in
                let file = try JSONSerialization.jsonObject(with: data) as! [String: Any]
                let cases = file["cases"] as! [[String: Any]]
                for (number, one) in cases.enumerated() {
                    let name = one["name"] as! String
                    let address = name.hasPrefix("blocked ip") ? "203.0.113.9" : Self.visitor(number)
                    try await Self.checkUmami(name, one, site: site.id, address: address, collector)
                }
            }
        }
    }

    private static func checkUmami(
        _ name: String, _ one: [String: Any], site: SiteID, address: String, _ collector: TestCollector
    ) async throws {
        let body = String(
            decoding: try JSONSerialization.data(
                withJSONObject: one["body"]!, options: .withoutEscapingSlashes),
            as: UTF8.self)
        var headers = ["X-Forwarded-For": address, "Content-Type": "application/json"]
        if let agent = one["user_agent"] as? String { headers["User-Agent"] = agent }
        let answer = try await collector.request(
            "POST", one["path"] as? String ?? "/api/send", headers: headers,
            body: body.replacing("{uuid}", with: site.rawValue.uuidString.lowercased()))
        #expect(answer.status == one["status"] as? Int, "\(name): \(answer.body)")
        #expect(answer.headers["access-control-allow-origin"] == "*", "\(name)")
        let answered = object(answer.body)
        if let text = one["json_contains"] as? String { #expect(answer.body.contains(text), "\(name)") }
        if let json = one["json"] { #expect(isEqual(json, answered), "\(name): \(answer.body)") }
        if let shape = one["json_shape"] { checkShape(name, shape, answered) }
        if answer.status == 200, one["path"] == nil, one["json"] == nil {
            #expect(Set(answered.keys) == ["cache", "sessionId", "visitId"], "\(name)")
        }
    }

    /// Everything in the shape is there; "…" stands for any text.
    private static func checkShape(_ name: String, _ shape: Any, _ found: Any?) {
        switch shape {
        case let shape as [String: Any]:
            for (key, value) in shape {
                checkShape("\(name).\(key)", value, (found as? [String: Any])?[key])
            }
        case let shape as [Any]:
            let found = found as? [Any] ?? []
            #expect(found.count == shape.count, "\(name)")
            for (one, other) in zip(shape, found) { checkShape(name, one, other) }
        case "…" as String: #expect(found is String, "\(name)")
        default: #expect(isEqual(shape, found), "\(name)")
        }
    }
}
