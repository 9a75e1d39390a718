import Days

/// Figures of a day.
///
/// Most values are rare, and then their figures stand in another table already: a page and its only title, a region and
/// its only city, a page that was entry and exit of the same visits. So each row is first compared with what another
/// table makes expect (``SummaryExpectation``); only those that differ are written, the rows of all tables together, sum
/// by sum: a table's own statistics would not pay.
enum SummaryCoding {
    /// In the order of writing: from which sum it is counted, and without which it is 0.
    private static let steps: [(sum: Sum, from: Sum?, only: Sum?)] = [
        (.visitors, nil, nil), (.visits, .visitors, nil), (.events, .visits, nil), (.pageViews, .events, nil),
        (.bounces, nil, nil), (.duration, nil, nil), (.engaged, .pageViews, nil),
        (.engagement, nil, .engaged),
        (.deep, .engaged, nil), (.depth, nil, .deep), (.exits, .visits, nil),
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
        var tables: [Summary.Key: SummaryRows] = [:]
        var differing: [(key: Summary.Key, value: Int)] = []
        for key in SummaryExpectation.order {
            guard let table = summary.tables[key] else { throw BlockDamage("A summary lacks a table.") }
            let rows = SummaryRows(table, of: key.count(summary.dictionaries))
            tables[key] = rows
            planes.append(UInt8(rows.isThere.contains(0) ? 0 : 1))
            if rows.isThere.contains(0) { planes.append(bits: rows.isThere) }
            let expectation = SummaryExpectation(of: key, block)
            if !expectation.parents.isEmpty { planes.append(steps: expectation.parents) }
            guard let expected = expectation.rows(rows.isThere.count, tables) else {
                differing += table.values.map { (key, Int($0)) }
                continue
            }
            planes.append(bits: table.values.map { rows.isEqual(Int($0), expected) ? 1 : 0 })
            differing += table.values.filter { !rows.isEqual(Int($0), expected) }.map { (key, Int($0)) }
        }
        planes.cut()
        var written = SummaryRows(count: differing.count)
        for (row, (key, value)) in differing.enumerated() {
            if let rows = tables[key] { written.copy(row, from: rows, value) }
        }
        for step in steps {
            planes.append(numbers: written.numbers(step.sum, from: step.from, only: step.only))
        }
    }

    // MARK: Reading

    /// What is known of a table before its rows are.
    private struct Outline {
        let key: Summary.Key
        let expectation: SummaryExpectation
        let isThere: [UInt8]
        /// By value.
        let isAsExpected: [UInt8]
    }

    /// - Parameter keys: the tables to read; of the others there is neither a table nor, if none of these needs it, a
    ///   dictionary. Most of the time goes into making strings.
    static func read(
        _ planes: inout PlaneReader, _ keys: Set<Summary.Key>
    ) throws(BlockDamage) -> Summary {
        let day = Day(rawValue: try planes.integer())
        let visits = Int(try planes.integer(UInt32.self))
        let events = Int(try planes.integer(UInt32.self))
        let hasRevenue = try planes.integer(UInt8.self) != 0
        let totals = try planes.longNumbers(SummaryRows.width, upTo: UInt64(limit)).map { Int64($0) }
        let columns = Set(keys.compactMap(\.column))
        var dictionaries = [[String]](repeating: [], count: Column.allCases.count)
        var counts = [Int](repeating: 0, count: Column.allCases.count)
        for group in [ColumnGroup.core, .detail] {
            for column in Column.allCases where column.group == group {
                let index = Int(column.rawValue)
                (dictionaries[index], counts[index]) = try planes.dictionary(
                    isWanted: columns.contains(column))
            }
        }
        var outlines: [Outline] = []
        var count = 0
        for key in SummaryExpectation.order {
            let outline = try outline(of: key, counts, &planes)
            for value in outline.isThere.indices {
                count &+= outline.isThere[value] > outline.isAsExpected[value] ? 1 : 0
            }
            outlines.append(outline)
        }
        let tables = try tables(outlines, try rows(&planes, count), keys)
        return Summary(
            day: day, visits: visits, events: events, totals: totals, tables: tables,
            dictionaries: dictionaries,
            hasRevenue: hasRevenue)
    }

    private static func outline(
        of key: Summary.Key, _ counts: [Int], _ planes: inout PlaneReader
    ) throws(BlockDamage) -> Outline {
        let count = key.count(counts)
        let isDense = try planes.integer(UInt8.self) != 0
        let isThere = isDense ? [UInt8](repeating: 1, count: count) : try planes.bits(count)
        let expectation = try SummaryExpectation(of: key, &planes, counts)
        var isAsExpected = [UInt8](repeating: 0, count: count)
        if !expectation.isNothing {
            let values = isThere.indices.filter { isThere[$0] == 1 }
            for (value, bit) in zip(values, try planes.bits(values.count)) { isAsExpected[value] = bit }
        }
        return Outline(key: key, expectation: expectation, isThere: isThere, isAsExpected: isAsExpected)
    }

    private static func rows(_ planes: inout PlaneReader, _ count: Int) throws(BlockDamage) -> SummaryRows {
        var rows = SummaryRows(count: count)
        for step in steps {
            let numbers = try planes.longNumbers(rows.count(only: step.only), upTo: UInt64(limit) << 1)
            rows.set(step.sum, numbers, from: step.from, only: step.only)
        }
        return rows
    }

    /// - Parameter written: the rows of all tables that are not as expected.
    private static func tables(
        _ outlines: [Outline], _ written: SummaryRows, _ keys: Set<Summary.Key>
    ) throws(BlockDamage) -> [Summary.Key: Summary.Table] {
        var known: [Summary.Key: SummaryRows] = [:]
        var tables: [Summary.Key: Summary.Table] = [:]
        var next = 0
        for outline in outlines {
            let expected = outline.expectation.rows(outline.isThere.count, known)
            var rows = SummaryRows(count: outline.isThere.count)
            rows.isThere = outline.isThere
            for value in outline.isThere.indices where outline.isThere[value] == 1 {
                if let expected, outline.isAsExpected[value] == 1 {
                    rows.copy(value, from: expected, value)
                } else {
                    rows.copy(value, from: written, next)
                    next += 1
                }
            }
            guard rows.isBelow(limit) else { throw BlockDamage("A sum is too large.") }
            if keys.contains(outline.key) { tables[outline.key] = rows.table() }
            known[outline.key] = rows
        }
        return tables
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
