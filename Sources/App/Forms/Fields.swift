import HTTPTypes
import Hummingbird
import NIOCore

/// The fields of a form or a query: `name=value&…`, percent-encoded UTF-8.
struct Fields: Sendable {
    /// Not UTF-8, or a NUL in it, or too many.
    struct Malformed: Error {}

    private var values: [String: String] = [:]
    private var pairs: [(name: String, value: String)] = []
    private static let mostFields = 100

    init() {}

    /// Of several fields with one name the first counts.
    init(encoded: some Sequence<UInt8>) throws(Malformed) {
        var count = 0
        for pair in Array(encoded).split(separator: UInt8(ascii: "&")) {
            count += 1
            let equals = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            guard count <= Fields.mostFields, let name = Fields.text(pair[..<equals]),
                let value = Fields.text(pair[equals...].dropFirst())
            else { throw Malformed() }
            if values[name] == nil { values[name] = value }
            pairs.append((name, value))
        }
    }

    /// The body of a request, as a browser sends a form without files.
    init(form request: Request, limit: Int) async throws {
        let type = request.headers[.contentType] ?? ""
        guard type.lowercased().hasPrefix("application/x-www-form-urlencoded") else {
            throw HTTPError(.unsupportedMediaType)
        }
        try self.init(encoded: try await request.body.collect(upTo: limit).readableBytesView)
    }

    init(query request: Request) throws(Malformed) {
        try self.init(encoded: (request.uri.query ?? "").utf8)
    }

    /// "" if it is missing.
    subscript(name: String) -> String { values[name] ?? "" }

    mutating func set(_ name: String, _ value: String) {
        values[name] = value
        pairs.removeAll { $0.name == name }
        pairs.append((name, value))
    }

    /// Of all fields with that name, in order.
    func all(_ name: String) -> [String] { pairs.filter { $0.name == name }.map(\.value) }

    // MARK: Percent-encoding

    private static func text(_ encoded: ArraySlice<UInt8>) -> String? {
        decoded(encoded, plusIsBlank: true)
    }

    /// Nil if it is not UTF-8, or has a NUL, which no text of ours may have.
    static func percentDecoded(_ text: some StringProtocol) -> String? {
        decoded(Array(text.utf8)[...], plusIsBlank: false)
    }

    private static func decoded(_ encoded: ArraySlice<UInt8>, plusIsBlank: Bool) -> String? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(encoded.count)
        var index = encoded.startIndex
        while index < encoded.endIndex {
            let byte = encoded[index]
            if byte == UInt8(ascii: "%"), index + 2 < encoded.endIndex, let high = digit(encoded[index + 1]),
                let low = digit(encoded[index + 2])
            {
                bytes.append(high << 4 | low)
                index += 3
            } else {
                bytes.append(plusIsBlank && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
                index += 1
            }
        }
        guard !bytes.contains(0) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// For a value in a query: everything but RFC 3986's unreserved characters, the slash, and what else is to be
    /// left as it is.
    static func percentEncoded(_ text: String, leaving plain: [UInt8] = []) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"),
                UInt8(ascii: "~"), UInt8(ascii: "/"):
                bytes.append(byte)
            case _ where plain.contains(byte): bytes.append(byte)
            default:
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
