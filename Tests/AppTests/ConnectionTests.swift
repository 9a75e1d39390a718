import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import NIOPosix
import Operations
import TestSupport
import Testing

@testable import App

/// What only shows on a socket: limits of headers and bodies, and connections that are held open without
/// being used.
@Suite struct ConnectionTests {
    private static let limits = ConnectionGuard.Limits(
        body: .milliseconds(300), write: .milliseconds(500), linger: .milliseconds(300))

    /// Sends these bytes, and answers what comes until the server closes.
    private func exchange(_ port: Int, _ request: [ByteBuffer], pause: Duration = .zero) async throws
        -> String
    {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await withThrowingTaskGroup(of: String.self) { group in
                group.addTask {
                    // The server may close before all is sent.
                    for piece in request {
                        try? await outbound.write(piece)
                        if pause > .zero { try? await Task.sleep(for: pause) }
                    }
                    return ""
                }
                group.addTask {
                    var answer = ""
                    do {
                        for try await part in inbound { answer += String(buffer: part) }
                    } catch {}
                    return answer
                }
                return try await group.reduce("", +)
            }
        }
    }

    private func withServer(_ body: @Sendable (Int) async throws -> Void) async throws {
        try await withTestDatabase { database in
            let application = WebApplication.application(
                try database.web(), limits: Self.limits, logger: quietLogger)
            try await application.test(.live) { client in try await body(client.port!) }
        }
    }

    private func head(_ lines: String...) -> ByteBuffer {
        ByteBuffer(string: lines.joined(separator: "\r\n") + "\r\n\r\n")
    }

    @Test(.timeLimit(.minutes(10)))
    func `ten thousand headers are refused`() async throws {
        try await withServer { port in
            let headers = (0..<10_000).map { "X-\($0): 1" }.joined(separator: "\r\n")
            let answer = try await exchange(port, [head("GET / HTTP/1.1", "Host: a", headers)])
            #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 4"))
        }
    }

    @Test(.timeLimit(.minutes(10)))
    func `a body of two gigabytes is refused before it is sent`() async throws {
        try await withServer { port in
            let type = "Content-Type: application/x-www-form-urlencoded"
            let request = head("POST /login HTTP/1.1", "Host: a", type, "Content-Length: 2147483648")
            let piece = ByteBuffer(repeating: UInt8(ascii: "a"), count: 1 << 16)
            let answer = try await exchange(port, [request] + Array(repeating: piece, count: 200))
            #expect(answer.hasPrefix("HTTP/1.1 413"))
        }
    }

    @Test(.timeLimit(.minutes(10)))
    func `a body without a length is cut at the limit`() async throws {
        try await withServer { port in
            let first = try await exchange(
                port, [head("GET /login HTTP/1.1", "Host: a", "Connection: close")])
            let cookie = first.split(separator: "\r\n").first { $0.lowercased().hasPrefix("set-cookie: ") }!
                .dropFirst(12).prefix { $0 != ";" }
            let request = head(
                "POST /login HTTP/1.1", "Host: a", "Cookie: \(cookie)", "Transfer-Encoding: chunked",
                "Content-Type: application/x-www-form-urlencoded")
            let chunk = ByteBuffer(string: "4000\r\n" + String(repeating: "a", count: 0x4000) + "\r\n")
            let answer = try await exchange(port, [request] + Array(repeating: chunk, count: 20))
            #expect(answer.hasPrefix("HTTP/1.1 413"))
        }
    }

    @Test(.timeLimit(.minutes(10)))
    func `a body that trickles in is cut`() async throws {
        try await withServer { port in
            let request = head(
                "POST /login HTTP/1.1", "Host: a", "Content-Length: 1000",
                "Content-Type: application/x-www-form-urlencoded")
            let bytes = Array(repeating: ByteBuffer(string: "a"), count: 20)
            let answer = try await exchange(port, [request] + bytes, pause: .milliseconds(50))
            #expect(answer == "")
        }
    }

    @Test(.timeLimit(.minutes(10)))
    func `bytes that are no UTF-8 crash nothing`() async throws {
        try await withServer { port in
            for line in ["GET /sites/\u{1}x HTTP/1.1", "GET /?a= HTTP/1.1", "\u{1}\u{2} / HTTP/1.1"] {
                var request = ByteBuffer(string: line)
                request.setBytes([0xff, 0xfe], at: min(7, request.readableBytes - 2))
                request.writeString("\r\nHost: a\r\nConnection: close\r\n\r\n")
                let answer = try await exchange(port, [request])
                #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 "))
            }
            let header = ByteBuffer(
                bytes: Array("GET / HTTP/1.1\r\nHost: a\r\nCookie: mochi=".utf8) + [0xff, 0xc3]
                    + Array("\r\nConnection: close\r\n\r\n".utf8))
            #expect(try await exchange(port, [header]).hasPrefix("HTTP/1.1 200"))
        }
    }

    @Test(.timeLimit(.minutes(10)))
    func `one connection serves request after request`() async throws {
        try await withServer { port in
            let get = head("GET /robots.txt HTTP/1.1", "Host: a")
            let last = head("GET /robots.txt HTTP/1.1", "Host: a", "Connection: close")
            let answer = try await exchange(port, [get, get, last], pause: .milliseconds(50))
            #expect(answer.ranges(of: "HTTP/1.1 200 OK").count == 3)
        }
    }
}
