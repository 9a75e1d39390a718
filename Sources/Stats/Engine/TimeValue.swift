import Days

/// Pieces of time as numbers that are in order: a day, and a quarter of an hour of what its clock shows.
enum TimeValue {
    /// Days before year 1 are none.
    private static let shift: Int32 = 800_000
    static let slots = 96

    /// - Parameter slot: quarters of an hour since the clock showed midnight.
    static func id(_ day: Day, slot: Int = 0) -> UInt32 {
        UInt32(clamping: Int64(day.rawValue) + Int64(shift)) * UInt32(slots) + UInt32(slot)
    }

    /// Of an interval that is never shorter than a day.
    static func id(_ day: Day, _ interval: Dimension.Interval) -> UInt32 {
        switch interval {
        case .week: id(day.monday)
        case .month: id(day.firstOfMonth)
        case .quarter, .hour, .day: id(day)
        }
    }

    static func label(_ id: UInt32, _ interval: Dimension.Interval) -> String {
        let day = Day(rawValue: Int32(id / UInt32(slots)) - shift).description
        let slot = Int(id) % slots
        switch interval {
        case .day, .week, .month: return day
        case .hour, .quarter: return "\(day) \(twoDigits(slot / 4)):\(twoDigits(slot % 4 * 15))"
        }
    }

    private static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    /// Quarters of an hour in a piece.
    static func slots(of interval: Dimension.Interval) -> Int { interval == .hour ? 4 : 1 }

    /// All pieces of a span, in order: those that have at least an instant of it. Days without a window are all there,
    /// even one that a site's move over the date line left out.
    static func all(
        _ interval: Dimension.Interval, of span: Span, history: ZoneHistory, limit: Int
    ) throws(QuestionError) -> [UInt32] {
        var ids: [UInt32] = []
        var day = span.days.lowerBound
        while day <= span.days.upperBound {
            switch interval {
            case .day, .week, .month:
                let id = id(day, interval)
                if ids.last != id, hasInstant(of: day, span.window, history) { ids.append(id) }
            case .hour, .quarter:
                let clock = history.clock(of: day)
                let (first, end) = (
                    max(span.window?.lowerBound ?? .min, clock.start),
                    min(span.window?.upperBound ?? .max, clock.end)
                )
                guard first < end else { break }
                let length = slots(of: interval)
                for piece in clock.shownPieces(
                    of: length * 900, from: Int(first - clock.start), to: Int(end - clock.start))
                {
                    ids.append(id(day, slot: piece * length))
                }
            }
            guard ids.count <= limit else {
                throw .tooLarge
            }
            day = day.advanced(by: 1)
        }
        return ids
    }

    private static func hasInstant(of day: Day, _ window: Range<Int64>?, _ history: ZoneHistory) -> Bool {
        guard let window else { return true }
        return max(window.lowerBound, history.start(of: day)) < min(window.upperBound, history.end(of: day))
    }
}

extension DayClock {
    /// ``shownPieces(of:)`` between two instants, in seconds after the day's start; `to` is not among them.
    fileprivate func shownPieces(of length: Int, from first: Int, to end: Int) -> [Int] {
        var shown: Set<Int> = []
        for (index, piece) in pieces.enumerated() {
            let (from, until) = (
                max(piece.from, first), min(index + 1 < pieces.count ? pieces[index + 1].from : .max, end)
            )
            guard from < until else { continue }
            let (low, high) = (self.shown(after: from) / length, self.shown(after: until - 1) / length)
            shown.formUnion(min(low, high)...max(low, high))
        }
        return shown.sorted()
    }
}
