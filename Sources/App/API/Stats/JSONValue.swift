/// Any JSON, as a request brings it and as an answer is made of.
///
/// Foundation's decoder tries each kind in turn and throws for each that it is not: five microseconds for every bracket
/// that somebody sends. This reads once over the bytes, and says where something is wrong.
enum JSONValue: Sendable, Hashable {
    case null
    case truth(Bool)
    case whole(Int)
    case number(Double)
    case text(String)
    case list([JSONValue])
    case object([String: JSONValue])

    /// Why a text is no JSON, with the place of the byte that is wrong.
    struct Mistake: Error, Hashable {
        let description: String
    }

    /// - Throws: ``Mistake`` also for a name that stands twice in an object, for NUL in a text, and for what is nested
    ///   more than 40 deep.
    init(parsing bytes: [UInt8]) throws(Mistake) {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw Mistake(description: "The body is not UTF-8.")
        }
        var reader = JSONReader(bytes: bytes)
        self = try reader.document()
    }
}

private struct JSONReader {
    private static let deepest = 40

    let bytes: [UInt8]
    private var at = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func document() throws(JSONValue.Mistake) -> JSONValue {
        let value = try value(depth: 1)
        skipBlanks()
        guard at == bytes.count else { throw mistake("Something follows the JSON") }
        return value
    }

    private func mistake(_ what: String) -> JSONValue.Mistake {
        JSONValue.Mistake(description: "\(what), at byte \(at).")
    }

    private var next: UInt8? { at < bytes.count ? bytes[at] : nil }

