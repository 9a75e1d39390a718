import CZlib
import Foundation
import Testing

@testable import Ingest

@Suite struct LogFileTests {
    private static func withFile<R>(_ content: [UInt8], _ body: (String) throws -> R) throws -> R {
        let path = FileManager.default.temporaryDirectory.path + "/mochi-log-\(UUID().uuidString)"
        try Data(content).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try body(path)
    }

    private static func read(_ content: [UInt8]) throws -> (lines: [String], summary: LogFile.Summary) {
        try withFile(content) { path in
            var lines: [String] = []
            let summary = try LogFile(path: path).read { line, _ in
                lines.append(String(decoding: line, as: UTF8.self))
            }
            return (lines, summary)
        }
    }

    private static func gzip(_ bytes: [UInt8]) -> [UInt8] {
        var stream = z_stream()
        _ = mochi_gzip_init(&stream, 6)
        defer { deflateEnd(&stream) }
        var input = bytes
        var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count))))
        input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                (stream.next_in, stream.avail_in) = (input.baseAddress, UInt32(input.count))
                (stream.next_out, stream.avail_out) = (output.baseAddress, UInt32(output.count))
                deflate(&stream, Z_FINISH)
            }
        }
        return Array(output[..<Int(stream.total_out)])
    }

    @Test(arguments: [
        ("", [String]()), ("a", ["a"]), ("a\n", ["a"]), ("a\nb", ["a", "b"]), ("a\r\nb\r\n", ["a", "b"]),
        ("\n\na\n", ["", "", "a"]),
    ])
    func `a file is cut into lines`(content: String, expected: [String]) throws {
        let (lines, summary) = try Self.read(Array(content.utf8))
        #expect(lines == expected)
        #expect(summary.lines == expected.count)
    }

    @Test func `packed or not, a file is the same`() throws {
        let lines = (0..<50_000).map { "line \($0 &* 2_654_435_761)" }
        let content = Array(lines.joined(separator: "\n").utf8)
        let plain = try Self.read(content)
        let packed = try Self.read(Self.gzip(content))
        #expect(plain.lines == lines)
        #expect(packed.lines == lines)
        #expect(packed.summary == plain.summary)
        // As logrotate and cat put them together.
        let half = content.count / 2
        let members = try Self.read(Self.gzip(Array(content[..<half])) + Self.gzip(Array(content[half...])))
        #expect(members.summary == plain.summary)
        let padded = try Self.read(Self.gzip(content) + [UInt8](repeating: 0, count: 1_000))
        #expect(padded.summary == plain.summary)
    }

    @Test func `a packed file that is cut off or damaged is refused`() throws {
        let packed = Self.gzip(Array((0..<20_000).map { "line \($0 &* 2_654_435_761)\n" }.joined().utf8))
        var overwritten: [UInt8] = packed
        for index in 1_000..<1_064 { overwritten[index] = 0xA5 }
        let cut: [[UInt8]] = [
            Array(packed.dropLast(9)), Array(packed[..<(packed.count / 2)]), Array(packed[..<2]),
        ]
        for broken in cut + [overwritten] {
            #expect(throws: LogFile.Unreadable.self) { try Self.read(broken) }
        }
        #expect(throws: LogFile.Unreadable.self) { _ = try LogFile(path: "/nowhere/at/all.log") }
    }

    @Test func `a line without end takes no memory, and counts as one that cannot be read`() throws {
        let long = [UInt8](repeating: UInt8(ascii: "a"), count: 3_000_000)
        let (lines, _) = try Self.read(Array("first\n".utf8) + long + Array("\nlast\n".utf8) + long)
        #expect(lines == ["first", "", "last", ""])
    }

    @Test func `what body throws ends the reading`() throws {
        struct Enough: Error {}
        #expect(throws: Enough.self) {
            try Self.withFile(Array("a\nb\n".utf8)) { path in
                _ = try LogFile(path: path).read { _, _ in throw Enough() }
            }
        }
    }
}
