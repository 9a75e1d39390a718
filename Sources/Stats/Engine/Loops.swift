/// The loops that take the time. They run over plain memory: every number was checked to be below what it counts when
/// the block was decoded.
enum Loops {
    /// `source[rows[0]], source[rows[1]] …` as larger numbers.
    @inline(__always)
    static func gather<From: FixedWidthInteger & Sendable, To: FixedWidthInteger & Sendable>(
        _ source: [From], _ rows: [UInt32], as type: To.Type = To.self
    ) -> [To] {
        [To](unsafeUninitializedCapacity: rows.count) { result, count in
            source.withUnsafeBufferPointer { source in
                rows.withUnsafeBufferPointer { rows in
                    // Rows ascend without repeats: as many as there are, they are all of them.
                    if rows.count == source.count {
                        for index in 0..<rows.count { result[index] = To(truncatingIfNeeded: source[index]) }
                    } else {
                        for index in 0..<rows.count {
                            result[index] = To(truncatingIfNeeded: source[Int(rows[index])])
                        }
                    }
                }
            }
            count = rows.count
        }
    }

    /// The same where rows may repeat, or stand in any order.
    @inline(__always)
    static func pick<T: Sendable>(_ source: [T], _ rows: [UInt32]) -> [T] {
        [T](unsafeUninitializedCapacity: rows.count) { result, count in
            source.withUnsafeBufferPointer { source in
                rows.withUnsafeBufferPointer { rows in
                    for index in 0..<rows.count {
                        (result.baseAddress! + index).initialize(to: source[Int(rows[index])])
                    }
                }
            }
            count = rows.count
        }
    }

    /// Two masks of the same rows, byte by byte.
    @inline(__always)
    static func joined(_ left: [UInt8], _ right: [UInt8], _ join: (UInt8, UInt8) -> UInt8) -> [UInt8] {
        let size = min(left.count, right.count)
        return [UInt8](unsafeUninitializedCapacity: size) { result, count in
            left.withUnsafeBufferPointer { left in
                right.withUnsafeBufferPointer { right in
                    for index in 0..<size { result[index] = join(left[index], right[index]) }
                }
            }
            count = size
        }
    }

