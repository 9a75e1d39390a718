import Synchronization

/// The database of addresses that is in use, and its replacement when the file changes.
final class Locations: Sendable {
    let path: String
    private let current: Mutex<(database: LocationDatabase?, version: LocationDatabase.Version?)>

    /// What ``reload()`` found.
    enum Change: Equatable {
        case none
        case opened
        /// The file is not there (yet); what was open stays in use.
        case missing
        /// Another file is there and cannot be read; what was open stays in use.
        case unusable(String)
    }

    init(path: String) {
        self.path = path
        current = Mutex((nil, nil))
    }

    /// The newest that could be opened.
    var database: LocationDatabase? { current.withLock { $0.database } }

    /// Opens the file when it is another than the one in use. Blocks; not for the way of a request.
    func reload() -> Change {
        guard let version = LocationDatabase.Version(of: path) else { return .missing }
        if current.withLock({ $0.version == version }) { return .none }
        do throws(LocationDatabase.Unusable) {
            let database = try LocationDatabase(path: path)
            current.withLock { $0 = (database, version) }
            return .opened
        } catch {
            // Not tried again until it changes again.
            current.withLock { $0.version = version }
            return .unusable(error.reason)
        }
    }
}
