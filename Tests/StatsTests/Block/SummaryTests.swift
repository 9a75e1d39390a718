import Days
import Testing

@testable import Stats

/// A summary, counted once more with sets.
struct SummaryTests {
    /// The sums of some events of a block.
    private func sums(_ block: Block, _ isChosen: (_ visit: Int, _ event: Int) -> Bool) -> [Int64] {
        var sums = [Int64](repeating: 0, count: Sum.allCases.count)
        var (visits, visitors): (Set<Int>, Set<UInt32>) = ([], [])
        for visit in 0..<block.visitCount {
            for event in Int(block.firstEvent[visit])..<Int(block.firstEvent[visit + 1])
            where isChosen(visit, event) {
                visits.insert(visit)
                visitors.insert(block.visitor[visit])
                let kinds = block.kinds[event]
                sums[Sum.events.rawValue] += 1
                sums[Sum.pageViews.rawValue] += kinds.contains(.pageView) ? 1 : 0
                sums[Sum.exits.rawValue] += kinds.contains(.exit) ? 1 : 0
                sums[Sum.engaged.rawValue] += kinds.contains(.engaged) ? 1 : 0
                sums[Sum.engagement.rawValue] += Int64(block.engagement[event])
                sums[Sum.deep.rawValue] += block.depth[event] == Block.unknownDepth ? 0 : 1
                sums[Sum.depth.rawValue] +=
                    block.depth[event] == Block.unknownDepth ? 0 : Int64(block.depth[event])
            }
        }
        sums[Sum.visitors.rawValue] = Int64(visitors.count)
        sums[Sum.visits.rawValue] = Int64(visits.count)
        sums[Sum.bounces.rawValue] = visits.reduce(0) { $0 + Int64(block.bounced[$1]) }
        sums[Sum.duration.rawValue] = visits.reduce(0) { $0 + Int64(block.duration[$1]) }
        return sums
    }

    @Test(arguments: 1...5) func `it is what counting says`(seed: UInt64) {
        // A day of 25 hours, which shows an hour twice.
        let clock = ZoneHistory(Zone.named("Europe/Berlin")!).clock(of: Day("2026-10-25")!)
        var random = RandomEvents(seed: seed)
        let raw = RawEvents(random.happenings(200))
        let block = Fold.fold(raw, day: clock.day, start: Happening.clock.start).block
        let summary = Summary(of: block, clock: clock)
        #expect(summary.day == clock.day)
        #expect(summary.visits == block.visitCount)
        #expect(summary.events == block.eventCount)
        #expect(summary.hasRevenue == !block.revenues.isEmpty)
        #expect(summary.totals == sums(block) { _, _ in true })
        #expect(Set(summary.tables.keys) == Set(Summary.Key.all))
        for (key, table) in summary.tables {
            let value: (Int, Int) -> UInt16 = { visit, event in
                switch key {
                case .column(let column): block.numbers(of: column)[column.isOfVisit ? visit : event]
                case .entryPage: block.entryPage[visit]
                case .exitPage: block.exitPage[visit]
                case .quarter: UInt16(clock.shown(after: Int(block.time[event])) / 900)
                }
            }
            var values: Set<UInt16> = []
            for visit in 0..<block.visitCount {
                for event in Int(block.firstEvent[visit])..<Int(block.firstEvent[visit + 1]) {
                    values.insert(value(visit, event))
                }
            }
            values.remove(Block.none)
            #expect(table.values == values.sorted())
            for (row, number) in table.values.enumerated() {
                let expected = sums(block) { value($0, $1) == number }
                #expect(table.sums.map { $0[row] } == expected)
            }
        }
    }
}
