/// Shows where a secret leads, and hides what makes it one.
enum Redaction {
    static let hidden = "…"

    /// `postgresql://user:…@host/db`, `host=h password=…`, or, when nothing is known to be harmless, `…`.
    static func redacted(_ value: String) -> String {
        if let scheme = value.firstRange(of: "://") {
            let rest = value[scheme.upperBound...]
            let authority = rest.prefix { $0 != "/" && $0 != "?" }
            // The last @: a password may hold one that nobody escaped. What then looks like a path may be one too.
            let end = value.contains("?") || authority.contains("@") ? authority.endIndex : rest.endIndex
            guard let at = rest[..<end].lastIndex(of: "@") ?? rest.lastIndex(of: "@") else {
                return value[..<scheme.upperBound] + parameters(String(rest), separator: "&")
            }
            let user = rest[..<at].prefix { $0 != ":" }
            let isSecretStated = user.endIndex < at
            let place = parameters(String(rest[rest.index(after: at)...]), separator: "&")
            return value[..<scheme.upperBound] + user + (isSecretStated ? ":\(hidden)" : "") + "@" + place
        }
        if value.contains("="), value.contains("host") || value.contains("dbname") {
            return parameters(value, separator: " ")
        }
        return hidden
    }

    /// Hides the value of every parameter whose name speaks of a password; in a connection string a quoted value
    /// may hold blanks, so that everything after such a name goes.
    private static func parameters(_ text: String, separator: Character) -> String {
        guard let found = text.firstRange(of: "password") else { return text }
        let rest = text[found.upperBound...].drop { $0 == " " }
        guard rest.first == "=" else { return text }
        let next = separator == "&" ? rest.firstIndex(of: "&") : nil
        return text[..<found.upperBound] + "=\(hidden)" + (next.map { String(rest[$0...]) } ?? "")
    }
}
