import Glibc
import NIOPosix

/// Asks another process, or another machine, whether it is there: blocking calls on threads of their own.
package enum Probe {
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// `GET path` of a server of ours: its status and the body's first 64 KiB.
    package static func get(
        host: String, port: Int, path: String, timeout: Duration = .seconds(3)
    ) async throws -> (status: Int, body: String) {
        try await NIOThreadPool.singleton.runIfActive {
            let file = try connected(host: host, port: port, timeout: timeout)
            defer { close(file) }
            let request = "GET \(path) HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\r\n"
            try Files.writeAll(Array(request.utf8), to: file)
            var answer: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 1 << 14)
            while answer.count < 1 << 16 {
                let count = recv(file, &buffer, buffer.count, 0)
                guard count >= 0 else { throw SystemError() }
                guard count > 0 else { break }
                answer += buffer[..<count]
            }
            let text = String(decoding: answer, as: UTF8.self)
            // A carriage return and a line feed are one Character.
            guard text.hasPrefix("HTTP/1.1 "), let status = Int(text.dropFirst(9).prefix(3)) else {
                throw Failure(description: "does not speak HTTP")
            }
            let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)
            let body = lines.drop { !$0.isEmpty }.dropFirst().joined(separator: "\r\n")
            return (status, body)
        }
    }

    /// Whether something accepts connections there; throws why not.
    package static func connect(host: String, port: Int, timeout: Duration = .seconds(3)) async throws {
        try await NIOThreadPool.singleton.runIfActive {
            _ = close(try connected(host: host, port: port, timeout: timeout))
        }
    }

    private static func connected(host: String, port: Int, timeout: Duration) throws -> Int32 {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, "\(port)", &hints, &list)
        guard code == 0 else { throw Failure(description: String(cString: gai_strerror(code))) }
        defer { freeaddrinfo(list) }
        var failure = SystemError(code: EHOSTUNREACH)
        var next = list
        while let address = next?.pointee {
            next = address.ai_next
            let file = socket(address.ai_family, address.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), 0)
            guard file >= 0 else {
                failure = SystemError()
                continue
            }
            // On Linux the timeout for sending bounds connect(2) too (socket(7)).
            var limit = timeval(tv_sec: Int(timeout.components.seconds), tv_usec: 0)
            setsockopt(file, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
            setsockopt(file, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
            if Glibc.connect(file, address.ai_addr, address.ai_addrlen) == 0 { return file }
            failure = SystemError(code: errno == EINPROGRESS ? ETIMEDOUT : errno)
            close(file)
        }
        throw failure
    }

    /// Why nobody could listen there, nil if one could.
    package static func obstacle(toListeningOn host: String, port: Int) -> SystemError? {
        var hints = addrinfo()
        hints.ai_flags = AI_NUMERICHOST | AI_PASSIVE
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, "\(port)", &hints, &list) == 0, let address = list?.pointee else {
            return SystemError(code: EADDRNOTAVAIL)
        }
        defer { freeaddrinfo(list) }
        let file = socket(address.ai_family, address.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard file >= 0 else { return SystemError() }
        defer { close(file) }
        var yes: Int32 = 1
        setsockopt(file, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        guard bind(file, address.ai_addr, address.ai_addrlen) == 0, listen(file, 1) == 0 else {
            return SystemError()
        }
        return nil
    }
}
