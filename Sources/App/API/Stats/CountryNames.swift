/// Names of countries as programs may write them in filters.
extension Countries {
    /// What other lists call some; tzdata has names of its own.
    private static let aliases: [String: [String]] = [
        "US": ["United States of America"], "GB": ["United Kingdom"],
        "KR": ["South Korea", "Korea, Republic of"],
        "KP": ["North Korea"], "CZ": ["Czechia"], "TR": ["Türkiye"], "VN": ["Viet Nam"],
        "RU": ["Russian Federation"], "IR": ["Iran, Islamic Republic of"], "SY": ["Syrian Arab Republic"],
        "LA": ["Lao People's Democratic Republic"], "MM": ["Myanmar"],
        "CI": ["Côte d'Ivoire", "Ivory Coast"],
        "CD": ["Democratic Republic of the Congo"], "CG": ["Republic of the Congo"], "SZ": ["Eswatini"],
        "MK": ["North Macedonia"], "MD": ["Moldova, Republic of"], "PS": ["Palestine, State of"],
        "TW": ["Taiwan, Province of China"], "BN": ["Brunei Darussalam"],
        "BO": ["Bolivia, Plurinational State of"],
        "VE": ["Venezuela, Bolivarian Republic of"], "TZ": ["Tanzania, United Republic of"],
        "CV": ["Cabo Verde"],
    ]

    private static let all: [String] = {
        let letters = (65...90).map { Character(Unicode.Scalar(UInt8($0))) }
        return letters.flatMap { first in letters.map { String([first, $0]) } }.filter { name($0) != $0 }
    }()

    /// The name that answers have, and the others that filters may have.
    static func names(of code: String) -> [String] { [name(code)] + (aliases[code] ?? []) }

    static func codes(where holds: (String) throws -> Bool) rethrows -> [String] { try all.filter(holds) }
}
