/// How a column of a dictionary's numbers becomes symbols. Three ways, chosen by the column, see ``Layout``.
///
/// - *By itself*: the number; with more than 256 texts its rank by frequency, so that what is frequent takes
///   one byte.
/// - *Given* another column: its rank among the values that were seen with the other's. A page mostly has one
///   title, a region lies in one country: then nothing is left to write.
/// - *Repeating*: 0 where the value is the previous row's, else its rank and one.
extension PlaneWriter {
    /// Numbers below `count`, by themselves.
    mutating func append(column: [UInt16], of count: Int) {
        guard count > 256 else { return append(symbols: column, of: count) }
        let ranks = appendRanks(of: column, count)
        append(symbols: column.map { ranks[Int($0)] }, of: count)
    }

    /// - Parameter isFirst: of each row, whether it cannot be like the one before.
    mutating func append(repeating column: [UInt16], of count: Int, isFirst: [Bool]) {
        guard count > 1 else { return }
        let repeats = column.indices.map { !isFirst[$0] && column[$0] == column[$0 - 1] }
        let ranks = appendRanks(of: column.indices.lazy.filter { !repeats[$0] }.map { column[$0] }, count)
        append(symbols: column.indices.map { repeats[$0] ? 0 : ranks[Int(column[$0])] + 1 }, of: count + 1)
    }

    /// - Parameters:
    ///   - parent: as long as `column`.
    ///   - parents: how many values the parent may have.
    mutating func append(column: [UInt16], of count: Int, given parent: [UInt16], of parents: Int) {
        let pairs = Pairs(column, of: count, by: parent, of: parents)
        append(numbers: pairs.counts)
        append(steps: pairs.values)
        append(symbols: pairs.ranks, of: Int(pairs.counts.max() ?? 0))
    }

    /// Each as what it differs from the one before.
    mutating func append(steps numbers: [UInt16]) {
        var before: Int32 = 0
        var steps: [UInt32] = []
        steps.reserveCapacity(numbers.count)
        for number in numbers {
            steps.append(ZigZag.encoded(Int32(number) - before))
            before = Int32(number)
        }
        append(numbers: steps)
    }

    /// Writes how frequent each value is, roughly; answers each one's rank by that, equals by number.
    private mutating func appendRanks(of column: some Sequence<UInt16>, _ count: Int) -> [UInt16] {
        var counts = [UInt32](repeating: 0, count: count)
        for value in column { counts[Int(value)] += 1 }
        let classes = counts.map { NumberClass.of(UInt64($0)) }
        append(plane: classes)
        var ranks = [UInt16](repeating: 0, count: count)
        for (rank, value) in classes.withUnsafeBytes({ Frequency.order($0) }).enumerated() {
            ranks[Int(value)] = UInt16(rank)
        }
        return ranks
    }
}

extension PlaneReader {
    mutating func column(_ rows: Int, of count: Int) throws(BlockDamage) -> [UInt16] {
        guard count > 256 else { return try symbols(rows, of: count) }
        let order = Frequency.order(try take(count))
        return Self.looked(try symbols(rows, of: count), in: order)
    }

    mutating func repeating(_ rows: Int, of count: Int) throws(BlockDamage) -> [UInt16] {
        guard count > 1 else { return try symbols(rows, of: count) }
        let order = Frequency.order(try take(count))
        let symbols = try symbols(rows, of: count + 1)
        return [UInt16](unsafeUninitializedCapacity: rows) { column, filled in
            order.withUnsafeBufferPointer { order in
                var value: UInt16 = 0
                for row in 0..<rows {
                    let symbol = Int(symbols[row])
                    let looked = order[max(symbol - 1, 0)]
                    value = symbol == 0 ? value : looked
                    column[row] = value
                }
            }
            filled = rows
        }
    }

