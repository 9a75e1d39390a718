import Synchronization

/// The texts of a site, numbered once for all of its blocks and summaries, so that days add without comparing texts.
///
/// It lives as long as what was loaded with it; what only a block of the past had stays in it until then. May be used by
/// several threads at once.
package final class SiteDictionaries: Sendable {
    private struct Properties {
        var keys = TextTable()
        /// By the number of the key.
        var values: [SharedTexts] = []
    }

    /// By ``Column``.
    let columns = Column.allCases.map { _ in SharedTexts() }
    private let properties = Mutex(Properties())

    package init() {}

    /// What it takes in memory, in bytes.
    package var byteCount: Int {
        let (keys, values) = properties.withLock { ($0.keys.byteCount, $0.values) }
        return keys + columns.reduce(0) { $0 + $1.byteCount } + values.reduce(0) { $0 + $1.byteCount }
    }

    func texts(of column: Column) -> SharedTexts { columns[Int(column.rawValue)] }

    /// The values of a property.
    func texts(ofProperty key: String) -> SharedTexts {
        properties.withLock { properties in
            let id = Int(properties.keys.id(of: key))
            if id == properties.values.count { properties.values.append(SharedTexts()) }
            return properties.values[id]
        }
    }
}
