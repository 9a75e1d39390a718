import Auth
import Crypto
import FoundationEssentials
import HTTPTypes
import Hummingbird

/// Makes sure that what changes something was sent from a page of ours, by the browser that we gave it to.
///
/// Two walls: the browser's own word on where a request comes from (`Sec-Fetch-Site`, `Origin`), and a token
/// that only our page in that browser has: HMAC-SHA256 under the instance's secret over what its cookie
/// holds. It is masked anew in every answer, so that its bytes cannot be guessed from the length of
/// compressed pages (BREACH).
struct CSRF: Sendable {
    private let key: SymmetricKey
    private let origin: String

    init(secret: [UInt8], origin: String) {
        let purpose = HMAC<SHA256>.authenticationCode(
            for: Array("csrf".utf8), using: SymmetricKey(data: secret))
        key = SymmetricKey(data: Array(purpose))
        self.origin = origin
    }

    func token(for secret: String) -> String {
        let mask = Token.randomBytes(32)
        return Token.base64url(mask + zip(code(secret), mask).map { $0 ^ $1 })
    }

    func isValid(_ token: String, for secret: String?) -> Bool {
        guard let secret, let bytes = CSRF.bytes(token), bytes.count == 64 else { return false }
        let code = zip(bytes[32...], bytes).map { $0 ^ $1 }
        return HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: Array(secret.utf8), using: key)
    }

    /// Browsers say where a request comes from. One that says nothing at all is none, or old: then the token
    /// decides.
    func isSameOrigin(_ request: Request) -> Bool {
        if let site = request.headers[HTTPField.Name("Sec-Fetch-Site")!] {
            return site == "same-origin" || site == "none"
        }
        guard let sender = request.headers[.origin] else { return true }
        if sender == origin { return true }
        // Opened under another name than the configured one, such as 127.0.0.1. A page elsewhere cannot
        // choose the Host that its visitor's browser sends here.
        guard let host = request.head.authority, let scheme = sender.firstRange(of: "://") else {
            return false
        }
        return sender[scheme.upperBound...] == host
    }

    private func code(_ secret: String) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Array(secret.utf8), using: key))
    }

    private static func bytes(_ token: String) -> [UInt8]? {
        guard token.utf8.count == 86 else { return nil }
        let base64 = String(token.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 }) + "=="
        return Data(base64Encoded: base64).map { Array($0) }
    }
}
