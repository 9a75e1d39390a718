/// What the owner of a site knows to be personal in its addresses and texts; `*` stands for any characters.
///
/// A pattern with a slash is a path's, and is itself what is stored: under `/user/*/orders` there is one page. Any
/// other is a piece's (`customer-*`), and the piece becomes `*`.
struct PersonalPatterns: Hashable, Sendable {
    private var paths: [[UInt8]] = []
    private var pieces: [[UInt8]] = []

    init(_ patterns: [String] = []) {
        for pattern in patterns where !pattern.isEmpty && pattern != "*" {
            let bytes = Array(pattern.utf8)
            if bytes.contains(UInt8(ascii: "/")) { paths.append(bytes) } else { pieces.append(bytes) }
        }
    }

    /// What makes the same patterns again.
    var texts: [String] { (paths + pieces).map { String(decoding: $0, as: UTF8.self) } }

    var isEmpty: Bool { paths.isEmpty && pieces.isEmpty }

    func masked(path: String) -> String {
        if isEmpty { return path }
        if let pattern = path.withBytes({ path in paths.first { PersonalPatterns.matches($0, path) } }) {
            return String(decoding: pattern, as: UTF8.self)
        }
        return masked(path, at: [UInt8(ascii: "/")])
    }

    func masked(text: String) -> String {
        masked(text, at: [UInt8(ascii: "/"), 0x20, UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: ":")])
    }

    private func masked(_ text: String, at borders: [UInt8]) -> String {
        if pieces.isEmpty { return text }
        return text.withBytes { bytes -> String? in
            var result: [UInt8] = []
            var isMasked = false
            var start = 0
            while start <= bytes.count {
                let end = bytes[start...].firstIndex { borders.contains($0) } ?? bytes.count
                let piece = UnsafeBufferPointer(rebasing: bytes[start..<end])
                if !piece.isEmpty, pieces.contains(where: { PersonalPatterns.matches($0, piece) }) {
                    result.append(PersonalData.mask)
                    isMasked = true
                } else {
                    result += piece
                }
                if end < bytes.count { result.append(bytes[end]) }
                start = end + 1
            }
            return isMasked ? String(decoding: result, as: UTF8.self) : nil
        } ?? text
    }

    /// Takes time in proportion to pattern times text, however many stars there are.
    static func matches(_ pattern: [UInt8], _ text: UnsafeBufferPointer<UInt8>) -> Bool {
        var (p, t) = (0, 0)
        var star: (pattern: Int, text: Int)?
        while t < text.count {
            if p < pattern.count, pattern[p] == UInt8(ascii: "*") {
                star = (p, t)
                p += 1
            } else if p < pattern.count, pattern[p] == text[t] {
                p += 1
                t += 1
            } else if let last = star {
                star = (last.pattern, last.text + 1)
                p = last.pattern + 1
                t = last.text + 1
            } else {
                return false
            }
        }
        return pattern[p...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
