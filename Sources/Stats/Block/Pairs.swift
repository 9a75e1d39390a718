/// Which values of a column are seen with each value of another.
struct Pairs {
    /// Of each value of the other column, how many values of the column are seen with it.
    private(set) var counts: [UInt32]
    /// Those values: the most frequent first, then the smaller.
    private(set) var values: [UInt16] = []
    /// Of each row, the place of its value among those.
    private(set) var ranks: [UInt16]

    /// - Parameters:
    ///   - column: numbers below `count`.
    ///   - other: numbers below `others`, as many.
    init(_ column: [UInt16], of count: Int, by other: [UInt16], of others: Int) {
        // Rows sorted by the other column.
        var starts = [UInt32](repeating: 0, count: others + 1)
        for value in other { starts[Int(value) + 1] += 1 }
        for value in 0..<others { starts[value + 1] += starts[value] }
        var rows = [UInt32](repeating: 0, count: column.count)
        var next = starts
        for (row, value) in other.enumerated() {
            rows[Int(next[Int(value)])] = UInt32(row)
            next[Int(value)] += 1
        }
        var counts = [UInt32](repeating: 0, count: others)
        var ranks = [UInt16](repeating: 0, count: column.count)
        var frequency = [UInt32](repeating: 0, count: count)
        var rank = [UInt16](repeating: 0, count: count)
        var seen: [UInt16] = []
        for value in 0..<others {
            let range = Int(starts[value])..<Int(starts[value + 1])
            seen.removeAll(keepingCapacity: true)
            for index in range {
                let child = column[Int(rows[index])]
                if frequency[Int(child)] == 0 { seen.append(child) }
                frequency[Int(child)] += 1
            }
            if seen.count > 1 {
                seen.sort { left, right in
                    let (leftCount, rightCount) = (frequency[Int(left)], frequency[Int(right)])
                    return leftCount != rightCount ? leftCount > rightCount : left < right
                }
            }
            for (place, child) in seen.enumerated() {
                rank[Int(child)] = UInt16(place)
                frequency[Int(child)] = 0
            }
            counts[value] = UInt32(seen.count)
            values.append(contentsOf: seen)
            if seen.count > 1 {
                for index in range { ranks[Int(rows[index])] = rank[Int(column[Int(rows[index])])] }
            }
        }
        self.counts = counts
        self.ranks = ranks
    }
}
