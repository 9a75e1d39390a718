import Days

/// An instant as clients write it: ISO 8601 with a zone, or milliseconds since 1970.
enum Timestamp {
    /// Microseconds since 1970; nil for what is neither.
    static func microseconds(_ value: JSONValue?) -> Int64? {
        switch value {
        case .number(_, let milliseconds?)?:
            abs(milliseconds) < 1 << 48 ? Int64(milliseconds) * 1_000 : nil
        case .string(let text)?: microseconds(text)
        default: nil
        }
    }

    /// `2026-11-21T04:00:00Z`, `2026-11-21 04:00:00.123+01:00`.
    static func microseconds(_ text: String) -> Int64? {
        let bytes = Array(text.utf8)
        guard (20...40).contains(bytes.count), let day = Day(text.prefix(10)),
            bytes[10] | 0x20 == UInt8(ascii: "t") || bytes[10] == 0x20, bytes[13] == UInt8(ascii: ":"),
            bytes[16] == UInt8(ascii: ":"), let hour = two(bytes, 11, upTo: 23),
            let minute = two(bytes, 14, upTo: 59),
            let second = two(bytes, 17, upTo: 60)
        else { return nil }
        var position = 19
        var fraction: Int64 = 0
        if bytes[position] == UInt8(ascii: ".") {
            var scale: Int64 = 100_000
            position += 1
            let first = position
            while position < bytes.count, bytes[position] &- 48 < 10 {
                fraction += Int64(bytes[position] & 15) * scale
                scale /= 10
                position += 1
            }
            guard position > first else { return nil }
        }
        guard let offset = offset(bytes, position) else { return nil }
        let seconds = Int64(day.rawValue) * 86_400 + Int64(hour * 3_600 + minute * 60 + second - offset)
        return seconds * 1_000_000 + fraction
    }

    private static func offset(_ bytes: [UInt8], _ position: Int) -> Int? {
        guard position < bytes.count else { return nil }
        if bytes[position] | 0x20 == UInt8(ascii: "z") { return position + 1 == bytes.count ? 0 : nil }
        let isNegative = bytes[position] == UInt8(ascii: "-")
        guard isNegative || bytes[position] == UInt8(ascii: "+"), bytes.count == position + 6,
            bytes[position + 3] == UInt8(ascii: ":"), let hours = two(bytes, position + 1, upTo: 23),
            let minutes = two(bytes, position + 4, upTo: 59)
        else { return nil }
        return (hours * 3_600 + minutes * 60) * (isNegative ? -1 : 1)
    }

    private static func two(_ bytes: [UInt8], _ position: Int, upTo limit: Int) -> Int? {
        guard bytes[position] &- 48 < 10, bytes[position + 1] &- 48 < 10 else { return nil }
        let value = Int(bytes[position] & 15) * 10 + Int(bytes[position + 1] & 15)
        return value <= limit ? value : nil
    }
}
