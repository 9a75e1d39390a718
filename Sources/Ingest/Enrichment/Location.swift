import Days

/// Where a visitor is, as far as it is to be known.
struct Place: Equatable, Sendable {
    /// ISO 3166, two capital letters.
    var country = ""
    /// Names in English.
    var region = ""
    var city = ""

    static let unknown = Place()

    /// Of what is known the most exact: a database of addresses, then the country that a trusted proxy tells, then
    /// the place of the browser's time zone, which needs no address at all.
    static func of(
        high: UInt64, low: UInt64, in database: LocationDatabase?, proxyCountry: String?, timeZone: String?
    ) -> Place {
        if let place = database?.place(high: high, low: low), !place.country.isEmpty { return place }
        if let country = proxyCountry.flatMap(country(code:)) { return Place(country: country) }
        if let country = timeZone.flatMap(Zone.country(of:)) { return Place(country: country) }
        return unknown
    }

    /// A country's code in capital letters; nil for what is none, and for those that stand for "unknown" or for a
    /// network instead of a place: `XX` and `T1` (Tor) at Cloudflare, `ZZ` in CLDR, `A1`, `A2`, `EU` and `AP` in
    /// old databases.
    static func country(code text: String) -> String? {
        let upper = text.uppercased()
        guard upper.utf8.count == 2, upper.utf8.allSatisfy({ (65...90).contains($0) }) else { return nil }
        return switch upper {
        case "XX", "ZZ", "EU", "AP": nil
        default: upper
        }
    }
}
