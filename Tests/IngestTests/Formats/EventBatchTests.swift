import Auth
import Days
import Foundation
import Postgres
import TestSupport
import Testing

@testable import Ingest

@Suite struct EventBatchTests {
    static func post(_ events: [String], _ collector: TestCollector) async throws -> [String] {
        let answer = try await collector.request(
            "POST", "/api/events", headers: ["Authorization": "Bearer mochi_good", "User-Agent": "curl/8.0"],
            body: #"{"events":[\#(events.joined(separator: ","))]}"#)
        #expect(answer.status == 202, "\(answer.body)")
        let results = SharedEventCases.object(answer.body)["results"] as? [[String: Any]] ?? []
        return results.map { result in
            ["status", "reason", "detail"].compactMap { result[$0] as? String }.joined(separator: " ")
        }
    }

    static func view(_ path: String, ip: String = "192.0.2.1", at seconds: Int64? = nil) -> String {
        let timestamp = seconds.map { #","timestamp":\#($0 * 1_000)"# } ?? ""
        return
            #"{"n":"pageview","u":"http://example.com\#(path)","d":"example.com","ip":"\#(ip)"\#(timestamp)}"#
    }

    /// A zone in which midnight was within the last hour.
    static func zoneAfterMidnight() -> Zone {
        let hour = Int(time(nil)) / 3_600 % 24
        let name = hour == 0 ? "Etc/GMT" : hour <= 12 ? "Etc/GMT+\(hour)" : "Etc/GMT-\(24 - hour)"
        return Zone.named(name)!
    }

    @Test func `each event has its result, and a visitor need not have a user agent`() async throws {
        try await withTestDatabase { database in
            _ = try await database.site()
            try await withCollector(database) { collector in
                let results = try await Self.post(
                    [
                        Self.view("/a"), Self.view("/a"), #"{"n":7}"#, Self.view("/b", ip: "x"),
                        Self.view("/c", at: Int64(time(nil)) + 3_600),
                        #"{"n":"x","u":"http://example.com/","d":"nobody.test"}"#,
                    ], collector)
                #expect(
                    results == [
                        "accepted", "dropped duplicate", "invalid", "invalid", "invalid",
                        "dropped unknown_site",
                    ])
            }
        }
    }

    @Test func `a past day takes events as long as its salt lives`() async throws {
        let zone = Self.zoneAfterMidnight()
        try await withTestDatabase { database in
            let site = try await database.site(timeZone: zone.name).site
            try await withCollector(database) { collector in
                let now = Int64(time(nil))
                let today = zone.day(at: now)
                let yesterday = today.advanced(by: -1)
                let noon = zone.start(of: yesterday) + 12 * 3_600
                let refused = try await Self.post([Self.view("/a", at: noon)], collector)
                #expect(refused == ["dropped closed_day its salt is destroyed"])

                let salt = Salt.random()
                collector.salts.set([LocalDay(day: yesterday, zone: zone): salt], isShared: true)
                let taken = try await Self.post(
                    [
                        Self.view("/a", at: noon), Self.view("/b", at: noon + 60), Self.view("/c", at: now),
                        Self.view("/d", at: noon - 86_400),
                    ], collector)
                #expect(
                    taken == ["accepted", "accepted", "accepted", "dropped closed_day its salt is destroyed"])
                let rows = try await eventually { () -> [String]? in
                    let rows: [String] = try await database.owner.withConnection {
                        try $0.rows(
                            """
                            SELECT concat_ws('|', day, pathname, visitor, extract(epoch FROM received_at)::bigint)
                            FROM events ORDER BY pathname
                            """)
                    }
                    return rows.count >= 3 ? rows : nil
                }
                let visitor = Int64(
                    bitPattern: VisitorHash(salt).visitor(
                        site: site.id.rawValue, address: Address("192.0.2.1")!, userAgent: ""))
                #expect(
                    rows?.prefix(2) == [
                        "\(yesterday)|/a|\(visitor)|\(noon)", "\(yesterday)|/b|\(visitor)|\(noon + 60)",
                    ])
                #expect(rows?.last?.hasPrefix("\(today)|/c|") == true)
                // Asking makes no salt for a day that is over.
                #expect(
                    collector.salts.entries().keys.contains(
                        LocalDay(day: today.advanced(by: -2), zone: zone)) == false)
            }
        }
    }
}
