/// Numbers words of 64 bits in the order of their first appearance; see ``TextTable``.
struct NumberTable: Sendable {
    private(set) var numbers: [UInt64] = []
    /// A power of two, at most half of them taken. 0: free; else an index of `numbers` + 1.
    private var slots = [UInt32](repeating: 0, count: 1024)
    private let hash = TextHash.ofProcess

    init() {}

    /// With room for so many.
    init(capacity: Int) {
        numbers.reserveCapacity(capacity)
        var size = 1024
        while size < capacity * 2 { size *= 2 }
        slots = [UInt32](repeating: 0, count: size)
    }

    var byteCount: Int { numbers.capacity * 8 + slots.capacity * 4 }

    mutating func id(of number: UInt64) -> UInt32 {
        let slot = slot(of: number)
        if slots[slot] != 0 { return slots[slot] - 1 }
        numbers.append(number)
        slots[slot] = UInt32(numbers.count)
        if numbers.count * 2 > slots.count { grow() }
        return UInt32(numbers.count - 1)
    }

    /// The number's place if it has been seen.
    func known(_ number: UInt64) -> UInt32? {
        let slot = slot(of: number)
        return slots[slot] == 0 ? nil : slots[slot] - 1
    }

    /// Where it stands, or the free slot where it would stand.
    private func slot(of number: UInt64) -> Int {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash(number)) & mask
        while slots[slot] != 0, numbers[Int(slots[slot]) - 1] != number { slot = (slot + 1) & mask }
        return slot
    }

    private mutating func grow() {
        slots = [UInt32](repeating: 0, count: slots.count * 2)
        for (index, number) in numbers.enumerated() { slots[slot(of: number)] = UInt32(index + 1) }
    }
}
