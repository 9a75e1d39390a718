/// Why a text is not the JSON that is accepted here.
enum JSONError: Error, Equatable {
    case malformed
    case tooDeep
    case tooManyMembers
    case duplicateKey
    /// `\u0000`, which PostgreSQL cannot hold, and half a surrogate pair, which no text can.
    case impossibleCharacter
    case notUTF8
    case numberOutOfRange
}

/// A value as it was read. Objects and arrays are checked and left where they are; ``JSONScanner/at(_:)`` goes back.
enum JSONValue {
    case null
    case bool(Bool)
    /// Where it stands, and its value if it is a whole number of at most 18 digits.
    case number(Range<Int>, integer: Int?)
    case string(String)
    case object(Range<Int>)
    case array(Range<Int>)
}

/// Reads JSON (RFC 8259) from bytes, strictly: no member twice, nothing after the value, no number beyond a
/// Double, UTF-8 throughout, at most sixteen levels.
///
/// A hand-written scanner because a general decoder costs 8 µs an event where this costs one.
/// It must not outlive the bytes.
struct JSONScanner {
    private let bytes: UnsafeRawBufferPointer
    private(set) var position: Int
    private var depth = 0
    /// Hashes of the keys seen in the open objects. Two different keys with one hash are taken for a repetition:
    /// that harms only who searched for them.
    private var seen: [UInt64] = []

