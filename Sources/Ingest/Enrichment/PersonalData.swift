/// Finds what names a person in the texts that a site sends, and puts `*` in its place before anything is stored.
///
/// A text is cut into pieces (a path at its slashes, prose at its spaces and marks), and a piece that holds one of
/// these is masked whole:
///
/// | what | limits, and what they spare |
/// |---|---|
/// | e-mail address | something before `@` or `%40`, and a host with a dot after it; spares `/@name` and `me@home` |
/// | UUID | 8-4-4-4-12 hexadecimal digits |
/// | hexadecimal token | 24 digits and more, letters among them; spares the 7 to 12 of short hashes in slugs |
/// | random token | 16 letters and digits and more that change between capitals, small letters and digits as words never do (``looksRandom``); spares slugs of any length, since they fall into words at `-` |
/// | JSON Web Token | begins with `eyJ`, has two dots |
/// | long number | 10 digits and more in a row: telephones, accounts, cards; spares the numbers of articles, and two forms of more digits: ISBN-13, and times such as `20261121103000` |
/// | grouped number | `+` and 8 digits and more, also with spaces or dashes; cards in four groups of four; `123-45-6789` |
///
/// Beyond that, each site may have patterns of its own (``PersonalPatterns``).
enum PersonalData {
    static let mask = UInt8(ascii: "*")
    static let minimumDigits = 10
    static let minimumHex = 24
    static let minimumToken = 16

    /// A path, or any text whose pieces are set apart by slashes.
    static func masked(path: String) -> String {
        masked(path, isBorder: { isPathBorder($0) })
    }

    /// A title, or a property's value.
    static func masked(text: String) -> String {
        // Whatever is a grouped number is suspect as well.
        guard text.withBytes(isSuspect) else { return text }
        let text = masked(text, isBorder: { isPathBorder($0) || isTextBorder($0) })
        return GroupedNumbers.masked(text)
    }

    /// Whether anything in the text may have to be masked: a quick look that errs on the side of yes.
    static func isSuspect(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var run = 0
        var digits = 0
        for byte in bytes {
            if byte.isLetterOrDigit {
                run += 1
                digits = byte.isDigit ? digits + 1 : 0
                // The last group of a UUID has twelve, and a number ten.
                if run >= 12 || digits >= 3 { return true }
            } else {
                if byte == UInt8(ascii: "@") || byte == UInt8(ascii: "%") || byte == UInt8(ascii: "+") {
                    return true
                }
                run = 0
                digits = 0
            }
        }
        return false
    }

    @inline(__always)
    private static func masked(_ text: String, isBorder: (UInt8) -> Bool) -> String {
        text.withBytes { bytes -> String? in
            guard isSuspect(bytes) else { return nil }
            var result: [UInt8]?
            var copied = 0
            var start = 0
            while start < bytes.count {
                var end = start
                while end < bytes.count, !isBorder(bytes[end]) { end += 1 }
                if end - start >= 6, holdsPerson(UnsafeBufferPointer(rebasing: bytes[start..<end])) {
                    if result == nil {
                        result = []
                        result!.reserveCapacity(bytes.count)
                    }
                    result! += bytes[copied..<start]
                    result!.append(mask)
                    copied = end
                }
                start = end + 1
            }
            guard var result else { return nil }
            result += bytes[copied...]
            return String(decoding: result, as: UTF8.self)
        } ?? text
    }

