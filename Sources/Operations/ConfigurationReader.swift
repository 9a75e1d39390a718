/// Reads variables by type and collects what is wrong with them. An empty variable counts as not set.
struct ConfigurationReader {
    var faults: [String] = []
    private let environment: [String: String]

    init(_ environment: [String: String]) {
        self.environment = environment
    }

    mutating func text(_ name: String) -> String? {
        guard let value = environment[name], !value.isEmpty else { return nil }
        return value
    }

    /// The values that `parse` refuses become one fault each: "NAME: 'value' is not `what`."
    mutating func list<Value>(_ name: String, _ what: String, _ parse: (String) -> Value?) -> [Value] {
        let parts = (text(name) ?? "").split { $0 == "," || $0 == " " }.map(String.init)
        return parts.compactMap { part in
            let value = parse(part)
            if value == nil { faults.append("\(name): '\(part)' is not \(what).") }
            return value
        }
    }

    mutating func port(_ name: String) -> Int? {
        guard let text = text(name) else { return nil }
        guard let port = Int(text), (0...65535).contains(port) else {
            faults.append("\(name): '\(text)' is not a port, a number from 1 to 65535.")
            return nil
        }
        return port
    }

    mutating func address(_ name: String) -> String? {
        guard let text = text(name) else { return nil }
        if text == "localhost" { return "127.0.0.1" }
        guard CIDR.addressBytes(text) != nil else {
            faults.append("\(name): '\(text)' is not an address such as 127.0.0.1, 0.0.0.0 or ::.")
            return nil
        }
        return text
    }

    mutating func choice<Choice: RawRepresentable & CaseIterable>(_ name: String) -> Choice?
    where Choice.RawValue == String {
        guard let text = text(name) else { return nil }
        if let choice = Choice(rawValue: text.lowercased()) { return choice }
        let choices = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        faults.append("\(name): '\(text)' is not one of \(choices).")
        return nil
    }

    /// libpq's own parser has the last word; this catches what is plainly something else.
    mutating func databaseURL(_ name: String) -> String? {
        guard let text = text(name) else { return nil }
        let isURI = text.hasPrefix("postgres://") || text.hasPrefix("postgresql://")
        guard isURI || (text.contains("=") && !text.contains("://")) else {
            faults.append(
                "\(name) is neither postgresql://user:password@host:port/database nor 'host=… dbname=…'.")
            return nil
        }
        return text
    }

    mutating func webURL(_ name: String, path isPathAllowed: Bool) -> String? {
        guard var text = text(name) else { return nil }
        while text.hasSuffix("/") { text.removeLast() }
        let rest = ["http://", "https://"].first { text.hasPrefix($0) }.map { text.dropFirst($0.count) }
        let host = rest?.prefix { $0 != "/" }
        let isPlain = rest?.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"\"'<>?#@\\".utf8.contains($0) }
        guard let rest, let host, !host.isEmpty, isPlain == true, isPathAllowed || rest.count == host.count
        else {
            let example = isPathAllowed ? "https://example.com/path" : "https://example.com, without a path"
            faults.append("\(name): '\(text)' is not an address such as \(example).")
            return nil
        }
        return text
    }

    mutating func smtpURL(_ name: String) -> String? {
        guard let text = text(name) else { return nil }
        let host = ["smtp://", "smtps://"].first { text.hasPrefix($0) }.map { text.dropFirst($0.count) }
        guard let host, !host.isEmpty else {
            faults.append("\(name) is not smtp://user:password@host:port or smtps://….")
            return nil
        }
        return text
    }

    mutating func pathPrefix(_ name: String) -> String? {
        guard let text = text(name) else { return nil }
        let parts = text.split(separator: "/", omittingEmptySubsequences: true)
        let isPlain = parts.allSatisfy { part in
            part != "." && part != ".."
                && part.utf8.allSatisfy { byte in
                    switch byte {
                    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                    default: "-_.~".utf8.contains(byte)
                    }
                }
        }
        guard !parts.isEmpty, isPlain else {
            faults.append("\(name): '\(text)' is not a path such as /assets (letters, digits, - _ . ~).")
            return nil
        }
        return "/" + parts.joined(separator: "/")
    }

    mutating func secretKey(_ name: String) -> [UInt8]? {
        guard let text = text(name) else { return nil }
        guard let key = SecretKey.bytes(text) else {
            faults.append("\(name) is not 64 hexadecimal digits; `openssl rand -hex 32` makes them.")
            return nil
        }
        return key
    }

    mutating func resources(_ name: String) -> String {
        if let stated = text(name).map(Files.absolute) {
            for part in Resources.parts where !Files.isDirectory("\(stated)/\(part)") {
                faults.append("\(name): \(stated) has no directory \(part).")
            }
            return stated
        }
        if let found = Resources.find() { return found }
        faults.append(
            "\(name) is not set, and no directory with migrations/, templates/ and public/ is beside the program."
        )
        return ""
    }
}
