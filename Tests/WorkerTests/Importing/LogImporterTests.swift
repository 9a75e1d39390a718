import Auth
import Days
import Foundation
import Ingest
import Operations
import Postgres
import Stats
import TestSupport
import Testing

@testable import Worker

@Suite struct LogImporterTests {
    private static let agent = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
    private static let now = Date(timeIntervalSince1970: 1_433_160_000)

    /// A line of 2015.
    private static func line(
        _ time: String, _ path: String = "/", client: String = "192.0.2.1", status: Int = 200,
        agent: String = agent
    ) -> String {
        "\(client) - - [\(time) +0000] \"GET \(path) HTTP/1.1\" \(status) 1 \"-\" \"\(agent)\""
    }

    /// Two visitors on the first day, one of them on the second.
    private static let log = [
        line("17/May/2015:10:00:00", "/a"), line("17/May/2015:10:05:00", "/b"),
        line("17/May/2015:10:06:00", "/x.css"),
        line("17/May/2015:11:00:00", "/a"), line("17/May/2015:12:00:00", "/a", client: "192.0.2.2"),
        line("17/May/2015:12:00:01", "/", client: "192.0.2.3", agent: "curl/8.0"),
        line("18/May/2015:09:00:00", "/c"), line("18/May/2015:09:00:01", "/gone", status: 404), "nonsense",
    ]

    private struct Fixture {
        let database: TestDatabase
        let folder: String
        let importer: LogImporter

        func file(_ lines: [String]) throws -> String {
            let path = "\(folder)/\(UUID().uuidString).log"
            try Data(lines.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: path))
            return path
        }

        func run(_ lines: [String], replaces: Bool = false) async throws -> LogImporter.Report {
            try await importer.run(
                try file(lines), site: "example.com", replaces: replaces, now: LogImporterTests.now)
        }

        /// `day part origin visitors visits page_views inexact`
        func parts() async throws -> [String] {
            try await database.owner.withConnection { connection in
                try connection.rows(
                    """
                    SELECT concat_ws(' ', day, part, origin, visitors, visits, page_views, inexact) AS line
                    FROM site_days ORDER BY day, part
                    """
                ) { try $0["line"] }
            }
        }

        func checksums() async throws -> [[UInt8]] {
            try await database.owner.withConnection { connection in
                try connection.rows("SELECT checksum FROM site_days ORDER BY day, part")
            }
        }

        /// `date page_views unique_visitors`
        func days() async throws -> [String] {
            try await database.owner.withConnection { connection in
                try connection.rows(
                    """
                    SELECT concat_ws(' ', date, page_views, unique_visitors) AS line FROM daily_site_metrics ORDER BY date
                    """
                ) { try $0["line"] }
            }
        }

