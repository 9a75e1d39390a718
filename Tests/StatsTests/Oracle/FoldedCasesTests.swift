import Days
import FoundationEssentials
import Postgres
import Stats
import TestSupport
import Testing

/// What blocks hold is what plain SQL finds in the raw events.
struct FoldedCasesTests {
    private static let sites = ProcessInfo.processInfo.environment["MOCHI_TEST_LONG"] == nil ? 60 : 1_500

    @Test func `blocks hold what the oracle counts, however a day is cut into parts`() async throws {
        try await compare { dice in (dice.number(1...4), nil) }
    }

    @Test func `what a day keeps of many values does not depend on who counts them`() async throws {
        try await compare { dice in (1, OracleLimits(values: dice.number(1...3), keys: dice.number(0...3))) }
    }

    private func compare(
        _ draw: (inout Dice) -> (parts: Int, limits: OracleLimits?)
    ) async throws {
        try await withEmptyDatabase { database in
            for seed in 1...UInt64(Self.sites) {
                var drawing = SiteDrawing(dice: Dice(seed: seed))
                let site = drawing.site()
                let (parts, limits) = draw(&drawing.dice)
                let expected = try await database.owner.withConnection { connection in
                    try OracleTable(site, limits: limits, on: connection).visitors()
                }
                let stored = try site.stored(
                    parts: parts,
                    limits: limits.map { Fold.Limits(values: $0.values, keys: $0.keys) } ?? Fold.Limits(),
                    dice: &drawing.dice)
                var visitors: [Day: [String]] = [:]
                for part in stored {
                    let block = try part.block
                    #expect(block.day == part.clock.day && block.start == part.clock.start)
                    #expect(
                        part.encoded.visitors == block.visitorCount && part.encoded.visits == block.visitCount
                    )
                    #expect(part.encoded.events == block.eventCount)
                    visitors[block.day, default: []] += block.visitors
                }
                let found = visitors.filter { !$0.value.isEmpty }.mapValues { $0.sorted() }
                // Of all that differs the first is enough.
                for day in Set(found.keys).union(expected.keys).sorted() {
                    let (left, right) = (found[day] ?? [], expected[day] ?? [])
                    guard left.map({ Array($0.utf8) }) == right.map({ Array($0.utf8) }) else {
                        let index = zip(left, right).enumerated().first {
                            $1.0.utf8.elementsEqual($1.1.utf8) == false
                        }?.offset
                        Issue.record(
                            """
                            seed \(seed), \(day), \(parts) parts, \(limits.map { "\($0)" } ?? "no limits"):
                            \(left.count) visitors, the oracle has \(right.count)
                            \(index.map { left[$0] } ?? "")
                            \(index.map { right[$0] } ?? "")
                            """)
                        return
                    }
                }
            }
        }
    }
}
