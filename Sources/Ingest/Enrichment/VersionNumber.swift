/// Reads version numbers as they stand in user agents and client hints.
enum VersionNumber {
    /// At most `parts` numbers, separated by `.` or `_`, where one begins at `start` or after a separator; "" for
    /// none. A number longer than five digits is a build's, and not taken.
    static func read(_ text: UnsafeBufferPointer<UInt8>, at start: Int, parts: Int = 2) -> String {
        var index = start
        while index < text.count, index < start + 2, !text[index].isDigit {
            switch text[index] {
            case UInt8(ascii: "/"), UInt8(ascii: " "), UInt8(ascii: "_"), UInt8(ascii: "-"),
                UInt8(ascii: ":"),
                UInt8(ascii: "@"), UInt8(ascii: "v"), UInt8(ascii: "+"), UInt8(ascii: ";"):
                index += 1
            default: return ""
            }
        }
        // Small strings of Swift hold fifteen bytes: five digits twice fit.
        var bytes = (UInt64(0), UInt64(0))
        let length = withUnsafeMutableBytes(of: &bytes) { bytes in
            var written = 0
            var taken = 0
            var digits = 0
            var count = 1
            while index < text.count, written < bytes.count, digits <= 5 {
                let byte = text[index]
                index += 1
                if byte.isDigit {
                    digits += 1
                } else if byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_"), digits > 0, count < parts {
                    taken = written
                    digits = 0
                    count += 1
                } else {
                    break
                }
                bytes[written] = digits == 0 ? UInt8(ascii: ".") : byte
                written += 1
            }
            return (1...5).contains(digits) ? written : taken
        }
        return withUnsafeBytes(of: &bytes) { String(decoding: $0[..<length], as: UTF8.self) }
    }

    /// The version in `"15.0.0"`.
    static func quoted(_ text: UnsafeBufferPointer<UInt8>) -> String {
        read(text, at: text.first == UInt8(ascii: "\"") ? 1 : 0)
    }

    /// The number at the beginning; nil for none.
    static func major(_ version: some StringProtocol) -> Int? {
        var value = 0
        var digits = 0
        for byte in version.utf8 {
            guard byte.isDigit, digits < 6 else { break }
            value = value * 10 + Int(byte & 15)
            digits += 1
        }
        return digits > 0 ? value : nil
    }
}
