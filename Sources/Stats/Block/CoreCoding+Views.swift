extension CoreCoding {
    /// How it is told which events are page views.
    enum Marks: UInt8 {
        /// They are those with the name of page views.
        case byName
        /// By a bit each, because that name is among the other ones.
        case bits
    }

    static func writeKinds(_ block: Block, to planes: inout PlaneWriter) {
        let name = block.dictionary(of: .name).firstIndex(of: Fold.pageView).map { UInt16($0) }
        let names = block.numbers(of: .name)
        if block.kinds.indices.allSatisfy({ block.kinds[$0].contains(.pageView) == (names[$0] == name) }) {
            planes.append(Marks.byName.rawValue)
        } else {
            planes.append(Marks.bits.rawValue)
            planes.append(bits: block.kinds.map { $0.rawValue & Block.Kinds.pageView.rawValue })
        }
    }

    // MARK: Engagement and depth

    static func writeViews(_ block: Block, to planes: inout PlaneWriter) {
        let views = block.kinds.indices.filter { block.kinds[$0].contains(.pageView) }
        planes.append(numbers: views.map { block.engagement[$0] })
        // Who tells an engagement mostly tells the depth as well, and who does not does not.
        planes.append(plane: views.lazy.filter { block.engagement[$0] > 0 }.map { block.depth[$0] })
        planes.append(plane: views.lazy.filter { block.engagement[$0] == 0 }.map { block.depth[$0] })
    }

    // MARK: Durations and bounces

    static func writeVisits(_ block: Block, to planes: inout PlaneWriter) {
        planes.append(
            numbers: block.duration.indices.map { visit in
                ZigZag.encoded(Int64(block.duration[visit]) - expectedDuration(of: visit, block))
            })
        planes.append(
            bits: block.bounced.indices.filter { bounce(of: $0, block) == nil }.map { block.bounced[$0] })
    }

    /// To the last event, or as long as the last page view was looked at.
    private static func expectedDuration(of visit: Int, _ block: Block) -> Int64 {
        let events = Int(block.firstEvent[visit])..<Int(block.firstEvent[visit + 1])
        let start = Int64(block.time[events.lowerBound])
        let end = Int64(block.time[events.upperBound - 1])
        guard let exit = events.last(where: { block.kinds[$0].contains(.exit) }) else { return end - start }
        return max(end, Int64(block.time[exit]) + Int64(block.engagement[exit] / 1_000)) - start
    }

    /// Whether it was one, if that can be told without knowing which custom events are interactive.
    private static func bounce(of visit: Int, _ block: Block) -> UInt8? {
        if block.pageViews[visit] > 1 { return 0 }
        return block.firstEvent[visit + 1] - block.firstEvent[visit] == 1 ? 1 : nil
    }
}
