import Days
import Stats

/// An event as the collector records it, as plain values.
struct RecordedEvent: Hashable, Sendable {
    /// Microseconds since 1970.
    var time: Int64
    var visitor: Int64
    var stream: Int64 = 1
    var sequence: Int64
    var interactive = true
    var milliseconds: Int32 = 0
    var depth: Int16?
    var revenue: Int64?
    /// Those that are "" are not here.
    var texts: [Column: String] = [:]
    var properties: [String: String] = [:]

    subscript(_ column: Column) -> String {
        get { texts[column] ?? "" }
        set { texts[column] = newValue.isEmpty ? nil : newValue }
    }
}

/// A site with all that was ever recorded of it.
struct RecordedSite: Hashable, Sendable {
    struct Era: Hashable, Sendable {
        var from: Day
        var zone: String
    }

    /// One, or two: the site has moved once.
    var eras: [Era]
    /// In any order, some of them twice.
    var events: [RecordedEvent]

    init(zone: String, events: [RecordedEvent] = []) {
        eras = [Era(from: Day(rawValue: 0), zone: zone)]
        self.events = events
    }

    init(eras: [Era], events: [RecordedEvent] = []) {
        self.eras = eras
        self.events = events
    }

    /// How the program itself places instants in days. The oracle does not ask it.
    var history: ZoneHistory {
        eras.count == 1
            ? ZoneHistory(Zone.named(eras[0].zone)!)
            : ZoneHistory(eras.map { (from: $0.from, zone: Zone.named($0.zone)!) })!
    }
}

/// A question about a site, and what draws how it is put to an ``Answerer``.
struct Case: Sendable {
    var site: RecordedSite
    var question: Question
    /// Draws how days are cut into parts.
    var seed: UInt64
}
