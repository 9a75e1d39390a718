/// JavaScript without comments and without the white space that only people need.
///
/// It reads no grammar: it knows texts, and comments that begin a line, and leaves all else as it is. A source must
/// keep to this: a comment has its line to itself, a statement ends with a semicolon, and a regular expression holds
/// no quotes and no spaces.
enum Stripping {
    static func strip(_ source: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(source.count)
        var index = 0
        var isLineStart = true
        var gap = Gap.none
        while index < source.count {
            let byte = source[index]
            if byte == UInt8(ascii: "\n") {
                gap = .line
                isLineStart = true
                index += 1
            } else if byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") {
                if gap == .none { gap = .space }
                index += 1
            } else if isLineStart, byte == UInt8(ascii: "/"), index + 1 < source.count,
                source[index + 1] == UInt8(ascii: "/")
            {
                index = source[index...].firstIndex(of: UInt8(ascii: "\n")) ?? source.count
            } else {
                if let last = output.last, gap.matters(between: last, and: byte) { output.append(gap.byte) }
                gap = .none
                isLineStart = false
                let end = quotes.contains(byte) ? endOfText(source, from: index) : index + 1
                output += source[index..<end]
                index = end
            }
        }
        return output
    }

    private enum Gap {
        case none, space, line

        var byte: UInt8 { self == .line ? UInt8(ascii: "\n") : UInt8(ascii: " ") }

        func matters(between left: UInt8, and right: UInt8) -> Bool {
            switch self {
            case .none: false
            // `a + +b` and `a - -b` are the marks that a gap keeps apart.
            case .space: isName(left) && isName(right) || left == right && isSign(left)
            // Where a statement may end, the line does.
            case .line: !openers.contains(left) && !closers.contains(right)
            }
        }
    }

    private static let quotes = Set("\"'`".utf8)
    private static let openers = Set(";{,([:?|&=>".utf8)
    private static let closers = Set("}).:?|&".utf8)

    private static func isSign(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") }

    private static func isName(_ byte: UInt8) -> Bool {
        (97...122).contains(byte | 0x20) || (48...57).contains(byte) || byte == UInt8(ascii: "_")
            || byte == UInt8(ascii: "$") || byte >= 0x80
    }

    /// Past the quote that ends the text which begins here.
    private static func endOfText(_ source: [UInt8], from start: Int) -> Int {
        var index = start + 1
        while index < source.count, source[index] != source[start] {
            index += source[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        return min(index + 1, source.count)
    }
}
