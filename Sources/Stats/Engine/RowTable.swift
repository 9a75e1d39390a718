/// The values of a row: up to three of the site's numbers.
struct RowKey: Sendable, Hashable {
    var first: UInt32 = 0
    var second: UInt32 = 0
    var third: UInt32 = 0

    subscript(_ axis: Int) -> UInt32 {
        get { axis == 0 ? first : axis == 1 ? second : third }
        set {
            switch axis {
            case 0: first = newValue
            case 1: second = newValue
            default: third = newValue
            }
        }
    }

    fileprivate var hash: UInt64 {
        var hash = (UInt64(first) << 32 | UInt64(second)) &* 0x9E37_79B9_7F4A_7C15
        hash = (hash ^ hash >> 32 ^ UInt64(third)) &* 0xD6E8_FEB8_6659_FD93
        return hash ^ hash >> 32
    }
}

/// Numbers for rows in the order of their first appearance. Open addressing with linear probing; the numbers that it is
/// asked for are ours, not a visitor's, so that nobody can choose collisions.
struct RowTable: Sendable {
    private(set) var keys: [RowKey] = []
    /// Row + 1; 0 is free. A power of two.
    private var slots = [UInt32](repeating: 0, count: 64)

    var count: Int { keys.count }

    mutating func row(_ key: RowKey) -> Int {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: key.hash) & mask
        while slots[slot] != 0 {
            let row = Int(slots[slot]) - 1
            if keys[row] == key { return row }
            slot = (slot + 1) & mask
        }
        keys.append(key)
        slots[slot] = UInt32(keys.count)
        if keys.count * 2 > slots.count { grow() }
        return keys.count - 1
    }

    func known(_ key: RowKey) -> Int? {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: key.hash) & mask
        while slots[slot] != 0 {
            let row = Int(slots[slot]) - 1
            if keys[row] == key { return row }
            slot = (slot + 1) & mask
        }
        return nil
    }

    private mutating func grow() {
        slots = [UInt32](repeating: 0, count: slots.count * 4)
        let mask = slots.count - 1
        for (row, key) in keys.enumerated() {
            var slot = Int(truncatingIfNeeded: key.hash) & mask
            while slots[slot] != 0 { slot = (slot + 1) & mask }
            slots[slot] = UInt32(row + 1)
        }
    }
}
