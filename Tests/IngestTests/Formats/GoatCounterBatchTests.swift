import Auth
import Foundation
import Postgres
import TestSupport
import Testing

@testable import Ingest

@Suite struct GoatCounterBatchTests {
    /// Posts to GoatCounter's API with a key of the site's account.
    static func post(
        _ body: String, key: String, _ collector: TestCollector, authorization: String? = "Bearer mochi_good"
    ) async throws -> Exchanged {
        try await collector.request(
            "POST", "/\(key)/api/v0/count",
            headers: authorization.map { ["Authorization": $0, "User-Agent": "curl/8.0"] } ?? [:], body: body)
    }

    /// The stored rows that the query selects, once there are so many.
    static func rows(_ database: TestDatabase, _ query: SQL, count: Int) async throws -> [String] {
        let rows = try await eventually { () -> [String]? in
            let rows: [String] = try await database.owner.withConnection { try $0.rows(query) }
            return rows.count >= count ? rows : nil
        }
        return rows ?? []
    }

    @Test func `pages and events of a server's visitors are stored as they were sent`() async throws {
        try await withTestDatabase { database in
            let key = try await database.site().site.trackingKey
            try await withCollector(database) { collector in
                let agent = TestCollector.browser
                let answer = try await Self.post(
                    """
                    {"hits":[
                        {"path":"one/","title":"One","ref":"https://news.example.org/a?b=c","size":[1920,1080,1],
                            "query":"?utm_source=mail","user_agent":"\(agent)","ip":"192.0.2.1","location":"NL-ZH"},
                        {"path":"signup","event":true,"session":"s1","language":"de-DE"},
                        {"path":"/two?x=y","session":"s1"},
                        {"path":"/three","session":"s2","size":"400,800,2"}]}
                    """, key: key, collector)
                #expect(answer.status == 202 && answer.body == #"{"status":"ok"}"#)
                let rows = try await Self.rows(
                    database,
                    """
                    SELECT concat_ws('|', name, pathname, title, referrer, utm_source, country, browser, language,
                        viewport, (SELECT count(DISTINCT visitor) FROM events))
                    FROM events ORDER BY sequence
                    """, count: 4)
                #expect(
                    rows == [
                        "pageview|/one|One|news.example.org/a|mail|NL|Firefox||Desktop|3",
                        "signup|/||||||de||3", "pageview|/two||||||||3", "pageview|/three|||||||Mobile|3",
                    ])
                let visitors = try await Self.rows(
                    database,
                    "SELECT count(DISTINCT visitor)::text FROM events WHERE pathname IN ('/', '/two')",
                    count: 1)
                #expect(visitors == ["1"])
            }
        }
    }

    @Test func `without sessions each hit is a visitor of its own`() async throws {
        try await withTestDatabase { database in
            let key = try await database.site().site.trackingKey
            try await withCollector(database) { collector in
                let answer = try await Self.post(
                    #"{"no_sessions":true,"hits":[{"path":"/a"},{"path":"/a"},{"path":"/a"}]}"#, key: key,
                    collector)
                #expect(answer.status == 202)
                let visitors = try await Self.rows(database, "SELECT visitor::text FROM events", count: 3)
                #expect(Set(visitors).count == 3)
            }
        }
    }

    @Test func `what is wrong with a hit is said by its index, and the others are taken`() async throws {
        try await withTestDatabase { database in
            let key = try await database.site().site.trackingKey
            try await withCollector(database) { collector in
                let answer = try await Self.post(
                    """
                    {"hits":[{"path":"/a","session":"s"},{"title":"x"},{"path":"/b"},7,
                        {"path":"/c","session":"s","created_at":"2101-01-01T00:00:00Z"},
                        {"path":"/d","ip":"x","user_agent":"y"},{"path":"/e","session":"s"},
                        {"path":"/f","session":"s","created_at":"2020-01-01T00:00:00Z"}]}
                    """, key: key, collector)
                #expect(answer.status == 400)
                let errors = SharedEventCases.object(answer.body)["errors"] as? [String: String]
                #expect(
                    errors == [
                        "1": "path: must be set",
                        "2":
                            "session or browser/IP not set; use no_sessions if you don't want to track unique visits",
                        "3": "is not an object", "4": "created_at: must be RFC 3339 and not in the future",
                        "5": "ip: is not an address",
                        "7": "created_at is of a day that is closed: its salt is destroyed",
                    ])
                let paths = try await Self.rows(database, "SELECT pathname FROM events ORDER BY 1", count: 2)
                #expect(paths == ["/a", "/e"])
            }
        }
    }

    @Test func `what Mochi refuses is processed, named in headers, and counted`() async throws {
        try await withTestDatabase { database in
            let site = try await database.site().site
            try await database.owner.withConnection { connection in
                _ = try connection.execute(
                    """
                    INSERT INTO exclusions (account_id, site_id, kind, value)
                    VALUES (\(site.account), \(site.id), 'address', '192.0.2.7')
                    """)
            }
            try await withCollector(database) { collector in
                let agent = TestCollector.browser
                let answer = try await Self.post(
                    """
                    {"hits":[{"path":"/a","ip":"192.0.2.7","user_agent":"\(agent)"},{"path":"/b","session":"s","bot":150},
                        {"path":"/c","session":"s","user_agent":"Googlebot/2.1"},{"path":"/d","session":"s"}]}
                    """, key: site.trackingKey, collector)
                #expect(answer.status == 202)
                #expect(answer.headers["x-goatcounter-filter"] == "0")
                #expect(answer.headers["x-plausible-dropped"] == "3")
                let drops = try await Self.rows(
                    database, "SELECT concat_ws(' ', reason, detail) FROM drops ORDER BY 1", count: 3)
                #expect(drops == ["bot says so itself", "bot search engine", "excluded address"])
            }
        }
    }

    @Test(arguments: [
        ("", "the body is not a JSON object with hits"), ("[]", "the body is not a JSON object with hits"),
        (#"{"hits":[]}"#, "no hits"), (#"{"hits":[{}],"filter":["x"]}"#, "unknown value in filter"),
        (
            #"{"hits":["# + Array(repeating: "{}", count: 501).joined(separator: ",") + "]}",
            "maximum amount of pageviews in one batch is 500"
        ),
    ])
    func `a body that is none is refused whole`(body: String, reason: String) async throws {
        try await withTestDatabase { database in
            let key = try await database.site().site.trackingKey
            try await withCollector(database) { collector in
                let answer = try await Self.post(body, key: key, collector)
                #expect(answer.status == 400)
                #expect(SharedEventCases.object(answer.body)["error"] as? String == reason)
            }
        }
    }

    @Test func `only an account's own key may write to its site`() async throws {
        try await withTestDatabase { database in
            _ = try await database.site()
            let other = try await database.site(domain: "other.test").site
            let hit = #"{"hits":[{"path":"/a","session":"s"}]}"#
            try await withCollector(database) { collector in
                #expect(
                    try await Self.post(hit, key: other.trackingKey, collector, authorization: nil).status
                        == 401)
                let wrong = try await Self.post(
                    hit, key: other.trackingKey, collector, authorization: "Bearer mochi_bad")
                #expect(wrong.status == 401)
                let foreign = try await Self.post(hit, key: other.trackingKey, collector)
                #expect(foreign.status == 400)
                #expect(foreign.body.contains("no site with this tracking key"))
                #expect(
                    try await collector.request("GET", "/\(other.trackingKey)/api/v0/count").status == 405)
                #expect(try await collector.request("POST", "/a/api/v1/count").status == 404)
            }
        }
    }
}
