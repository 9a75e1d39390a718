/// A table's sums by value, those of a value side by side; those of a value that is not there are 0.
struct SummaryRows {
    static let width = Sum.allCases.count

    var sums: [Int64]
    /// By value: 1 if it has a row.
    var isThere: [UInt8]

    init(count: Int = 0) {
        sums = [Int64](repeating: 0, count: count * Self.width)
        isThere = [UInt8](repeating: 0, count: count)
    }

    init(_ table: Summary.Table, of count: Int) {
        self.init(count: count)
        for value in table.values { isThere[Int(value)] = 1 }
        for (sum, column) in table.sums.enumerated() {
            for (value, amount) in zip(table.values, column) { sums[Int(value) * Self.width + sum] = amount }
        }
    }

    /// - Parameter row: the sums of the only value.
    init(row: [Int64]) {
        sums = row
        isThere = [1]
    }

    /// A value is there if it has an event.
    mutating func settle() {
        for value in isThere.indices { isThere[value] = self[value, .events] > 0 ? 1 : 0 }
    }

    /// Of the values that are there.
    func table() -> Summary.Table {
        let values = isThere.indices.filter { isThere[$0] == 1 }
        let all = sums.span
        return .init(
            values: values.map { UInt16($0) },
            sums: (0..<Self.width).map { sum in
                [Int64](unsafeUninitializedCapacity: values.count) { column, filled in
                    for (row, value) in values.enumerated() { column[row] = all[value * Self.width + sum] }
                    filled = values.count
                }
            })
    }

    subscript(value: Int, sum: Sum) -> Int64 {
        get { sums[value * Self.width + sum.rawValue] }
        set { sums[value * Self.width + sum.rawValue] = newValue }
    }

    func isEqual(_ value: Int, _ other: SummaryRows) -> Bool {
        let row = value * Self.width
        for index in row..<row + Self.width where sums[index] != other.sums[index] { return false }
        return true
    }

    mutating func copy(_ value: Int, from other: SummaryRows, _ otherValue: Int) {
        let (row, from) = (value * Self.width, otherValue * Self.width)
        for sum in 0..<Self.width { sums[row + sum] = other.sums[from + sum] }
    }

    /// Damaged bytes may make sums anything, but must not stop here.
    mutating func add(_ value: Int, from other: SummaryRows, _ otherValue: Int) {
        let (row, from) = (value * Self.width, otherValue * Self.width)
        for sum in 0..<Self.width { sums[row + sum] &+= other.sums[from + sum] }
    }

    /// No sum is negative, or as large as this: a power of two.
    func isBelow(_ limit: Int64) -> Bool {
        var bits: Int64 = 0
        for sum in sums { bits |= sum }
        return 0..<limit ~= bits
    }

    // MARK: Columns

    /// The rows in which a sum is not 0; all without one.
    func count(only: Sum?) -> Int {
        guard let only else { return isThere.count }
        var number = 0
        for row in isThere.indices { number &+= self[row, only] == 0 ? 0 : 1 }
        return number
    }

    /// A sum of the rows in which `only` is not 0, as its difference from another sum.
    func numbers(_ sum: Sum, from: Sum?, only: Sum?) -> [UInt64] {
        var numbers: [UInt64] = []
        numbers.reserveCapacity(isThere.count)
        for row in isThere.indices {
            if let only, self[row, only] == 0 { continue }
            let amount = self[row, sum]
            if let from {
                numbers.append(ZigZag.encoded(amount - self[row, from]))
            } else {
                numbers.append(UInt64(amount))
            }
        }
        return numbers
    }

    /// The opposite of ``numbers(_:from:only:)``.
    mutating func set(_ sum: Sum, _ numbers: [UInt64], from: Sum?, only: Sum?) {
        let (column, base, condition) = (sum.rawValue, (from ?? sum).rawValue, only?.rawValue ?? 0)
        var sums = sums.mutableSpan
        let numbers = numbers.span
        var next = 0
        var row = 0
        while row < sums.count {
            if only == nil || sums[row + condition] != 0 {
                let number = numbers[next]
                // Of rows that are set for the first time the sum itself is 0.
                sums[row + column] = from == nil ? Int64(number) : sums[row + base] &+ ZigZag.decoded(number)
                next += 1
            }
            row += Self.width
        }
    }
}
