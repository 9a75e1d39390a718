/// What was added up for a plan.
struct Tally: Sendable {
    struct Amount: Sendable {
        var amount: Int64 = 0
        var count: Int64 = 0
    }

    /// What a block or a summary has of a plan, by numbers of its own.
    struct Local {
        /// By ``Sum``; those that the plan does not need are empty.
        var sums: [[Int64]]

        init(size: Int, _ needed: Set<Sum>) {
            sums = Sum.allCases.map { needed.contains($0) ? [Int64](repeating: 0, count: size) : [] }
        }

        init(_ sums: [[Int64]]) {
            self.sums = sums
        }
    }

    /// By ``Sum``, then by row. Those that the plan does not need are empty.
    private(set) var sums: [[Int64]]
    /// Nil where a row is a value's own number.
    private(set) var table: RowTable?
    /// By row (the upper half) and currency.
    private(set) var money: [UInt64: Amount] = [:]
    private let needed: [Int]

    init(_ plan: Plan) {
        sums = Sum.allCases.map { _ in [] }
        table = plan.isDense ? nil : RowTable()
        needed = plan.sums.map(\.rawValue).sorted()
    }

    var rowCount: Int { sums[needed[0]].count }

    /// The row of values; for a plan without a table, the value's number.
    mutating func row(_ key: RowKey) -> Int {
        if table == nil { return Int(key.first) }
        return table!.row(key)
    }

    func known(_ key: RowKey) -> Int? {
        if let table { return table.known(key) }
        return Int(key.first) < rowCount ? Int(key.first) : nil
    }

    mutating func reserve(rows: Int) {
        guard rows > rowCount else { return }
        for sum in needed {
            sums[sum].append(contentsOf: repeatElement(0, count: rows - sums[sum].count))
        }
    }

    static let dropped = UInt32.max

    /// - Parameter rows: by the local number; ``dropped`` counts nowhere.
    mutating func add(_ local: Local, rows: [UInt32]) {
        var end = 0
        for row in rows where row != Tally.dropped { end = max(end, Int(row) + 1) }
        reserve(rows: end)
        for sum in needed {
            local.sums[sum].withUnsafeBufferPointer { values in
                sums[sum].withUnsafeMutableBufferPointer { sums in
                    rows.withUnsafeBufferPointer { rows in
                        for index in 0..<rows.count where rows[index] != Tally.dropped {
                            sums[Int(rows[index])] &+= values[index]
                        }
                    }
                }
            }
        }
    }

    mutating func add(_ values: [Int64], to row: Int) {
        reserve(rows: row + 1)
        for sum in needed { sums[sum][row] &+= values[sum] }
    }

    mutating func addMoney(row: UInt32, currency: UInt32, _ amount: Amount) {
        let key = UInt64(row) << 32 | UInt64(currency)
        money[key, default: Amount()].amount &+= amount.amount
        money[key, default: Amount()].count &+= amount.count
    }

    /// Takes away what was added too much; not money.
    mutating func subtract(_ other: Tally) {
        var other = other
        for sum in needed {
            for row in other.sums[sum].indices { other.sums[sum][row] = 0 &- other.sums[sum][row] }
        }
        merge(other)
    }

    mutating func merge(_ other: Tally) {
        let rows: [UInt32]
        if let theirs = other.table {
            rows = theirs.keys.map { UInt32(row($0)) }
        } else {
            rows = (0..<UInt32(other.rowCount)).map { $0 }
        }
        add(Local(other.sums), rows: rows)
        for (key, amount) in other.money {
            addMoney(row: rows[Int(key >> 32)], currency: UInt32(truncatingIfNeeded: key), amount)
        }
    }
}
