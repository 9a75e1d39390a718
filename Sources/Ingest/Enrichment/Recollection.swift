import Synchronization

/// What texts came to that come again and again: user agents, referring hosts.
///
/// The texts themselves are not kept. A slot has 64 bits of a text's hash under a key that each process draws anew
/// (Swift's `Hasher`), and what was made of it, which is what is stored of everybody: so no user agent can be read out
/// of it. Two texts that share all 64 bits share what they come to; that happens once in 10^19 looks, and since nobody
/// knows the key, it cannot be brought about.
///
/// A table of fixed size, where a text takes the slot of the one before that had the same place.
final class Recollection<Outcome: Sendable>: Sendable {
    private let slots: Mutex<[(hash: UInt64, outcome: Outcome)?]>

    /// `size` is a power of two.
    init(size: Int) {
        slots = Mutex(Array(repeating: nil, count: size))
    }

    /// What a text comes to: as remembered, or worked out by `make`. `hasher` has been fed all that it depends on.
    @inline(__always)
    func outcome(of hasher: consuming Hasher, _ make: () -> Outcome) -> Outcome {
        let hash = UInt64(bitPattern: Int64(hasher.finalize()))
        let remembered = slots.withLock { slots -> Outcome? in
            guard let slot = slots[Int(truncatingIfNeeded: hash) & (slots.count - 1)], slot.hash == hash
            else {
                return nil
            }
            return slot.outcome
        }
        if let remembered { return remembered }
        let outcome = make()
        slots.withLock { $0[Int(truncatingIfNeeded: hash) & ($0.count - 1)] = (hash, outcome) }
        return outcome
    }
}

extension Hasher {
    /// The bytes of a text. (Its own `hash(into:)` looks for equivalent forms of Unicode first.)
    @inline(__always)
    mutating func combine(bytesOf text: some StringProtocol) {
        text.withBytes { combine(bytes: UnsafeRawBufferPointer($0)) }
        combine(0xFF as UInt8)
    }
}
