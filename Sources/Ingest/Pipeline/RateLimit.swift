import Synchronization

/// So many at once, and so many a second after that.
struct Rate: Sendable {
    var burst: Float
    var perSecond: Float
}

/// How much of a rate is left to one sender.
struct TokenBucket: Sendable {
    private var tokens: Float
    private var at: Int64

    init(_ rate: Rate, at: Int64) {
        tokens = rate.burst
        self.at = at
    }

    /// Microseconds; what was used last is the youngest.
    var lastUsed: Int64 { at }

    mutating func take(_ rate: Rate, at now: Int64) -> Bool {
        tokens = min(rate.burst, tokens + Float(max(0, now - at)) / 1_000_000 * rate.perSecond)
        at = max(at, now)
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }
}

/// Limits a rate for each of many keys in a table of fixed size. When more keys are active than it holds, those seen
/// longest ago start afresh: it forgives, and never grows.
final class RateLimit: Sendable {
    private static let ways = 4

    private let rate: Rate
    private let sets: Int
    private let table: Mutex<[(key: UInt64, bucket: TokenBucket)]>

    /// `size` is a power of two.
    init(_ rate: Rate, size: Int = 1 << 14) {
        self.rate = rate
        sets = size / RateLimit.ways
        table = Mutex(Array(repeating: (0, TokenBucket(rate, at: 0)), count: size))
    }

    /// `key` is a hash, keyed by something that strangers do not know.
    func allows(_ key: UInt64, at now: Int64) -> Bool {
        let first = Int(key % UInt64(sets)) * RateLimit.ways
        return table.withLock { table in
            var chosen = first
            for slot in first..<first + RateLimit.ways {
                if table[slot].key == key { return table[slot].bucket.take(rate, at: now) }
                if table[slot].bucket.lastUsed < table[chosen].bucket.lastUsed { chosen = slot }
            }
            table[chosen] = (key, TokenBucket(rate, at: now))
            return table[chosen].bucket.take(rate, at: now)
        }
    }
}
