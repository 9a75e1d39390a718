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

    /// By ``Sum``, what to expect of each of `values`, from the tables that are known; nil if nothing is
    /// expected.
    ///
    /// - Parameter count: how many values there may be.
    func sums(of values: [UInt16], _ count: Int, _ tables: [Summary.Key: Summary.Table]) -> [[Int64]]? {
        switch rule {
        case .nothing: return nil
        case .sums(let child):
            let children = tables[.column(child)] ?? .init(values: [], sums: Sum.allCases.map { _ in [] })
            return children.sums.map { column in
                var sums = [Int64](repeating: 0, count: count)
                for (value, amount) in zip(children.values, column) where !parents.isEmpty {
                    sums[Int(parents[Int(value)])] &+= amount
                }
                return values.map { sums[Int($0)] }
            }
        case .rows(let keys):
            // Of each value the first table that has it, and its row there.
            var places = [(table: Int, row: Int)?](repeating: nil, count: count)
            let tables = keys.compactMap { tables[$0] }
            for (index, table) in tables.enumerated().reversed() {
                for (row, value) in table.values.enumerated() { places[Int(value)] = (index, row) }
            }
            let wanted = values.map { places[Int($0)] }
            return Sum.allCases.indices.map { sum in
                wanted.map { place in place.map { tables[$0.table].sums[sum][$0.row] } ?? 0 }
            }
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
