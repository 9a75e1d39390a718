import FoundationEssentials

/// Names of countries, from tzdata's table of ISO 3166.
enum Countries {
    /// The code itself if it is not known.
    static func name(_ code: String) -> String { names[code] ?? code }

    static var pairs: [(code: String, name: String)] { names.map { ($0, $1) } }

    private static let names: [String: String] = {
        guard let data = FileManager.default.contents(atPath: "/usr/share/zoneinfo/iso3166.tab") else {
            return [:]
        }
        // In use for Kosovo, and assigned by nobody.
        var names = ["XK": "Kosovo"]
        for line in String(decoding: data, as: UTF8.self).split(separator: "\n") where !line.hasPrefix("#") {
            let parts = line.split(separator: "\t")
            if parts.count == 2 { names[String(parts[0])] = String(parts[1]) }
        }
        return names
    }()
}
