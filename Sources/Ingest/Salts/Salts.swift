import Days
import Synchronization

/// The salts of the days that are now, or soon.
///
/// There is always one: when PostgreSQL cannot say which, a provisional one is made up here. If another collector's
/// turns out to be the common one, that replaces it; visitors in between count twice, and no address is ever kept
/// instead of a hash.
final class Salts: Sendable {
    struct Entry: Sendable {
        var salt: Salt
        var hash: VisitorHash
        /// Known to be the one in the table.
        var isShared: Bool
    }

    private struct State {
        var clocks: [String: ZoneClock] = [:]
        var entries: [LocalDay: Entry] = [:]
    }

    private let state = Mutex(State())

    /// The clock of a zone; one for all its sites.
    func clock(for zone: Zone) -> ZoneClock {
        state.withLock { state in
            if let clock = state.clocks[zone.name] { return clock }
            let clock = ZoneClock(zone, self)
            state.clocks[zone.name] = clock
            return clock
        }
    }

    func hash(of day: LocalDay) -> VisitorHash {
        state.withLock { state in
            if let entry = state.entries[day] { return entry.hash }
            let entry = Entry(salt: .random(), isShared: false)
            state.entries[day] = entry
            return entry.hash
        }
    }

    /// Nil where ``hash(of:)`` would make up a salt.
    func knownHash(of day: LocalDay) -> VisitorHash? {
        state.withLock { $0.entries[day]?.hash }
    }

    // MARK: For their keeping

    /// The days that are now or within the hour, somewhere where there are sites.
    func needed(at now: Int64) -> Set<LocalDay> {
        let zones = state.withLock { $0.clocks.values.map(\.zone) }
        return Set(
            zones.flatMap { zone in
                [now, now + 3_600].map { LocalDay(day: zone.day(at: $0), zone: zone) }
            })
    }

    func entries() -> [LocalDay: Entry] { state.withLock { $0.entries } }

    /// Takes salts over. True if one was there already and is another.
    @discardableResult
    func set(_ salts: [LocalDay: Salt], isShared: Bool) -> Bool {
        let (didReplace, clocks) = state.withLock { state in
            var didReplace = false
            for (day, salt) in salts {
                if let known = state.entries[day], known.salt == salt {
                    state.entries[day]?.isShared = known.isShared || isShared
                } else {
                    didReplace = didReplace || state.entries[day] != nil
                    state.entries[day] = Entry(salt: salt, isShared: isShared)
                }
            }
            return (didReplace, Array(state.clocks.values))
        }
        if didReplace { for clock in clocks { clock.forget() } }
        return didReplace
    }

    /// Drops the salts of days that are over by so many seconds: as long as the table keeps them, a server may still
    /// send events of such a day.
    func expire(at now: Int64, grace: Int64 = SaltKeeper.afterlife) {
        state.withLock { state in
            for day in state.entries.keys where day.zone.end(of: day.day) + grace <= now {
                state.entries[day] = nil
            }
        }
    }
}

extension Salts.Entry {
    init(salt: Salt, isShared: Bool) {
        self.init(salt: salt, hash: VisitorHash(salt), isShared: isShared)
    }
}

/// What day it is in a zone, and that day's hash, without searching for every event.
final class ZoneClock: Sendable {
    struct Today: Sendable {
        var day: Day
        var start: Int64
        var end: Int64
        var hash: VisitorHash
    }

    let zone: Zone
    private unowned let salts: Salts
    private let today = Mutex<Today?>(nil)

    init(_ zone: Zone, _ salts: Salts) {
        self.zone = zone
        self.salts = salts
    }

    func today(at now: Int64) -> Today {
        if let today = today.withLock({ $0 }), today.start <= now, now < today.end { return today }
        let day = zone.day(at: now)
        let fresh = Today(
            day: day, start: zone.start(of: day), end: zone.end(of: day),
            hash: salts.hash(of: LocalDay(day: day, zone: zone)))
        today.withLock { $0 = fresh }
        return fresh
    }

    /// Any day's hash: for the hours in which a site's day and its new zone's differ.
    func hash(of day: Day) -> VisitorHash {
        salts.hash(of: LocalDay(day: day, zone: zone))
    }

    /// Nil when the day has no salt, or none any more.
    func knownHash(of day: Day) -> VisitorHash? {
        salts.knownHash(of: LocalDay(day: day, zone: zone))
    }

    func forget() {
        today.withLock { $0 = nil }
    }
}
