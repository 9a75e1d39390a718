/// What the checks of entered text have in common.
enum FormText {
    static func trimmed(_ text: String) -> String {
        let isBlank = { (scalar: Unicode.Scalar) in scalar.properties.isWhitespace }
        let scalars = text.unicodeScalars
        guard let first = scalars.firstIndex(where: { !isBlank($0) }),
            let last = scalars.lastIndex(where: { !isBlank($0) })
        else { return "" }
        return String(scalars[first...last])
    }

    /// Line breaks, NUL and what reverses or hides text have no place in a name or an address.
    static func hasControls(_ text: String) -> Bool {
        text.unicodeScalars.contains {
            switch $0.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: true
            case .format: $0.value != 0x200D && $0.value != 0x200C
            default: false
            }
        }
    }
}

package enum EmailAddress {
    /// Lower case and without blanks around it. Checks no more than what mail needs to be sent: one `@` with
    /// something before it and a dotted name behind it. Whether it is theirs is found out by writing to it.
    package static func normalized(_ text: String) throws -> String {
        let email = FormText.trimmed(text).lowercased()
        let parts = email.split(separator: "@", omittingEmptySubsequences: false)
        let isPlain = !email.unicodeScalars.contains {
            $0.properties.isWhitespace || "<>()[],;:\\\"".unicodeScalars.contains($0)
        }
        guard parts.count == 2, !parts[0].isEmpty, isPlain, !FormText.hasControls(email),
            DomainName.isValid(String(parts[1])), parts[1].contains(".")
        else { throw FormError("email", "Enter an e-mail address such as name@example.com.") }
        guard email.utf8.count <= 254, parts[0].utf8.count <= 64 else {
            throw FormError("email", "This address is too long.")
        }
        return email
    }
}

package enum Password {
    /// NIST SP 800-63B: length matters, composition rules do not.
    package static func check(_ password: String, email: String) throws {
        let count = password.unicodeScalars.count
        guard count >= 8 else { throw FormError("password", "Use at least 8 characters.") }
        guard count <= 256 else { throw FormError("password", "Use at most 256 characters.") }
        let plain = password.lowercased()
        let isRepeated = Set(plain).count <= 2
        let isAddress = plain == email || email.split(separator: "@").first.map { plain == $0 } ?? false
        if isRepeated || common.contains(plain) || isAddress {
            throw FormError("password", "This password is among the first that are tried. Choose another.")
        }
    }

    /// The first that are tried of those with eight characters or more; the shorter ones are refused anyway.
    private static let common: Set<String> = [
        "password", "password1", "password12", "password123", "password1234", "passw0rd", "p@ssw0rd",
        "p@ssword",
        "12345678", "123456789", "1234567890", "12345678910", "123123123", "987654321", "0987654321",
        "11223344",
        "87654321", "147258369", "123qweasd", "1q2w3e4r", "1q2w3e4r5t", "1qaz2wsx", "1qazxsw2", "zaq12wsx",
        "qwertyui", "qwertyuiop", "qwerty12", "qwerty123", "qwerty1234", "asdfghjk", "asdfghjkl", "zxcvbnm1",
        "q1w2e3r4", "q1w2e3r4t5", "qazwsxedc", "abcd1234", "abcdefgh", "abc12345", "a1b2c3d4", "iloveyou",
        "iloveyou1", "sunshine", "princess", "football", "baseball", "superman", "starwars", "trustno1",
        "whatever", "computer", "michelle", "jennifer", "corvette", "mercedes", "maverick", "victoria",
        "samantha",
        "internet", "letmein1", "letmein123", "welcome1", "welcome123", "admin123", "admin1234",
        "administrator",
        "changeme", "changeme1", "changeme123", "default1", "dragon12", "monkey12", "master12", "secret12",
        "secret123", "test1234", "testtest", "test12345", "guest123", "hello123", "user1234", "root1234",
        "temp1234",
        "summer2024", "summer2025", "summer2026", "winter2024", "winter2025", "winter2026", "1234qwer",
        "qwer1234",
        "aa123456", "asdf1234", "pokemon1", "liverpool", "chocolate", "butterfly", "jordan23", "charlie1",
        "mochi123", "analytics", "analytics1",
    ]
}
