/// One block on its way into a partial: what plans share is found once.
final class BlockScan {
    let engine: Engine
    let loaded: LoadedBlock
    let block: Block
    /// Nobody is left out.
    let isWhole: Bool
    private let counting: [UInt8]?
    private lazy var everybody = Selected(block, visits: counted())
    private var selected: [Selected?]
    /// By test: what it says of each of the block's texts, and at the end of none.
    private var tables: [[UInt8]?]

    /// - Parameter counting: 1 for each of the block's visitors that counts, by number, and 0 for the others; nil: all do.
    init(_ engine: Engine, _ loaded: LoadedBlock, counting: [UInt8]?) {
        self.engine = engine
        self.loaded = loaded
        block = loaded.block
        // Loops do not check.
        precondition(counting.map { $0.count == loaded.block.visitorCount } ?? true)
        self.counting = counting
        isWhole = counting == nil
        selected = engine.selections.map { _ in nil }
        tables = engine.tests.map { _ in nil }
    }

    private func counted() -> [UInt32] {
        let visits = Loops.all(block.visitCount)
        return counting.map { Loops.kept(visits, where: Loops.pick($0, block.visitor)) } ?? visits
    }

    // MARK: Selections

    func select(_ number: Int, _ outcomes: inout [[UInt8]]) -> Selected {
        if let known = selected[number] { return known }
        let selection = engine.selections[number]
        var made = everybody
        for condition in selection.ofVisits {
            if made.isEmpty { break }
            made = made.keeping(visits: mask(condition, in: made, &outcomes).bytes)
        }
        var mask: [UInt8]?
        for condition in selection.ofEvents {
            if made.isEmpty { break }
            let bytes = ofEvents(self.mask(condition, in: made, &outcomes), in: made)
            mask = mask.map { BlockScan.both($0, bytes) } ?? bytes
        }
        if let window = selection.window, !made.isEmpty, let bytes = inside(window, made) {
            mask = mask.map { BlockScan.both($0, bytes) } ?? bytes
        }
        if let mask { made = made.keeping(events: mask) }
        selected[number] = made
        return made
    }

    /// 1 for the events that a window holds; nil if it holds them all.
    func inside(_ window: Range<Int64>, _ selected: Selected) -> [UInt8]? {
        let (low, high) = bounds(window)
        if holdsAll(low, high) { return nil }
        return selected.events.numbers.map { number in
            let time = Int64(block.time[Int(number)])
            return low <= time && time < high ? 1 : 0
        }
    }

    /// All events of the block are in a window.
    func isInside(_ window: Range<Int64>) -> Bool {
        let (low, high) = bounds(window)
        return holdsAll(low, high)
    }

    private func holdsAll(_ low: Int64, _ high: Int64) -> Bool { low <= 0 && high > Int64(loaded.lastTime) }

    /// In seconds after the block's start.
    private func bounds(_ window: Range<Int64>) -> (low: Int64, high: Int64) {
        let first = window.lowerBound.subtractingReportingOverflow(block.start)
        let end = window.upperBound.subtractingReportingOverflow(block.start)
        return (
            first.overflow ? (window.lowerBound < 0 ? .min : .max) : first.partialValue,
            end.overflow ? (window.upperBound < 0 ? .min : .max) : end.partialValue
        )
    }

    // MARK: Conditions

    /// A byte for each visit, or for each event, of a `Selected`.
    struct Mask {
        var isOfVisits: Bool
        var bytes: [UInt8]
    }

    func mask(_ condition: Condition, in selected: Selected, _ outcomes: inout [[UInt8]]) -> Mask {
        switch condition {
        case .all(let conditions):
            return combined(conditions, in: selected, &outcomes, empty: 1, BlockScan.both)
        case .any(let conditions):
            return combined(conditions, in: selected, &outcomes, empty: 0, BlockScan.either)
        case .not(let condition):
            var mask = mask(condition, in: selected, &outcomes)
            for index in mask.bytes.indices { mask.bytes[index] ^= 1 }
            return mask
        case .hasDone(let condition):
            let whole = selected.whole
            let mask = mask(condition, in: whole, &outcomes)
            if mask.isOfVisits { return mask }
            return Mask(isOfVisits: true, bytes: Loops.hasOne(mask.bytes, groups: whole.events.firsts))
        case .text(let text, let test):
            return mask(text, table(test, text, &outcomes), in: selected)
        case .isPageView(let isIt):
            return ofKinds(selected, arePageViews: isIt ? 1 : 0)
        case .isRead(let depth):
            let bytes = selected.events.numbers.map { number -> UInt8 in
                let read = block.depth[Int(number)]
                return read != Block.unknownDepth && Int(read) >= depth ? 1 : 0
            }
            return Mask(isOfVisits: false, bytes: bytes)
        }
    }

    /// 1 for the events that are page views, or for those that are none.
    private func ofKinds(_ selected: Selected, arePageViews wanted: UInt8) -> Mask {
        let numbers = selected.events.numbers
        let bytes = [UInt8](unsafeUninitializedCapacity: numbers.count) { result, count in
            block.kinds.withUnsafeBufferPointer { kinds in
                numbers.withUnsafeBufferPointer { numbers in
                    for index in 0..<numbers.count {
                        result[index] = kinds[Int(numbers[index])].rawValue & 1 ^ wanted ^ 1
                    }
                }
            }
            count = numbers.count
        }
        return Mask(isOfVisits: false, bytes: bytes)
    }

