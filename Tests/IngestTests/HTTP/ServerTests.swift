import Auth
import FoundationEssentials
import NIOCore
import Postgres
import TestSupport
import Testing

@testable import Ingest

@Suite struct ServerTests {
    static let view = #"{"n":"pageview","u":"http://example.com/","d":"example.com"}"#

    @Test func `an event is answered when it is on disk, and is in the database soon after`() async throws {
        try await withTestDatabase { database in
            _ = try await database.site()
            try await withCollector(database) { collector in
                let answer = try await collector.event(Self.view)
                #expect(answer.status == 202)
                #expect(answer.body == "ok")
                #expect(answer.headers["access-control-allow-origin"] == "*")
                #expect(collector.spool.segments().map(\.count) == [1])
                let rows = try await eventually {
                    let rows = try await database.owner.withConnection { connection in
                        try connection.rows("SELECT name, hostname, pathname FROM events")
                            as [(String, String, String)]
                    }
                    return rows.isEmpty ? nil : rows
                }
                #expect(rows?.count == 1)
                #expect(rows?.first?.1 == "example.com")
            }
        }
    }

    @Test func `requests that are none end the connection`() async throws {
        try await withTestDatabase { database in
            try await withCollector(database) { collector in
                let long = String(repeating: "a", count: 20_000)
                let many = (0..<10_000).map { "X-\($0): 1\r\n" }.joined()
                for (request, status) in [
                    ("nonsense\r\n\r\n", 400), ("GET /../../etc/passwd HTTP/1.1\r\n\r\n", 404),
                    ("POST /api/event HTTP/1.1\r\nContent-Length: 2000000000\r\n\r\n", 413),
                    ("POST /api/event HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400),
                    ("POST /api/event HTTP/1.1\r\nX: \(long)\r\n\r\n", 431),
                    ("GET /\(long) HTTP/1.1\r\n\r\n", 431),
                    ("GET / HTTP/1.1\r\n\(many)\r\n", 431), ("GET http://x/ HTTP/1.1\r\n\r\n", 400),
                    (
                        "POST /api/event HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
                            + "5000\r\n\(String(repeating: "a", count: 0x5000))\r\n0\r\n\r\n", 413
                    ),
                ] {
                    let client = RawClient(port: collector.port)
                    client.send(
                        request.contains("passwd")
                            ? request.replacing("\r\n\r\n", with: "\r\nConnection: close\r\n\r\n") : request)
                    let answer = Exchanged(try await client.readToEnd())
                    // What is far too much may be cut off before its answer is read.
                    #expect(answer.status == status || answer.status == 0, "\(request.prefix(60))")
                    #expect(answer.status == 0 || answer.headers["access-control-allow-origin"] == "*")
                }
                #expect(try await collector.request("GET", "/healthz").status == 200)
            }
        }
    }

    @Test func `several requests on a connection are answered in order`() async throws {
        try await withTestDatabase { database in
            _ = try await database.site()
            try await withCollector(database) { collector in
                let client = RawClient(port: collector.port)
                func post(_ body: String) -> String {
                    "POST /api/event HTTP/1.1\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
                }
                client.send(
                    post(Self.view) + post("{}") + "OPTIONS /api/event HTTP/1.1\r\n\r\n" + post(Self.view))
                var statuses: [Int] = []
                for _ in 0..<4 { statuses.append(Exchanged(try await client.readAnswer()).status) }
                #expect(statuses == [202, 400, 204, 202])
                client.send("GET /nothing HTTP/1.1\r\nConnection: close\r\n\r\n")
                let answer1 = Exchanged(try await client.readToEnd()).status
                #expect(answer1 == 404)
            }
        }
    }

    @Test func `who is too slow is cut`() async throws {
        var settings = TestCollector.Settings()
        settings.limits.requestTime = .milliseconds(300)
        settings.limits.idleTime = .milliseconds(300)
        try await withTestDatabase { [settings] database in
            try await withCollector(database, settings) { collector in
                let slow = RawClient(port: collector.port)
                slow.send("POST /api/event HTTP/1.1\r\nContent-Length: 100\r\n\r\n{")
                let idle = RawClient(port: collector.port)
                let answer2 = Exchanged(try await slow.readToEnd()).status
                #expect(answer2 == 408)
                let rest6 = try await idle.readToEnd()
                #expect(rest6 == "")
            }
        }
    }

    @Test func `one address has so many connections`() async throws {
        var settings = TestCollector.Settings()
        settings.proxies = []
        settings.limits.connectionsPerAddress = 3
        try await withTestDatabase { [settings] database in
            try await withCollector(database, settings) { collector in
                let clients = (0..<3).map { _ in RawClient(port: collector.port) }
                for client in clients {
                    client.send("GET /healthz HTTP/1.1\r\n\r\n")
                    let answer3 = Exchanged(try await client.readAnswer()).status
                    #expect(answer3 == 200)
                }
                let rest7 = try await RawClient(port: collector.port).readToEnd()
                #expect(rest7 == "")
            }
        }
    }

    @Test func `a client that waits for leave to send gets it`() async throws {
        try await withTestDatabase { database in
            _ = try await database.site()
            try await withCollector(database) { collector in
                let client = RawClient(port: collector.port)
                client.send(
                    "POST /api/event HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: \(Self.view.utf8.count)\r\n\r\n"
                )
                let answer4 = Exchanged(try await client.readAnswer()).status
                #expect(answer4 == 100)
                client.send(Self.view)
                let answer5 = Exchanged(try await client.readAnswer()).status
                #expect(answer5 == 202)
            }
        }
    }

    @Test func `what is refused is answered, and counted where its site is known`() async throws {
        try await withTestDatabase { database in
            let access = try await database.site()
            try await database.owner.withConnection { connection in
                _ = try connection.execute(
                    """
                    INSERT INTO exclusions (account_id, site_id, kind, value) SELECT account_id, id, k, v FROM sites,
                        (VALUES ('address', '192.0.2.0/24'), ('country', 'FR'), ('page', '/admin/*'),
                        ('hostname', 'staging.*')) AS e (k, v)
                    """)
            }
            let site = access.site.id.rawValue
            try await withCollector(database) { collector in
                func reason(_ body: String, _ headers: [String: String] = [:]) async throws -> String? {
                    let answer = try await collector.event(body, headers: headers)
                    #expect(answer.status == 202)
                    return answer.headers["x-mochi-dropped"]
                }
                func view(_ url: String, _ more: String = "") -> String {
                    #"{"n":"pageview","u":"\#(url)","d":"example.com"\#(more)}"#
                }
                #expect(
                    try await reason(view("http://example.com/1"), ["X-Forwarded-For": "192.0.2.77"])
                        == "excluded")
                #expect(
                    try await reason(view("http://example.com/1", #","tz":"Europe/Paris""#)) == "excluded")
                #expect(try await reason(view("http://example.com/admin/x")) == "excluded")
                #expect(try await reason(view("http://staging.example.com/")) == "excluded")
                #expect(
                    try await reason(view("http://example.com/1"), ["Sec-Purpose": "prefetch;prerender"])
                        == "prefetch")
                #expect(try await reason(view("http://example.com/1")) == nil)
                #expect(try await reason(view("http://example.com/1")) == "duplicate")
                #expect(
                    try await reason(#"{"n":"pageview","u":"http://x.test/","d":"unknown.test"}"#)
                        == "unknown_site")
                let drops = try await eventually {
                    let rows = try await database.owner.withConnection { connection in
                        try connection.rows(
                            "SELECT reason, detail, count FROM drops WHERE site_id = \(site) ORDER BY 1, 2")
                            as [(String, String, Int64)]
                    }
                    return rows.count >= 6 ? rows.map { "\($0.0) \($0.1) \($0.2)" } : nil
                }
                #expect(
                    drops == [
                        "duplicate  1", "excluded address 1", "excluded country 1", "excluded hostname 1",
                        "excluded page 1", "prefetch  1",
                    ])
            }
        }
    }

