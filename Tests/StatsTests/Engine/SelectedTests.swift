import Days
import Testing

@testable import Stats

struct SelectedTests {
    /// A block in which visits have so many events.
    private func block(_ counts: [Int]) -> Block {
        var block = Block(day: Day(rawValue: 0), start: 0)
        block.visitor = counts.indices.map { UInt32($0) }
        block.firstEvent = counts.reduce(into: [0]) { $0.append($0.last! + UInt32($1)) }
        block.time = (0..<counts.reduce(0, +)).map { UInt32($0) }
        block.kinds = block.time.map { _ in .pageView }
        return block
    }

    /// Each visit that is selected, with the numbers of its events.
    private func told(_ selected: Selected) -> [UInt32: [UInt32]] {
        let events = selected.events
        #expect(
            events.firsts.count == selected.visits.count + 1 && events.numbers.count == events.places.count)
        var told: [UInt32: [UInt32]] = [:]
        for (place, visit) in selected.visits.enumerated() {
            let range = Int(events.firsts[place])..<Int(events.firsts[place + 1])
            #expect(events.places[range].allSatisfy { $0 == UInt32(place) })
            told[visit] = Array(events.numbers[range])
        }
        return told
    }

    @Test(arguments: [
        [], [1], [3, 1, 7, 2], Array(repeating: 1, count: 40), (0..<60).map { 1 + $0 * 7 % 5 },
    ])
    func `what a mask keeps are its events, and the visits that have one of them`(counts: [Int]) {
        var random = RandomEvents(seed: 7)
        let block = block(counts)
        let all = block.visitor
        for shares in [0, 1, 3, 10, 100] {
            for visits in [all, all.filter { _ in Bool.random(using: &random) }] {
                let selected = Selected(block, visits: visits)
                let mask = selected.events.numbers.map { _ in
                    Int.random(in: 0..<100, using: &random) < shares ? UInt8(1) : 0
                }
                var expected: [UInt32: [UInt32]] = [:]
                var index = 0
                for visit in visits {
                    for event in block.firstEvent[Int(visit)]..<block.firstEvent[Int(visit) + 1] {
                        if mask[index] == 1 { expected[visit, default: []].append(event) }
                        index += 1
                    }
                }
                let kept = selected.keeping(events: mask)
                #expect(told(kept) == expected && kept.visits == visits.filter { expected[$0] != nil })
                #expect(
                    told(kept.whole).mapValues(\.count)
                        == expected.keys.reduce(into: [:]) { $0[$1] = counts[Int($1)] })
            }
        }
    }

    @Test func `a selection that was asked for all events of its visits is freed`() {
        weak var first: Selected?
        weak var second: Selected?
        do {
            let selected = Selected(block([2, 2]), visits: [0, 1])
            let kept = selected.keeping(events: [1, 0, 0, 0])
            #expect(
                selected.whole === selected && kept.whole.visits == [0]
                    && kept.whole.events.numbers == [0, 1])
            (first, second) = (selected, kept)
        }
        #expect(first == nil && second == nil)
    }
}
