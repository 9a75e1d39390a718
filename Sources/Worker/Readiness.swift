package import FoundationEssentials

/// A collector, as `ingest_positions` knows it.
package struct CollectorState: Sendable, Hashable {
    /// When it last said anything.
    package var heard: Date
    /// Everything that it received before is loaded.
    package var loadedThrough: Date

    package init(heard: Date, loadedThrough: Date) {
        self.heard = heard
        self.loadedThrough = loadedThrough
    }
}

/// Whether a day of a site can be sealed. Pure: what the clock and the collectors say.
package enum Readiness: Sendable, Hashable {
    /// It is not over, or so shortly that a server may still send events of it.
    case open
    /// A collector has not loaded everything yet.
    case waiting
    case due

    /// After a day's end: so long its salt lives, and servers may send events of it.
    package static let grace: TimeInterval = 3_600
    /// A collector that said nothing for so long is gone, and holds nothing up. What it still brings is late.
    package static let silence: TimeInterval = 24 * 3_600
    /// A day that could not be sealed so long after its end alarms.
    package static let patience: TimeInterval = 72 * 3_600

    package init(dayEnds end: Date, collectors: [CollectorState], now: Date) {
        let complete = end + Readiness.grace
        if now < complete {
            self = .open
        } else if collectors.contains(where: {
            $0.heard >= now - Readiness.silence && $0.loadedThrough < complete
        }) {
            self = .waiting
        } else {
            self = .due
        }
    }

    /// Whether somebody has to look at a day that is still not sealed.
    package static func isOverdue(dayEnds end: Date, now: Date) -> Bool {
        now >= end + patience
    }
}
