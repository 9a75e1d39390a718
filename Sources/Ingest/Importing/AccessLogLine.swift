import Days

/// A line of a web server's access log, in the common or the combined format of Apache and nginx:
///
///     host ident user [17/May/2015:10:05:03 +0000] "GET /page HTTP/1.1" 200 2048 "referrer" "user agent" …
///
/// In front there may be the name of the virtual host; what follows the user agent is passed over. Formats:
/// httpd.apache.org/docs/current/mod/mod_log_config.html, nginx.org/en/docs/http/ngx_http_log_module.html.
struct AccessLogLine: Equatable {
    /// In front of the client, without its port.
    var virtualHost: String?
    /// An address, or a name where the server looked names up.
    var client: String
    /// Seconds since 1970.
    var time: Int64
    /// Empty where the client sent nothing that is a request; then the status tells so, too.
    var method: String
    /// A path, or a whole URL.
    var target: String
    var status: Int
    /// Nil where the line has no such field; `-` is "".
    var referrer: String?
    var userAgent: String?

    /// Nil for what is none.
    init?(_ line: UnsafeBufferPointer<UInt8>) {
        var reader = AccessLogReader(line)
        guard let (host, client) = reader.hosts(), let time = reader.time(),
            let request = reader.quoted(beforeStatus: true),
            let status = reader.status()
        else { return nil }
        reader.skipWord()
        referrer = reader.quoted().map(AccessLogLine.text)
        userAgent = referrer == nil ? nil : reader.quoted().map(AccessLogLine.text)
        // Cut off in the middle: a referrer alone is no format.
        guard (referrer == nil) == (userAgent == nil), !reader.hasOpenQuote else { return nil }
        (virtualHost, self.client, self.time, self.status) = (host, client, time, status)
        (method, target) = AccessLogLine.request(request)
        if method.isEmpty, status < 400, status != 0 { return nil }
    }

    private static func text(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
        if bytes.count == 1, bytes[0] == UInt8(ascii: "-") { return "" }
        return LogEscapes.text(bytes)
    }

    /// Method and target of `GET /a page HTTP/1.1`; empty for what is no request (a TLS handshake on the wrong port).
    private static func request(_ bytes: UnsafeBufferPointer<UInt8>) -> (method: String, target: String) {
        guard let space = bytes.firstIndex(of: 0x20), (1...20).contains(space),
            bytes[..<space].allSatisfy({ $0.isLetter || $0 == UInt8(ascii: "-") })
        else { return ("", "") }
        var end = bytes.count
        if let last = bytes.lastIndex(of: 0x20), last > space,
            UnsafeBufferPointer(rebasing: bytes[(last + 1)...].prefix(5)).isWord("http/")
        {
            end = last
        }
        let target = LogEscapes.text(UnsafeBufferPointer(rebasing: bytes[(space + 1)..<end]))
        guard !target.isEmpty, target.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { return ("", "") }
        return (String(decoding: bytes[..<space], as: UTF8.self).uppercased(), target)
    }
}

/// Reads a line from its beginning on.
private struct AccessLogReader {
    private let line: UnsafeBufferPointer<UInt8>
    private var position = 0
    /// A quote began that never ended: the line is cut off.
    private(set) var hasOpenQuote = false

    init(_ line: UnsafeBufferPointer<UInt8>) {
        self.line = line
    }

    /// Who was asked, if it says so, and who asked. Ident and user, which may hold anything, are passed over.
    mutating func hosts() -> (virtualHost: String?, client: String)? {
        guard let first = word() else { return nil }
        var afterFirst = self
        if let second = afterFirst.word(), Address(text: second) != nil {
            self = afterFirst
            return (PageURL.hostname(first) ?? "", String(decoding: second, as: UTF8.self))
        }
        return (nil, String(decoding: first, as: UTF8.self))
    }

    /// The instant in the first brackets that hold one.
    mutating func time() -> Int64? {
        var start = position
        while let bracket = line[start...].firstIndex(of: UInt8(ascii: "[")) {
            if bracket + 28 <= line.count,
                let time = AccessLogTime.seconds(
                    UnsafeBufferPointer(rebasing: line[(bracket + 1)..<(bracket + 28)]))
            {
                position = bracket + 28
                return time
            }
            start = bracket + 1
        }
        return nil
    }

