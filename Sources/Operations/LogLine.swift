import Logging

/// A line under construction, in logfmt (`key=value key="a value"`) or as one JSON object.
///
/// What a log line says may come from a visitor: nothing in it can end the line, start another or move a
/// terminal's cursor, and no value is longer than ``longestValue``.
struct LogLine {
    static let reserved: Set<String> = ["time", "level", "process", "logger", "msg"]
    /// In bytes, before escaping.
    static let longestValue = 4096

    private let format: Configuration.LogFormat
    private var bytes: [UInt8] = []

    init(_ format: Configuration.LogFormat) {
        self.format = format
        bytes.reserveCapacity(256)
    }

    mutating func append(_ key: String, _ value: String) {
        switch format {
        case .logfmt:
            appendKey(key)
            LogLine.appendLogfmt(value, to: &bytes)
        case .json:
            appendKey(key)
            LogLine.appendQuoted(value, to: &bytes)
        }
    }

    /// Dictionaries become `key.inner` in logfmt and objects in JSON; arrays become `[a,b]` and arrays.
    mutating func append(_ key: String, _ value: Logger.MetadataValue) {
        switch (format, value) {
        case (.logfmt, .dictionary(let inner)):
            for (name, value) in inner.sorted(by: { $0.key < $1.key }) { append("\(key).\(name)", value) }
        case (.logfmt, .array(let values)):
            append(key, "[" + values.map(\.description).joined(separator: ",") + "]")
        case (.logfmt, .string(let text)):
            append(key, text)
        case (.logfmt, .stringConvertible(let value)):
            append(key, value.description)
        case (.json, _):
            appendKey(key)
            LogLine.appendJSON(value, to: &bytes)
        }
    }

    consuming func finished() -> [UInt8] {
        if format == .json { bytes.append(UInt8(ascii: "}")) }
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    private mutating func appendKey(_ key: String) {
        switch format {
        case .logfmt:
            if !bytes.isEmpty { bytes.append(UInt8(ascii: " ")) }
            for byte in key.utf8.prefix(128) {
                bytes.append(byte <= 0x20 || byte >= 0x7F || byte == 0x22 || byte == 0x3D ? 0x5F : byte)
            }
            bytes.append(UInt8(ascii: "="))
        case .json:
            bytes.append(bytes.isEmpty ? UInt8(ascii: "{") : UInt8(ascii: ","))
            LogLine.appendQuoted(key, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
        }
    }

    private static func appendJSON(_ value: Logger.MetadataValue, to bytes: inout [UInt8]) {
        switch value {
        case .string(let text):
            appendQuoted(text, to: &bytes)
        case .stringConvertible(let value):
            appendQuoted(value.description, to: &bytes)
        case .array(let values):
            bytes.append(UInt8(ascii: "["))
            for (index, value) in values.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                appendJSON(value, to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .dictionary(let values):
            bytes.append(UInt8(ascii: "{"))
            for (index, (key, value)) in values.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                appendQuoted(key, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                appendJSON(value, to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private static func appendLogfmt(_ value: String, to bytes: inout [UInt8]) {
        let isPlain =
            !value.isEmpty && value.utf8.count <= longestValue
            && value.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x3D && $0 != 0x5C }
        if isPlain {
            bytes += value.utf8
        } else {
            appendQuoted(value, to: &bytes)
        }
    }

    /// In quotes, with JSON's escapes, for all that a terminal or a line reader could take for a command: C0 and
    /// C1 controls, line and paragraph separators, marks that turn the direction of text.
    static func appendQuoted(_ value: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        var count = 0
        for scalar in value.unicodeScalars {
            count += UTF8.width(scalar)
            if count > longestValue {
                bytes += "…".utf8
                break
            }
            switch scalar.value {
            case 0x22: bytes += "\\\"".utf8
            case 0x5C: bytes += "\\\\".utf8
            case 0x0A: bytes += "\\n".utf8
            case 0x0D: bytes += "\\r".utf8
            case 0x09: bytes += "\\t".utf8
            case 0..<0x20, 0x7F..<0xA0, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF:
                appendEscape(scalar.value, to: &bytes)
            default: bytes += UTF8.encode(scalar)!
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func appendEscape(_ value: UInt32, to bytes: inout [UInt8]) {
        let digits = Array("0123456789abcdef".utf8)
        bytes += "\\u".utf8
        for shift in [12, 8, 4, 0] { bytes.append(digits[Int(value >> UInt32(shift)) & 15]) }
    }
}
