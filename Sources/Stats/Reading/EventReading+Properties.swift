/// The JSON object of an event's properties: texts by key. What is not a text counts as its JSON.
enum EventProperties {
    /// Hands over each key and value; the bytes are valid for that long. Ends quietly where the text is no such object.
    static func read(
        _ json: UnsafeRawBufferPointer, _ each: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Void
    ) {
        var scanner = Scanner(json: json)
        guard scanner.take(UInt8(ascii: "{")) else { return }
        repeat {
            guard let key = scanner.string(), scanner.take(UInt8(ascii: ":")), let value = scanner.value()
            else { return }
            key.withBytes(json) { key in value.withBytes(json) { value in each(key, value) } }
        } while scanner.take(UInt8(ascii: ","))
    }

    /// A text that stands in the JSON as it is, or one that had to be unescaped.
    private enum Text {
        case range(Range<Int>)
        case bytes([UInt8])

        func withBytes<R>(_ json: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> R) -> R {
            switch self {
            case .range(let range): body(UnsafeRawBufferPointer(rebasing: json[range]))
            case .bytes(let bytes): bytes.withUnsafeBytes(body)
            }
        }
    }

    private struct Scanner {
        let json: UnsafeRawBufferPointer
        var position = 0

        private var byte: UInt8? { position < json.count ? json[position] : nil }

        private mutating func skipBlanks() {
            while let byte, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
        }

        mutating func take(_ wanted: UInt8) -> Bool {
            skipBlanks()
            guard byte == wanted else { return false }
            position += 1
            return true
        }

        mutating func string() -> Text? {
            guard take(UInt8(ascii: "\"")) else { return nil }
            let start = position
            while let byte, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") { position += 1 }
            if byte == UInt8(ascii: "\"") {
                defer { position += 1 }
                return .range(start..<position)
            }
            var bytes = Array(json[start..<position])
            while let byte {
                position += 1
                switch byte {
                case UInt8(ascii: "\""): return .bytes(bytes)
                case UInt8(ascii: "\\"): guard unescape(&bytes) else { return nil }
                default: bytes.append(byte)
                }
            }
            return nil
        }

        private mutating func unescape(_ bytes: inout [UInt8]) -> Bool {
            guard let byte else { return false }
            position += 1
            switch byte {
            case UInt8(ascii: "n"): bytes.append(0x0A)
            case UInt8(ascii: "t"): bytes.append(0x09)
            case UInt8(ascii: "r"): bytes.append(0x0D)
            case UInt8(ascii: "b"): bytes.append(0x08)
            case UInt8(ascii: "f"): bytes.append(0x0C)
            case UInt8(ascii: "u"):
                guard var code = fourDigits() else { return false }
                if code >> 10 == 0x36, position + 1 < json.count, json[position] == UInt8(ascii: "\\"),
                    json[position + 1] == UInt8(ascii: "u")
                {
                    position += 2
                    guard let low = fourDigits() else { return false }
                    code = 0x10000 + (code & 0x3FF) << 10 + (low & 0x3FF)
                }
                bytes += Array(String(Character(Unicode.Scalar(code) ?? "\u{FFFD}")).utf8)
            default: bytes.append(byte)
            }
            return true
        }

        private mutating func fourDigits() -> UInt32? {
            guard position + 4 <= json.count,
                let code = UInt32(String(decoding: json[position..<position + 4], as: UTF8.self), radix: 16)
            else { return nil }
            position += 4
            return code
        }

        /// A text, or the JSON of anything else.
        mutating func value() -> Text? {
            skipBlanks()
            if byte == UInt8(ascii: "\"") { return string() }
            let start = position
            var depth = 0
            while let byte {
                switch byte {
                case UInt8(ascii: "\""):
                    guard string() != nil else { return nil }
                    continue
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"):
                    if depth == 0 { return position > start ? .range(start..<position) : nil }
                    depth -= 1
                case UInt8(ascii: ",") where depth == 0:
                    return position > start ? .range(start..<position) : nil
                default: break
                }
                position += 1
            }
            return nil
        }
    }
}
