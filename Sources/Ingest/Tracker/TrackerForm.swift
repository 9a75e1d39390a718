/// A tracker as it is served: whose snippet it understands, and what it does.
struct TrackerForm: Hashable, Sendable {
    enum Snippet: String, Sendable {
        case mochi, plausible, umami, goatcounter
    }

    var snippet = Snippet.mochi
    var features = Set(TrackerFeature.allCases)
    /// Options that the name of the script sets, as their attributes would.
    var options: Set<String> = []
    /// Further files of the snippet's own.
    var extras: Set<String> = []

    /// What a peer's script does without being asked, done our way.
    private static let usual: Set<TrackerFeature> = [.engagement, .retry, .optout]

    /// Everything.
    static let mochi = TrackerForm()

    /// Files in public/js/tracker, in order, without `.js`.
    var files: [String] {
        var files = ["\(snippet)-options", "core"]
        for feature in TrackerFeature.allCases where features.contains(feature) {
            for file in feature.needs + [feature.rawValue] where !files.contains(file) { files.append(file) }
        }
        return files + extras.sorted() + ["\(snippet)-global"]
    }

    /// The form that a peer's script of this name is.
    static func peer(_ path: Substring) -> TrackerForm? {
        switch path {
        case "/script.js": return TrackerForm(snippet: .umami, features: usual)
        case "/count.js": return TrackerForm(snippet: .goatcounter, features: usual)
        case "/js/script.js": return plausible([])
        default:
            guard path.hasPrefix("/js/script."), path.hasSuffix(".js") else { return nil }
            return plausible(path.dropFirst("/js/script.".count).dropLast(".js".count).split(separator: "."))
        }
    }

    /// What the parts of a name such as `script.hash.outbound-links.js` switch on; others mean nothing here.
    private static func plausible(_ parts: [Substring]) -> TrackerForm {
        var form = TrackerForm(snippet: .plausible, features: usual)
        for part in parts {
            switch part {
            case "outbound-links": form.features.insert(.outbound)
            case "file-downloads": form.features.insert(.downloads)
            case "tagged-events": form.features.insert(.tagged)
            case "hash", "manual": form.options.insert(String(part))
            case "exclusions", "pageview-props": form.extras.insert("plausible-\(part)")
            default: break
            }
        }
        return form
    }
}