    mutating func column(
        of count: Int, given parent: [UInt16], of parents: Int
    ) throws(BlockDamage) -> [UInt16] {
        let numbers = try numbers(parents)
        var starts: [UInt32] = [0]
        starts.reserveCapacity(parents + 1)
        var total = 0
        var most = 0
        for number in numbers {
            total += Int(number)
            most = max(most, Int(number))
            guard total <= remaining else { throw BlockDamage("\(total) pairs are too many.") }
            starts.append(UInt32(total))
        }
        guard most <= count else { throw BlockDamage("\(most) of \(count) values.") }
        let children = try steps(total, of: count)
        let symbols = try symbols(parent.count, of: most)
        var isBeyond = false
        let column = [UInt16](unsafeUninitializedCapacity: parent.count) { column, filled in
            starts.withUnsafeBufferPointer { starts in
                children.withUnsafeBufferPointer { children in
                    for row in 0..<parent.count {
                        let (first, end) = (starts[Int(parent[row])], starts[Int(parent[row]) + 1])
                        let child = first + UInt32(symbols[row])
                        isBeyond = isBeyond || child >= end
                        column[row] = children[Int(min(child, UInt32(children.count - 1)))]
                    }
                }
            }
            filled = parent.count
        }
        if isBeyond { throw BlockDamage("A value does not go with its parent.") }
        return column
    }

    // MARK: Columns that nobody wants

    mutating func skipColumn(_ rows: Int, of count: Int) throws(BlockDamage) {
        if count > 256 { _ = try take(count) }
        try skipSymbols(rows, of: count)
    }

    mutating func skipRepeating(_ rows: Int, of count: Int) throws(BlockDamage) {
        guard count > 1 else { return try skipSymbols(rows, of: count) }
        _ = try take(count)
        try skipSymbols(rows, of: count + 1)
    }

    mutating func skipColumn(_ rows: Int, givenOneOf parents: Int) throws(BlockDamage) {
        var (total, most) = (0, 0)
        for number in try numbers(parents) {
            total += Int(number)
            most = max(most, Int(number))
        }
        // Each takes a byte.
        guard total <= remaining else { throw BlockDamage("\(total) pairs are too many.") }
        try skipNumbers(total)
        try skipSymbols(rows, of: most)
    }

    // MARK: Parts

    /// Numbers below `limit`, as ``PlaneWriter/append(steps:)`` writes them.
    mutating func steps(_ count: Int, of limit: Int) throws(BlockDamage) -> [UInt16] {
        var numbers: [UInt16] = []
        numbers.reserveCapacity(count)
        var number: Int64 = 0
        for step in try self.numbers(count) {
            number += Int64(ZigZag.decoded(step))
            guard 0..<Int64(limit) ~= number else { throw BlockDamage("A value is not below \(limit).") }
            numbers.append(UInt16(number))
        }
        return numbers
    }

    private static func looked(_ symbols: [UInt16], in order: [UInt16]) -> [UInt16] {
        [UInt16](unsafeUninitializedCapacity: symbols.count) { column, filled in
            order.withUnsafeBufferPointer { order in
                for row in symbols.indices { column[row] = order[Int(symbols[row])] }
            }
            filled = symbols.count
        }
    }
}

/// The order of values by how frequent they are, as a class (``NumberClass``) tells; equals by number.
enum Frequency {
    static func order(_ classes: UnsafeRawBufferPointer) -> [UInt16] {
        var starts = [Int](repeating: 0, count: 257)
        for number in classes { starts[255 - Int(number) + 1] += 1 }
        for index in 1...256 { starts[index] += starts[index - 1] }
        var order = [UInt16](repeating: 0, count: classes.count)
        for (value, number) in classes.enumerated() {
            let place = 255 - Int(number)
            order[starts[place]] = UInt16(value)
            starts[place] += 1
        }
        return order
    }
}

/// Numbers of either sign as numbers without: 0, -1, 1, -2 …
enum ZigZag {
    static func encoded(_ number: Int32) -> UInt32 { UInt32(bitPattern: number << 1 ^ number >> 31) }
    static func decoded(_ number: UInt32) -> Int32 {
        Int32(bitPattern: number >> 1) ^ -Int32(bitPattern: number & 1)
    }
    static func encoded(_ number: Int64) -> UInt64 { UInt64(bitPattern: number << 1 ^ number >> 63) }
    static func decoded(_ number: UInt64) -> Int64 {
        Int64(bitPattern: number >> 1) ^ -Int64(bitPattern: number & 1)
    }
}
