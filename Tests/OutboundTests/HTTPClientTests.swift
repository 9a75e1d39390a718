import Foundation
import Operations
import Outbound
import Testing

@Suite(.serialized, .enabled(if: PythonServer.isAvailable, "needs python3"))
struct HTTPClientTests {
    /// Lets 127.0.0.1 through, and nothing else of this machine.
    static func client(
        redirects: Int = 3, limit: Int = 1_000, deadline: Duration = .seconds(10)
    ) throws -> HTTPClient {
        let here = AddressGuard(allowed: [try #require(CIDR("127.0.0.1/32"))])
        return HTTPClient(
            HTTPClient.Options(allowed: here, redirects: redirects, responseLimit: limit, deadline: deadline))
    }

    @Test(arguments: [200, 204, 404, 503])
    func `any status is an answer`(_ status: Int) async throws {
        try await PythonServer.with(PythonServer.web) { server in
            let url = "http://127.0.0.1:\(server.port)/status?code=\(status)"
            let answer = try await Self.client().send(HTTPRequest(.get, url))
            #expect(answer.status == status)
            #expect(answer.header("greeting") == "a b")
            #expect(answer.url == url)
            #expect(String(decoding: answer.body, as: UTF8.self) == (status == 204 ? "" : "hello"))
        }
    }

    @Test(arguments: ["", "{\"a\": 1}", String(repeating: "ä", count: 1_000_000)])
    func `method, headers and body arrive`(_ body: String) async throws {
        struct Seen: Decodable, Equatable {
            let method: String
            let body: String
            let headers: [String: String]
        }
        try await PythonServer.with(PythonServer.web) { server in
            let host = "127.0.0.1:\(server.port)"
            let answer = try await Self.client(limit: 20_000_000).send(
                HTTPRequest(
                    .post(Array(body.utf8)), "http://\(host)/",
                    headers: [("Content-Type", "application/json"), ("X-Empty", "")]))
            let seen = try JSONDecoder().decode(Seen.self, from: Data(answer.body))
            let expected = [
                "accept": "*/*", "content-length": "\(body.utf8.count)", "content-type": "application/json",
                "host": host,
                "user-agent": "Mochi", "x-empty": "",
            ]
            #expect(seen == Seen(method: "POST", body: body, headers: expected))
        }
    }

    @Test func `a deletion is one`() async throws {
        try await PythonServer.with(PythonServer.web) { server in
            let answer = try await Self.client().send(
                HTTPRequest(.delete, "http://127.0.0.1:\(server.port)/"))
            #expect(String(decoding: answer.body, as: UTF8.self).contains(#""method": "DELETE""#))
        }
    }

    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1"), ("localhost", "127.0.0.1"), ("127.1", "127.0.0.1"),
        ("2130706433", "127.0.0.1"),
        ("0x7f000001", "127.0.0.1"), ("0177.0.0.1", "127.0.0.1"), ("0", "0.0.0.0"),
        ("[::ffff:127.0.0.1]", ""),
        ("[::1]", "::1"), ("10.0.0.1", "10.0.0.1"), ("169.254.169.254", "169.254.169.254"),
    ])
    func `an address that is not public is refused, however it is written`(
        _ host: String, _ address: String
    ) async throws {
        try await PythonServer.with(PythonServer.web) { server in
            let error = await #expect(throws: HTTPFailure.self) {
                try await HTTPClient().send(
                    HTTPRequest(.get, "http://\(host):\(server.port)/status?code=200"))
            }
            guard case .refusedAddress(let refused) = error else {
                Issue.record("\(host): \(String(describing: error))")
                return
            }
            #expect(address.isEmpty || refused == address || host == "localhost")
        }
    }

    @Test func `a redirect is followed`() async throws {
        try await PythonServer.with(PythonServer.web) { server in
            let target = "http://127.0.0.1:\(server.port)/status?code=201"
            let answer = try await Self.client().send(
                HTTPRequest(.get, "http://127.0.0.1:\(server.port)/to?url=\(Self.escaped(target))"))
            #expect(answer.status == 201)
            #expect(answer.url == target)
            #expect(answer.header("location") == nil)
        }
    }

    @Test(arguments: [
        ("http://127.0.0.2:PORT/status?code=200", HTTPFailure.refusedAddress("127.0.0.2")),
        ("http://[::1]:PORT/", .refusedAddress("::1")), ("file:///etc/passwd", .invalidURL),
        ("ftp://127.0.0.1/", .invalidURL), ("gopher://127.0.0.1:PORT/x", .invalidURL),
        ("http://user:secret@127.0.0.1:PORT/status?code=200", .invalidURL),
    ])
    func `a redirect leads nowhere that a request may not go`(_ target: String, _ failure: HTTPFailure)
        async throws
    {
        try await PythonServer.with(PythonServer.web) { server in
            let target = target.replacingOccurrences(of: "PORT", with: "\(server.port)")
            await #expect(throws: failure) {
                try await Self.client().send(
                    HTTPRequest(.get, "http://127.0.0.1:\(server.port)/to?url=\(Self.escaped(target))"))
            }
        }
    }

    @Test(arguments: [
        ("loop", HTTPFailure.tooManyRedirects, Duration.seconds(20)),
        ("large?bytes=1001", .responseTooLarge, .seconds(20)), ("headers", .responseTooLarge, .seconds(20)),
        ("silent", .deadlineExceeded, .seconds(1)), ("drip", .deadlineExceeded, .seconds(1)),
    ])
    func `redirects, size and time are limited`(
        _ path: String, _ failure: HTTPFailure, _ deadline: Duration
    ) async throws {
        try await PythonServer.with(PythonServer.web) { server in
            await #expect(throws: failure) {
                try await Self.client(deadline: deadline).send(
                    HTTPRequest(.get, "http://127.0.0.1:\(server.port)/\(path)"))
            }
        }
    }

    @Test func `an answer of just the limit is taken`() async throws {
        try await PythonServer.with(PythonServer.web) { server in
            let answer = try await Self.client().send(
                HTTPRequest(.get, "http://127.0.0.1:\(server.port)/large?bytes=1000"))
            #expect(answer.body.count == 1_000)
        }
    }

    @Test func `a cancelled task ends its request`() async throws {
        try await PythonServer.with(PythonServer.web) { server in
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    await #expect(throws: CancellationError.self) {
                        try await Self.client(deadline: .seconds(30)).send(
                            HTTPRequest(.get, "http://127.0.0.1:\(server.port)/silent"))
                    }
                }
                group.addTask { try? await Task.sleep(for: .milliseconds(300)) }
                await group.next()
                group.cancelAll()
            }
        }
    }

    @Test(arguments: [
        "", "example.com", "/path", "//example.com", "ftp://example.com/", "file:///etc/passwd",
        "javascript:alert(1)",
        "http://", "http://user@example.com/", "http://user:password@example.com/",
        "http://exa mple.com/", "http://example.com/\r\nHost: other", "http://example.com:99999/",
        "dict://example.com/", "smtp://example.com/",
    ])
    func `only http and https without a user name are URLs`(_ url: String) async throws {
        await #expect(throws: HTTPFailure.invalidURL) {
            try await Self.client().send(HTTPRequest(.get, url))
        }
    }

    @Test(arguments: [
        ("X-A", "b\r\nX-C: d"), ("X-A", "b\nX-C: d"), ("X-A", "b\u{0}"), ("X-A: b\r\nX-C", "d"), ("X A", "b"),
        ("", "b"),
        ("X-Ä", "b"), ("X-A:", "b"),
    ])
    func `a header cannot carry another`(_ name: String, _ value: String) async throws {
        await #expect(throws: HTTPFailure.invalidHeader(name)) {
            try await Self.client().send(HTTPRequest(.get, "http://127.0.0.1/", headers: [(name, value)]))
        }
    }

    @Test func `nobody there, and no such name, are told apart`() async throws {
        await #expect(throws: HTTPFailure.cannotConnect) {
            try await Self.client().send(HTTPRequest(.get, "http://127.0.0.1:1/"))
        }
        await #expect(throws: HTTPFailure.unknownHost) {
            try await Self.client().send(HTTPRequest(.get, "http://nowhere.invalid/"))
        }
    }

    @Test func `what does not speak TLS gets no request over https`() async throws {
        try await PythonServer.with(PythonServer.web) { server in
            let error = await #expect(throws: HTTPFailure.self) {
                try await Self.client().send(
                    HTTPRequest(.get, "https://127.0.0.1:\(server.port)/status?code=200"))
            }
            guard case .insecure = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test(.enabled(if: Certificate.canBeMade, "needs openssl"))
    func `a certificate that nobody vouches for is refused`() async throws {
        let certificate = try #require(Certificate())
        try await PythonServer.with(PythonServer.web, [certificate.path]) { server in
            let error = await #expect(throws: HTTPFailure.self) {
                try await Self.client().send(
                    HTTPRequest(.get, "https://127.0.0.1:\(server.port)/status?code=200"))
            }
            guard case .insecure = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    private static func escaped(_ url: String) -> String {
        url.addingPercentEncoding(withAllowedCharacters: .alphanumerics)!
    }
}

/// A self-signed certificate for 127.0.0.1 with its key, in a temporary file.
final class Certificate: Sendable {
    let path = NSTemporaryDirectory() + "mochi-\(UUID().uuidString).pem"

    static let canBeMade = Certificate() != nil

    init?() {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
            "/CN=127.0.0.1",
            "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", path, "-out", path + ".crt",
        ]
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return nil }
        process.waitUntilExit()
        guard process.terminationStatus == 0, let key = FileManager.default.contents(atPath: path),
            let certificate = FileManager.default.contents(atPath: path + ".crt"),
            (try? (key + certificate).write(to: URL(fileURLWithPath: path))) != nil
        else { return nil }
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
        try? FileManager.default.removeItem(atPath: path + ".crt")
    }
}