    static let maximumDepth = 16
    static let maximumMembers = 512

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        self.position = 0
    }

    /// A scanner over a value that was read before.
    func at(_ range: Range<Int>) -> JSONScanner {
        var scanner = self
        scanner.position = range.lowerBound
        scanner.depth = 0
        return scanner
    }

    // MARK: Containers

    /// Reads the object that must begin here. `member` reads exactly one value.
    mutating func object(
        _ member: (inout JSONScanner, String) throws(JSONError) -> Void
    ) throws(JSONError) {
        try open(UInt8(ascii: "{"))
        let firstKey = seen.count
        var isFirst = true
        while true {
            skipSpace()
            if isFirst, take(UInt8(ascii: "}")) { break }
            guard peek == UInt8(ascii: "\"") else { throw .malformed }
            let key = try string()
            let hash = JSONScanner.hash(key)
            for other in firstKey..<seen.count where seen[other] == hash { throw .duplicateKey }
            guard seen.count - firstKey < JSONScanner.maximumMembers else { throw .tooManyMembers }
            if seen.isEmpty { seen.reserveCapacity(16) }
            seen.append(hash)
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw .malformed }
            skipSpace()
            try member(&self, key)
            skipSpace()
            isFirst = false
            if take(UInt8(ascii: ",")) { continue }
            guard take(UInt8(ascii: "}")) else { throw .malformed }
            break
        }
        seen.removeLast(seen.count - firstKey)
        depth -= 1
    }

    /// Reads the array that must begin here. `element` reads exactly one value.
    mutating func array(_ element: (inout JSONScanner) throws(JSONError) -> Void) throws(JSONError) {
        try open(UInt8(ascii: "["))
        skipSpace()
        if !take(UInt8(ascii: "]")) {
            while true {
                skipSpace()
                try element(&self)
                skipSpace()
                if take(UInt8(ascii: ",")) { continue }
                guard take(UInt8(ascii: "]")) else { throw .malformed }
                break
            }
        }
        depth -= 1
    }

    private mutating func open(_ bracket: UInt8) throws(JSONError) {
        skipSpace()
        guard take(bracket) else { throw .malformed }
        depth += 1
        guard depth <= JSONScanner.maximumDepth else { throw .tooDeep }
    }

    /// Nothing but white space may follow.
    mutating func finish() throws(JSONError) {
        skipSpace()
        guard position == bytes.count else { throw .malformed }
    }

    // MARK: Values

    mutating func value() throws(JSONError) -> JSONValue {
        skipSpace()
        let start = position
        switch peek {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "{"):
            try object { scanner, _ throws(JSONError) in _ = try scanner.value() }
            return .object(start..<position)
        case UInt8(ascii: "["):
            try array { scanner throws(JSONError) in _ = try scanner.value() }
            return .array(start..<position)
        case UInt8(ascii: "t"):
            try word("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try word("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try word("null")
            return .null
        default: return try number()
        }
    }

    private mutating func word(_ word: StaticString) throws(JSONError) {
        let count = word.utf8CodeUnitCount
        guard bytes.count - position >= count else { throw .malformed }
        for index in 0..<count where bytes[position + index] != word.utf8Start[index] { throw .malformed }
        position += count
    }

    private mutating func number() throws(JSONError) -> JSONValue {
        let start = position
        let isNegative = take(UInt8(ascii: "-"))
        let firstDigit = position
        var magnitude = 0
        while let digit = digit() {
            if position - firstDigit <= 18 { magnitude = magnitude * 10 + digit }
        }
        let digits = position - firstDigit
        guard digits > 0, digits == 1 || bytes[firstDigit] != UInt8(ascii: "0") else { throw .malformed }
        var isInteger = digits <= 18
        if take(UInt8(ascii: ".")) {
            isInteger = false
            try fewDigits()
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            isInteger = false
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try fewDigits()
        }
        if isInteger { return .number(start..<position, integer: isNegative ? -magnitude : magnitude) }
        guard let double = Double(text(start..<position)), double.isFinite else { throw .numberOutOfRange }
        return .number(start..<position, integer: nil)
    }

    private mutating func fewDigits() throws(JSONError) {
        guard digit() != nil else { throw .malformed }
        while digit() != nil {}
    }

    private mutating func digit() -> Int? {
        guard let byte = peek, byte &- 48 < 10 else { return nil }
        position += 1
        return Int(byte &- 48)
    }

    /// A number as it was written.
    func text(_ range: Range<Int>) -> String {
        String(decoding: UnsafeRawBufferPointer(rebasing: bytes[range]), as: UTF8.self)
    }

    // MARK: Strings

    mutating func string() throws(JSONError) -> String {
        position += 1
        let start = position
        var all: UInt64 = 0
        while bytes.count - position >= 8 {
            let word = bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            if JSONScanner.holdsMark(word) { break }
            all |= word
            position += 8
        }
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                let raw = UnsafeRawBufferPointer(rebasing: bytes[start..<position])
                position += 1
                return try JSONScanner.text(raw, isASCII: all & 0x8080_8080_8080_8080 == 0)
            }
            all |= UInt64(byte)
            if byte == UInt8(ascii: "\\") { return try escapedString(from: start) }
            guard byte >= 0x20 else { throw .malformed }
            position += 1
        }
        throw .malformed
    }

    /// Whether one of eight bytes is a quotation mark, a backslash, or less than a space: a subtraction borrows from
    /// the high bit of a byte that was less (Anderson, "Bit Twiddling Hacks": determine if a word has a byte less than n).
    @inline(__always)
    private static func holdsMark(_ word: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quotation = word ^ ones &* 0x22
        let backslash = word ^ ones &* 0x5C
        let less =
            (quotation &- ones) & ~quotation | (backslash &- ones) & ~backslash
            | (word &- ones &* 0x20) & ~word
        return less & (ones &* 0x80) != 0
    }

    private static func text(_ raw: UnsafeRawBufferPointer, isASCII: Bool) throws(JSONError) -> String {
        // `init(validating:)` is five times as slow.
        if isASCII { return String(decoding: raw.assumingMemoryBound(to: UInt8.self), as: UTF8.self) }
        guard let text = String(validating: raw, as: UTF8.self) else { throw .notUTF8 }
        return text
    }

    private mutating func escapedString(from start: Int) throws(JSONError) -> String {
        var decoded = Array(bytes[start..<position])
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: decoded, as: UTF8.self) else { throw .notUTF8 }
                return text
            case UInt8(ascii: "\\"): try escape(into: &decoded)
            case ..<0x20: throw .malformed
            default: decoded.append(byte)
            }
        }
        throw .malformed
    }

    private mutating func escape(into decoded: inout [UInt8]) throws(JSONError) {
        guard let byte = peek else { throw .malformed }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): decoded.append(byte)
        case UInt8(ascii: "b"): decoded.append(8)
        case UInt8(ascii: "f"): decoded.append(12)
        case UInt8(ascii: "n"): decoded.append(10)
        case UInt8(ascii: "r"): decoded.append(13)
        case UInt8(ascii: "t"): decoded.append(9)
        case UInt8(ascii: "u"):
            var code = try hexDigits()
            if 0xD800..<0xDC00 ~= code {
                guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else { throw .impossibleCharacter }
                let low = try hexDigits()
                guard 0xDC00..<0xE000 ~= low else { throw .impossibleCharacter }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard code != 0, let scalar = Unicode.Scalar(code) else { throw .impossibleCharacter }
            decoded.append(contentsOf: UTF8.encode(scalar)!)
        default: throw .malformed
        }
    }

    private mutating func hexDigits() throws(JSONError) -> UInt32 {
        guard bytes.count - position >= 4 else { throw .malformed }
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = hexValue(bytes[position]) else { throw .malformed }
            code = code << 4 | UInt32(digit)
            position += 1
        }
        return code
    }

    // MARK: Bytes

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    /// FNV-1a.
    private static func hash(_ key: String) -> UInt64 {
        var key = key
        return key.withUTF8 { bytes in
            bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
        }
    }
}

/// The value of a hexadecimal digit.
func hexValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - 48
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - 87
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - 55
    default: nil
    }
}
