/// What the clock of a site shows during one of its days, which may have 23 hours, or 25, or none.
package struct DayClock: Sendable, Hashable {
    /// A stretch with one offset.
    package struct Piece: Sendable, Hashable {
        /// Where it begins, in seconds after the day's start; the first at 0.
        package let from: Int
        /// What to add to seconds after the day's start for the seconds that the clock shows since midnight.
        package let shift: Int
    }

    package let day: Day
    /// Seconds since 1970; `end` is the start of the next day.
    package let start: Int64
    package let end: Int64
    package let pieces: [Piece]

    /// The seconds that the clock shows since midnight, 0 to 86,399.
    ///
    /// In a day that was prolonged because the site moved, what the clock shows outside of the day counts as its first,
    /// or its last, second.
    package func shown(after seconds: Int) -> Int {
        var index = pieces.count - 1
        while index > 0, pieces[index].from > seconds { index -= 1 }
        return min(max(seconds + pieces[index].shift, 0), 86_399)
    }

    /// Which pieces of the clock's day, each `length` seconds long, the clock shows at all: a spring day has no 2 o'clock.
    package func shownPieces(of length: Int) -> [Int] {
        var shown: Set<Int> = []
        for (index, piece) in pieces.enumerated() {
            let end = index + 1 < pieces.count ? pieces[index + 1].from : Int(self.end - start)
            guard end > piece.from else { continue }
            let first = min(max(piece.from + piece.shift, 0), 86_399) / length
            let last = min(max(end - 1 + piece.shift, 0), 86_399) / length
            shown.formUnion(first...last)
        }
        return shown.sorted()
    }
}

extension ZoneHistory {
    package func clock(of day: Day) -> DayClock {
        let (start, end, zone) = (start(of: day), end(of: day), zone(of: day))
        var pieces: [DayClock.Piece] = []
        var instant = start
        repeat {
            let segment = zone.segment(at: instant)
            let midnight = Int64(day.rawValue) * 86_400
            pieces.append(
                .init(from: Int(instant - start), shift: Int(start + Int64(segment.offset) - midnight)))
            instant = segment.end
        } while instant < end
        return DayClock(day: day, start: start, end: end, pieces: pieces)
    }
}
