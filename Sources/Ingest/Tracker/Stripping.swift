/// JavaScript without comments and without the white space that only people need.
///
/// It reads no grammar: it knows names, texts, and comments that begin a line, and leaves all else as it is. A source
/// must keep to this: a comment has its line to itself, a statement ends with a semicolon, a regular expression holds
/// no quotes and no spaces, and what ``shortened`` lists is only ever the name of a variable.
enum Stripping {
    /// Variables, which become one letter or two. None may be a key, or stand in a regular expression or in a
    /// template; after a dot these words mean something else, and stay.
    static let shortened = [
        "script", "options", "on", "address", "ignored", "failed", "deliver", "settings", "more",
        "done", "born", "answer", "cameFrom", "view", "former", "isManual", "shown", "look", "now",
        "calls", "call", "record", "begin", "push", "start", "since", "spent", "deepest", "told",
        "scrolled", "report", "nextPage", "waiting", "timer", "again", "counters", "counter",
        "acted", "element", "isSent", "tag", "read", "attribute", "choose", "listen", "heard",
        "types", "page", "post", "send", "isFirst", "type", "state", "text", "kind", "link",
    ]

    private static let letters: [[UInt8]: [UInt8]] = {
        let one = (Array(97...122) + Array(65...90)).map { [$0 as UInt8] }
        return Dictionary(
            uniqueKeysWithValues: zip(
                shortened.map { Array($0.utf8) }, one + one.map { $0 + [UInt8(ascii: "_")] }))
    }()

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
                var end = index + 1
                if quotes.contains(byte) {
                    end = endOfText(source, from: index)
                } else if isName(byte) {
                    while end < source.count, isName(source[end]) { end += 1 }
                }
                if byte == UInt8(ascii: "}"), output.last == UInt8(ascii: ";") { output.removeLast() }
                output += shorter(Array(source[index..<end]), isMember: isMember(output))
                index = end
            }
        }
        return output
    }

    /// What takes a word's place.
    private static func shorter(_ word: [UInt8], isMember: Bool) -> [UInt8] {
        if word == const { return Array("let".utf8) }
        return isMember ? word : letters[word] ?? word
    }

    /// Whether what follows is a member of something, as in `history.push`, and not spread, as in `...calls`.
    private static func isMember(_ output: [UInt8]) -> Bool {
        output.last == UInt8(ascii: ".") && !output.hasSuffix("...")
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

    private static let const = Array("const".utf8)
    private static let quotes = Set("\"'`".utf8)
    private static let openers = Set(";{,([:?|&=>".utf8)
    private static let closers = Set("}).:?|&".utf8)

    private static func isSign(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
    }

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

extension [UInt8] {
    fileprivate func hasSuffix(_ text: StaticString) -> Bool {
        text.withUTF8Buffer { suffix($0.count).elementsEqual($0) }
    }
}