    private static func isPathBorder(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#"), UInt8(ascii: "&"), UInt8(ascii: "="),
            UInt8(ascii: ";"), UInt8(ascii: ","), UInt8(ascii: ":"):
            true
        default: false
        }
    }

    private static func isTextBorder(_ byte: UInt8) -> Bool {
        switch byte {
        case 0...0x20, UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "<"), UInt8(ascii: ">"),
            UInt8(ascii: "["),
            UInt8(ascii: "]"), UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "\""), UInt8(ascii: "'"),
            UInt8(ascii: "|"), UInt8(ascii: "!"):
            true
        default: false
        }
    }

    // MARK: Rules

    /// Whether one piece holds something that names a person.
    static func holdsPerson(_ piece: UnsafeBufferPointer<UInt8>) -> Bool {
        hasAddress(piece) || hasIdentifier(piece)
    }

    /// `name@example.com`, with `@` also as `%40` or `%2540`.
    private static func hasAddress(_ piece: UnsafeBufferPointer<UInt8>) -> Bool {
        for index in 1..<piece.count {
            var end = index
            if piece[index] == UInt8(ascii: "@") {
                end = index + 1
            } else if piece[index] == UInt8(ascii: "%") {
                var next = index + 1
                while next + 1 < piece.count, piece[next] == UInt8(ascii: "2"),
                    piece[next + 1] == UInt8(ascii: "5")
                {
                    next += 2
                }
                guard next + 1 < piece.count, piece[next] == UInt8(ascii: "4"),
                    piece[next + 1] == UInt8(ascii: "0")
                else { continue }
                end = next + 2
            } else {
                continue
            }
            // A dot that stands neither first nor last in what may be a host.
            var hasDot = false
            var next = end
            while next < piece.count,
                piece[next].isLetterOrDigit || piece[next] >= 0x80 || piece[next] == UInt8(ascii: "-")
                    || piece[next] == UInt8(ascii: ".")
            {
                if piece[next] == UInt8(ascii: "."), next > end, next + 1 < piece.count,
                    piece[next + 1].isLetter || piece[next + 1] >= 0x80
                {
                    hasDot = true
                }
                next += 1
            }
            if hasDot { return true }
        }
        return false
    }

    private static func hasIdentifier(_ piece: UnsafeBufferPointer<UInt8>) -> Bool {
        if piece.count >= 32, piece[0] == 0x65, piece[1] == 0x79, piece[2] == 0x4A,
            piece.reduce(0, { $0 + ($1 == UInt8(ascii: ".") ? 1 : 0) }) >= 2
        {
            return true
        }
        var start = 0
        while start < piece.count {
            var end = start
            while end < piece.count, piece[end].isLetterOrDigit { end += 1 }
            if end > start {
                let run = UnsafeBufferPointer(rebasing: piece[start..<end])
                if hasLongNumber(run) || isToken(run) { return true }
                if run.count == 8, end + 28 <= piece.count,
                    isUUID(UnsafeBufferPointer(rebasing: piece[start..<(end + 28)]))
                {
                    return true
                }
            }
            start = end + 1
        }
        return false
    }

    private static func isUUID(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        for index in 0..<36 {
            switch index {
            case 8, 13, 18, 23: if text[index] != UInt8(ascii: "-") { return false }
            default: if !text[index].isHexDigit { return false }
            }
        }
        return true
    }

    private static func hasLongNumber(_ run: UnsafeBufferPointer<UInt8>) -> Bool {
        var start = 0
        while start + minimumDigits <= run.count {
            var end = start
            while end < run.count, run[end].isDigit { end += 1 }
            if end - start >= minimumDigits {
                let digits = UnsafeBufferPointer(rebasing: run[start..<end])
                if !isBookNumber(digits), !isTime(digits) { return true }
            }
            start = end + 1
        }
        return false
    }

    /// ISBN-13: 978 or 979, and the last digit follows from the others (ISO 2108).
    private static func isBookNumber(_ digits: UnsafeBufferPointer<UInt8>) -> Bool {
        guard digits.count == 13, digits[0] == 0x39, digits[1] == 0x37, digits[2] == 0x38 || digits[2] == 0x39
        else {
            return false
        }
        var sum = 0
        for index in 0..<13 { sum += Int(digits[index] & 15) * (index % 2 == 0 ? 1 : 3) }
        return sum % 10 == 0
    }

    /// `202611211030` with or without seconds, from 1990 to 2099.
    private static func isTime(_ digits: UnsafeBufferPointer<UInt8>) -> Bool {
        guard digits.count == 12 || digits.count == 14 else { return false }
        func number(_ first: Int) -> Int { Int(digits[first] & 15) * 10 + Int(digits[first + 1] & 15) }
        let century = number(0)
        return (century == 20 || century == 19 && number(2) >= 90) && (1...12).contains(number(4))
            && (1...31).contains(number(6)) && number(8) < 24 && number(10) < 60
    }

    private static func isToken(_ run: UnsafeBufferPointer<UInt8>) -> Bool {
        guard run.count >= minimumToken else { return false }
        if run.count >= minimumHex, run.allSatisfy({ $0.isHexDigit }), run.contains(where: { $0.isDigit }) {
            return true
        }
        return looksRandom(run)
    }

    /// Words change their kind of character (capital, small, digit) rarely: `iPhone15ProMax` at four of ten places.
    /// Random Base62 does at six of ten, random Base36 at four of ten but with digits all through.
    static func looksRandom(_ run: UnsafeBufferPointer<UInt8>) -> Bool {
        var kinds = (capital: 0, small: 0, digit: 0)
        var changes = 0
        var digitChanges = 0
        var before: UInt8?
        for byte in run {
            let kind: UInt8
            if byte.isDigit {
                kinds.digit += 1
                kind = 0
            } else if byte & 0x20 != 0 {
                kinds.small += 1
                kind = 1
            } else {
                kinds.capital += 1
                kind = 2
            }
            if let before, before != kind {
                changes += 1
                if before == 0 || kind == 0 { digitChanges += 1 }
            }
            before = kind
        }
        let length = run.count
        if kinds.capital > 0, kinds.small > 0, kinds.digit > 0 { return changes * 100 >= length * 45 }
        if kinds.capital > 2, kinds.small > 2 { return length >= 20 && changes * 100 >= length * 45 }
        return kinds.digit * 100 >= length * 15 && digitChanges * 100 >= length * 25
    }
}

extension UInt8 {
    @inline(__always)
    var isHexDigit: Bool { isDigit || (self | 0x20) &- 97 < 6 }
}
