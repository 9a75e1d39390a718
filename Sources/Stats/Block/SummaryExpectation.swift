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
        if case .sums(let child) = rule, case .column(let parent) = key, !block.dictionary(of: parent).isEmpty
        {
            parents = block.mainParents(of: child, parent)
        }
    }

    /// - Parameter texts: how many each column has.
    init(of key: Summary.Key, _ planes: inout PlaneReader, _ texts: [Int]) throws(BlockDamage) {
        self.init(of: key)
        if case .sums(let child) = rule, key.count(texts) > 0 {
            parents = try planes.steps(texts[Int(child.rawValue)], of: key.count(texts))
        }
    }

    var isNothing: Bool { if case .nothing = rule { true } else { false } }

    /// The rows to expect, by value, from the tables that are known.
    func rows(_ count: Int, _ tables: [Summary.Key: SummaryRows]) -> SummaryRows? {
        switch rule {
        case .nothing: return nil
        case .sums(let child):
            var rows = SummaryRows(count: count)
            guard let children = tables[.column(child)] else { return rows }
            for (value, parent) in parents.enumerated() { rows.add(Int(parent), from: children, value) }
            return rows
        case .rows(let keys):
            var rows = SummaryRows(count: count)
            for case let table? in keys.reversed().map({ tables[$0] }) {
                for value in table.isThere.indices where table.isThere[value] == 1 {
                    rows.copy(value, from: table, value)
                }
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