    /// What stands in the quotes that begin here. They end at the first quote without a backslash that a space or the
    /// line's end follows, or three digits where they must: some servers leave those inside as they are.
    mutating func quoted(beforeStatus: Bool = false) -> UnsafeBufferPointer<UInt8>? {
        skipSpaces()
        guard position < line.count, line[position] == UInt8(ascii: "\"") else { return nil }
        let start = position + 1
        var index = start
        while index < line.count {
            if line[index] == UInt8(ascii: "\\") {
                index += 2
                continue
            }
            if line[index] == UInt8(ascii: "\""),
                beforeStatus ? isStatus(at: index + 1) : index + 1 == line.count || line[index + 1] == 0x20
            {
                position = index + 1
                return UnsafeBufferPointer(rebasing: line[start..<index])
            }
            index += 1
        }
        hasOpenQuote = true
        return nil
    }

    private func isStatus(at start: Int) -> Bool {
        start + 4 <= line.count && line[start] == 0x20
            && line[(start + 1)..<(start + 4)].allSatisfy(\.isDigit)
    }

    mutating func status() -> Int? {
        guard let word = word(), word.count == 3, word.allSatisfy(\.isDigit) else { return nil }
        return word.reduce(0) { $0 * 10 + Int($1 & 15) }
    }

    mutating func skipWord() {
        _ = word()
    }

    private mutating func word() -> UnsafeBufferPointer<UInt8>? {
        skipSpaces()
        let end = line[position...].firstIndex(of: 0x20) ?? line.count
        guard end > position else { return nil }
        defer { position = end }
        return UnsafeBufferPointer(rebasing: line[position..<end])
    }

    private mutating func skipSpaces() {
        while position < line.count, line[position] == 0x20 { position += 1 }
    }
}

/// `17/May/2015:10:05:03 +0000`
enum AccessLogTime {
    private static let months: [StaticString] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]

    /// Seconds since 1970 of `17/May/2015:10:05:03 +0000]`, the closing bracket included; nil for what is no instant.
    static func seconds(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
        guard text.count == 27, text[2] == UInt8(ascii: "/"), text[6] == UInt8(ascii: "/"),
            text[11] == UInt8(ascii: ":"), text[14] == UInt8(ascii: ":"), text[17] == UInt8(ascii: ":"),
            text[20] == 0x20, text[26] == UInt8(ascii: "]"),
            let month = months.firstIndex(where: { UnsafeBufferPointer(rebasing: text[3..<6]).isWord($0) }),
            let date = number(text, 0, 2), let year = number(text, 7, 4), let hour = number(text, 12, 2),
            let minute = number(text, 15, 2), let second = number(text, 18, 2),
            let hours = number(text, 22, 2), let minutes = number(text, 24, 2),
            let day = Day(year: year, month: month + 1, day: date), hour < 24, minute < 60, second <= 60,
            hours < 24, minutes < 60, text[21] == UInt8(ascii: "+") || text[21] == UInt8(ascii: "-")
        else { return nil }
        let offset = (hours * 3_600 + minutes * 60) * (text[21] == UInt8(ascii: "-") ? -1 : 1)
        return Int64(day.rawValue) * 86_400 + Int64(hour * 3_600 + minute * 60 + second - offset)
    }

    private static func number(_ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ count: Int) -> Int? {
        var value = 0
        for index in start..<(start + count) {
            guard text[index].isDigit else { return nil }
            value = value * 10 + Int(text[index] & 15)
        }
        return value
    }
}

/// What servers make of bytes that would break a line: `\"`, `\\`, `\n`, `\x22`.
enum LogEscapes {
    /// As it was before; what is no UTF-8 is replaced.
    static func text(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
        guard bytes.contains(UInt8(ascii: "\\")) else { return String(decoding: bytes, as: UTF8.self) }
        var plain: [UInt8] = []
        plain.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            var byte = bytes[index]
            index += 1
            if byte == UInt8(ascii: "\\"), index < bytes.count {
                let escape = bytes[index]
                index += 1
                switch escape {
                case UInt8(ascii: "n"): byte = 0x0A
                case UInt8(ascii: "r"): byte = 0x0D
                case UInt8(ascii: "t"): byte = 0x09
                case UInt8(ascii: "b"): byte = 0x08
                case UInt8(ascii: "v"): byte = 0x0B
                case UInt8(ascii: "f"): byte = 0x0C
                case UInt8(ascii: "\""), UInt8(ascii: "\\"): byte = escape
                case UInt8(ascii: "x"):
                    guard index + 1 < bytes.count, let high = hexValue(bytes[index]),
                        let low = hexValue(bytes[index + 1])
                    else { fallthrough }
                    byte = high << 4 | low
                    index += 2
                // Not one of theirs: it stood there.
                default:
                    plain.append(byte)
                    byte = escape
                }
            }
            plain.append(byte)
        }
        return String(decoding: plain, as: UTF8.self)
    }
}
