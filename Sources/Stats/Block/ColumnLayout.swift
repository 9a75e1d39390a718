extension Column {
    /// How a column is written: see ``PlaneWriter/append(column:of:)``.
    enum Layout {
        case alone
        /// Often what the row before has.
        case repeating
        /// Often settled by another column, which is written before: of the same group, or of the core.
        case given(Column)
    }

    var layout: Layout {
        switch self {
        case .page, .hostname: .repeating
        case .title: .given(.page)
        case .referrer, .channel, .utmSource: .given(.source)
        case .utmMedium, .utmCampaign: .given(.utmSource)
        case .utmContent, .utmTerm: .given(.utmCampaign)
        case .region, .language: .given(.country)
        case .city: .given(.region)
        case .browserVersion, .os: .given(.browser)
        case .osVersion, .device: .given(.os)
        case .viewport: .given(.device)
        case .name, .currency, .source, .country, .browser: .alone
        }
    }

    /// What a visitor's next visit nearly always has again.
    var isOfVisitor: Bool { rawValue >= Column.country.rawValue }

    /// Those of a group that have a number for each event or visit, in the order in which they are written.
    static func columns(of group: ColumnGroup, ofVisits: Bool) -> [Column] {
        allCases.filter { group.contains($0.group) && $0.isOfVisit == ofVisits && $0 != .currency }
    }
}

extension Block {
    func numbers(of column: Column) -> [UInt16] { columns[Int(column.rawValue)] }
    func dictionary(of column: Column) -> [String] { dictionaries[Int(column.rawValue)] }
}

extension PlaneWriter {
    mutating func append(columnsOfEvents group: ColumnGroup, of block: Block) {
        var isFirst = [Bool](repeating: false, count: block.eventCount)
        for first in block.firstEvent.dropLast() { isFirst[Int(first)] = true }
        for column in Column.columns(of: group, ofVisits: false) {
            let (numbers, count) = (block.numbers(of: column), block.dictionary(of: column).count)
            switch column.layout {
            case .alone: append(column: numbers, of: count)
            case .repeating: append(repeating: numbers, of: count, isFirst: isFirst)
            case .given(let parent):
                let parents = block.dictionary(of: parent).count
                append(column: numbers, of: count, given: block.numbers(of: parent), of: parents)
            }
        }
    }

    /// Of a visitor's further visits a bit tells whether all columns of the visitor are as before; then
    /// nothing else is written for them.
    mutating func append(columnsOfVisits group: ColumnGroup, of block: Block) {
        let columns = Column.columns(of: group, ofVisits: true)
        let ofVisitor = columns.filter(\.isOfVisitor).map { block.numbers(of: $0) }
        let further = block.visitor.indices.dropFirst().filter { block.visitor[$0] == block.visitor[$0 - 1] }
        let isSame = further.map { visit -> UInt8 in
            ofVisitor.allSatisfy { $0[visit] == $0[visit - 1] } ? 1 : 0
        }
        append(bits: isSame)
        let rows = VisitorRows(block.visitor, isSame: isSame)
        for column in columns {
            let numbers =
                column.isOfVisitor ? rows.gathered(block.numbers(of: column)) : block.numbers(of: column)
            let count = block.dictionary(of: column).count
            guard case .given(let parent) = column.layout else {
                append(column: numbers, of: count)
                continue
            }
            let parents =
                column.isOfVisitor ? rows.gathered(block.numbers(of: parent)) : block.numbers(of: parent)
            append(column: numbers, of: count, given: parents, of: block.dictionary(of: parent).count)
        }
    }
}

