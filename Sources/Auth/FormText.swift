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
