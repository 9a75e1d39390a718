import Days
import Stats

/// Draws sites with a few days of events that lie where mistakes would show: at the very limit of a visit, at midnight, in
/// hours that a clock skips or repeats, told twice, with values that contain each other.
struct SiteDrawing {
    var dice: Dice
    private var pools: [Column: [String]] = [:]
    private var sequence: Int64 = 0
    private let streams: [Int64]

    init(dice: Dice) {
        self.dice = dice
        streams = [1, Int64(bitPattern: self.dice.next()), -7]
    }

    private static let limit: Int64 = 1_800_000_000

    private static let places: [(zone: String, days: [String])] = [
        ("UTC", []), ("Asia/Kathmandu", []), ("Europe/Berlin", ["2026-03-29", "2026-10-25"]),
        ("America/New_York", ["2026-03-08", "2026-11-01"]),
        ("Australia/Lord_Howe", ["2026-04-05", "2026-10-04"]),
        ("Pacific/Chatham", ["2026-04-05", "2026-09-27"]), ("America/Havana", ["2026-03-08", "2026-11-01"]),
        ("Asia/Beirut", ["2026-03-29", "2026-10-25"]), ("Africa/Casablanca", ["2026-02-15", "2026-03-22"]),
        ("America/Nuuk", ["2026-03-28", "2026-10-24"]), ("Antarctica/Troll", ["2026-03-29", "2026-10-25"]),
        ("Pacific/Apia", ["2011-12-30"]),
    ]

    private static let moves = [
        ("Europe/Berlin", "America/Los_Angeles"), ("America/New_York", "Asia/Tokyo"),
        ("Pacific/Pago_Pago", "Pacific/Kiritimati"), ("Pacific/Auckland", "Pacific/Honolulu"),
        ("Asia/Kathmandu", "Asia/Kolkata"),
    ]

    static let texts = [
        "", "", "a", "ab", "abc", "A", "aB", "b", "Zürich", "zürich", "ZÜRICH", "Zür", "東京", "東京都", "é",
        "e\u{301}",
        "100%", "a_b", "a\\b", "'quoted'", "～", "😀", "😀😀", "a.b", "a\"b", " a", "(other)",
    ]
    static let pages = [
        "", "/", "/", "/blog", "/blog/", "/Blog", "/blog/a", "/blog/a/b", "/blog/a*b", "/a+b.c", "/münchen",
        "/MÜNCHEN",
        "/shop/cart", "/shop",
    ]
    static let names = ["Sign-up", "Sign-up now", "sign-up", "Download", "", "Größe"]
    static let keys = ["plan", "Plan", "plan.a", "a b", "größe", "'"]
    static let values = ["", "", "pro", "Pro", "professional", "1", "true", "東京", "a'b"]

    mutating func site() -> RecordedSite {
        for column in Column.allCases {
            pools[column] =
                switch column {
                case .page: dice.some(dice.number(2...6), of: Self.pages)
                case .hostname: dice.some(dice.number(1...2), of: ["example.com", "www.example.com", ""])
                case .currency: ["EUR", "USD", "JPY"]
                case .name: dice.some(dice.number(1...3), of: Self.names)
                default: dice.some(dice.number(1...4), of: Self.texts)
                }
        }
        var site: RecordedSite
        let first: Day
        if dice.chance(15) {
            let (from, to) = dice.one(of: Self.moves)
            first = Day("2026-01-01")!.advanced(by: dice.number(0...360))
            site = RecordedSite(eras: [
                .init(from: Day(rawValue: 0), zone: from),
                .init(from: first.advanced(by: dice.number(0...3)), zone: to),
            ])
        } else {
            let place = dice.one(of: Self.places)
            first =
                place.days.isEmpty || dice.chance(30)
                ? Day("2026-01-01")!.advanced(by: dice.number(0...700))
                : Day(dice.one(of: place.days))!.advanced(by: -dice.number(0...2))
            site = RecordedSite(zone: place.zone)
        }
        let days = dice.one(of: [1, 1, 2, 3, 4, 6])
        let wanted = dice.one(of: [5, 15, 40, 80, 160, 300])
        let visitors = (0..<dice.number(1...8)).map { $0 < 3 ? Int64($0) : Int64(bitPattern: dice.next()) }
        let span = site.history.start(of: first)...site.history.end(of: first.advanced(by: days - 1))
        while site.events.count < wanted {
            let begin =
                dice.chance(15)
                ? dice.one(of: midnights(first, days, site)) : Int64.random(in: span, using: &dice)
            chain(of: dice.one(of: visitors), from: begin * 1_000_000, into: &site)
        }
        for event in dice.some(site.events.count / 10, of: site.events) { site.events.append(event) }
        site.events.shuffle(using: &dice)
        return site
    }

    /// Shortly before a day begins, and an hour that a change of clock may be in.
    private mutating func midnights(_ first: Day, _ days: Int, _ site: RecordedSite) -> [Int64] {
        (0...days).flatMap { offset in
            let start = site.history.start(of: first.advanced(by: offset))
            return [start - Int64(dice.number(0...1_900)), start + Int64(dice.number(0...4)) * 3_600 - 60]
        }
    }

    /// Events of one visitor with silences that mostly continue a visit.
    private mutating func chain(of visitor: Int64, from begin: Int64, into site: inout RecordedSite) {
        var time = begin + Int64(dice.chance(50) ? 0 : dice.number(0...999_999))
        for _ in 0..<dice.number(1...9) {
            site.events.append(event(at: time, of: visitor))
            switch dice.number(0...9) {
            case 0: break
            case 1: time += Int64(dice.number(1...2_000_000))
            case 2: time += Self.limit
            case 3: time += Self.limit + 1
            case 4: time += Self.limit - 1
            case 5: time += Int64(dice.number(1_800...4_000)) * 1_000_000
            default: time += Int64(dice.number(1...900)) * 1_000_000
            }
        }
    }

    private mutating func event(at time: Int64, of visitor: Int64) -> RecordedEvent {
        sequence += Int64(dice.number(1...3))
        // Neither streams nor their numbers follow the time.
        var event = RecordedEvent(
            time: time, visitor: visitor, stream: dice.one(of: streams), sequence: sequence ^ 5)
        for column in Column.allCases where column != .currency {
            event[column] = dice.one(of: pools[column]!)
        }
        switch dice.number(0...9) {
        case 0...5: event[.name] = "pageview"
        case 6...7: event[.name] = "engagement"
        default: break
        }
        event.interactive = dice.chance(70)
        if event[.name] == "engagement" || dice.chance(15) {
            event.milliseconds = dice.chance(2) ? .max : Int32(dice.one(of: [0, 1, 999, 12_345, 600_000]))
            event.depth = dice.one(of: [nil, 0, 10, 55, 100, 101, 300])
        }
        if dice.chance(12) {
            event.revenue = Int64(
                dice.one(of: [0, 1, 100_000, 200_000, 300_000, 9_990_000, -5_000_000, 123_456_789_012]))
            event[.currency] = dice.one(of: pools[.currency]!)
        } else if dice.chance(3) {
            event[.currency] = "EUR"
        }
        if dice.chance(40) {
            for key in dice.some(dice.number(1...3), of: Self.keys) {
                event.properties[key] = dice.one(of: Self.values)
            }
        }
        return event
    }
}
