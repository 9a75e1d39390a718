extension BlockScan {
    /// For each condition the places, among the selected events, of those for which it holds; ascending.
    ///
    /// Most goals are a page, or an event, of a certain name: all of these together take one look at each event and one at
    /// a table of bits, by the number of its text. One mask for each goal took twenty times as long.
    func reached(
        _ conditions: [Condition], in selected: Selected, _ outcomes: inout [[UInt8]]
    ) -> [[UInt32]] {
        var reached = conditions.map { _ in [UInt32]() }
        var bits = GoalBits()
        for (number, condition) in conditions.enumerated() {
            if let (isPageView, test) = condition.nameAlone, bits.count < GoalBits.most {
                let column = isPageView ? Column.page : .name
                bits.add(number, isPageView, table(test, .column(column), &outcomes))
            } else {
                let mask = ofEvents(mask(condition, in: selected, &outcomes), in: selected)
                reached[number] = Loops.rows(where: mask)
            }
        }
        guard !bits.isEmpty else { return reached }
        let hits = hits(bits, selected.events.numbers)
        for (bit, number) in bits.goals.enumerated() {
            for hit in hits where hit.bits >> UInt64(bit) & 1 == 1 { reached[number].append(hit.place) }
        }
        return reached
    }

    private struct Hit {
        var place: UInt32
        var bits: UInt64
    }

    /// The events that reach one of the goals at least.
    private func hits(_ bits: GoalBits, _ numbers: [UInt32]) -> [Hit] {
        let (pages, names) = (
            block.columns[Int(Column.page.rawValue)], block.columns[Int(Column.name.rawValue)]
        )
        // One more than there are: the last place is written before it is known whether it counts.
        return [Hit](unsafeUninitializedCapacity: numbers.count + 1) { result, count in
            var kept = 0
            numbers.withUnsafeBufferPointer { numbers in
                block.kinds.withUnsafeBufferPointer { kinds in
                    pages.withUnsafeBufferPointer { pages in
                        names.withUnsafeBufferPointer { names in
                            bits.withTables { ofPages, ofNames in
                                // `Block.none` is beyond all texts: it has the last place.
                                let (lastPage, lastName) = (ofPages.count - 1, ofNames.count - 1)
                                for place in 0..<numbers.count {
                                    let number = Int(numbers[place])
                                    let found =
                                        kinds[number].rawValue & 1 == 1
                                        ? ofPages[min(Int(pages[number]), lastPage)]
                                        : ofNames[min(Int(names[number]), lastName)]
                                    result[kept] = Hit(place: UInt32(truncatingIfNeeded: place), bits: found)
                                    kept &+= found == 0 ? 0 : 1
                                }
                            }
                        }
                    }
                }
            }
            count = kept
        }
    }
}

/// Which goals a text of a block reaches: a bit for each, by the text's number, as a page and as the name of an event.
private struct GoalBits {
    static let most = UInt64.bitWidth

    /// By bit.
    private(set) var goals: [Int] = []
    private var pages: [UInt64] = [0]
    private var names: [UInt64] = [0]

    var count: Int { goals.count }
    /// No text of the block reaches any.
    private(set) var isEmpty = true

    mutating func add(_ goal: Int, _ isPageView: Bool, _ table: [UInt8]) {
        let bit = UInt64(1) << UInt64(goals.count)
        goals.append(goal)
        if isPageView { GoalBits.set(bit, table, &pages) } else { GoalBits.set(bit, table, &names) }
        if table.contains(1) { isEmpty = false }
    }

    /// Tables of one column have the same size.
    private static func set(_ bit: UInt64, _ table: [UInt8], _ bits: inout [UInt64]) {
        if bits.count < table.count { bits = [UInt64](repeating: 0, count: table.count) }
        for (number, holds) in table.enumerated() where holds == 1 { bits[number] |= bit }
    }

    func withTables(_ body: (UnsafeBufferPointer<UInt64>, UnsafeBufferPointer<UInt64>) -> Void) {
        pages.withUnsafeBufferPointer { pages in names.withUnsafeBufferPointer { body(pages, $0) } }
    }
}

extension Condition {
    /// Of a condition that says no more than that an event is a page view of a certain page, or that it is none and has a
    /// certain name: which of them, and the test of the page or name.
    fileprivate var nameAlone: (isPageView: Bool, test: Int)? {
        guard case .all(let parts) = self, parts.count == 2, case .isPageView(let isPageView) = parts[0],
            case .text(.column(let column), let test) = parts[1], column == (isPageView ? .page : .name)
        else { return nil }
        return (isPageView, test)
    }
}
