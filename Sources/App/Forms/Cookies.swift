import FoundationEssentials

/// The cookies of ours. With https their names begin with `__Host-`: no other host, no sub-domain and no
/// plain connection can set or read them.
struct Cookies: Sendable {
    let isSecure: Bool

    /// Holds the session's token.
    var sessionName: String { isSecure ? "__Host-mochi" : "mochi" }
    /// Ties the login and sign-up forms to a browser; goes with it.
    var formName: String { isSecure ? "__Host-mochi-form" : "mochi-form" }

    func session(_ token: String, until end: Date, now: Date) -> String {
        set(sessionName, token, maxAge: Int(end.timeIntervalSince(now)))
    }

    func endSession() -> String { set(sessionName, "", maxAge: 0) }

    /// That somebody has signed in here before; a year.
    func device(_ value: String) -> String {
        set(isSecure ? "__Host-mochi-device" : "mochi-device", value, maxAge: 365 * 86_400)
    }

    func form(_ value: String) -> String { set(formName, value, maxAge: nil) }

    /// That a password was known, for so many days.
    func proof(_ name: String, _ value: String, days: Int) -> String {
        set(name, value, maxAge: days * 86_400)
    }

    private func set(_ name: String, _ value: String, maxAge: Int?) -> String {
        var cookie = "\(name)=\(value); Path=/; HttpOnly; SameSite=Lax"
        if isSecure { cookie += "; Secure" }
        if let maxAge { cookie += "; Max-Age=\(maxAge)" }
        return cookie
    }
}
