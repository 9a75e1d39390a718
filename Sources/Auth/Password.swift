/// What a password has to be. After NIST SP 800-63B: length matters, composition rules do not, and what is tried first is
/// refused.
package enum Password {
    package static let advice = "At least 8 characters. A few unrelated words are good."

    /// - Parameters:
    ///   - email: of whom it is; "" is nobody's.
    ///   - words: what else somebody who knows them would try: their name, their account, their site.
    /// - Throws: ``FormError`` with a sentence.
    package static func check(_ password: String, email: String, words: [String] = []) throws {
        let count = password.unicodeScalars.count
        guard count >= 8 else { throw FormError("password", "Use at least 8 characters.") }
        guard count <= 256 else { throw FormError("password", "Use at most 256 characters.") }
        let plain = password.lowercased()
        if Set(plain).count <= 2 || isSequence(plain) || isCommon(plain) {
            throw FormError("password", "This password is among the first that are tried. Choose another.")
        }
        if isMadeOf(pieces(of: [email, "mochi", "analytics"] + words), plain) {
            throw FormError(
                "password", "This password is too close to your own name, address or site. Choose another.")
        }
    }

    /// Digits and signs around a word that make it no harder to guess: "Summer2026!". More may be a secret of their own.
    private static let mostDecoration = 5

    // MARK: Common ones

    /// One of the list, or a simple variant: with something before or behind, `0` for `o`, twice, backwards.
    static func isCommon(_ plain: String) -> Bool {
        undecorated(plain).contains { stem in
            [stem, folded(stem, one: "i"), folded(stem, one: "l")].contains { word in
                CommonPasswords.words.contains(String(word.reversed()))
                    || units(word).contains { CommonPasswords.words.contains($0) }
            }
        }
    }

    /// The text without more and more of the signs and digits around it. Each of them may stand for a letter as well:
    /// "$ummer", "@manda@".
    private static func undecorated(_ plain: String) -> [String] {
        let characters = Array(plain)
        let before = characters.prefix { !$0.isLetter }.count
        let behind = characters.reversed().prefix { !$0.isLetter }.count
        guard before < characters.count else { return [plain] }
        var stems: [String] = []
        for first in 0...min(before, mostDecoration) {
            for last in 0...min(behind, mostDecoration - first) {
                stems.append(String(characters[first..<(characters.count - last)]))
            }
        }
        return stems
    }

    /// Letters for the digits and signs that stand for them.
    private static func folded(_ text: String, one: Character) -> String {
        String(text.map { $0 == "1" ? one : letters[$0] ?? $0 })
    }

    private static let letters: [Character: Character] = [
        "0": "o", "3": "e", "4": "a", "@": "a", "5": "s", "$": "s", "7": "t", "!": "i", "8": "b", "9": "g",
    ]

    /// The text, and what it is a repetition of: "test" of "testtest".
    private static func units(_ text: String) -> [String] {
        [text]
            + stride(from: 3, through: text.count / 2, by: 1).compactMap { length in
                guard text.count % length == 0 else { return nil }
                let unit = String(text.prefix(length))
                return String(repeating: unit, count: text.count / length) == text ? unit : nil
            }
    }

    /// "abcdefgh", "87654321".
    private static func isSequence(_ text: String) -> Bool {
        let scalars = text.unicodeScalars.map { Int($0.value) }
        let steps = Set(zip(scalars, scalars.dropFirst()).map { $1 - $0 })
        return steps == [1] || steps == [-1]
    }

    // MARK: One's own words

    private static func pieces(of texts: [String]) -> [String] {
        let pieces = texts.flatMap { $0.lowercased().split { !$0.isLetter } }.map(String.init)
        return Set(pieces.filter { $0.count >= 3 }).sorted { ($1.count, $0) < ($0.count, $1) }
    }

    /// Whether next to nothing, or one common word, is left without them.
    private static func isMadeOf(_ words: [String], _ plain: String) -> Bool {
        [plain, folded(plain, one: "i"), folded(plain, one: "l")].contains { text in
            let letters = text.filter(\.isLetter)
            guard plain.count - plain.filter(\.isLetter).count <= mostDecoration else { return false }
            let rest = words.reduce(letters) { rest, word in
                var rest = rest
                while let found = rest.firstRange(of: word) { rest.removeSubrange(found) }
                return rest
            }
            return rest.count < letters.count && (rest.count < 4 || CommonPasswords.words.contains(rest))
        }
    }
}
