extension Block {
    /// Which of a visit's page views.
    package enum Edge: Sendable {
        case entry, exit
    }

    /// The hostname of each visit's first, or last, page view; ``none`` for a visit without one. Made when it is asked for,
    /// which is seldom: a block holds the same for pages.
    func hostnames(at edge: Edge) -> [UInt16] {
        let hostnames = columns[Int(Column.hostname.rawValue)]
        var found = [UInt16](repeating: Block.none, count: visitCount)
        for visit in 0..<visitCount {
            let events = Int(firstEvent[visit])..<Int(firstEvent[visit + 1])
            let event =
                switch edge {
                case .entry: events.first { kinds[$0].contains(.pageView) }
                case .exit: events.last { kinds[$0].contains(.pageView) }
                }
            if let event { found[visit] = hostnames[event] }
        }
        return found
    }
}
