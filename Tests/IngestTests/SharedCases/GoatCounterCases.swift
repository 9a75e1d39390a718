import Auth
import Foundation
import Postgres
import TestSupport
import Testing

@testable import Ingest

extension SharedEventCases {
    /// GoatCounter groups referrers in the referrer itself and takes any text for one; Mochi keeps host and path,
    /// groups in the source, and knows no referrer that is not an address. What it makes of each instead.
    static let differentReferrers: [String: (referrer: String, source: String)] = [
        "https://t.co/asd": ("t.co/asd", "Twitter"),
        "https://mail.google.com?a=b&c=d": ("mail.google.com", "Gmail"),
        "android-app://com.laurencedawson.reddit_sync.pro": (
            "android-app://com.laurencedawson.reddit_sync.pro",
            "android-app://com.laurencedawson.reddit_sync.pro"
        ),
        "https://en.m.wikipedia.org/wiki/Foo": ("en.m.wikipedia.org/wiki/Foo", "Wikipedia"),
        "https://www.reddit.com/r/programming/top": ("reddit.com/r/programming/top", "Reddit"),
        "https://np.reddit.com/r/programming/.compact": ("np.reddit.com/r/programming/.compact", "Reddit"),
        "android-app://com.example.android": (
            "android-app://com.example.android", "android-app://com.example.android"
        ),
    ]

    static let differentFromGoatCounter: Set<String> = ["text ref"]

    @Test func `GoatCounter's cases`() async throws {
        guard let file = try Self.cases("ingest_goatcounter_count.json") else { return }
        let data = try JSONSerialization.data(withJSONObject: file)
        try await withTestDatabase { database in
            let key = try await Self.siteKeepingParameters(database)
            try await withCollector(database) { collector in
                let file = try JSONSerialization.jsonObject(with: data) as! [String: Any]
                let cases = file["cases"] as! [[String: Any]]
                for (number, one) in cases.enumerated() {
                    try await Self.checkGoatCounter(one, key: key, address: Self.visitor(number), collector)
                }
            }
        }
    }

    @Test func `GoatCounter's paths and referrers`() async throws {
        guard let file = try Self.cases("ingest_goatcounter_count.json") else { return }
        let paths = file["path_cases"] as! [[String]]
        let referrers = file["referrer_cases"] as! [[String]]
        #expect(Set(Self.differentReferrers.keys).isSubset(of: referrers.map { $0[0] }))
        try await withTestDatabase { database in
            let key = try await Self.siteKeepingParameters(database)
            try await withCollector(database) { collector in
                for (number, one) in paths.enumerated() where one[0] != "" {
                    let found = try await Self.count(
                        ["p": one[0]], key: key, Self.visitor(number), collector
                    ).decided
                    #expect((found["event"] as? [String: Any])?["pathname"] as? String == one[1], "\(one)")
                }
                for (number, one) in referrers.enumerated() {
                    let found =
                        try await Self.count(
                            ["p": "/", "r": one[0]], key: key, Self.visitor(paths.count + number), collector
                        ).decided["session"] as? [String: Any]
                    let different = Self.differentReferrers[one[0]]
                    #expect(found?["referrer"] as? String == different?.referrer ?? one[1], "\(one)")
                    if let different { #expect(found?["source"] as? String == different.source, "\(one)") }
                }
            }
        }
    }

    /// A site whose pages have the parameters of the cases: without them in its list none would be stored.
    private static func siteKeepingParameters(_ database: TestDatabase) async throws -> String {
        let access = try await database.site(domain: "site.test")
        try await database.owner.withConnection { connection in
            _ = try connection.execute("UPDATE sites SET kept_parameters = ARRAY['a', 'b', 'c', 'd', 'q']")
        }
        return access.site.trackingKey
    }

    private static func count(
        _ query: [String: String], key: String, agent: String? = nil, _ address: String,
        _ collector: TestCollector
    ) async throws -> (answer: Exchanged, decided: [String: Any]) {
        var allowed = CharacterSet.alphanumerics
        allowed.insert(charactersIn: "-._~")
        let text = query.map { "&\($0)=\($1.addingPercentEncoding(withAllowedCharacters: allowed)!)" }
            .joined()
        var headers = ["X-Forwarded-For": address, "X-Debug-Request": "true"]
        if let agent { headers["User-Agent"] = agent }
        let debug = try await collector.request("GET", "/\(key)/count?\(text)", headers: headers)
        headers["X-Debug-Request"] = nil
        let answer = try await collector.request("GET", "/count?k=\(key)\(text)", headers: headers)
        return (answer, object(debug.body))
    }

    private static func checkGoatCounter(
        _ one: [String: Any], key: String, address: String, _ collector: TestCollector
    ) async throws {
        let name = one["name"] as! String
        let (answer, decided) = try await count(
            one["query"] as! [String: String], key: key, agent: one["user_agent"] as? String, address,
            collector)
        #expect(answer.status == one["status"] as? Int, "\(name)")
        #expect(answer.headers["access-control-allow-origin"] == "*", "\(name)")
        #expect(answer.headers["content-type"] == "image/gif", "\(name)")
        #expect(answer.headers["content-length"] == "43", "\(name)")
        if answer.status == 400 { #expect(answer.headers["x-goatcounter"] != nil, "\(name)") }
        guard let expect = one["expect"] as? [String: Any] else { return }
        #expect(answer.headers["x-goatcounter"] == nil, "\(name)")
        let event = decided["event"] as? [String: Any] ?? [:]
        let session = decided["session"] as? [String: Any] ?? [:]
        for (field, value) in expect {
            let value = value as? String
            switch field {
            case "path" where expect["event"] as? Bool == true:
                #expect(event["name"] as? String == value, "\(name)")
            case "path": #expect(event["pathname"] as? String == value, "\(name)")
            case "title": #expect(event["title"] as? String == value, "\(name)")
            case "ref" where expect["ref_scheme"] as? String == "c":
                #expect(session["utm_source"] as? String == value, "\(name)")
            case "ref":
                let expected = differentFromGoatCounter.contains(name) ? "" : value
                #expect(session["referrer"] as? String == expected, "\(name)")
            // The exact width is not kept.
            case "event", "ref_scheme", "width": break
            default: Issue.record("\(name): nobody checks \(field)")
            }
        }
    }
}