        func imports() async throws -> [String] {
            try await database.owner.withConnection { connection in
                try connection.rows(
                    "SELECT concat_ws(' ', from_day, to_day, events) AS line FROM imports ORDER BY from_day, to_day"
                ) { try $0["line"] }
            }
        }
    }

    private static func withImporter(
        _ body: @Sendable (Fixture) async throws -> Void
    ) async throws {
        try await withTestDatabase { database in
            _ = try await database.site(domain: "example.com")
            let folder = FileManager.default.temporaryDirectory.path + "/mochi-import-\(UUID().uuidString)"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let configuration = try Configuration(environment: [
                "DATABASE_URL": database.url, "MOCHI_RESOURCES": repository, "MOCHI_DATA": folder,
            ])
            try await body(
                Fixture(
                    database: database, folder: folder,
                    importer: LogImporter(database: database.system, configuration: configuration)))
        }
    }

    @Test func `a log becomes parts of past days, and every line is counted`() async throws {
        try await Self.withImporter { fixture in
            var expected = LogImporter.Report()
            (expected.read, expected.imported) = (9, 5)
            expected.skipped = ["asset": 1, "bot": 1, "error": 1, "malformed": 1]
            (expected.days, expected.visitors, expected.visits) = (2, 3, 4)
            (expected.firstDay, expected.lastDay) = (Day("2015-05-17"), Day("2015-05-18"))
            let report = try await fixture.run(Self.log)
            #expect(report == expected)
            #expect(
                try await fixture.parts() == ["2015-05-17 0 import 2 3 4 f", "2015-05-18 0 import 1 1 1 f"])
            #expect(try await fixture.days() == ["2015-05-17 4 2", "2015-05-18 1 1"])
            #expect(try await fixture.imports() == ["2015-05-17 2015-05-18 5"])
        }
    }

    @Test func `the same file again replaces what it brought`() async throws {
        try await Self.withImporter { fixture in
            _ = try await fixture.run(Self.log)
            let (parts, sums) = (try await fixture.parts(), try await fixture.checksums())
            let again = try await fixture.run(Self.log)
            #expect(again.isRepetition)
            #expect(again.imported == 5)
            #expect(try await fixture.parts() == parts)
            // Other salts, and the same numbers: nothing of a hash is left in a block.
            #expect(try await fixture.checksums() == sums)
            #expect(try await fixture.imports().count == 1)
        }
    }

    @Test func `the same file again takes away what is excluded by now`() async throws {
        try await Self.withImporter { fixture in
            _ = try await fixture.run(Self.log)
            try await fixture.database.owner.withConnection { connection in
                _ = try connection.execute(
                    """
                    INSERT INTO exclusions (account_id, site_id, kind, value)
                    SELECT account_id, id, 'page', '/c' FROM sites
                    """)
            }
            let again = try await fixture.run(Self.log)
            #expect(again.skipped["excluded"] == 1)
            #expect(try await fixture.days() == ["2015-05-17 4 2"])
            #expect(try await fixture.imports() == ["2015-05-17 2015-05-17 4"])
        }
    }

    @Test func `another file of the same time is refused, and changes nothing`() async throws {
        try await Self.withImporter { fixture in
            _ = try await fixture.run(Self.log)
            let parts = try await fixture.parts()
            let other = [
                Self.line("17/May/2015:11:30:00", "/other"), Self.line("19/May/2015:11:30:00", "/other"),
            ]
            await #expect(throws: LogImporter.Refusal.self) { try await fixture.run(other) }
            #expect(try await fixture.parts() == parts)
            #expect(try await fixture.imports().count == 1)
        }
    }

    @Test func `with replace, the days of the other file give way`() async throws {
        try await Self.withImporter { fixture in
            _ = try await fixture.run(Self.log)
            let other = [
                Self.line("18/May/2015:08:00:00", "/other"), Self.line("19/May/2015:11:30:00", "/other"),
            ]
            let report = try await fixture.run(other, replaces: true)
            #expect(report.replaced == 1)
            #expect(
                try await fixture.parts() == [
                    "2015-05-17 0 import 2 3 4 f", "2015-05-18 1 import 1 1 1 f",
                    "2015-05-19 0 import 1 1 1 f",
                ])
            #expect(try await fixture.days() == ["2015-05-17 4 2", "2015-05-18 1 1", "2015-05-19 1 1"])
            #expect(try await fixture.imports() == ["2015-05-17 2015-05-17 4", "2015-05-18 2015-05-19 2"])
            // All of it: the row goes too.
            let all = [Self.line("16/May/2015:08:00:00", "/all"), Self.line("20/May/2015:11:30:00", "/all")]
            #expect(try await fixture.run(all, replaces: true).replaced == 2)
            #expect(try await fixture.imports() == ["2015-05-16 2015-05-20 2"])
        }
    }

    @Test func `a file that goes on where another ended adds to its last day, and says so`() async throws {
        try await Self.withImporter { fixture in
            _ = try await fixture.run(Self.log)
            let report = try await fixture.run([Self.line("18/May/2015:10:00:00", "/c")])
            #expect(report.sharedDays == 1)
            #expect(
                try await fixture.parts() == [
                    "2015-05-17 0 import 2 3 4 f", "2015-05-18 0 import 1 1 1 f",
                    "2015-05-18 1 import 1 1 1 t",
                ])
            #expect(try await fixture.days().last == "2015-05-18 2 2")
        }
    }

    @Test func `a line that comes late is a part of its own`() async throws {
        try await Self.withImporter { fixture in
            let report = try await fixture.run([
                Self.line("17/May/2015:10:00:00", "/a"), Self.line("19/May/2015:10:00:00", "/a"),
                Self.line("18/May/2015:10:00:00", "/a"), Self.line("17/May/2015:10:01:00", "/b"),
                Self.line("18/May/2015:10:01:00", "/b"),
            ])
            #expect(report.imported == 5)
            #expect(
                try await fixture.parts() == [
                    "2015-05-17 0 import 1 1 1 t", "2015-05-17 1 import 1 1 1 t",
                    "2015-05-18 0 import 1 1 2 f",
                    "2015-05-19 0 import 1 1 1 f",
                ])
        }
    }

    @Test func `days that the collector counts are left to it`() async throws {
        try await Self.withImporter { fixture in
            try await fixture.database.owner.withConnection { connection in
                _ = try connection.execute(
                    """
                    INSERT INTO aggregation_state (account_id, site_id, day, state)
                    SELECT account_id, id, '2015-05-18', 'open' FROM sites
                    """)
            }
            let report = try await fixture.run(Self.log + [Self.line("01/Jun/2015:10:00:00")])
            #expect(report.skipped["open_day"] == 2)
            #expect(try await fixture.days() == ["2015-05-17 4 2"])
        }
    }

    @Test func `a log without a single event leaves nothing`() async throws {
        try await Self.withImporter { fixture in
            let report = try await fixture.run(["nonsense", "", ""])
            #expect(report.read == 2 && report.skipped == ["malformed": 2] && report.days == 0)
            #expect(try await fixture.imports() == [])
        }
    }

    @Test func `a file that breaks off in the middle leaves nothing`() async throws {
        try await Self.withImporter { fixture in
            let path = "\(fixture.folder)/broken.gz"
            try Data([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 0x4B]).write(to: URL(fileURLWithPath: path))
            await #expect(throws: LogFile.Unreadable.self) {
                try await fixture.importer.run(path, site: "example.com", now: Self.now)
            }
            await #expect(throws: LogImporter.Refusal.self) {
                try await fixture.importer.run(path, site: "nobody.example", now: Self.now)
            }
            #expect(try await fixture.imports() == [])
        }
    }
}
