import Days

/// Figures of a day.
///
/// Most values are rare, and then their figures stand in another table already: a page and its only title, a
/// region and its only city, a page that was entry and exit of the same visits. So each row is first compared
/// with what another table makes expect (``SummaryExpectation``); only those that differ are written, the
/// rows of all tables together, sum by sum: a table's own statistics would not pay.
enum SummaryCoding {
    /// In the order of writing: from which sum it is counted, and without which it is 0.
    private static let steps: [(sum: Sum, from: Sum?, only: Sum?)] = [
        (.visitors, nil, nil), (.visits, .visitors, nil), (.events, .visits, nil), (.pageViews, .events, nil),
        (.bounces, nil, nil), (.duration, nil, nil), (.engaged, .pageViews, nil),
        (.engagement, nil, .engaged), (.deep, .engaged, nil), (.depth, nil, .deep), (.exits, .visits, nil),
    ]
    /// Of five million visits the longest durations add up to less.
    private static let limit: Int64 = 1 << 55

    // MARK: Writing

    /// - Parameter dictionaries: of the core and of the detail.
    static func write(
        _ summary: Summary, of block: Block, _ dictionaries: [PlaneWriter], to planes: inout PlaneWriter
    ) throws(BlockDamage) {
        planes.append(summary.day.rawValue)
        planes.append(UInt32(summary.visits))
        planes.append(UInt32(summary.events))
        planes.append(UInt8(summary.hasRevenue ? 1 : 0))
        planes.append(numbers: summary.totals.map { UInt64($0) })
        for group in dictionaries { planes.append(planesOf: group) }
        var written = SummaryRows()
        for key in SummaryExpectation.order {
            guard let table = summary.tables[key] else { throw BlockDamage("A summary lacks a table.") }
            let count = key.count(summary.dictionaries)
            let isDense = table.values.count == count
            planes.append(UInt8(isDense ? 1 : 0))
            if !isDense {
                var isThere = [UInt8](repeating: 0, count: count)
                for value in table.values { isThere[Int(value)] = 1 }
                planes.append(bits: isThere)
            }
            let expectation = SummaryExpectation(of: key, block)
            if !expectation.parents.isEmpty { planes.append(steps: expectation.parents) }
            if let expected = expectation.sums(of: table.values, count, summary.tables) {
                let isAsExpected = table.areEqual(expected)
                planes.append(bits: isAsExpected)
                written.append(table.sums, where: isAsExpected)
            } else {
                written.append(table.sums)
            }
        }
        planes.cut()
        for step in steps {
            planes.append(numbers: written.numbers(step.sum, from: step.from, only: step.only))
        }
    }

    // MARK: Reading

    /// What is known of a table before its sums are.
    private struct Outline {
        let key: Summary.Key
        let count: Int
        let values: [UInt16]
        let expectation: SummaryExpectation
        /// Empty if nothing is expected.
        let isAsExpected: [UInt8]

        init(of key: Summary.Key, _ planes: inout PlaneReader, _ texts: [Int]) throws(BlockDamage) {
            self.key = key
            count = key.count(texts)
            if try planes.integer(UInt8.self) != 0 {
                values = (0..<count).map { UInt16($0) }
            } else {
                let isThere = try planes.bits(count)
                values = isThere.indices.filter { isThere[$0] == 1 }.map { UInt16($0) }
            }
            expectation = try SummaryExpectation(of: key, &planes, texts)
            isAsExpected = expectation.isNothing ? [] : try planes.bits(values.count)
        }

        /// How many rows are written.
        var written: Int { values.count - isAsExpected.reduce(0) { $0 + Int($1) } }
    }

    /// - Parameter keys: the tables to read; of the others there is neither a table nor, if none of these
    ///   needs it, a dictionary. Most of the time goes into making strings.
    static func read(
        _ planes: inout PlaneReader, _ keys: Set<Summary.Key>
    ) throws(BlockDamage) -> Summary {
        let day = Day(rawValue: try planes.integer())
        let visits = Int(try planes.integer(UInt32.self))
        let events = Int(try planes.integer(UInt32.self))
        let hasRevenue = try planes.integer(UInt8.self) != 0
        let totals = try planes.longNumbers(Sum.allCases.count, upTo: UInt64(limit)).map { Int64($0) }
        let columns = Set(keys.compactMap(\.column))
        var dictionaries = [[String]](repeating: [], count: Column.allCases.count)
        var counts = [Int](repeating: 0, count: Column.allCases.count)
        for group in [ColumnGroup.ofCore, .detail] {
            for column in Column.allCases where group.contains(column.group) {
                let index = Int(column.rawValue)
                (dictionaries[index], counts[index]) = try planes.dictionary(
                    isWanted: columns.contains(column))
            }
        }
        var outlines: [Outline] = []
        for key in SummaryExpectation.order { outlines.append(try Outline(of: key, &planes, counts)) }
        var written = SummaryRows(count: outlines.reduce(0) { $0 + $1.written })
        for step in steps {
            let numbers = try planes.longNumbers(written.count(only: step.only), upTo: UInt64(limit) << 1)
            written.set(step.sum, numbers, from: step.from, only: step.only)
        }
        let tables = try tables(outlines, written)
        return Summary(
            day: day, visits: visits, events: events, totals: totals,
            tables: tables.filter { keys.contains($0.key) },
            dictionaries: dictionaries, hasRevenue: hasRevenue)
    }

    /// - Parameter written: the rows of all tables that are not as expected.
    private static func tables(
        _ outlines: [Outline], _ written: SummaryRows
    ) throws(BlockDamage) -> [Summary.Key: Summary.Table] {
        var tables: [Summary.Key: Summary.Table] = [:]
        var first = 0
        for outline in outlines {
            let rows = first..<first + outline.written
            first = rows.upperBound
            var table = Summary.Table(values: outline.values, sums: [])
            if var sums = outline.expectation.sums(of: outline.values, outline.count, tables) {
                for sum in sums.indices { written.fill(&sums[sum], sum, rows, where: outline.isAsExpected) }
                table.sums = sums
            } else {
                table.sums = written.sums.map { Array($0[rows]) }
            }
            guard table.isBelow(limit) else { throw BlockDamage("A sum is too large.") }
            tables[outline.key] = table
        }
        return tables
    }
}

extension Summary.Table {
    /// Of each row: 1 if all of its sums are like these.
    fileprivate func areEqual(_ expected: [[Int64]]) -> [UInt8] {
        var differences = [Int64](repeating: 0, count: values.count)
        for (sums, expected) in zip(sums, expected) {
            for row in sums.indices { differences[row] |= sums[row] ^ expected[row] }
        }
        return differences.map { $0 == 0 ? 1 : 0 }
    }

    /// No sum is negative, or as large as this: a power of two.
    fileprivate func isBelow(_ limit: Int64) -> Bool {
        var bits: Int64 = 0
        for sums in sums { for sum in sums { bits |= sum } }
        return 0..<limit ~= bits
    }
}

extension Summary.Key {
    /// Whose dictionary its values are numbers of.
    fileprivate var column: Column? {
        switch self {
        case .column(let column): column
        case .entryPage, .exitPage: .page
        case .quarter: nil
        }
    }

    /// How many values there may be, from how many texts each column has.
    func count(_ texts: [Int]) -> Int { column.map { texts[Int($0.rawValue)] } ?? 96 }

    func count(_ dictionaries: [[String]]) -> Int {
        column.map { dictionaries[Int($0.rawValue)].count } ?? 96
    }
}
