import Days
import FoundationEssentials
import Testing

@testable import Ingest

@Suite struct AccessLogTests {
    private static let salts = Salts()
    private static let agent = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
    /// 2015-06-01 12:00 UTC.
    private static let now: Int64 = 1_433_160_000_000_000

    private static func log(
        _ format: AccessLog.Format = .auto, hostnames: [String] = [], zone: String = "Europe/Berlin"
    ) -> AccessLog {
        var exclusions = Exclusions()
        exclusions.add(.address, "192.0.2.99")
        exclusions.add(.page, "/admin/*")
        let site = SiteEntry(
            id: UUID(), account: 1, domain: "example.com", hostnames: hostnames, duplicateWindow: 10,
            keys: [],
            zones: [.init(from: Day(rawValue: 0), zone: zone)], exclusions: exclusions, salts: salts)
        return AccessLog(
            site: site, salts: salts, format: format, now: now,
            openDays: AccessLog.OpenDays(from: Day("2015-06-01")!, others: [Day("2015-05-20")!]))
    }

    private static func line(
        _ request: String = "GET / HTTP/1.1", status: Int = 200, time: String = "17/May/2015:10:05:03 +0000",
        client: String = "192.0.2.1", referrer: String = "-", agent: String? = agent
    ) -> String {
        "\(client) - - [\(time)] \"\(request)\" \(status) 1"
            + (agent.map { " \"\(referrer)\" \"\($0)\"" } ?? "")
    }

    private static func read(_ line: String, _ log: inout AccessLog) -> AccessLog.Outcome {
        Array(line.utf8).withUnsafeBufferPointer { log.read($0) }
    }

    private static func reason(_ line: String, _ log: AccessLog = log()) -> String {
        var log = log
        return switch read(line, &log) {
        case .event(let event): "event \(event.hostname)\(event.pathname)"
        case .skipped(let reason): reason
        }
    }

    @Test(arguments: [
        ("nonsense", "malformed"), (line("GET nonsense HTTP/1.1"), "malformed"),
        (line("POST / HTTP/1.1"), "method"), (line("HEAD / HTTP/1.1"), "method"),
        (line("GET / HTTP/1.1", status: 101), "informational"), (line(status: 301), "redirect"),
        (line(status: 304), "event example.com/"), (line(status: 206), "event example.com/"),
        (line(status: 404), "error"), (line("POST / HTTP/1.1", status: 500), "error"),
        (line("GET /style.CSS?v=2 HTTP/1.1"), "asset"), (line("GET /a.b/font.woff2 HTTP/1.1"), "asset"),
        (line("GET /robots.txt HTTP/1.1"), "asset"), (line("GET /.well-known/x HTTP/1.1"), "asset"),
        (line("GET /v1.css/page HTTP/1.1"), "event example.com/v1.css/page"),
        (line("GET /paper.pdf HTTP/1.1"), "event example.com/paper.pdf"),
        (line("GET /a%20b?utm_source=x#y HTTP/1.1"), "event example.com/a b"),
        (line(agent: "Googlebot/2.1 (+http://www.google.com/bot.html)"), "bot"), (line(agent: "-"), "bot"),
        (line(referrer: "http://semalt.com/"), "referrer_spam"), (line(client: "192.0.2.99"), "excluded"),
        (line("GET /admin/x HTTP/1.1"), "excluded"), (line("GET http://other.test/ HTTP/1.1"), "wrong_host"),
        (line("GET http://www.example.com/b HTTP/1.1"), "event example.com/b"),
        ("blog.example.com:443 " + line(), "event blog.example.com/"), ("other.test " + line(), "wrong_host"),
        // Midnight in Berlin is at 22:00 UTC.
        (line(time: "31/May/2015:21:59:59 +0000"), "event example.com/"),
        (line(time: "31/May/2015:22:00:00 +0000"), "open_day"),
        (line(time: "20/May/2015:10:00:00 +0000"), "open_day"),
        (line(time: "01/Jun/2015:12:00:01 +0000"), "future"),
    ])
    func `a line is an event, or is skipped for a reason`(line: String, expected: String) {
        #expect(Self.reason(line) == expected)
    }

    @Test func `a line of the common format has no browser, and is nobody's program`() {
        #expect(Self.reason(Self.line(agent: nil)) == "event example.com/")
        #expect(Self.reason(Self.line(agent: nil), Self.log(.combined)) == "malformed")
        #expect(Self.reason(Self.line(agent: "Googlebot/2.1"), Self.log(.common)) == "event example.com/")
    }

    @Test func `an event says what the collector would have said`() throws {
        var log = Self.log()
        let line = Self.line(
            "GET /caf%C3%A9?utm_source=news&utm_medium=email&token=secret HTTP/1.1",
            time: "16/May/2015:23:30:00 +0000", referrer: "https://www.google.com/search?q=secret")
        guard case .event(let event) = Self.read(line, &log) else {
            Issue.record("no event")
            return
        }
        #expect(event.day == Day("2015-05-17"))
        #expect(event.receivedAt == 1_431_819_000_000_000)
        #expect(
            [
                event.name, event.hostname, event.pathname, event.referrer, event.source, event.channel,
                event.utmSource, event.utmMedium, event.browser, event.browserVersion, event.os, event.device,
            ] == [
                "pageview", "example.com", "/café", "google.com/search", "news", "Email", "news", "email",
                "Firefox",
                "128.0", "Linux", "Desktop",
            ])
    }

    @Test func `a visitor is one for a day, and another on the next, and in another import`() {
        func visitor(_ line: String, _ log: inout AccessLog) -> UInt64? {
            if case .event(let event) = Self.read(line, &log) { event.visitor } else { nil }
        }
        var (log, other) = (Self.log(), Self.log())
        let first = visitor(Self.line(), &log)
        #expect(first != nil)
        #expect(visitor(Self.line("GET /b HTTP/1.1", time: "17/May/2015:20:00:00 +0000"), &log) == first)
        #expect(visitor(Self.line(client: "192.0.2.2"), &log) != first)
        #expect(visitor(Self.line(agent: Self.agent + " x"), &log) != first)
        #expect(visitor(Self.line(time: "18/May/2015:10:00:00 +0000"), &log) != first)
        #expect(visitor(Self.line(), &other) != first)
        // Where the server looked names up, the name tells them apart.
        let named = visitor(Self.line(client: "a.example.net"), &log)
        #expect(named != nil && visitor(Self.line(client: "a.example.net"), &log) == named)
        #expect(visitor(Self.line(client: "b.example.net"), &log) != named)
    }
}
