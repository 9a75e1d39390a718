import Days

/// Time zones to choose from.
enum Zones {
    static let choices: [(value: String, label: String)] = Zone.names.map { name in
        (value: name, label: String(name.map { $0 == "_" ? " " : $0 }))
    }

    static func isKnown(_ name: String) -> Bool { Zone.named(name) != nil }
}
