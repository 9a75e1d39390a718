import Testing

@testable import Ingest

@Suite struct AccessLogLineTests {
    static let stamp = "[17/May/2015:10:05:03 +0000]"
    static let noon: Int64 = 1_431_857_103

    /// `client|host|method|target|status|referrer|agent`, with `nil` for what the line has not.
    static func parsed(_ line: String) -> String? {
        parsed(Array(line.utf8))
    }

    static func parsed(_ bytes: [UInt8]) -> String? {
        bytes.withUnsafeBufferPointer { bytes in
            AccessLogLine(bytes).map { line in
                let fields = [
                    line.client, line.virtualHost ?? "nil", line.method, line.target, "\(line.status)",
                    line.referrer ?? "nil", line.userAgent ?? "nil",
                ]
                return fields.joined(separator: "|")
            }
        }
    }

    @Test(arguments: [
        // Combined and common.
        (
            #"192.0.2.1 - - S "GET /a HTTP/1.1" 200 12 "http://b.test/" "Agent""#,
            "192.0.2.1|nil|GET|/a|200|http://b.test/|Agent"
        ),
        (#"192.0.2.1 - - S "GET /a HTTP/1.1" 200 12"#, "192.0.2.1|nil|GET|/a|200|nil|nil"),
        (#"192.0.2.1 - - S "GET /a HTTP/1.1" 200 - "-" "-""#, "192.0.2.1|nil|GET|/a|200||"),
        (#"192.0.2.1 - - S "GET /a HTTP/1.0" 304 0 "" """#, "192.0.2.1|nil|GET|/a|304||"),
        // Fields that follow are passed over.
        (
            #"192.0.2.1 - - S "GET /a HTTP/2.0" 200 12 "-" "Agent" "203.0.113.7" 0.004"#,
            "192.0.2.1|nil|GET|/a|200||Agent"
        ),
        // IPv6, with and without a virtual host, ports and zones.
        (#"2001:db8::7 - - S "GET / HTTP/1.1" 200 1 "-" "Agent""#, "2001:db8::7|nil|GET|/|200||Agent"),
        (
            #"www.Example.com:443 2001:db8::7 - - S "GET / HTTP/1.1" 200 1 "-" "A""#,
            "2001:db8::7|example.com|GET|/|200||A"
        ),
        (
            #"example.com 192.0.2.1 - - S "GET / HTTP/1.1" 200 1 "-" "A""#,
            "192.0.2.1|example.com|GET|/|200||A"
        ),
        (#"192.0.2.9:80 192.0.2.1 - - S "GET / HTTP/1.1" 200 1"#, "192.0.2.1|192.0.2.9|GET|/|200|nil|nil"),
        // Names that were looked up, and people with spaces and brackets in theirs.
        (#"host.example.net - - S "GET / HTTP/1.1" 200 1 "-" "A""#, "host.example.net|nil|GET|/|200||A"),
        (#"192.0.2.1 - anna b [x] S "GET / HTTP/1.1" 200 1 "-" "A""#, "192.0.2.1|nil|GET|/|200||A"),
        // Escapes of Apache and of nginx.
        (
            #"192.0.2.1 - - S "GET /a\"b HTTP/1.1" 200 1 "-" "A \"quoted\" \\ agent""#,
            #"192.0.2.1|nil|GET|/a"b|200||A "quoted" \ agent"#
        ),
        (
            #"192.0.2.1 - - S "GET /a\x22b HTTP/1.1" 200 1 "-" "A\x5Cb \xC3\xA9""#,
            #"192.0.2.1|nil|GET|/a"b|200||A\b é"#
        ),
        (#"192.0.2.1 - - S "GET /a HTTP/1.1" 200 1 "-" "A\qb\x4""#, #"192.0.2.1|nil|GET|/a|200||A\qb\x4"#),
        // Quotes that nobody escaped.
        (#"192.0.2.1 - - S "GET /?q="x" HTTP/1.1" 200 1 "-" "A"b""#, #"192.0.2.1|nil|GET|/?q="x"|200||A"b"#),
        // Requests: without a version, with spaces, with a whole URL.
        (#"192.0.2.1 - - S "GET /a" 200 1 "-" "A""#, "192.0.2.1|nil|GET|/a|200||A"),
        (#"192.0.2.1 - - S "GET /a b c HTTP/1.1" 200 1 "-" "A""#, "192.0.2.1|nil|GET|/a b c|200||A"),
        (
            #"192.0.2.1 - - S "get http://b.test/a HTTP/1.1" 200 1 "-" "A""#,
            "192.0.2.1|nil|GET|http://b.test/a|200||A"
        ),
        // What failed before there was a request.
        (#"192.0.2.1 - - S "\x16\x03\x01\x02" 400 226 "-" "-""#, "192.0.2.1|nil|||400||"),
        (#"192.0.2.1 - - S "-" 408 0 "-" "-""#, "192.0.2.1|nil|||408||"),
        (#"192.0.2.1 - - S "" 000 0 "-" "-""#, "192.0.2.1|nil|||0||"),
    ])
    func `a line has a client, a request and an answer`(line: String, expected: String) {
        #expect(Self.parsed(line.replacing("S", with: Self.stamp, maxReplacements: 1)) == expected)
    }

    @Test(arguments: [
        "", " ", "192.0.2.1", "192.0.2.1 - -", #"192.0.2.1 - - "GET / HTTP/1.1" 200 1"#, "# a comment",
        #"192.0.2.1 - - S GET / HTTP/1.1 200 1"#, #"192.0.2.1 - - S "GET / HTTP/1.1" 20 1"#,
        #"192.0.2.1 - - S "GET / HTTP/1.1" abc 1"#, #"192.0.2.1 - - S "GET / HTTP/1.1""#,
        // Cut off.
        #"192.0.2.1 - - S "GET / HTTP/1.1" 200 1 "http://b.test/" "Mozil"#,
        #"192.0.2.1 - - S "GET / HTTP/1.1" 200 1 "http://b.te"#,
        #"192.0.2.1 - - S "GET / HTTP/1.1" 200 1 "http://b.test/""#, #"192.0.2.1 - - S "GET /"#,
        // No request, and yet an answer.
        #"192.0.2.1 - - S "nonsense" 200 1 "-" "A""#, #"192.0.2.1 - - S "GET /a\nb HTTP/1.1" 200 1 "-" "A""#,
        #"192.0.2.1 - - S "G<T / HTTP/1.1" 200 1 "-" "A""#,
    ])
    func `what is no line is refused`(line: String) {
        #expect(Self.parsed(line.replacing("S", with: Self.stamp, maxReplacements: 1)) == nil)
    }

    @Test(arguments: [
        ("17/May/2015:10:05:03 +0000", noon as Int64?), ("17/May/2015:12:05:03 +0200", noon),
        ("17/may/2015:05:35:03 -0430", noon), ("01/Jan/1970:00:00:00 +0000", 0),
        ("29/Feb/2016:00:00:00 +0000", 1_456_704_000), ("29/Feb/2015:00:00:00 +0000", nil),
        ("17/Mai/2015:10:05:03 +0000", nil), ("17/May/2015:24:05:03 +0000", nil),
        ("17/May/2015:10:60:03 +0000", nil), ("7/May/2015:10:05:03 +00000", nil),
        ("17/May/2015 10:05:03 +0000", nil), ("17/May/2015:10:05:03 00000", nil),
        ("99/May/2015:10:05:03 +0000", nil), ("17/May/2015:10:05:03 +9900", nil),
    ])
    func `an instant is written with its offset`(text: String, expected: Int64?) {
        let line = Array(#"192.0.2.1 - - [\#(text)] "GET / HTTP/1.1" 200 1"#.utf8)
        #expect(line.withUnsafeBufferPointer { AccessLogLine($0)?.time } == expected)
    }

    @Test func `bytes that are no text are replaced`() {
        let bytes =
            Array(#"192.0.2.1 - - \#(Self.stamp) "GET /a"#.utf8) + [0xFF]
            + Array(#" HTTP/1.1" 200 1 "-" "A"#.utf8) + [0xC3] + Array(#"""#.utf8)
        #expect(Self.parsed(bytes) == "192.0.2.1|nil|GET|/a\u{FFFD}|200||A\u{FFFD}")
    }

    @Test func `no line of any bytes is a fault`() {
        var random = SystemRandomNumberGenerator()
        let good = Array(
            #"192.0.2.1 - - \#(Self.stamp) "GET /a?b HTTP/1.1" 200 12 "http://b.test/" "Agent""#.utf8)
        for _ in 0..<20_000 {
            var line = good
            for _ in 0..<Int.random(in: 1...6, using: &random) where !line.isEmpty {
                let at = Int.random(in: 0..<line.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: line[at] = UInt8.random(in: 0...255, using: &random)
                case 1: line.remove(at: at)
                default: line = Array(line[..<(at + 1)])
                }
            }
            _ = line.withUnsafeBufferPointer { AccessLogLine($0) }
        }
    }
}
