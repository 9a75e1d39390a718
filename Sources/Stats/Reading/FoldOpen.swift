import Days

extension Fold {
    /// The fold of a day that goes on: its visitors may come back, so their hashes stand beside, by their numbers.
    struct Open {
        var block: Block
        var visitors: [Int64]
    }

    static func open(_ raw: RawEvents, rows: [UInt32], clock: DayClock) -> Open {
        let limits = Limits()
        var block = Block(day: clock.day, start: clock.start)
        let visitors = Visitors(raw, rows: rows)
        let visits = Visits(raw, visitors, start: clock.start)
        visits.write(to: &block)
        writeColumns(of: raw, visits, limits: limits, to: &block)
        writeRevenues(of: raw, visits, limits: limits, to: &block)
        writeProperties(of: raw, visits, limits: limits, to: &block)
        // Those without a visit come last, and have no number.
        let hashes = visitors.starts.prefix(block.visitorCount).map { start in
            raw.events[Int(visitors.rows[start])].visitor
        }
        return Open(block: block, visitors: hashes)
    }
}
