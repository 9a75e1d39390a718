import Crypto
import FoundationEssentials

/// Encrypts what the database keeps and must be read again, with a key that is not in the database: AES-GCM, bound to whose
/// it is, so that nobody's value can be put in another's place.
package struct SecretBox: Sendable {
    package struct Unreadable: Error {}

    private let key: SymmetricKey
    /// For a day on which there is another way.
    private static let version: UInt8 = 1

    /// - Parameter secret: the instance's, MOCHI_SECRET_KEY.
    package init(secret: [UInt8]) {
        let purpose = HMAC<SHA256>.authenticationCode(
            for: Array("secrets at rest".utf8), using: SymmetricKey(data: secret))
        key = SymmetricKey(data: Array(purpose))
    }

    func seal(_ plain: [UInt8], for owner: String) throws -> [UInt8] {
        let box = try AES.GCM.seal(plain, using: key, authenticating: Array(owner.utf8))
        return [SecretBox.version] + Array(box.combined!)
    }

    func open(_ sealed: [UInt8], for owner: String) throws -> [UInt8] {
        guard sealed.first == SecretBox.version,
            let box = try? AES.GCM.SealedBox(combined: Array(sealed.dropFirst())),
            let plain = try? AES.GCM.open(box, using: key, authenticating: Array(owner.utf8))
        else { throw Unreadable() }
        return Array(plain)
    }
}