    @Test func `the other formats are taken too`() async throws {
        try await withTestDatabase { database in
            let access = try await database.site()
            let key = access.site.trackingKey
            let id = access.site.id.rawValue.uuidString
            var settings = TestCollector.Settings()
            settings.prefix = "/hidden"
            try await withCollector(database, settings) { collector in
                func post(_ path: String, _ body: String, _ headers: [String: String] = [:]) async throws
                    -> Exchanged
                {
                    try await collector.request("POST", path, headers: headers, body: body)
                }
                #expect(
                    try await post("/api/track", #"{"trackingKey":"\#(key)","path":"/track"}"#).status == 204)
                #expect(
                    try await post("/hidden/api/track", #"{"trackingKey":"\#(key)","path":"/prefix"}"#).status
                        == 204)
                #expect(try await post("/api/track", #"{"path":"/track"}"#).status == 400)
                let umami =
                    #"{"type":"event","payload":{"website":"\#(id)","hostname":"example.com","url":"/umami"}}"#
                #expect(try await post("/api/send", umami).status == 200)
                let batch = try await post(
                    "/api/batch",
                    "[\(umami.replacing("umami", with: "batch")),{\"type\":\"event\",\"payload\":{}}]")
                #expect(batch.body.hasPrefix(#"{"size":2,"processed":1,"errors":1,"details":[{"index":1,"#))
                let count = try await collector.request("GET", "/\(key)/count?p=/goat&t=x")
                #expect(count.status == 200)
                #expect(count.headers["content-type"] == "image/gif")
                #expect(try await collector.request("GET", "/count?k=\(key)").status == 400)
                #expect(
                    try await collector.request("GET", "/pixel.gif?k=\(key)&u=http://example.com/pixel")
                        .status == 200)
                let own =
                    #"{"events":[{"n":"pageview","u":"http://example.com/own","d":"example.com","ip":"192.0.2.1"},{"n":7}]}"#
                #expect(try await post("/api/events", own).status == 401)
                let taken = try await post("/api/events", own, ["Authorization": "Bearer mochi_good"])
                #expect(taken.status == 202)
                let paths = try await eventually {
                    let rows: [String] = try await database.owner.withConnection { connection in
                        try connection.rows("SELECT pathname FROM events ORDER BY 1")
                    }
                    return rows.count >= 6 ? rows : nil
                }
                #expect(
                    Set(paths ?? []).isSuperset(of: [
                        "/batch", "/goat", "/pixel", "/prefix", "/track", "/umami",
                    ]))
            }
        }
    }

    @Test func `a full disk is said, not hidden`() async throws {
        let disk = FaultyDisk()
        var settings = TestCollector.Settings()
        settings.disk = disk
        try await withTestDatabase { [settings] database in
            _ = try await database.site()
            try await withCollector(database, settings) { collector in
                disk.setFree(0)
                let refused = try await collector.event(Self.view)
                #expect(refused.status == 503)
                #expect(refused.headers["retry-after"] != nil)
                disk.setFree(1 << 40)
                // The same view again: what was not stored is not remembered as seen.
                #expect(try await collector.event(Self.view).headers["x-mochi-dropped"] == nil)
            }
        }
    }
}
