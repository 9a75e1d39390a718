import Auth
import Hummingbird

/// A browser in which somebody has signed in before. It has limits of its own, so that nobody can lock it out by trying
/// passwords elsewhere.
struct KnownDevice: Sendable {
    /// Names the browser, in throttles alone.
    let nonce: String
    private let proofOfPerson: String

    static func name(_ cookies: Cookies) -> String {
        cookies.isSecure ? "__Host-mochi-device" : "mochi-device"
    }

    /// Nil without a cookie that we have made.
    init?(_ request: Request, _ web: Web) {
        let parts = (request.cookies[KnownDevice.name(web.cookies)]?.value ?? "").split(separator: ".")
            .map(String.init)
        guard parts.count == 3, web.proofs.isValid(parts[1], for: "device", parts[0]) else { return nil }
        nonce = parts[0]
        proofOfPerson = parts[2]
    }

    /// Whether this person, named by their address, has signed in here.
    func belongs(to email: String, _ web: Web) -> Bool {
        web.proofs.isValid(proofOfPerson, for: "device of", nonce, email)
    }

    /// What to put into the cookie.
    static func make(for email: String, _ web: Web) -> String {
        let nonce = Token.random().text
        return "\(nonce).\(web.proofs.make("device", nonce)).\(web.proofs.make("device of", nonce, email))"
    }
}