extension PlaneReader {
    /// - Parameters:
    ///   - wanted: the others are passed over.
    ///   - counts: by ``Column``, of how many texts.
    mutating func readColumns(
        ofEvents group: ColumnGroup, _ wanted: ColumnGroup, _ counts: [Int], into block: inout Block
    ) throws(BlockDamage) {
        for column in Column.columns(of: group, ofVisits: false) {
            let index = Int(column.rawValue)
            let isWanted = wanted.contains(column.group)
            switch column.layout {
            case .alone where isWanted:
                block.columns[index] = try self.column(block.eventCount, of: counts[index])
            case .alone: try skipColumn(block.eventCount, of: counts[index])
            case .repeating where isWanted:
                block.columns[index] = try repeating(block.eventCount, of: counts[index])
            case .repeating: try skipRepeating(block.eventCount, of: counts[index])
            case .given(let parent) where isWanted:
                block.columns[index] = try self.column(
                    of: counts[index], given: block.numbers(of: parent), of: counts[Int(parent.rawValue)])
            case .given(let parent):
                try skipColumn(block.eventCount, givenOneOf: counts[Int(parent.rawValue)])
            }
        }
    }

    /// See ``readColumns(ofEvents:_:_:into:)``.
    mutating func readColumns(
        ofVisits group: ColumnGroup, _ wanted: ColumnGroup, _ counts: [Int], into block: inout Block
    ) throws(BlockDamage) {
        let columns = Column.columns(of: group, ofVisits: true)
        let isSame = try bits(block.visitCount - block.visitorCount)
        var rowCount = block.visitorCount
        for same in isSame { rowCount &+= Int(1 &- same) }
        let rows =
            columns.contains { $0.isOfVisitor && wanted.contains($0.group) }
            ? VisitorRows(block.visitor, isSame: isSame) : VisitorRows()
        // By column: what was read of it, for its children.
        var read = [[UInt16]?](repeating: nil, count: Column.allCases.count)
        for column in columns {
            let index = Int(column.rawValue)
            let count = column.isOfVisitor ? rowCount : block.visitCount
            guard wanted.contains(column.group) else {
                if case .given(let parent) = column.layout {
                    try skipColumn(count, givenOneOf: counts[Int(parent.rawValue)])
                } else {
                    try skipColumn(count, of: counts[index])
                }
                continue
            }
            let numbers: [UInt16]
            if case .given(let parent) = column.layout {
                // What is of the visitor leans only on what is, too.
                let parents =
                    read[Int(parent.rawValue)]
                    ?? (column.isOfVisitor
                        ? rows.gathered(block.numbers(of: parent)) : block.numbers(of: parent))
                numbers = try self.column(of: counts[index], given: parents, of: counts[Int(parent.rawValue)])
            } else {
                numbers = try self.column(count, of: counts[index])
            }
            read[index] = numbers
            block.columns[index] = column.isOfVisitor ? rows.spread(numbers) : numbers
        }
    }
}

/// The visits whose columns of the visitor are written.
private struct VisitorRows {
    /// Of each visit, the row that it has: its own, or that of the visit before.
    private var row: [UInt32] = []
    /// Of each row, the visit that it was written for.
    private var visit: [UInt32] = []

    /// None, for whoever wants none of those columns.
    init() {}

    /// - Parameter isSame: of each visit that is not its visitor's first.
    init(_ visitor: [UInt32], isSame: [UInt8]) {
        row.reserveCapacity(visitor.count)
        visit.reserveCapacity(visitor.count)
        var further = 0
        for index in visitor.indices {
            var isWritten = true
            if index > 0, visitor[index] == visitor[index - 1] {
                isWritten = isSame[further] == 0
                further += 1
            }
            if isWritten { visit.append(UInt32(index)) }
            row.append(UInt32(visit.count - 1))
        }
    }

    /// - Parameter column: of all visits.
    func gathered(_ column: [UInt16]) -> [UInt16] { VisitorRows.looked(up: visit, in: column) }
    /// - Parameter rows: of each row.
    func spread(_ rows: [UInt16]) -> [UInt16] { VisitorRows.looked(up: row, in: rows) }

    private static func looked(up places: [UInt32], in column: [UInt16]) -> [UInt16] {
        [UInt16](unsafeUninitializedCapacity: places.count) { looked, filled in
            let (places, column) = (places.span, column.span)
            for index in places.indices { looked[index] = column[Int(places[index])] }
            filled = places.count
        }
    }
}
