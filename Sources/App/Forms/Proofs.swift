import Auth
import Crypto

/// Texts in cookies that only this instance can have made: what is kept nowhere needs no clearing up.
struct Proofs: Sendable {
    private let key: SymmetricKey

    init(secret: [UInt8]) {
        let purpose = HMAC<SHA256>.authenticationCode(
            for: Array("proofs".utf8), using: SymmetricKey(data: secret))
        key = SymmetricKey(data: Array(purpose))
    }

    /// Proves all of `parts`, in this order. The first names what it is for.
    func make(_ parts: String...) -> String {
        Token.base64url(Array(HMAC<SHA256>.authenticationCode(for: Proofs.message(parts), using: key)))
    }

    func isValid(_ proof: String, for parts: String...) -> Bool {
        let own = Token.base64url(
            Array(HMAC<SHA256>.authenticationCode(for: Proofs.message(parts), using: key)))
        guard proof.utf8.count == own.utf8.count else { return false }
        return zip(proof.utf8, own.utf8).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }

    /// With their lengths, so that no two lists of parts read alike.
    private static func message(_ parts: [String]) -> [UInt8] {
        Array(parts.map { "\($0.utf8.count):\($0)" }.joined().utf8)
    }
}
