/// Seconds: of visitors' first visits, which ascend, from one to the next; of further visits from the
/// visitor's visit before; of further events from the event before, or from when the page view before had
/// been looked at.
extension CoreCoding {
    static func writeTimes(
        _ block: Block, _ isFirstVisit: [UInt8], to planes: inout PlaneWriter
    ) throws(BlockDamage) {
        var (first, further, steps): ([UInt32], [UInt32], [UInt32]) = ([], [], [])
        var differences: [UInt64] = []
        var (firstStart, start): (UInt32, UInt32) = (0, 0)
        var ascends = true
        func step(_ from: UInt32, _ to: UInt32) -> UInt32 {
            ascends = ascends && from <= to
            return to &- from
        }
        for visit in 0..<block.visitCount {
            let events = Int(block.firstEvent[visit])..<Int(block.firstEvent[visit + 1])
            let time = block.time[events.lowerBound]
            if isFirstVisit[visit] == 1 {
                first.append(step(firstStart, time))
                firstStart = time
            } else {
                further.append(step(start, time))
            }
            start = time
            var expected = Expected()
            for event in events {
                let time = block.time[event]
                let isView = block.kinds[event].contains(.pageView)
                if event > events.lowerBound {
                    let step = step(block.time[event - 1], time)
                    if isView, let next = expected.next {
                        differences.append(ZigZag.encoded(Int64(time) - max(next, Int64(time - step))))
                    } else {
                        steps.append(step)
                    }
                }
                if isView { expected = Expected(time, block.engagement[event]) }
            }
        }
        guard ascends else { throw BlockDamage("Times do not ascend.") }
        planes.append(numbers: first)
        planes.append(numbers: further)
        planes.append(numbers: steps)
        planes.append(numbers: differences)
    }

    /// When the next page view is expected.
    private struct Expected {
        private(set) var next: Int64?

        init() {}

        init(_ time: UInt32, _ engagement: UInt32) {
            next = engagement > 0 ? Int64(time) + Int64(engagement / 1_000) : nil
        }
    }
}
