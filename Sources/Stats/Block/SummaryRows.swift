/// Sums of rows, those of a row side by side.
struct SummaryRows {
    static let width = 11

    var sums: [Int64]

    init(_ sums: [Int64]) {
        self.sums = sums
    }

    init(count: Int = 0) {
        sums = [Int64](repeating: 0, count: count * Self.width)
    }

    var count: Int { sums.count / Self.width }

    subscript(row: Int, sum: Sum) -> Int64 {
        get { sums[row * Self.width + sum.rawValue] }
        set { sums[row * Self.width + sum.rawValue] = newValue }
    }

    mutating func append(_ table: Summary.Table, _ row: Int) {
        for sums in table.sums { self.sums.append(sums[row]) }
    }

    func isEqual(_ index: Int, _ table: Summary.Table, _ row: Int) -> Bool {
        table.sums.indices.allSatisfy { sums[index * Self.width + $0] == table.sums[$0][row] }
    }

    mutating func set(_ index: Int, _ table: Summary.Table, _ row: Int) {
        for sum in table.sums.indices { sums[index * Self.width + sum] = table.sums[sum][row] }
    }

    /// Damaged bytes may make sums anything, but must not stop here.
    mutating func add(_ index: Int, _ table: Summary.Table, _ row: Int) {
        for sum in table.sums.indices { sums[index * Self.width + sum] &+= table.sums[sum][row] }
    }

    // MARK: Columns

    /// The rows in which a sum is not 0; all without one.
    func count(only: Sum?) -> Int {
        guard let only else { return count }
        var number = 0
        for row in 0..<count where self[row, only] != 0 { number += 1 }
        return number
    }

    /// A sum of the rows in which `only` is not 0, as its difference from another sum.
    func numbers(_ sum: Sum, from: Sum?, only: Sum?) -> [UInt64] {
        var numbers: [UInt64] = []
        numbers.reserveCapacity(count)
        for row in 0..<count {
            if let only, self[row, only] == 0 { continue }
            numbers.append(
                from.map { ZigZag.encoded(self[row, sum] - self[row, $0]) } ?? UInt64(self[row, sum]))
        }
        return numbers
    }

    /// The opposite of ``numbers(_:from:only:)``.
    mutating func set(_ sum: Sum, _ numbers: [UInt64], from: Sum?, only: Sum?) {
        var next = 0
        for row in 0..<count {
            if let only, self[row, only] == 0 { continue }
            self[row, sum] = from.map { self[row, $0] &+ ZigZag.decoded(numbers[next]) } ?? Int64(numbers[next])
            next += 1
        }
    }
}

extension Summary.Key {
    /// How many values there may be.
    func count(_ dictionaries: [[String]]) -> Int {
        switch self {
        case .column(let column): dictionaries[Int(column.rawValue)].count
        case .entryPage, .exitPage: dictionaries[Int(Column.page.rawValue)].count
        case .quarter: 96
        }
    }
}
