import FoundationEssentials
import Glibc

/// Values of header fields.
enum Header {
    /// Text as it is when it is printable ASCII and fits on the line, else as encoded words (RFC 2047).
    /// `after` is how much of the line is taken.
    static func text(_ text: String, after taken: Int) -> String {
        let line = oneLine(text)
        let plain = line.utf8.allSatisfy { (0x20...0x7E).contains($0) } && !line.contains("=?")
        return plain && taken + line.utf8.count <= 78 ? line : encodedWords(line, after: taken)
    }

    static func mailbox(_ mailbox: Mailbox, after taken: Int) -> String {
        let name = oneLine(mailbox.name)
        guard !name.isEmpty else { return mailbox.address }
        let isPhrase =
            name.utf8.allSatisfy { Mailbox.isAtom($0) || $0 == UInt8(ascii: " ") } && !name.contains("=?")
        let shown = isPhrase && taken + name.utf8.count <= 78 ? name : encodedWords(name, after: taken)
        // On a line of its own where it would not fit.
        return shown + (name.utf8.count + mailbox.address.utf8.count > 60 ? "\r\n " : " ")
            + "<\(mailbox.address)>"
    }

    /// Line breaks, and whatever else steers rather than says, become spaces.
    private static func oneLine(_ text: String) -> String {
        let scalars = text.unicodeScalars.map { scalar -> Unicode.Scalar in
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: " "
            default: scalar
            }
        }
        let spaced = String(String.UnicodeScalarView(scalars))
        return spaced.split(separator: " ").joined(separator: " ")
    }

    /// No word over 75 characters, no character cut in two, one word a line.
    private static func encodedWords(_ text: String, after taken: Int) -> String {
        var words: [String] = []
        var word: [UInt8] = []
        // 45 bytes make 60 characters of base64, 72 with the frame; the first word shares its line.
        var room = max(45 - (taken * 3 / 4 + 2), 12)
        for scalar in text.unicodeScalars {
            let bytes = Array(String(scalar).utf8)
            if word.count + bytes.count > room {
                words.append(frame(word))
                word = []
                room = 45
            }
            word += bytes
        }
        words.append(frame(word))
        return words.joined(separator: "\r\n ")
    }

    private static func frame(_ bytes: [UInt8]) -> String {
        "=?utf-8?B?\(Data(bytes).base64EncodedString())?="
    }
}

/// RFC 2045, 6.7: lines of at most 76 characters of printable ASCII.
enum QuotedPrintable {
    static func encode(_ text: String) -> String {
        var lines: [String] = []
        for line in split(Array(text.utf8)) { append(line, to: &lines) }
        return lines.joined(separator: "\r\n")
    }

    /// Splits at CR LF, LF and CR alike.
    private static func split(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var start = 0
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "\r") || bytes[index] == UInt8(ascii: "\n") {
                lines.append(bytes[start..<index])
                if bytes[index] == UInt8(ascii: "\r"), index + 1 < bytes.count,
                    bytes[index + 1] == UInt8(ascii: "\n")
                {
                    index += 1
                }
                start = index + 1
            }
            index += 1
        }
        lines.append(bytes[start...])
        return lines
    }

    private static func append(_ line: ArraySlice<UInt8>, to lines: inout [String]) {
        var current: [UInt8] = []
        for (index, byte) in zip(line.indices, line) {
            let isLast = index == line.endIndex - 1
            let isBlank = byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
            // A blank at the end of a line gets lost on the way. A dot or "From " at its start means something to
            // mail servers and mailboxes: a file must not depend on who carries it.
            let isPlain =
                isBlank && !isLast
                || (0x21...0x7E).contains(byte) && byte != UInt8(ascii: "=")
                    && !(index == line.startIndex && (byte == UInt8(ascii: ".") || byte == UInt8(ascii: "F")))
            let piece = isPlain ? [byte] : [UInt8(ascii: "="), hex(byte >> 4), hex(byte & 15)]
            if current.count + piece.count > 75 {
                lines.append(String(decoding: current, as: UTF8.self) + "=")
                // The rest begins a line, where a dot needs its code too.
                current =
                    byte == UInt8(ascii: ".") ? [UInt8(ascii: "="), hex(byte >> 4), hex(byte & 15)] : piece
            } else {
                current += piece
            }
        }
        lines.append(String(decoding: current, as: UTF8.self))
    }

    private static func hex(_ digit: UInt8) -> UInt8 {
        digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "A") + digit - 10
    }
}

/// Times as mail (RFC 5322) and names of files want them, always in UTC.
enum MailDate {
    static func text(_ date: Date) -> String {
        formatted(date, "%a, %d %b %Y %H:%M:%S +0000")
    }

    /// Sorts by time.
    static func name(_ date: Date) -> String {
        formatted(date, "%Y%m%dT%H%M%SZ")
    }

    /// strftime's names are English unless somebody called setlocale; nobody does.
    private static func formatted(_ date: Date, _ format: String) -> String {
        var seconds = time_t(date.timeIntervalSince1970.rounded(.down))
        var parts = tm()
        gmtime_r(&seconds, &parts)
        var buffer = [CChar](repeating: 0, count: 64)
        let count = strftime(&buffer, buffer.count, format, &parts)
        return String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