    private func combined(
        _ conditions: [Condition], in selected: Selected, _ outcomes: inout [[UInt8]], empty: UInt8,
        _ combine: ([UInt8], [UInt8]) -> [UInt8]
    ) -> Mask {
        var result: Mask?
        for condition in conditions {
            let next = mask(condition, in: selected, &outcomes)
            guard let before = result else {
                result = next
                continue
            }
            if before.isOfVisits == next.isOfVisits {
                result = Mask(isOfVisits: before.isOfVisits, bytes: combine(before.bytes, next.bytes))
            } else {
                result = Mask(
                    isOfVisits: false,
                    bytes: combine(ofEvents(before, in: selected), ofEvents(next, in: selected)))
            }
        }
        return result ?? Mask(isOfVisits: true, bytes: selected.visits.map { _ in empty })
    }

    /// What holds of a visit holds of its events.
    func ofEvents(_ mask: Mask, in selected: Selected) -> [UInt8] {
        mask.isOfVisits ? Loops.pick(mask.bytes, selected.events.places) : mask.bytes
    }

    static func both(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] { Loops.joined(left, right) { $0 & $1 } }

    static func either(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] { Loops.joined(left, right) { $0 | $1 } }

    // MARK: Texts

    private func mask(_ text: Condition.Text, _ table: [UInt8], in selected: Selected) -> Mask {
        switch text {
        case .column(let column):
            let isOfVisits = column.isOfVisit
            let rows = isOfVisits ? selected.visits : selected.events.numbers
            return Mask(
                isOfVisits: isOfVisits,
                bytes: looked(up: block.columns[Int(column.rawValue)], rows, in: table))
        case .entryPage:
            return Mask(isOfVisits: true, bytes: looked(up: block.entryPage, selected.visits, in: table))
        case .exitPage:
            return Mask(isOfVisits: true, bytes: looked(up: block.exitPage, selected.visits, in: table))
        case .entryHostname:
            return Mask(
                isOfVisits: true, bytes: looked(up: block.hostnames(at: .entry), selected.visits, in: table))
        case .exitHostname:
            return Mask(
                isOfVisits: true, bytes: looked(up: block.hostnames(at: .exit), selected.visits, in: table))
        case .property(let key):
            var holds = [UInt8](repeating: table[table.count - 1], count: block.eventCount)
            if let number = loaded.property(key) {
                let property = block.properties[number]
                for (event, value) in zip(property.events, property.values) {
                    holds[Int(event)] = table[Int(value)]
                }
            }
            return Mask(isOfVisits: false, bytes: Loops.gather(holds, selected.events.numbers))
        }
    }

    private func looked(up column: [UInt16], _ rows: [UInt32], in table: [UInt8]) -> [UInt8] {
        // `Block.none` is beyond all texts: it has the last place.
        let last = table.count - 1
        if let (odd, holds) = BlockScan.oddOne(in: table) {
            let number = odd == last ? Block.none : UInt16(truncatingIfNeeded: odd)
            return Loops.compared(column, rows, with: number, equal: holds)
        }
        return [UInt8](unsafeUninitializedCapacity: rows.count) { result, count in
            column.withUnsafeBufferPointer { column in
                rows.withUnsafeBufferPointer { rows in
                    table.withUnsafeBufferPointer { table in
                        for index in 0..<rows.count {
                            result[index] = table[min(Int(column[Int(rows[index])]), last)]
                        }
                    }
                }
            }
            count = rows.count
        }
    }

    /// The place of the only 1, or else of the only 0: of "is" and "is not", which nearly all filters are.
    private static func oddOne(in table: [UInt8]) -> (place: Int, holds: UInt8)? {
        let ones = table.reduce(0) { $0 &+ Int($1) }
        let holds: UInt8 = ones == 1 ? 1 : 0
        guard ones == 1 || ones == table.count - 1, let place = table.firstIndex(of: holds) else {
            return nil
        }
        return (place, holds)
    }

    /// What a test says of each of the block's texts; each text of the site is looked at once.
    func table(_ test: Int, _ text: Condition.Text, _ outcomes: inout [[UInt8]]) -> [UInt8] {
        if let known = tables[test] { return known }
        let (texts, ids): (SharedTexts?, [UInt32]) =
            switch text {
            case .column(let column):
                (loaded.dictionaries.texts(of: column), loaded.ids[Int(column.rawValue)])
            case .entryPage, .exitPage:
                (loaded.dictionaries.texts(of: .page), loaded.ids[Int(Column.page.rawValue)])
            case .entryHostname, .exitHostname:
                (loaded.dictionaries.texts(of: .hostname), loaded.ids[Int(Column.hostname.rawValue)])
            case .property(let key):
                loaded.property(key).map { (loaded.properties[$0].texts, loaded.properties[$0].ids) } ?? (
                    nil, []
                )
            }
        if let end = ids.max(), outcomes[test].count <= Int(end) {
            outcomes[test].append(contentsOf: repeatElement(0, count: Int(end) + 1 - outcomes[test].count))
        }
        let unknown = ids.filter { outcomes[test][Int($0)] == 0 }
        if let texts, !unknown.isEmpty {
            let copies = texts.copies(of: unknown)
            for (index, id) in unknown.enumerated() {
                outcomes[test][Int(id)] = copies.withText(index) { engine.tests[test].holds($0) } ? 2 : 1
            }
        }
        var table = ids.map { outcomes[test][Int($0)] - 1 }
        switch text {
        case .property: table.append(engine.tests[test].holdsOfNothing ? 1 : 0)
        // A visit without a page view has the page "", and the hostname "".
        case .column, .entryPage, .exitPage, .entryHostname, .exitHostname:
            table.append("".isMet(by: engine.tests[test]) ? 1 : 0)
        }
        tables[test] = table
        return table
    }
}

extension String {
    fileprivate func isMet(by test: TextTest) -> Bool {
        Array(utf8).withUnsafeBytes { test.holds($0) }
    }
}
