import Crypto

/// 256 random bits that prove who one is. The bearer has the text; the database has its hash alone.
package struct Token: Sendable {
    /// Base64url without padding: 43 characters.
    package let text: String

    package static func random() -> Token {
        Token(text: base64url(randomBytes(32)))
    }

    /// Takes what somebody sent; nil unless it has the form of a token.
    package init?(_ text: String) {
        guard text.utf8.count == 43, text.utf8.allSatisfy({ Token.digits.contains($0) }) else { return nil }
        self.text = text
    }

    private init(text: String) {
        self.text = text
    }

    /// SHA-256: enough for what cannot be guessed.
    package var hash: [UInt8] { Array(SHA256.hash(data: Array(text.utf8))) }

    package static func randomBytes(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }

    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    package static func base64url(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | UInt32($1) } << (8 * UInt32(3 - group.count))
            for index in 0...group.count {
                text.append(digits[Int(bits >> UInt32(18 - 6 * index) & 63)])
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
