/// The parameters of a page's query that its site keeps, as a part of the page's path.
///
/// All others are dropped: addresses carry names, searches and keys, and a page with another parameter is seldom
/// another page. The campaign's parameters are read before, and belong to the visit.
enum KeptQuery {
    /// At most this many bytes, whole parameters.
    static let maximum = 500

    /// `?a=1&b=2`, sorted by name, so that their order in the address makes no difference; "" for none.
    static func of(_ query: Substring, keeping names: [String]) -> String {
        if names.isEmpty || query.isEmpty { return "" }
        var kept: [Substring] = []
        var length = 0
        // By bytes: a mark of Unicode that follows a `&` makes another character of it.
        for part in query.utf8.split(separator: UInt8(ascii: "&")).prefix(100) {
            let parameter = Substring(part)
            let name = Substring(part.prefix { $0 != UInt8(ascii: "=") })
            guard names.contains(where: { $0 == name }), length + parameter.utf8.count < maximum else {
                continue
            }
            length += parameter.utf8.count + 1
            kept.append(parameter)
        }
        if kept.isEmpty { return "" }
        return "?" + PersonalData.masked(path: kept.sorted().joined(separator: "&"))
    }
}
