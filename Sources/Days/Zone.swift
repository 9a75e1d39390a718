import Synchronization

/// A time zone of Debian's tzdata: which instants a local day has.
///
/// One reader for all of Mochi, because PostgreSQL and Foundation carry copies of their own and disagree.
/// Instants are seconds since 1970-01-01T00:00:00Z.
package final class Zone: Sendable {
    package let name: String
    /// The instants at which `offsets[i + 1]` begins; ascending.
    let transitions: [Int64]
    /// Seconds east of UTC: one before the first transition, and one after each.
    let offsets: [Int32]
    /// What holds after the last transition, for ever.
    let footer: Footer?

    init(name: String, transitions: [Int64], offsets: [Int32], footer: Footer?) {
        self.name = name
        self.transitions = transitions
        self.offsets = offsets
        self.footer = footer
    }

    package static let utc = Zone(name: "UTC", transitions: [], offsets: [0], footer: nil)

    /// A stretch of time with one offset: from `start` up to, not including, `end`.
    struct Segment: Equatable {
        var offset: Int
        var start: Int64
        var end: Int64
    }

    /// Seconds east of UTC.
    package func offset(at instant: Int64) -> Int {
        segment(at: instant).offset
    }

    /// The local date.
    package func day(at instant: Int64) -> Day {
        let local = instant + Int64(offset(at: instant))
        return Day(rawValue: Int32(clamping: local >= 0 ? local / 86_400 : (local - 86_399) / 86_400))
    }

    /// The first instant at which the local date is that day.
    ///
    /// Where a clock is put forward over midnight this is later than 00:00. A day that a zone left out (Apia had no
    /// 2011-12-30) begins when the next one does, and is empty.
    package func start(of day: Day) -> Int64 {
        let midnight = Int64(day.rawValue) * 86_400
        var instant = midnight - 2 * 86_400
        while true {
            let segment = segment(at: instant)
            let candidate = max(instant, midnight - Int64(segment.offset))
            if candidate < segment.end { return candidate }
            instant = segment.end
        }
    }

    /// The instant at which the day is over; the start of the next.
    package func end(of day: Day) -> Int64 {
        start(of: day.advanced(by: 1))
    }

    func segment(at instant: Int64) -> Segment {
        var low = 0
        var high = transitions.count
        while low < high {
            let middle = (low + high) / 2
            if transitions[middle] <= instant { low = middle + 1 } else { high = middle }
        }
        let start = low == 0 ? Int64.min : transitions[low - 1]
        if low == transitions.count, let footer {
            var segment = footer.segment(at: instant)
            segment.start = max(segment.start, start)
            return segment
        }
        return Segment(
            offset: Int(offsets[low]), start: start,
            end: low == transitions.count ? Int64.max : transitions[low])
    }
}

extension Zone: Hashable {
    package static func == (left: Zone, right: Zone) -> Bool { left === right || left.name == right.name }

    package func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

extension Zone {
    private static let known = Mutex<[String: Zone]>([:])

    /// The zone of that name, read from tzdata once for the whole process; nil if there is none.
    ///
    /// It takes a lock: who needs a zone for every event keeps the value.
    package static func named(_ name: String) -> Zone? {
        if name == "UTC" { return utc }
        guard isName(name) else { return nil }
        if let zone = known.withLock({ $0[name] }) { return zone }
        guard let bytes = Tzdata.file(name), let zone = Zone(name: name, tzif: bytes) else { return nil }
        return known.withLock { known in
            if let other = known[name] { return other }
            known[name] = zone
            return zone
        }
    }

    /// Names come from visitors: nothing but a plain name reaches the file system.
    static func isName(_ name: String) -> Bool {
        guard (1...64).contains(name.utf8.count), name.utf8.first != UInt8(ascii: "/") else { return false }
        // The copies with leap seconds, and files that are not a place's.
        for other in ["posix/", "right/", "posixrules", "localtime", "Factory"] where name.hasPrefix(other) {
            return false
        }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "_"),
                UInt8(ascii: "-"),
                UInt8(ascii: "+"):
                true
            default: false
            }
        }
    }
}
