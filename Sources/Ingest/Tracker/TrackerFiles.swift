/// The tracker's sources, from which every form of it is joined.
struct TrackerFiles: Sendable {
    /// Stripped, by name without `.js`.
    private let sources: [String: [UInt8]]

    init(_ sources: [String: [UInt8]]) {
        self.sources = sources.mapValues(Stripping.strip)
    }

    /// One function; nil when a file is missing.
    func join(_ form: TrackerForm) -> [UInt8]? {
        var script = Array("(()=>{".utf8)
        for (index, name) in form.files.enumerated() {
            guard let source = sources[name] else { return nil }
            script += source
            guard index == 0 else { continue }
            for option in form.options.sorted() {
                script += Stripping.strip(Array("options.\(option) = 1;".utf8))
            }
        }
        return script + Array("})();\n".utf8)
    }
}
