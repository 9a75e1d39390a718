/// What is known of a table's rows from the tables before it.
struct SummaryExpectation {
    private enum Rule {
        case nothing
        /// Sums over the values of a column, each of which belongs to one value of the table.
        case sums(of: Column)
        /// The same values' rows of the first of these tables that has them.
        case rows(of: [Summary.Key])
    }

    /// A table comes after those that it is compared with.
    static let order: [Summary.Key] =
        [.column(.title), .column(.city)]
        + Summary.Key.all.filter { $0 != .column(.title) && $0 != .column(.city) }

    private let rule: Rule
    /// Of each value of the column whose values are added up, to which value it belongs.
    private(set) var parents: [UInt16] = []

    private init(of key: Summary.Key) {
        rule =
            switch key {
            case .column(.page): .sums(of: .title)
            case .column(.region): .sums(of: .city)
            case .entryPage: .rows(of: [.column(.page)])
            case .exitPage: .rows(of: [.entryPage, .column(.page)])
            default: .nothing
            }
    }

    init(of key: Summary.Key, _ block: Block) {
        self.init(of: key)
        if case .sums(let child) = rule, case .column(let parent) = key {
            parents = block.mainParents(of: child, parent)
        }
    }

    init(of key: Summary.Key, _ planes: inout PlaneReader, _ dictionaries: [[String]]) throws(BlockDamage) {
        self.init(of: key)
        if case .sums(let child) = rule {
            let count = dictionaries[Int(child.rawValue)].count
            parents = try planes.steps(count, of: key.count(dictionaries))
        }
    }

    var isNothing: Bool { if case .nothing = rule { true } else { false } }

    /// The rows to expect, by value, from the tables that are known.
    func rows(_ count: Int, _ tables: [Summary.Key: Summary.Table]) -> SummaryRows? {
        switch rule {
        case .nothing: return nil
        case .sums(let child):
            var rows = SummaryRows(count: count)
            guard let table = tables[.column(child)] else { return rows }
            for (row, value) in table.values.enumerated() { rows.add(Int(parents[Int(value)]), table, row) }
            return rows
        case .rows(let keys):
            var rows = SummaryRows(count: count)
            // The first counts: it is written last.
            for case let table? in keys.reversed().map({ tables[$0] }) {
                for (row, value) in table.values.enumerated() { rows.set(Int(value), table, row) }
            }
            return rows
        }
    }
}

extension Block {
    /// Of each value of a column, with which value of another it is seen most often; the smaller of equals.
    fileprivate func mainParents(of child: Column, _ parent: Column) -> [UInt16] {
        let pairs = Pairs(
            numbers(of: parent), of: dictionary(of: parent).count, by: numbers(of: child),
            of: dictionary(of: child).count)
        var first = 0
        return pairs.counts.map { count in
            defer { first += Int(count) }
            return count == 0 ? 0 : pairs.values[first]
        }
    }
}
