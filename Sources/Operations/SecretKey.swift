import Glibc

/// The key of 32 bytes that encrypts what the database should not hold in the clear.
package enum SecretKey {
    package static let length = 32

    static func bytes(_ hexadecimal: String) -> [UInt8]? {
        let digits = Array(hexadecimal.utf8)
        guard digits.count == length * 2 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = value(digits[index]), let low = value(digits[index + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x41...0x46: digit - 0x41 + 10
        case 0x61...0x66: digit - 0x61 + 10
        default: nil
        }
    }
}

/// The key file is missing, unreadable, or holds something else; one sentence.
package struct SecretKeyError: Error, CustomStringConvertible {
    package let description: String
}

extension Configuration {
    package var secretKeyFile: String { data + "/secret.key" }
    package var isSecretKeyStated: Bool { statedSecretKey != nil }

    /// The stated key, or the file's; makes the file (0600) on first use. Processes that start together agree:
    /// the first to link its file into place wins, the others read it.
    package func loadSecretKey() throws(SecretKeyError) -> [UInt8] {
        if let statedSecretKey { return statedSecretKey }
        if !Files.exists(secretKeyFile) { try makeSecretKey() }
        do {
            let text = String(decoding: try Files.read(secretKeyFile), as: UTF8.self)
            let line = text.split(whereSeparator: \.isWhitespace).first.map(String.init) ?? ""
            if let key = SecretKey.bytes(line) { return key }
        } catch {
            throw SecretKeyError(description: "Cannot read the secret key \(secretKeyFile): \(error).")
        }
        throw SecretKeyError(
            description: "\(secretKeyFile) does not hold 64 hexadecimal digits; restore it from a backup.")
    }

    private func makeSecretKey() throws(SecretKeyError) {
        var generator = SystemRandomNumberGenerator()
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for _ in 0..<SecretKey.length {
            let byte = UInt8.random(in: .min ... .max, using: &generator)
            text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
        let temporary = "\(secretKeyFile).\(getpid())"
        do {
            try Files.makeDirectory(data)
            try Files.write(text + [0x0A], to: temporary)
            defer { unlink(temporary) }
            guard link(temporary, secretKeyFile) == 0 || errno == EEXIST else { throw SystemError() }
        } catch {
            throw SecretKeyError(description: "Cannot write the secret key \(secretKeyFile): \(error).")
        }
    }
}
