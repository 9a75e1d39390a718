/// Whom a message is from or to: `Ada Lovelace <ada@example.com>`.
///
/// The address is plain ASCII of a shape that needs no quoting anywhere; no line break gets in.
package struct Mailbox: Codable, Hashable, Sendable {
    package let name: String
    package let address: String

    package init(name: String = "", address: String) throws {
        guard Self.isAddress(address) else { throw InvalidMailbox() }
        self.name = name.withoutNUL
        self.address = address
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        try self.init(
            name: values.decode(String.self, forKey: .name),
            address: values.decode(String.self, forKey: .address))
    }

    package var domain: Substring { address[address.index(after: address.lastIndex(of: "@")!)...] }

    /// RFC 5321's dot-string and domain, without quotes, comments and address literals.
    package static func isAddress(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, text.utf8.count <= 254, parts[0].utf8.count <= 64 else { return false }
        let atoms = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        let labels = parts[1].split(separator: ".", omittingEmptySubsequences: false)
        return atoms.allSatisfy { atom in !atom.isEmpty && atom.utf8.allSatisfy(isAtom) }
            && labels.allSatisfy { label in
                !label.isEmpty && label.utf8.count <= 63 && label.first != "-" && label.last != "-"
                    && label.utf8.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "-") }
            }
    }

    static func isAtom(_ byte: UInt8) -> Bool {
        isLetterOrDigit(byte) || "!#$%&'*+-/=?^_`{|}~".utf8.contains(byte)
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        default: false
        }
    }
}

package struct InvalidMailbox: Error, CustomStringConvertible {
    package let description = "not an e-mail address"
}