    private mutating func skipBlanks() {
        while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { at += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        at += 1
        return true
    }

    private mutating func value(depth: Int) throws(JSONValue.Mistake) -> JSONValue {
        guard depth <= Self.deepest else { throw mistake("The JSON is nested too deeply") }
        skipBlanks()
        switch next {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try list(depth: depth)
        case UInt8(ascii: "\""): return .text(try text())
        case UInt8(ascii: "t"): return try word("true", .truth(true))
        case UInt8(ascii: "f"): return try word("false", .truth(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func word(_ word: String, _ value: JSONValue) throws(JSONValue.Mistake) -> JSONValue {
        guard bytes[at...].starts(with: word.utf8) else { throw mistake("This is no JSON") }
        at += word.utf8.count
        return value
    }

    private mutating func object(depth: Int) throws(JSONValue.Mistake) -> JSONValue {
        at += 1
        var members: [String: JSONValue] = [:]
        skipBlanks()
        if take(UInt8(ascii: "}")) { return .object(members) }
        repeat {
            skipBlanks()
            guard next == UInt8(ascii: "\"") else { throw mistake("A name in quotes is missing") }
            let name = try text()
            guard members[name] == nil else { throw mistake("“\(name.prefix(50))” stands there twice") }
            skipBlanks()
            guard take(UInt8(ascii: ":")) else { throw mistake("A colon is missing") }
            members[name] = try value(depth: depth + 1)
            skipBlanks()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw mistake("A brace is missing") }
        return .object(members)
    }

    private mutating func list(depth: Int) throws(JSONValue.Mistake) -> JSONValue {
        at += 1
        var items: [JSONValue] = []
        skipBlanks()
        if take(UInt8(ascii: "]")) { return .list(items) }
        repeat {
            items.append(try value(depth: depth + 1))
            skipBlanks()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw mistake("A bracket is missing") }
        return .list(items)
    }

    // MARK: Texts

    private mutating func text() throws(JSONValue.Mistake) -> String {
        at += 1
        var text: [UInt8] = []
        while let byte = next {
            at += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): try escape(into: &text)
            case 0..<0x20: throw mistake("A control character stands in a text")
            default: text.append(byte)
            }
        }
        throw mistake("A text does not end")
    }

    private static let escapes: [UInt8: UInt8] = [
        UInt8(ascii: "\""): UInt8(ascii: "\""), UInt8(ascii: "\\"): UInt8(ascii: "\\"),
        UInt8(ascii: "/"): UInt8(ascii: "/"), UInt8(ascii: "b"): 0x08, UInt8(ascii: "f"): 0x0C,
        UInt8(ascii: "n"): 0x0A, UInt8(ascii: "r"): 0x0D, UInt8(ascii: "t"): 0x09,
    ]

    private mutating func escape(into text: inout [UInt8]) throws(JSONValue.Mistake) {
        guard let byte = next else { throw mistake("A text does not end") }
        at += 1
        if let escaped = Self.escapes[byte] {
            text.append(escaped)
            return
        }
        guard byte == UInt8(ascii: "u") else { throw mistake("There is no such escape") }
        var code = try fourDigits()
        if (0xD800..<0xDC00).contains(code) {
            guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
                throw mistake("Half a surrogate pair")
            }
            let low = try fourDigits()
            guard (0xDC00..<0xE000).contains(low) else { throw mistake("Half a surrogate pair") }
            code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        }
        guard code != 0 else { throw mistake("A text has no NUL") }
        guard let scalar = Unicode.Scalar(code) else { throw mistake("Half a surrogate pair") }
        text += Array(String(Character(scalar)).utf8)
    }

    private mutating func fourDigits() throws(JSONValue.Mistake) -> UInt32 {
        guard at + 4 <= bytes.count,
            let code = UInt32(String(decoding: bytes[at..<at + 4], as: UTF8.self), radix: 16),
            bytes[at] != UInt8(ascii: "+")
        else { throw mistake("Four digits are missing") }
        at += 4
        return code
    }

    // MARK: Numbers

    private mutating func number() throws(JSONValue.Mistake) -> JSONValue {
        let start = at
        _ = take(UInt8(ascii: "-"))
        let first = at
        guard digits() else { throw mistake("This is no JSON") }
        let whole = at
        if bytes[first] == UInt8(ascii: "0"), whole - first > 1 { throw mistake("A number begins with 0") }
        if take(UInt8(ascii: ".")), !digits() { throw mistake("Digits are missing") }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            guard digits() else { throw mistake("Digits are missing") }
        }
        let text = String(decoding: bytes[start..<at], as: UTF8.self)
        if at == whole, let number = Int(text) { return .whole(number) }
        guard let number = Double(text), number.isFinite else { throw mistake("The number is too large") }
        return .number(number)
    }

    /// At least one.
    private mutating func digits() -> Bool {
        let start = at
        while let byte = next, (0x30...0x39).contains(byte) { at += 1 }
        return at > start
    }
}

extension JSONValue {
    /// As bytes, names in the order of their letters.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        write(to: &bytes)
        return bytes
    }

    private func write(to bytes: inout [UInt8]) {
        switch self {
        case .null: bytes += "null".utf8
        case .truth(let truth): bytes += (truth ? "true" : "false").utf8
        case .whole(let number): bytes += String(number).utf8
        case .number(let number):
            // 3.0 is 3 to everybody, and shorter.
            bytes += (Int(exactly: number).map(String.init) ?? "\(number)").utf8
        case .text(let text): JSONValue.write(text, to: &bytes)
        case .list(let items):
            bytes.append(UInt8(ascii: "["))
            for (index, item) in items.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                item.write(to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                JSONValue.write(member.key, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                member.value.write(to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private static func write(_ text: String, to bytes: inout [UInt8]) {
        let digits = Array("0123456789abcdef".utf8)
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case 0..<0x20: bytes += Array("\\u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral,
    ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral
{
    init(stringLiteral text: String) { self = .text(text) }
    init(arrayLiteral items: JSONValue...) { self = .list(items) }
    init(dictionaryLiteral members: (String, JSONValue)...) {
        self = .object(Dictionary(members) { _, last in last })
    }
    init(integerLiteral number: Int) { self = .whole(number) }
    init(booleanLiteral truth: Bool) { self = .truth(truth) }
}
