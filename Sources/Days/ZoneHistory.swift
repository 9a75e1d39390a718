/// A day of a time zone: what a salt belongs to.
package struct LocalDay: Hashable, Sendable {
    package var day: Day
    package var zone: Zone

    package init(day: Day, zone: Zone) {
        self.day = day
        self.zone = zone
    }
}

/// The zones of a site's days. A change of zone takes effect when the site's current day ends, so that each instant
/// belongs to exactly one day of the site, and days follow each other in order.
package struct ZoneHistory: Hashable, Sendable {
    private struct Era: Hashable, Sendable {
        var from: Day
        var zone: Zone
        /// The instant at which it takes over.
        var begins: Int64
    }

    private let eras: [Era]

    /// `zones`: from which day on which zone. Nil when there is none.
    package init?(_ zones: [(from: Day, zone: Zone)]) {
        var eras: [Era] = []
        for (from, zone) in zones.sorted(by: { $0.from < $1.from }) {
            // The day before ends where the zone before says so.
            eras.append(Era(from: from, zone: zone, begins: eras.last?.zone.start(of: from) ?? .min))
        }
        guard !eras.isEmpty else { return nil }
        self.eras = eras
    }

    package init(_ zone: Zone) {
        eras = [Era(from: Day(rawValue: 0), zone: zone, begins: .min)]
    }

    /// The site's day at an instant, and the zone that it is a day of.
    ///
    /// After a change to a zone further west the new zone may still be in the day that the site has just ended: then
    /// the site is in its next day already.
    package func localDay(at instant: Int64) -> LocalDay {
        let index = index { instant >= $0.begins }
        let day = eras[index].zone.day(at: instant)
        return LocalDay(day: index > 0 ? max(day, eras[index].from) : day, zone: eras[index].zone)
    }

    /// The first instant of a day of the site.
    ///
    /// Where the new zone is in a later day already when it takes over (a move over the date line), the day between is
    /// empty, and the later one has lost its first hours.
    package func start(of day: Day) -> Int64 {
        let index = index { day >= $0.from }
        let start = eras[index].zone.start(of: day)
        return index > 0 && day == eras[index].from ? eras[index].begins : max(start, eras[index].begins)
    }

    /// The instant at which it is over.
    package func end(of day: Day) -> Int64 {
        start(of: day.advanced(by: 1))
    }

    /// The zone of a day of the site.
    package func zone(of day: Day) -> Zone {
        eras[index { day >= $0.from }].zone
    }

    private func index(_ holds: (Era) -> Bool) -> Int {
        eras.lastIndex(where: holds) ?? 0
    }
}
