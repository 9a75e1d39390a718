import Logging
import Operations
import Synchronization
import Testing

@Suite struct LogTests {
    final class Lines: Sendable {
        let all = Mutex<[String]>([])
    }

    /// What a logger writes in `body`, without the time.
    func lines(
        _ format: Operations.Configuration.LogFormat, _ body: (Logger) -> Void
    ) -> [String] {
        let lines = Lines()
        let logger = Logger(label: "app") { label in
            LineLogHandler(label: label, process: "app", format: format, logLevel: .info) { bytes in
                lines.all.withLock { $0.append(String(decoding: bytes, as: UTF8.self)) }
            }
        }
        body(logger)
        return lines.all.withLock { $0 }.map { line in
            guard let level = line.firstRange(of: format == .json ? "\"level\"" : "level=") else {
                return line
            }
            return String(line[level.lowerBound...])
        }
    }

    @Test func `an event is one line of logfmt`() {
        let lines = lines(.logfmt) { logger in
            var logger = logger
            logger[metadataKey: "request"] = "r1"
            logger.info("Signed up.", metadata: ["sites": ["a", "b"], "at": ["path": "/x y", "n": "1"]])
            logger.debug("not this")
        }
        #expect(
            lines == [
                "level=info process=app msg=\"Signed up.\" at.n=1 at.path=\"/x y\" request=r1 sites=[a,b]\n"
            ])
    }

    @Test func `an event is one line of JSON`() {
        let lines = lines(.json) { $0.error("Gone", metadata: ["a": ["b": "c"], "n": ["1", "2"]]) }
        #expect(
            lines == [#""level":"error","process":"app","msg":"Gone","a":{"b":"c"},"n":["1","2"]}"# + "\n"])
    }

    @Test(arguments: [Operations.Configuration.LogFormat.logfmt, .json])
    func `nothing that is logged can end the line or move a cursor`(
        format: Operations.Configuration.LogFormat
    ) {
        let lines = lines(format) {
            $0.info(
                "a\r\nlevel=error", metadata: ["k\n=\u{1B}\"x": "\u{1B}[31m\u{0}\u{9B}\u{2028}\u{202E}\u{7F}"]
            )
        }
        let scalars = lines[0].unicodeScalars.dropLast()
        #expect(lines.count == 1)
        #expect(scalars.allSatisfy { $0.value >= 0x20 && !(0x7F..<0xA0).contains($0.value) })
        #expect(!scalars.contains("\u{2028}") && !scalars.contains("\u{202E}"))
        #expect(lines[0].contains(#"a\r\nlevel=error"#) && lines[0].contains(#"\u001b[31m\u0000"#))
    }

    @Test func `a value cannot pass for a field of the line itself`() {
        let lines = lines(.logfmt) { $0.info("x", metadata: ["level": "critical", "empty": "", "q": "a=b"]) }
        #expect(lines == ["level=info process=app msg=x empty=\"\" _level=critical q=\"a=b\"\n"])
    }

    @Test func `a very long value is cut`() {
        let lines = lines(.logfmt) {
            $0.info("x", metadata: ["long": "\(String(repeating: "ä", count: 10_000))"])
        }
        #expect(lines[0].utf8.count < 4_200)
        #expect(lines[0].hasSuffix("ä…\"\n"))
    }
}
