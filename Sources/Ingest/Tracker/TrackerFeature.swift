/// What the tracker can do besides counting page views and custom events: each a file in public/js/tracker.
///
/// To add one, add a case and a file of its name. The order is that in which the files are joined.
enum TrackerFeature: String, CaseIterable, Sendable {
    /// Time and scroll depth.
    case engagement
    /// Delivers later what could not be delivered.
    case retry
    /// Elements that name an event.
    case tagged
    /// Links to other hosts.
    case outbound
    /// Links to files.
    case downloads
    case forms
    /// Pages that the server did not find.
    case notfound
    /// Lets a visitor, or the owner, stay out.
    case optout

    /// One set for all sites that have not chosen: its storage is shared.
    static let everything = Set(allCases)

    /// Those of these names; all when there is no list. A name that this program does not know is passed over.
    static func named(_ names: [String]?) -> Set<TrackerFeature> {
        guard let names else { return everything }
        let named = Set(names.compactMap(TrackerFeature.init))
        return named == everything ? everything : named
    }

    /// Further files that it needs, each of which is joined once.
    var needs: [String] {
        switch self {
        case .tagged, .outbound, .downloads, .forms: ["clicks"]
        default: []
        }
    }
}
