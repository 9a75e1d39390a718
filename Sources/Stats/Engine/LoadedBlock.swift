package import Days
import Synchronization

/// A block whose texts have their site's numbers. Never changes; what it adds up to for some plans is kept with it.
package final class LoadedBlock: Sendable {
    struct Property: Sendable {
        let texts: SharedTexts
        /// By the block's number of a value: the site's.
        let ids: [UInt32]
    }

    package let dictionaries: SiteDictionaries
    /// Without its texts: see ``complete``.
    package let block: Block
    /// Of the block's day.
    package let clock: DayClock
    /// By ``Column``, then by the block's number of a text: the site's.
    let ids: [[UInt32]]
    /// Beside the block's properties.
    let properties: [Property]
    /// The latest of its events' times; 0 if they were not read.
    let lastTime: UInt32
    /// What it takes in memory, in bytes; its texts count with ``dictionaries``.
    package let byteCount: Int
    private let tallies = Mutex<[Fingerprint: Tally]>([:])
    private let summarizing = Mutex(Summarizing.looks(0))

    private enum Summarizing {
        case looks(Int)
        case isDue
        case made(LoadedSummary)
    }

    /// Events of a block of which a look at its summary is worth the making.
    static let leastSummarized = 65_536

    /// Of small ones: goals are changed now and then, and asked for in few ways.
    private static let mostTallies = 8

    /// Numbers the block's texts. Its own dictionaries are not kept.
    package init(_ block: Block, clock: DayClock, dictionaries: SiteDictionaries) {
        self.dictionaries = dictionaries
        self.clock = clock
        ids = zip(dictionaries.columns, block.dictionaries).map { $0.ids(of: $1) }
        properties = block.properties.map { property in
            let texts = dictionaries.texts(ofProperty: property.key)
            return Property(texts: texts, ids: texts.ids(of: property.dictionary))
        }
        lastTime = block.time.max() ?? 0
        var block = block
        block.dictionaries = block.dictionaries.map { _ in [] }
        for index in block.properties.indices { block.properties[index].dictionary = [] }
        self.block = block
        byteCount =
            block.visitCount * (4 + 4 + 1 + 4 + 2 + 2) + block.eventCount * (1 + 4 + 1)
            + (block.duration.count + block.time.count) * 4
            + block.columns.reduce(0) { $0 + $1.count * 2 } + block.revenues.count * 16
            + block.properties.reduce(0) { $0 + $1.events.count * 6 + 200 }
            + ids.reduce(0) { $0 + $1.count * 4 } + properties.reduce(0) { $0 + $1.ids.count * 4 } + 4_096
    }

    /// The block as it was loaded, with its texts.
    package var complete: Block {
        var block = block
        block.dictionaries = zip(dictionaries.columns, ids).map { $0.strings(of: $1) }
        for (index, property) in properties.enumerated() {
            block.properties[index].dictionary = property.texts.strings(of: property.ids)
        }
        return block
    }

    /// What it adds up to, once ``summarize()`` was run: blocks of open days come without.
    package var summary: LoadedSummary? {
        summarizing.withLock { if case .made(let summary) = $0 { summary } else { nil } }
    }

    /// To be asked at each look. True once, at the second look at a large block: somebody comes back to it.
    func summaryIsDue() -> Bool {
        guard block.eventCount >= LoadedBlock.leastSummarized else { return false }
        return summarizing.withLock { state in
            guard case .looks(let looks) = state else { return false }
            state = looks == 0 ? .looks(1) : .isDue
            return looks > 0
        }
    }

    /// Of a block with all of its columns. Takes as long as a look at it.
    package func summarize() {
        var block = block
        // Numbers alone are counted, and its numbers are this block's.
        block.dictionaries = ids.map { [String](repeating: "", count: $0.count) }
        let summary = LoadedSummary(Summary(of: block, clock: clock), ids: ids, dictionaries: dictionaries)
        summarizing.withLock { $0 = .made(summary) }
    }

    func tally(_ key: Fingerprint) -> Tally? { tallies.withLock { $0[key] } }

    func keep(_ tally: Tally, for key: Fingerprint) {
        tallies.withLock { tallies in
            if tallies.count >= LoadedBlock.mostTallies { tallies.removeAll() }
            tallies[key] = tally
        }
    }

    /// The place of a property among the block's; nil if no event has it.
    func property(_ key: String) -> Int? {
        block.properties.firstIndex { $0.key.utf8.elementsEqual(key.utf8) }
    }
}

/// A summary whose texts have their site's numbers. Never changes.
package final class LoadedSummary: Sendable {
    package let dictionaries: SiteDictionaries
    /// Without its texts.
    package let summary: Summary
    /// By ``Column``, then by the summary's number of a text: the site's.
    let ids: [[UInt32]]
    /// What it takes in memory, in bytes; its texts count with ``dictionaries``.
    package let byteCount: Int

    package convenience init(_ summary: Summary, dictionaries: SiteDictionaries) {
        self.init(
            summary, ids: zip(dictionaries.columns, summary.dictionaries).map { $0.ids(of: $1) },
            dictionaries: dictionaries)
    }

    /// - Parameter ids: the site's numbers of the summary's texts, by ``Column``
    fileprivate init(_ summary: Summary, ids: [[UInt32]], dictionaries: SiteDictionaries) {
        self.dictionaries = dictionaries
        self.ids = ids
        var summary = summary
        summary.dictionaries = summary.dictionaries.map { _ in [] }
        self.summary = summary
        byteCount =
            summary.tables.values.reduce(0) { sum, table in
                sum + table.values.count * 2 + table.sums.reduce(0) { $0 + $1.count * 8 + 32 }
            } + ids.reduce(0) { $0 + $1.count * 4 } + 4_096
    }
}
