import Glibc
import NIOPosix

/// A connection that says exactly what it is told, right or wrong. It blocks on threads of its own, never on those
/// that the collector's tasks need.
final class RawClient: Sendable {
    private let socket: Int32

    init(port: Int) {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        _ = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        var patience = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit {
        close(socket)
    }

    /// False when the other side has gone.
    @discardableResult
    func send(_ text: String) -> Bool {
        send(Array(text.utf8))
    }

    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(
                    socket, $0.baseAddress! + sent, bytes.count - sent,
                    Int32(truncatingIfNeeded: Int(MSG_NOSIGNAL)))
            }
            if count <= 0 { return false }
            sent += count
        }
        return true
    }

    /// Everything until the end of the connection.
    func readToEnd() async throws -> String {
        try await NIOThreadPool.singleton.runIfActive { self.readAll() }
    }

    /// One answer whose length it states.
    func readAnswer() async throws -> String {
        try await NIOThreadPool.singleton.runIfActive { self.readOne() }
    }

    private func readAll() -> String {
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = recv(socket, &buffer, buffer.count, 0)
            if count <= 0 { return String(decoding: all, as: UTF8.self) }
            all += buffer[..<count]
        }
    }

    private func readOne() -> String {
        var all: [UInt8] = []
        var byte: UInt8 = 0
        while recv(socket, &byte, 1, 0) == 1 {
            all.append(byte)
            if all.suffix(4) == [13, 10, 13, 10] { break }
        }
        let head = String(decoding: all, as: UTF8.self)
        let length =
            head.split(separator: "\r\n").compactMap { line in
                line.lowercased().hasPrefix("content-length: ") ? Int(line.dropFirst(16)) : nil
            }.first ?? 0
        for _ in 0..<length where recv(socket, &byte, 1, 0) == 1 { all.append(byte) }
        return String(decoding: all, as: UTF8.self)
    }
}

/// A request as bytes, and its answer taken apart.
struct Exchanged {
    var status: Int
    var headers: [String: String]
    var body: String

    init(_ answer: String) {
        let parts = answer.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
        let lines = parts[0].split(separator: "\r\n")
        status = lines.first.flatMap { Int($0.split(separator: " ").dropFirst().first ?? "") } ?? 0
        headers = [:]
        for line in lines.dropFirst() {
            let pair = line.split(separator: ":", maxSplits: 1)
            if pair.count == 2 { headers[pair[0].lowercased()] = String(pair[1].drop { $0 == " " }) }
        }
        body = parts.count > 1 ? String(parts[1]) : ""
    }
}

extension TestCollector {
    func request(
        _ method: String, _ path: String, headers: [String: String] = [:], body: String = ""
    ) async throws -> Exchanged {
        let client = RawClient(port: port)
        var text = "\(method) \(path) HTTP/1.1\r\nHost: collector\r\nConnection: close\r\n"
        if headers["User-Agent"] == nil { text += "User-Agent: \(TestCollector.browser)\r\n" }
        for (name, value) in headers { text += "\(name): \(value)\r\n" }
        if !body.isEmpty || method == "POST" { text += "Content-Length: \(body.utf8.count)\r\n" }
        client.send(text + "\r\n" + body)
        return Exchanged(try await client.readToEnd())
    }

    /// A person's; without one an event is a bot's.
    static let browser = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"

    func event(_ body: String, headers: [String: String] = [:]) async throws -> Exchanged {
        try await request("POST", "/api/event", headers: headers, body: body)
    }
}
