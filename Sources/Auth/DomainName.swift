/// The name that a site is known by: a host name, lower case, without scheme, path, `www.` and final dot.
package enum DomainName {
    /// Takes what people paste (an address, a path behind it, capitals) and makes a domain of it.
    package static func normalized(_ text: String) throws -> String {
        var domain = FormText.trimmed(text).lowercased()
        if let scheme = domain.firstRange(of: "://") { domain.removeSubrange(..<scheme.upperBound) }
        if let end = domain.firstIndex(where: { "/?#".contains($0) }) { domain.removeSubrange(end...) }
        if let userEnd = domain.lastIndex(of: "@") { domain.removeSubrange(...userEnd) }
        if domain.hasSuffix(".") { domain.removeLast() }
        if domain.hasPrefix("www."), domain.dropFirst(4).contains(".") { domain.removeFirst(4) }
        guard domain.utf8.allSatisfy({ $0 < 128 }) else {
            throw FormError("domain", "Write an international domain in its xn-- form.")
        }
        guard isValid(domain) else {
            throw FormError("domain", "Enter a domain such as example.com or blog.example.com.")
        }
        return domain
    }

    /// RFC 1123: labels of letters, digits and inner hyphens, 63 at most; 253 in all. A port may follow, as
    /// for a site under development.
    package static func isValid(_ domain: String) -> Bool {
        var name = domain[...]
        if let colon = name.lastIndex(of: ":") {
            guard let port = UInt16(name[name.index(after: colon)...]), port > 0 else { return false }
            name = name[..<colon]
        }
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        return domain.utf8.count <= 253
            && labels.allSatisfy { label in
                (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                    && label.utf8.allSatisfy {
                        (97...122).contains($0) || (48...57).contains($0) || $0 == 45 || $0 == 95
                    }
            }
    }
}
