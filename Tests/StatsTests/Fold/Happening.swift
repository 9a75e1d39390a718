import Days

@testable import Stats

/// An event as tests write it down: seconds after midnight of 2026-11-21, UTC.
struct Happening {
    var visitor: Int64 = 1
    var name = "pageview"
    var texts: [Column: String] = [:]
    var properties: [(String, String)] = []
    var event: RawEvents.Event

    /// - Parameter microseconds: on top of `seconds`.
    init(
        _ name: String = "pageview", _ page: String = "/", at seconds: Int64 = 0, microseconds: Int64 = 0,
        by visitor: Int64 = 1, sequence: Int64 = 0
    ) {
        self.name = name
        texts = [.name: name, .page: page, .hostname: "example.com"]
        event = RawEvents.Event(
            time: (Happening.clock.start + seconds) * 1_000_000 + microseconds, visitor: visitor, stream: 1,
            sequence: sequence)
    }

    static let clock = ZoneHistory(Zone.utc).clock(of: Day("2026-11-21")!)

    static func engagement(
        _ page: String = "/", at seconds: Int64, milliseconds: Int32 = 1_000, depth: Int16? = nil,
        by visitor: Int64 = 1
    ) -> Happening {
        var happening = Happening("engagement", page, at: seconds, by: visitor)
        happening.event.engagementMilliseconds = milliseconds
        happening.event.scrollDepth = depth
        return happening
    }

    func with(_ texts: [Column: String], properties: [(String, String)] = []) -> Happening {
        var copy = self
        copy.texts.merge(texts) { $1 }
        copy.properties += properties
        return copy
    }

    func changed(_ change: (inout RawEvents.Event) -> Void) -> Happening {
        var copy = self
        change(&copy.event)
        return copy
    }
}

extension RawEvents {
    /// Sequences that are 0 are given in order.
    init(_ happenings: [Happening]) {
        self.init()
        for (index, happening) in happenings.enumerated() {
            var event = happening.event
            if event.sequence == 0 { event.sequence = Int64(index + 1) }
            append(event, happening.texts)
            for (key, value) in happening.properties { addProperty(property(key, value)) }
        }
    }
}

/// A block in words.
struct Told: Equatable, CustomStringConvertible {
    struct Event: Equatable {
        var name: String
        var page: String
        var at: Int
        var engagement = 0
        var depth: Int?
    }

    var visitor = 0
    var seconds = 0
    var bounced: Bool
    var entry: String?
    var exit: String?
    var events: [Event]

    var description: String {
        "visitor \(visitor), \(seconds) s, \(bounced ? "bounced, " : "")\(entry ?? "-") to \(exit ?? "-"): "
            + events.map { "\($0.name) \($0.page) at \($0.at), \($0.engagement) ms, \($0.depth ?? -1) %" }
            .joined(separator: "; ")
    }
}

extension Block {
    func text(_ column: Column, _ row: Int) -> String {
        dictionary(of: column)[Int(numbers(of: column)[row])]
    }

    var told: [Told] {
        (0..<visitCount).map { visit in
            let pages = dictionary(of: .page)
            let events = (Int(firstEvent[visit])..<Int(firstEvent[visit + 1])).map { event in
                Told.Event(
                    name: text(.name, event), page: text(.page, event), at: Int(time[event]),
                    engagement: Int(engagement[event]),
                    depth: depth[event] == Block.unknownDepth ? nil : Int(depth[event]))
            }
            return Told(
                visitor: Int(visitor[visit]), seconds: Int(duration[visit]), bounced: bounced[visit] == 1,
                entry: entryPage[visit] == Block.none ? nil : pages[Int(entryPage[visit])],
                exit: exitPage[visit] == Block.none ? nil : pages[Int(exitPage[visit])], events: events)
        }
    }
}

/// What the fold makes of events, in words, and how many engagements it dropped.
func folded(_ happenings: [Happening]) -> (visits: [Told], dropped: Int) {
    let (block, dropped) = Fold.fold(RawEvents(happenings), clock: Happening.clock)
    return (block.told, dropped)
}
