/// A JSON object whose members are wanted by name, for formats that are not read for every page view.
struct JSONObject {
    let scanner: JSONScanner
    private let members: [(key: String, value: JSONValue)]

    /// Reads bytes that must be one object and nothing else. It must not outlive them.
    init(_ bytes: UnsafeRawBufferPointer) throws(JSONError) {
        var scanner = JSONScanner(bytes)
        members = try JSONObject.members(&scanner)
        try scanner.finish()
        self.scanner = scanner
    }

    /// An object that was read before, as the value of another.
    init?(_ value: JSONValue?, of scanner: JSONScanner) {
        guard case .object(let range)? = value else { return nil }
        var inner = scanner.at(range)
        guard let members = try? JSONObject.members(&inner) else { return nil }
        self.members = members
        self.scanner = scanner
    }

    private static func members(_ scanner: inout JSONScanner) throws(JSONError) -> [(
        key: String, value: JSONValue
    )] {
        var members: [(key: String, value: JSONValue)] = []
        try scanner.object { scanner, key throws(JSONError) in members.append((key, try scanner.value())) }
        return members
    }

    subscript(_ key: String) -> JSONValue? {
        members.first { $0.key == key }?.value
    }

    func text(_ key: String) -> String? {
        if case .string(let text)? = self[key] { return text }
        return nil
    }

    func integer(_ key: String) -> Int? {
        if case .number(_, let integer)? = self[key] { return integer }
        return nil
    }

    func object(_ key: String) -> JSONObject? {
        JSONObject(self[key], of: scanner)
    }

    /// The elements of an array; nil if it is none.
    func array(_ key: String) -> [JSONValue]? {
        guard case .array(let range)? = self[key] else { return nil }
        return JSONObject.elements(of: scanner.at(range))
    }

    static func elements(of scanner: JSONScanner) -> [JSONValue]? {
        var scanner = scanner
        var elements: [JSONValue] = []
        guard
            (try? scanner.array { scanner throws(JSONError) in elements.append(try scanner.value()) }) != nil
        else {
            return nil
        }
        return elements
    }
}
