package import Days

extension Summary {
    /// Counts a whole block, without any filter.
    ///
    /// Visits are sorted by visitor and events by visit, so that a value's visit (or visitor) is a new one
    /// exactly if it is not that with which the value was last seen. A visit without a page view is in no row
    /// of entry and exit pages.
    ///
    /// - Parameter clock: of the block's day.
    package init(of block: Block, clock: DayClock) {
        self.init(of: block, Key.all, quarters: block.time.map { UInt16(clock.shown(after: Int($0)) / 900) })
    }

    /// Totals and pages alone. The block's core suffices.
    package init(ofPages block: Block) {
        self.init(of: block, [.column(.page)], quarters: [])
    }

    /// - Parameter quarters: of the hour, of each event.
    private init(of block: Block, _ keys: [Key], quarters: [UInt16]) {
        day = block.day
        visits = block.visitCount
        events = block.eventCount
        hasRevenue = !block.revenues.isEmpty
        dictionaries = block.dictionaries
        // Of money there is no table.
        dictionaries[Int(Column.currency.rawValue)] = []
        tables = [:]
        let figures = Figures(block)
        totals = figures.totals
        for key in keys {
            let count = key.count(dictionaries)
            switch key {
            case .column(let column) where column.isOfVisit:
                tables[key] = figures.table(ofVisits: block.numbers(of: column), count)
            case .column(let column): tables[key] = figures.table(ofEvents: block.numbers(of: column), count)
            case .entryPage: tables[key] = figures.table(ofVisits: block.entryPage, count)
            case .exitPage: tables[key] = figures.table(ofVisits: block.exitPage, count)
            case .quarter: tables[key] = figures.table(ofEvents: quarters, count)
            }
        }
    }

    /// What visits and events add to the sums of their values.
    private struct Figures {
        private let block: Block
        /// Of each visit its row, as ``SummarySums`` has them, without the visitor.
        private var visits: [Int64]
        private(set) var totals = [Int64](repeating: 0, count: SummarySums.width)

        init(_ block: Block) {
            self.block = block
            var rows = [Int64](repeating: 0, count: block.visitCount * SummarySums.width)
            var sums = rows.mutableSpan
            let (firstEvent, bounced, duration) = (
                block.firstEvent.span, block.bounced.span, block.duration.span
            )
            let (kinds, engagement, depth) = (block.kinds.span, block.engagement.span, block.depth.span)
            for visit in 0..<block.visitCount {
                let row = visit * SummarySums.width
                sums[row + Sum.visits.rawValue] = 1
                sums[row + Sum.bounces.rawValue] = Int64(bounced[visit])
                sums[row + Sum.duration.rawValue] = Int64(duration[visit])
                for event in Int(firstEvent[visit])..<Int(firstEvent[visit + 1]) {
                    Summary.add(kinds[event], engagement[event], depth[event], to: &sums, row)
                }
                for sum in 0..<SummarySums.width { totals[sum] += sums[row + sum] }
            }
            visits = rows
            totals[Sum.visitors.rawValue] = Int64(block.visitorCount)
        }

        /// - Parameter values: one a visit, below `count`, or ``Block/none``.
        func table(ofVisits values: [UInt16], _ count: Int) -> Table {
            if count == 1, !values.contains(Block.none) { return SummarySums(totals).table }
            var rows = SummarySums(count: count)
            var sums = rows.sums.mutableSpan
            var lastVisitors = [UInt32](repeating: .max, count: count)
            var last = lastVisitors.mutableSpan
            let (values, visits, visitors) = (values.span, visits.span, block.visitor.span)
            for visit in values.indices where values[visit] != Block.none {
                let value = Int(values[visit])
                precondition(value < count)
                let (row, from) = (value * SummarySums.width, visit * SummarySums.width)
                for sum in 0..<SummarySums.width {
                    sums[unchecked: row + sum] &+= visits[unchecked: from + sum]
                }
                guard last[value] != visitors[visit] else { continue }
                last[value] = visitors[visit]
                sums[row + Sum.visitors.rawValue] += 1
            }
            return rows.table
        }

        /// - Parameter values: one an event, below `count`.
        func table(ofEvents values: [UInt16], _ count: Int) -> Table {
            if count == 1 { return SummarySums(totals).table }
            var rows = SummarySums(count: count)
            var sums = rows.sums.mutableSpan
            // The visit, and above it the visitor.
            var lastVisits = [UInt64](repeating: .max, count: count)
            var last = lastVisits.mutableSpan
            let (values, visitors, firstEvent) = (values.span, block.visitor.span, block.firstEvent.span)
            let (bounced, duration) = (block.bounced.span, block.duration.span)
            let (kinds, engagement, depth) = (block.kinds.span, block.engagement.span, block.depth.span)
            for visit in visitors.indices {
                let this = UInt64(visitors[visit]) << 32 | UInt64(visit)
                for event in Int(firstEvent[visit])..<Int(firstEvent[visit + 1]) {
                    let value = Int(values[event])
                    let row = value * SummarySums.width
                    Summary.add(kinds[event], engagement[event], depth[event], to: &sums, row)
                    guard last[value] != this else { continue }
                    if last[value] >> 32 != this >> 32 { sums[row + Sum.visitors.rawValue] += 1 }
                    last[value] = this
                    sums[row + Sum.visits.rawValue] += 1
                    sums[row + Sum.bounces.rawValue] += Int64(bounced[visit])
                    sums[row + Sum.duration.rawValue] += Int64(duration[visit])
                }
            }
            return rows.table
        }
    }

    /// What an event adds by itself.
    @inline(__always)
    private static func add(
        _ kinds: Block.Kinds, _ engagement: UInt32, _ depth: UInt8, to sums: inout MutableSpan<Int64>,
        _ row: Int
    ) {
        sums[row + Sum.events.rawValue] += 1
        guard kinds.contains(.pageView) else { return }
        sums[row + Sum.pageViews.rawValue] += 1
        if kinds.contains(.exit) { sums[row + Sum.exits.rawValue] += 1 }
        if kinds.contains(.engaged) {
            sums[row + Sum.engaged.rawValue] += 1
            sums[row + Sum.engagement.rawValue] += Int64(engagement)
        }
        if depth != Block.unknownDepth {
            sums[row + Sum.deep.rawValue] += 1
            sums[row + Sum.depth.rawValue] += Int64(depth)
        }
    }
}

/// A table's sums by value, those of a value side by side.
private struct SummarySums {
    static let width = Sum.allCases.count

    var sums: [Int64]

    init(count: Int) {
        sums = [Int64](repeating: 0, count: count * Self.width)
    }

    /// Of a single value.
    init(_ sums: [Int64]) {
        self.sums = sums
    }

    /// Of the values that have an event.
    var table: Summary.Table {
        let count = sums.count / Self.width
        let values = (0..<count).filter { sums[$0 * Self.width + Sum.events.rawValue] > 0 }
        let all = sums.span
        return .init(
            values: values.map { UInt16($0) },
            sums: (0..<Self.width).map { sum in
                [Int64](unsafeUninitializedCapacity: values.count) { column, filled in
                    for (row, value) in values.enumerated() { column[row] = all[value * Self.width + sum] }
                    filled = values.count
                }
            })
    }
}
