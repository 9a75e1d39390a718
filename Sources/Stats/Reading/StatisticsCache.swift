import Auth
import Days
import FoundationEssentials
import Synchronization

/// Blocks, summaries and open days in memory, bounded in bytes: what was not used longest goes first.
///
/// It never answers for the database: each question reads which parts there are, and a part that was written again has
/// another version. So nothing has to be told when a day is sealed, replaced or erased.
package final class StatisticsCache: Sendable {
    private struct State {
        var sites: [SiteID: CachedSite] = [:]
    }

    private let state = Mutex(State())
    private let clock = Atomic<UInt64>(0)
    /// Bytes.
    package let capacity: Int

    /// A quarter of the machine's memory, at least 128 MiB and at most 2 GiB.
    package static let standardCapacity = min(
        max(Int(ProcessInfo.processInfo.physicalMemory / 4), 128 << 20), 2 << 30)

    package init(capacity: Int) {
        self.capacity = capacity
    }

    func site(_ id: SiteID) -> CachedSite {
        state.withLock { state in
            if let site = state.sites[id] { return site }
            let site = CachedSite()
            state.sites[id] = site
            return site
        }
    }

    /// A moment later than every one before.
    func tick() -> UInt64 { clock.add(1, ordering: .relaxed).newValue }

    package var byteCount: Int { state.withLock { $0.sites.values.reduce(0) { $0 + $1.byteCount } } }

    /// Drops what was not used longest until a tenth is free, and the texts of sites that have nothing left.
    ///
    /// What a running question holds stays in memory until it is answered.
    func trim() {
        state.withLock { state in
            var bytes = state.sites.values.reduce(0) { $0 + $1.byteCount }
            guard bytes > capacity else { return }
            let goal = capacity / 10 * 9
            var things = state.sites.values.flatMap { site in
                site.contents.withLock { contents in
                    contents.parts.map {
                        (used: $0.value.lastUsed, site: site, thing: CachedSite.Thing.part($0.key))
                    }
                        + contents.openDays.map {
                            (used: $0.value.lastUsed, site: site, thing: .openDay($0.key))
                        }
                }
            }
            things.sort { $0.used > $1.used }
            while bytes > goal, let oldest = things.popLast() {
                bytes -= oldest.site.drop(oldest.thing)
            }
            // The texts of days that are gone go with their site: a site that is read again starts anew.
            for (id, site) in state.sites where site.isEmpty { state.sites[id] = nil }
            for (id, site) in state.sites.sorted(by: { $0.value.lastUsed < $1.value.lastUsed })
            where bytes > goal {
                bytes -= site.byteCount
                state.sites[id] = nil
            }
        }
    }
}

/// What is in memory of one site.
final class CachedSite: Sendable {
    struct PartKey: Hashable {
        var day: Day
        var part: Int16
    }

    struct Part {
        var version: Int64
        var summary: LoadedSummary?
        var block: LoadedBlock?
        var lastUsed: UInt64

        var byteCount: Int { (summary?.byteCount ?? 0) + (block?.byteCount ?? 0) }
    }

    struct Open {
        var day: OpenDay
        var lastUsed: UInt64
    }

    struct Contents {
        var parts: [PartKey: Part] = [:]
        var openDays: [Day: Open] = [:]
    }

    enum Thing {
        case part(PartKey)
        case openDay(Day)
    }

    /// Whoever reads something of this site into memory.
    let gate = Gate()
    let dictionaries = SiteDictionaries()
    let contents = Mutex(Contents())

    var byteCount: Int {
        dictionaries.byteCount
            + contents.withLock { contents in
                contents.parts.values.reduce(0) { $0 + $1.byteCount }
                    + contents.openDays.values.reduce(0) { $0 + $1.day.byteCount }
            }
    }

    var isEmpty: Bool { contents.withLock { $0.parts.isEmpty && $0.openDays.isEmpty } }

    var lastUsed: UInt64 {
        contents.withLock { contents in
            max(
                contents.parts.values.map(\.lastUsed).max() ?? 0,
                contents.openDays.values.map(\.lastUsed).max() ?? 0)
        }
    }

    /// Answers how many bytes that were.
    func drop(_ thing: Thing) -> Int {
        contents.withLock { contents in
            switch thing {
            case .part(let key): contents.parts.removeValue(forKey: key)?.byteCount ?? 0
            case .openDay(let day): contents.openDays.removeValue(forKey: day)?.day.byteCount ?? 0
            }
        }
    }
}