    /// For each row whether its value is a certain one: `equal` if it is.
    static func compared(_ source: [UInt16], _ rows: [UInt32], with value: UInt16, equal: UInt8) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: rows.count) { result, count in
            source.withUnsafeBufferPointer { source in
                rows.withUnsafeBufferPointer { rows in
                    if rows.count == source.count {
                        for index in 0..<rows.count {
                            result[index] = (source[index] == value ? 1 : 0) ^ equal ^ 1
                        }
                    } else {
                        for index in 0..<rows.count {
                            result[index] = (source[Int(rows[index])] == value ? 1 : 0) ^ equal ^ 1
                        }
                    }
                }
            }
            count = rows.count
        }
    }

    /// The numbers of so many rows.
    static func all(_ rows: Int) -> [UInt32] {
        [UInt32](unsafeUninitializedCapacity: rows) { result, count in
            for index in 0..<rows { result[index] = UInt32(truncatingIfNeeded: index) }
            count = rows
        }
    }

    /// For each row the number of its group. Groups begin at `firsts`, one more at the end.
    static func places(of firsts: [UInt32]) -> [UInt32] {
        // Marks where groups begin, added up, are the number of each row's group.
        var places = [UInt32](repeating: 0, count: Int(firsts.last ?? 0))
        places.withUnsafeMutableBufferPointer { places in
            for first in firsts.dropFirst() where first < places.count { places[Int(first)] += 1 }
            var place: UInt32 = 0
            for index in places.indices {
                place &+= places[index]
                places[index] = place
            }
        }
        return places
    }

    /// Of rows, those whose byte is 1.
    static func kept(_ rows: [UInt32], where mask: [UInt8]) -> [UInt32] {
        // One more than there are: the last place is written before it is known whether it counts.
        [UInt32](unsafeUninitializedCapacity: rows.count + 1) { result, count in
            var kept = 0
            rows.withUnsafeBufferPointer { rows in
                mask.withUnsafeBufferPointer { mask in
                    for index in 0..<rows.count {
                        result[kept] = rows[index]
                        kept &+= Int(mask[index])
                    }
                }
            }
            count = kept
        }
    }

    /// The numbers of the rows whose byte is 1. Most masks hold few: eight rows of which none stays cost one look.
    static func rows(where mask: [UInt8]) -> [UInt32] {
        [UInt32](unsafeUninitializedCapacity: mask.count + 1) { result, count in
            var kept = 0
            mask.withUnsafeBytes { mask in
                let words = mask.count / 8
                for word in 0..<words where mask.loadUnaligned(fromByteOffset: 8 * word, as: UInt64.self) != 0
                {
                    for index in 8 * word..<8 * word + 8 {
                        result[kept] = UInt32(truncatingIfNeeded: index)
                        kept &+= Int(mask[index])
                    }
                }
                for index in 8 * words..<mask.count {
                    result[kept] = UInt32(truncatingIfNeeded: index)
                    kept &+= Int(mask[index])
                }
            }
            count = kept
        }
    }

    /// How many different owners each key has. Owners ascend (for each key), so that one comparison with the last that
    /// was seen suffices.
    static func countDistinct(keys: [UInt32], owners: [UInt32], into sums: inout [Int64]) {
        var last = [UInt32](repeating: .max, count: sums.count)
        keys.withUnsafeBufferPointer { keys in
            owners.withUnsafeBufferPointer { owners in
                last.withUnsafeMutableBufferPointer { last in
                    sums.withUnsafeMutableBufferPointer { sums in
                        for index in 0..<keys.count {
                            let key = Int(keys[index])
                            let owner = owners[index]
                            // Without a branch: nobody can guess it.
                            sums[key] &+= last[key] == owner ? 0 : 1
                            last[key] = owner
                        }
                    }
                }
            }
        }
    }

    /// For each key, the sum of what its different owners have.
    static func addDistinct(keys: [UInt32], owners: [UInt32], of values: [Int64], into sums: inout [Int64]) {
        var last = [UInt32](repeating: .max, count: sums.count)
        keys.withUnsafeBufferPointer { keys in
            owners.withUnsafeBufferPointer { owners in
                values.withUnsafeBufferPointer { values in
                    last.withUnsafeMutableBufferPointer { last in
                        sums.withUnsafeMutableBufferPointer { sums in
                            for index in 0..<keys.count {
                                let key = Int(keys[index])
                                let owner = owners[index]
                                if last[key] != owner {
                                    last[key] = owner
                                    sums[key] &+= values[Int(owner)]
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// How often each key is there.
    static func count(keys: [UInt32], into sums: inout [Int64]) {
        keys.withUnsafeBufferPointer { keys in
            sums.withUnsafeMutableBufferPointer { sums in
                for index in 0..<keys.count { sums[Int(keys[index])] &+= 1 }
            }
        }
    }

    /// The sum of each key's values.
    static func add(keys: [UInt32], _ values: [Int64], into sums: inout [Int64]) {
        keys.withUnsafeBufferPointer { keys in
            values.withUnsafeBufferPointer { values in
                sums.withUnsafeMutableBufferPointer { sums in
                    for index in 0..<keys.count { sums[Int(keys[index])] &+= values[index] }
                }
            }
        }
    }

    /// How many different numbers there are among ascending ones.
    static func distinct(_ ascending: [UInt32]) -> Int64 {
        var count: Int64 = 0
        var last = UInt32.max
        for number in ascending {
            count &+= number == last ? 0 : 1
            last = number
        }
        return count
    }

    static func sum(_ values: [Int64]) -> Int64 {
        var sum: Int64 = 0
        for value in values { sum &+= value }
        return sum
    }

    /// For each group of the mask's bytes whether one of them is 1. Groups begin at `firsts`; one more at the end.
    static func hasOne(_ mask: [UInt8], groups firsts: [UInt32]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: firsts.count - 1) { result, count in
            mask.withUnsafeBufferPointer { mask in
                firsts.withUnsafeBufferPointer { firsts in
                    for group in 0..<firsts.count - 1 {
                        var holds: UInt8 = 0
                        for index in Int(firsts[group])..<Int(firsts[group + 1]) { holds |= mask[index] }
                        result[group] = holds
                    }
                }
            }
            count = firsts.count - 1
        }
    }

    /// The sum of each group's values.
    static func sums(_ values: [Int64], groups firsts: [UInt32]) -> [Int64] {
        [Int64](unsafeUninitializedCapacity: firsts.count - 1) { result, count in
            values.withUnsafeBufferPointer { values in
                firsts.withUnsafeBufferPointer { firsts in
                    for group in 0..<firsts.count - 1 {
                        var sum: Int64 = 0
                        for index in Int(firsts[group])..<Int(firsts[group + 1]) { sum &+= values[index] }
                        result[group] = sum
                    }
                }
            }
            count = firsts.count - 1
        }
    }
}
