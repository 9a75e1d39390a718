import Days
import HTTPTypes
import Hummingbird
import NIOCore
import Operations
import Stats
import Testing

@testable import App

@Suite struct TextTests {
    @Test(arguments: [
        (0, "0", "0"), (999, "999", "999"), (1_000, "1,000", "1k"), (12_345, "12,345", "12.3k"),
        (123_456, "123,456", "123k"), (1_234_567, "1,234,567", "1.2M"), (-1_234, "−1,234", "−1,234"),
    ])
    func `numbers are grouped in threes, or cut short`(number: Int, whole: String, short: String) {
        #expect(Numbers.whole(number) == whole)
        #expect(Numbers.short(number) == short)
    }

    @Test(
        arguments: [
            (0, 2), (2, 2), (3, 4), (7, 8), (10, 10), (11, 12), (61, 80), (950, 1_000), (4_001, 5_000),
        ] as [(Double, Double)])
    func `a chart's scale is round, even, and holds the largest figure`(largest: Double, scale: Double) {
        #expect(Chart.scale(for: largest) == scale)
    }

    private static let texts: [(String, String)] = [
        ("a<b>&\"c'", "a&lt;b&gt;&amp;&quot;c&#39;"), ("\"\u{308} onload=x", "&quot;\u{308} onload=x"),
        ("<\u{200D}b", "&lt;\u{200D}b"), ("\r\n日本 👩‍👩‍👧", "\r\n日本 👩‍👩‍👧"), ("", ""),
    ]

    @Test(arguments: texts)
    func `a text stays a text in HTML, whatever Unicode makes of its characters`(text: String, shown: String)
    {
        #expect(HTMLText().escapeText(text) == shown)
    }

    private static let cells: [(String, String)] = [
        ("a", "a"), ("a,\"b\"", "\"a,\"\"b\"\"\""), ("a,\"\u{308}", "\"a,\"\"\u{308}\""), ("=1", "'=1"),
        ("=\u{301}1", "'=\u{301}1"), ("\"=1", "\"\"\"=1\""), ("-1.5", "-1.5"), (" @x", "' @x"),
    ]

    @Test(arguments: cells)
    func `a cell of a spreadsheet is a text, and one cell`(value: String, cell: String) {
        #expect(CSV.cell(value) == cell)
    }

    @Test func `a chart names the bucket that is not over, and a few of the others`() {
        let rows = (0..<24).map { hour in
            Figures.Row(
                values: ["2026-11-21 \(hour < 10 ? "0" : "")\(hour):00"], figures: [.number(1), .number(2)])
        }
        let day = Day("2026-11-21")!
        let chart = Chart(.visitors, .hour, rows: rows, days: day...day, now: "2026-11-21 06:00")
        #expect(chart.buckets.filter(\.isPartial).map(\.value) == ["2026-11-21 06:00"])
        let ticks = chart.model()["ticks"] as? [Model] ?? []
        #expect(
            ticks.map { $0["label"] as! String } == [
                "00:00", "03:00", "06:00", "09:00", "12:00", "15:00", "18:00", "21:00",
            ])
        #expect(chart.model()["top"] as? String == "2")
    }

    @Test(arguments: [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
            "Safari on iPhone"
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140 Safari/537.36 Edg/140",
            "Edge on Windows"
        ),
        ("curl/8.5", "curl"), ("", "Unknown browser"),
    ])
    func `a session's browser is named without its details`(agent: String, name: String) {
        #expect(BrowserName.of(TextTests.request([.userAgent: agent])) == name)
    }

    @Test(
        arguments: [
            ("10.0.0.1", "203.0.113.9", [203, 0, 113, 9]),
            ("10.0.0.1", "198.51.100.1, 203.0.113.9, 10.0.0.7", [203, 0, 113, 9]),
            ("10.0.0.1", "198.51.100.1, rubbish", [10, 0, 0, 1]),
            ("10.0.0.1", "", [10, 0, 0, 1]),
            ("192.0.2.1", "203.0.113.9", [192, 0, 2, 1]),
        ] as [(String, String, [UInt8])])
    func `forwarding headers count behind a trusted proxy alone`(
        peer: String, forwarded: String, expected: [UInt8]
    ) throws {
        let request = TextTests.request([HTTPField.Name("X-Forwarded-For")!: forwarded])
        let address = try SocketAddress(ipAddress: peer, port: 1)
        #expect(ClientAddress.bytes(request, peer: address, trusting: [CIDR("10.0.0.0/8")!]) == expected)
    }

    @Test(arguments: [
        ("", "30d"), ("7d", "7d"), ("today", "today"), ("nonsense", "30d"), ("9999d", "9999d"),
        ("400d", "400d"),
        ("custom&from=2026-01-01&to=2026-01-31", "custom"), ("custom&from=1800-01-01&to=2026-01-31", "30d"),
        ("month&date=2026-02-30", "30d"), ("month&date=2026-02-03", "month"), ("12mo", "12mo"),
        ("all", "all"),
    ])
    func `a period that is none is the standard one`(query: String, period: String)
        throws
    {
        let request = TextTests.request([:], path: "/sites/a?period=\(query)")
        #expect(try BoardState(try Fields(query: request)).period.id == period)
    }

    private static func request(_ headers: HTTPFields, path: String = "/") -> Request {
        Request(
            head: .init(method: .get, scheme: "http", authority: "a", path: path, headerFields: headers),
            body: .init(buffer: ByteBuffer()))
    }
}
