/// Rows of sums of several tables, by ``Sum``.
struct SummaryRows {
    private(set) var sums: [[Int64]]
    private(set) var count: Int

    init(count: Int = 0) {
        self.count = count
        sums = Sum.allCases.map { _ in [] }
    }

    mutating func append(_ table: [[Int64]]) {
        for (sum, column) in table.enumerated() { sums[sum] += column }
        count = sums[0].count
    }

    /// Those that are not as expected.
    mutating func append(_ table: [[Int64]], where isAsExpected: [UInt8]) {
        for (sum, column) in table.enumerated() {
            for row in column.indices where isAsExpected[row] == 0 { sums[sum].append(column[row]) }
        }
        count = sums[0].count
    }

    /// The opposite: puts rows of this into those of a table that are not as expected.
    func fill(_ column: inout [Int64], _ sum: Int, _ rows: Range<Int>, where isAsExpected: [UInt8]) {
        var row = rows.lowerBound
        for index in column.indices where isAsExpected[index] == 0 {
            column[index] = sums[sum][row]
            row += 1
        }
    }

    // MARK: Numbers

    /// The rows in which a sum is not 0; all without one.
    func count(only: Sum?) -> Int {
        guard let only else { return count }
        var number = 0
        for amount in sums[only.rawValue] { number &+= amount == 0 ? 0 : 1 }
        return number
    }

    /// A sum of the rows in which `only` is not 0, as its difference from another sum.
    func numbers(_ sum: Sum, from: Sum?, only: Sum?) -> [UInt64] {
        let column = sums[sum.rawValue]
        if let from {
            let base = sums[from.rawValue]
            return column.indices.map { ZigZag.encoded(column[$0] - base[$0]) }
        }
        guard let only else { return column.map { UInt64($0) } }
        return zip(column, sums[only.rawValue]).lazy.filter { $0.1 != 0 }.map { UInt64($0.0) }
    }

    /// The opposite of ``numbers(_:from:only:)``. Damaged bytes may make sums anything, but must not stop
    /// here.
    mutating func set(_ sum: Sum, _ numbers: [UInt64], from: Sum?, only: Sum?) {
        var column = [Int64](repeating: 0, count: count)
        if let from {
            let base = sums[from.rawValue]
            for row in column.indices { column[row] = base[row] &+ ZigZag.decoded(numbers[row]) }
        } else if let only {
            let condition = sums[only.rawValue]
            var next = 0
            for row in column.indices where condition[row] != 0 {
                column[row] = Int64(numbers[next])
                next += 1
            }
        } else {
            for row in column.indices { column[row] = Int64(numbers[row]) }
        }
        sums[sum.rawValue] = column
    }
}
