/// A series' labels in the order that they are written: sorted by name, no name twice.
struct Labels: Hashable, Sendable {
    private var pairs: [[String]] = []

    init(_ dimensions: [(String, String)]) {
        var seen: Set<String> = []
        for (name, value) in dimensions {
            let name = MetricsText.labelName(name)
            if seen.insert(name).inserted { pairs.append([name, value]) }
        }
        pairs.sort { $0[0] < $1[0] }
    }

    func adding(_ name: String, _ value: String) -> Labels {
        var copy = self
        copy.pairs.append([name, value])
        return copy
    }

    /// `{a="1",b="2"}`, or nothing.
    var text: String {
        guard !pairs.isEmpty else { return "" }
        return "{" + pairs.map { "\($0[0])=\"\(MetricsText.escaped($0[1]))\"" }.joined(separator: ",") + "}"
    }
}

/// The text that Prometheus reads, version 0.0.4:
/// https://prometheus.io/docs/instrumenting/exposition_formats/
struct MetricsText {
    private(set) var text = ""

    mutating func family(_ name: String, _ kind: String) {
        text += "# TYPE \(name) \(kind)\n"
    }

    mutating func sample(_ name: String, _ labels: Labels, _ value: String) {
        text += "\(name)\(labels.text) \(value)\n"
    }

    /// A family of one sample.
    mutating func single(_ name: String, _ kind: String, _ value: String, _ labels: Labels = Labels([])) {
        family(name, kind)
        sample(name, labels, value)
    }

    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if value == value.rounded(), abs(value) < 1e15 { return "\(Int64(value))" }
        return "\(value)"
    }

    static func escaped(_ value: String) -> String {
        var escaped = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    /// `http.requests` → `http_requests`; a colon is for recording rules, not for programs.
    static func metricName(_ label: String) -> String {
        name(label)
    }

    static func labelName(_ label: String) -> String {
        // Names that begin with two underscores belong to Prometheus, `le` to histograms.
        let name = name(label)
        return name.hasPrefix("__") || name == "le" ? "label_" + name : name
    }

    private static func name(_ label: String) -> String {
        var name = String(
            decoding: label.utf8.map { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: byte
                default: 0x5F
                }
            }, as: UTF8.self)
        if name.isEmpty || name.utf8.first.map({ (0x30...0x39).contains($0) }) == true { name = "_" + name }
        return name
    }
}
