import Crypto

/// Codes that change every half minute: RFC 6238 with SHA-1 and six digits, as every authenticator reads them.
package enum OneTimeCode {
    static let period: Int64 = 30

    static func step(at seconds: Int64) -> Int64 { seconds / period }

    /// The code of a half minute.
    package static func code(_ secret: [UInt8], step: Int64) -> String {
        let counter = withUnsafeBytes(of: UInt64(bitPattern: step).bigEndian) { Array($0) }
        let hash = Array(
            HMAC<Insecure.SHA1>.authenticationCode(for: counter, using: SymmetricKey(data: secret)))
        let offset = Int(hash[hash.count - 1] & 15)
        let number = hash[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
        let digits = String(number % 1_000_000)
        return String(repeating: "0", count: 6 - digits.count) + digits
    }

    /// The half minute that `text` is the code of: this one, or one beside it, since clocks differ.
    static func step(of text: String, _ secret: [UInt8], at seconds: Int64) -> Int64? {
        let digits = text.filter { $0 != " " }
        let now = step(at: seconds)
        // All three are always tried.
        return [now, now - 1, now + 1].reduce(nil) { found, step in
            let code = code(secret, step: step)
            let isEqual =
                code.utf8.count == digits.utf8.count
                && zip(code.utf8, digits.utf8).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
            return found ?? (isEqual ? step : nil)
        }
    }

    /// RFC 4648, without padding.
    package static func base32(_ bytes: [UInt8]) -> String {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)
        var text: [UInt8] = []
        var (buffer, bits) = (UInt32(0), 0)
        for byte in bytes {
            buffer = buffer << 8 | UInt32(byte)
            bits += 8
            while bits >= 5 {
                bits -= 5
                text.append(digits[Int(buffer >> UInt32(bits) & 31)])
            }
            buffer &= (1 << UInt32(bits)) - 1
        }
        if bits > 0 { text.append(digits[Int(buffer << UInt32(5 - bits) & 31)]) }
        return String(decoding: text, as: UTF8.self)
    }
}
