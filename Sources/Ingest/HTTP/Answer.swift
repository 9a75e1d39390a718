import NIOCore

/// What a client is told.
struct Answer {
    enum Status: String {
        case ok = "200 OK"
        case accepted = "202 Accepted"
        case noContent = "204 No Content"
        case notModified = "304 Not Modified"
        case badRequest = "400 Bad Request"
        case unauthorized = "401 Unauthorized"
        case forbidden = "403 Forbidden"
        case notFound = "404 Not Found"
        case methodNotAllowed = "405 Method Not Allowed"
        case timeout = "408 Request Timeout"
        case tooLarge = "413 Content Too Large"
        case tooManyHeaders = "431 Request Header Fields Too Large"
        case unavailable = "503 Service Unavailable"
    }

    var status: Status
    var type: String
    var body: [UInt8]
    var headers: [(name: String, value: String)] = []
    /// The connection ends with it.
    var closes = false
    /// It is the same each time but for its date.
    private(set) var frequent: Frequent?

    /// Answers that make up nearly all: their bytes are made once a second (``LoopContext/bytes(of:keepsAlive:withoutBody:)``).
    enum Frequent: Int, CaseIterable {
        case accepted, noContent, gif

        var answer: Answer {
            switch self {
            case .accepted: .accepted
            case .noContent: .noContent
            case .gif: .gif
            }
        }
    }

    init(_ status: Status, type: String = "text/plain; charset=utf-8", _ body: [UInt8] = []) {
        self.status = status
        self.type = type
        self.body = body
    }

    init(_ status: Status, _ text: String) {
        self.init(status, Array(text.utf8))
    }

    static func json(_ status: Status, _ write: (inout JSONWriter) -> Void) -> Answer {
        var writer = JSONWriter()
        writer.object(write)
        return Answer(status, type: "application/json", writer.bytes)
    }

    /// An error in Mochi's own shape.
    static func error(_ status: Status, code: String, _ message: String, field: String? = nil) -> Answer {
        json(status) { json in
            json.key("error")
            json.object { json in
                json.member("code", code)
                json.member("message", message)
                if let field { json.member("field", field) }
            }
        }
    }

    static let accepted = Answer(.accepted, "ok").being(.accepted)
    static let noContent = Answer(.noContent).being(.noContent)

    /// Nothing can be stored just now.
    static var unavailable: Answer {
        var answer = Answer(.unavailable, "cannot store events just now")
        answer.headers.append(("Retry-After", "2"))
        return answer
    }

    /// The smallest picture there is: one transparent pixel.
    static let gif: Answer = {
        let pixel: [UInt8] = [
            0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 0x01, 0x00, 0x01, 0x00, 0x80, 0x00, 0x00, 0x00, 0x00, 0x00,
            0xFF, 0xFF,
            0xFF, 0x21, 0xF9, 0x04, 0x01, 0x00, 0x00, 0x00, 0x00, 0x2C, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00,
            0x01, 0x00,
            0x00, 0x02, 0x02, 0x44, 0x01, 0x00, 0x3B,
        ]
        var answer = Answer(.ok, type: "image/gif", pixel)
        answer.headers = [
            ("Cross-Origin-Resource-Policy", "cross-origin"),
            ("Cache-Control", "no-store, no-cache, must-revalidate"),
        ]
        return answer.being(.gif)
    }()

    private func being(_ frequent: Frequent) -> Answer {
        var answer = self
        answer.frequent = frequent
        return answer
    }

    func with(_ name: String, _ value: String) -> Answer {
        var answer = self
        answer.frequent = nil
        answer.headers.append((name, value))
        return answer
    }

    /// Says in headers that something was refused, and why.
    func dropping(_ drops: [Drop]) -> Answer {
        guard let first = drops.first else { return self }
        return with("x-plausible-dropped", String(drops.count)).with("x-mochi-dropped", first.reason.rawValue)
            .with("Access-Control-Expose-Headers", "x-plausible-dropped, x-mochi-dropped")
    }

    /// The bytes on the wire. `date` is a whole header line.
    func write(to buffer: inout ByteBuffer, date: String, keepsAlive: Bool, withoutBody: Bool) {
        buffer.writeStaticString("HTTP/1.1 ")
        buffer.writeString(status.rawValue)
        buffer.writeStaticString("\r\nAccess-Control-Allow-Origin: *\r\n")
        buffer.writeString(date)
        if status != .noContent && status != .notModified {
            buffer.writeStaticString("Content-Type: ")
            buffer.writeString(type)
            buffer.writeStaticString("\r\nContent-Length: ")
            buffer.writeString(String(body.count))
            buffer.writeStaticString("\r\n")
        }
        for header in headers {
            buffer.writeString(header.name)
            buffer.writeStaticString(": ")
            buffer.writeString(header.value)
            buffer.writeStaticString("\r\n")
        }
        buffer.writeStaticString(keepsAlive ? "\r\n" : "Connection: close\r\n\r\n")
        if !withoutBody { buffer.writeBytes(body) }
    }
}
