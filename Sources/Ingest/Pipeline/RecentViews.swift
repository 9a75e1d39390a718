import Synchronization

/// The page views of the last minute, to know one that repeats: a script installed twice, a bounced reload.
///
/// A table of fixed size (4 MB). When more arrive in a window than it holds, the oldest are forgotten, and their
/// repetitions count.
final class RecentViews: Sendable {
    private static let ways = 8
    private static let timeBits: UInt64 = 24

    private let sets: UInt64
    /// 40 bits of the hash, 24 bits of the time in hundredths of a second; 0 is empty.
    private let table: Mutex<[UInt64]>

    init(size: Int = 1 << 19) {
        sets = UInt64(size / RecentViews.ways)
        table = Mutex(Array(repeating: 0, count: size))
    }

    /// Whether the same was seen within `window` seconds; if not it is noted, unless `isTrial`.
    func repeats(_ hash: UInt64, window: Int, at now: Int64, isTrial: Bool) -> Bool {
        guard window > 0 else { return false }
        let time = RecentViews.time(now)
        let fingerprint = hash >> RecentViews.timeBits
        let first = Int(hash % sets) * RecentViews.ways
        return table.withLock { table in
            var chosen = first
            var greatestAge: UInt64 = 0
            for slot in first..<first + RecentViews.ways {
                let entry = table[slot]
                let age = entry == 0 ? .max : RecentViews.age(entry, time)
                if entry >> RecentViews.timeBits == fingerprint, entry != 0 {
                    if age < UInt64(window) * 100 { return true }
                    chosen = slot
                    break
                }
                if age > greatestAge { (chosen, greatestAge) = (slot, age) }
            }
            if !isTrial { table[chosen] = fingerprint << RecentViews.timeBits | time }
            return false
        }
    }

    /// Takes back what was noted of views that could not be stored: their sender will try again.
    func forget(_ hashes: [UInt64]) {
        for hash in hashes { forget(hash) }
    }

    func forget(_ hash: UInt64) {
        let fingerprint = hash >> RecentViews.timeBits
        let first = Int(hash % sets) * RecentViews.ways
        table.withLock { table in
            for slot in first..<first + RecentViews.ways
            where table[slot] >> RecentViews.timeBits == fingerprint {
                table[slot] = 0
            }
        }
    }

    private static func time(_ now: Int64) -> UInt64 {
        UInt64(bitPattern: now / 10_000) & (1 << timeBits - 1)
    }

    private static func age(_ entry: UInt64, _ time: UInt64) -> UInt64 {
        (time &- entry) & (1 << timeBits - 1)
    }
}
