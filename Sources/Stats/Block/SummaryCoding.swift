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
        (.bounces, nil, nil), (.duration, nil, nil), (.engaged, .pageViews, nil), (.engagement, nil, .engaged),
        (.deep, .engaged, nil), (.depth, nil, .deep), (.exits, .visits, nil),
    ]
    /// Of five million visits the longest durations do not add up to more.
    private static let largest: Int64 = 1 << 55

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
            let expectation = SummaryExpectation(of: key, block)
            if !expectation.parents.isEmpty { planes.append(steps: expectation.parents) }
            let expected = expectation.rows(count, summary.tables)
            var isThere = [UInt8](repeating: 0, count: count)
            for value in table.values { isThere[Int(value)] = 1 }
            planes.append(UInt8(table.values.count == count ? 1 : 0))
            if table.values.count < count { planes.append(bits: isThere) }
            guard let expected else {
                for row in table.values.indices { written.append(table, row) }
                continue
            }
            planes.append(bits: table.values.indices.map { row in
                if expected.isEqual(Int(table.values[row]), table, row) { return 1 }
                written.append(table, row)
                return 0
            })
        }
        planes.cut()
        for step in steps { planes.append(numbers: written.numbers(step.sum, from: step.from, only: step.only)) }
    }

    // MARK: Reading

    static func read(_ planes: inout PlaneReader) throws(BlockDamage) -> Summary {
        let day = Day(rawValue: try planes.integer())
        let visits = Int(try planes.integer(UInt32.self))
        let events = Int(try planes.integer(UInt32.self))
        let hasRevenue = try planes.integer(UInt8.self) != 0
        let totals = try planes.longNumbers(Sum.allCases.count, upTo: UInt64(largest)).map { Int64($0) }
        var dictionaries = [[String]](repeating: [], count: Column.allCases.count)
        for group in [ColumnGroup.core, .detail] { try planes.read(dictionariesOf: group, into: &dictionaries) }
        var outlines: [(key: Summary.Key, expectation: SummaryExpectation, values: [UInt16], isAsExpected: [UInt8])] = []
        var count = 0
        for key in SummaryExpectation.order {
            let expectation = try SummaryExpectation(of: key, &planes, dictionaries)
            let values = try values(&planes, of: key.count(dictionaries))
            let isAsExpected = expectation.isNothing ? [] : try planes.bits(values.count)
            count += values.count - isAsExpected.reduce(0) { $0 + Int($1) }
            outlines.append((key, expectation, values, isAsExpected))
        }
        let written = try rows(&planes, count)
        var tables: [Summary.Key: Summary.Table] = [:]
        var next = 0
        for outline in outlines {
            let expected = outline.expectation.rows(outline.key.count(dictionaries), tables)
            var sums: [[Int64]] = Sum.allCases.map { _ in [] }
            let first = next
            for sum in Sum.allCases {
                next = first
                sums[sum.rawValue] = outline.values.indices.map { row in
                    if let expected, outline.isAsExpected[row] == 1 { return expected[Int(outline.values[row]), sum] }
                    defer { next += 1 }
                    return written[next, sum]
                }
            }
            tables[outline.key] = .init(values: outline.values, sums: sums)
        }
        for table in tables.values {
            for sums in table.sums {
                guard sums.allSatisfy({ 0...largest ~= $0 }) else { throw BlockDamage("A sum is too large.") }
            }
        }
        return Summary(
            day: day, visits: visits, events: events, totals: totals, tables: tables, dictionaries: dictionaries,
            hasRevenue: hasRevenue)
    }

    private static func values(_ planes: inout PlaneReader, of count: Int) throws(BlockDamage) -> [UInt16] {
        if try planes.integer(UInt8.self) != 0 { return (0..<count).map { UInt16($0) } }
        let isThere = try planes.bits(count)
        return isThere.indices.filter { isThere[$0] == 1 }.map { UInt16($0) }
    }

    private static func rows(_ planes: inout PlaneReader, _ count: Int) throws(BlockDamage) -> SummaryRows {
        var rows = SummaryRows(count: count)
        for step in steps {
            let numbers = try planes.longNumbers(rows.count(only: step.only), upTo: UInt64(largest) << 1)
            rows.set(step.sum, numbers, from: step.from, only: step.only)
        }
        return rows
    }
}
