import Days
import FoundationEssentials
import Postgres
import Stats
import TestSupport
import Testing

/// Every clock of the world: however a day is cut, what happened in it is in exactly one piece.
struct ZoneCasesTests {
    private static let isLong = ProcessInfo.processInfo.environment["MOCHI_TEST_LONG"] != nil

    /// Those that do something unusual, and a few of the others.
    private static let sample = [
        "Africa/Cairo", "Africa/Casablanca", "Africa/El_Aaiun", "Africa/Lagos", "America/Adak",
        "America/Asuncion",
        "America/Caracas", "America/Godthab", "America/Havana", "America/New_York", "America/Nuuk",
        "America/Port-au-Prince", "America/Santiago", "America/Scoresbysund", "America/St_Johns",
        "America/Tijuana",
        "Antarctica/Macquarie", "Antarctica/Troll", "Asia/Beirut", "Asia/Calcutta", "Asia/Gaza",
        "Asia/Jerusalem",
        "Asia/Kathmandu", "Asia/Nicosia", "Asia/Tehran", "Atlantic/Azores", "Australia/Adelaide",
        "Australia/Eucla",
        "Australia/Lord_Howe", "EST5EDT", "Etc/GMT+12", "Europe/Berlin", "Europe/Chisinau",
        "Europe/Dublin",
        "Pacific/Apia", "Pacific/Auckland", "Pacific/Chatham", "Pacific/Easter", "Pacific/Kiritimati",
        "Pacific/Norfolk", "UTC",
    ]

    private static let two = Day("2026-01-01")!...Day("2027-12-31")!

    @Test(arguments: 0..<2)
    func `a clock that changes puts every minute into one day and one piece of each size`(lane: Int)
        async throws
    {
        try await withTestDatabase { database in
            var names = Self.sample
            if Self.isLong {
                // All but the few that PostgreSQL takes for abbreviations, which have no summer time there (CET).
                names = try await database.owner.withConnection { connection in
                    let all: [String] = try connection.rows(
                        """
                        SELECT name FROM pg_timezone_names
                        WHERE name !~ '^(posix|right)/' AND name NOT IN ('localtime', 'posixrules', 'Factory')
                            AND name NOT IN (SELECT abbrev FROM pg_timezone_abbrevs)
                        ORDER BY name
                        """)
                    return all
                }
                #expect(names.count > 550)
            }
            for (index, name) in names.enumerated() where index % 2 == lane {
                let zone = try #require(Zone.named(name), "\(name)")
                let changes = changes(of: zone)
                let stretches = (changes.isEmpty ? [zone.start(of: Self.two.lowerBound)] : changes)
                    .map { Stretch(minutes: minutes(around: $0, hours: 3), ZoneHistory(zone)) }
                try await compare(RecordedSite(zone: name), stretches, database)
            }
        }
    }

    @Test(arguments: [
        ("Europe/Berlin", "America/Los_Angeles"), ("America/New_York", "Asia/Tokyo"),
        ("Pacific/Pago_Pago", "Pacific/Kiritimati"), ("Pacific/Kiritimati", "Pacific/Pago_Pago"),
        ("Pacific/Auckland", "Pacific/Honolulu"), ("Asia/Kolkata", "Asia/Kathmandu"),
        ("America/St_Johns", "Australia/Lord_Howe"),
    ])
    func `a site that moves has every event in exactly one day`(from: String, to: String) async throws {
        try await withTestDatabase { database in
            for day in ["2026-05-15", "2026-03-08", "2026-04-05"].compactMap({ Day($0) }) {
                let eras = [
                    RecordedSite.Era(from: Day(rawValue: 0), zone: from),
                    RecordedSite.Era(from: day, zone: to),
                ]
                let site = RecordedSite(eras: eras)
                let events = minutes(around: Zone.named(from)!.start(of: day), hours: 52, every: 5)
                try await compare(site, [Stretch(minutes: events, site.history)], database)
            }
        }
    }

    /// Events in a row, and the questions that cut them in every way.
    private struct Stretch {
        let events: [RecordedEvent]
        let days: [Day]

        init(minutes: [RecordedEvent], _ history: ZoneHistory) {
            events = minutes
            let all = minutes.map { history.localDay(at: $0.time / 1_000_000).day }
            days = (0...all.first!.distance(to: all.last!)).map { all.first!.advanced(by: $0) }
        }

        /// All of it at once, in pieces of each size, and day by day.
        var questions: [Question] {
            let cuts =
                [[]]
                + Dimension.Interval.allCases.map { interval in
                    Dimension.all.filter { $0.interval == interval }
                }
            return cuts.map { question(days.first!...days.last!, $0) } + days.map { question($0...$0, []) }
        }

        private func question(_ days: ClosedRange<Day>, _ dimensions: [Dimension]) -> Question {
            Question(span: Span(days: days), metrics: [.pageViews, .visitors], dimensions: dimensions)
        }
    }

    /// Every answer is the oracle's, whose answers add up to all there is in every way to cut.
    private func compare(_ site: RecordedSite, _ stretches: [Stretch], _ database: TestDatabase) async throws
    {
        var site = site
        site.events = stretches.flatMap(\.events)
        let questions = stretches.flatMap(\.questions)
        let expected = try await Answerer.oracle(database.owner).answers(site, questions, 1)
        for answerer in Answerer.all(database) {
            let answers = try await answerer.answers(site, questions, 1)
            let wrong = questions.indices.first { !answers[$0].isIdentical(to: expected[$0]) }
            if let wrong {
                let eras = RecordedSite(eras: site.eras)
                Issue.record(
                    """
                    \(answerer.name) differs from the oracle.
                    \(Case(site: eras, question: questions[wrong], seed: 1))
                    oracle: \(expected[wrong].lines)
                    \(answerer.name): \(answers[wrong].lines)
                    """)
            }
        }
        var rest = expected[...]
        for stretch in stretches {
            let whole = rest.prefix(1 + Dimension.Interval.allCases.count)
            let days = rest.dropFirst(whole.count).prefix(stretch.days.count)
            rest = rest.dropFirst(whole.count + days.count)
            let views = Double(stretch.events.count)
            #expect(whole.map { sum(0, [$0]) } == whole.map { _ in views }, "\(site.eras)")
            #expect(sum(0, Array(days)) == views, "\(site.eras)")
            #expect(sum(1, Array(days)) == sum(1, [whole.first!]), "\(site.eras)")
        }
    }

    private func sum(_ metric: Int, _ answers: [Figures]) -> Double {
        answers.flatMap(\.rows).reduce(0) { $0 + ($1.figures[metric].number ?? 0) }
    }

    private func minutes(around instant: Int64, hours: Int64, every step: Int64 = 1) -> [RecordedEvent] {
        stride(from: -60 * hours, to: 60 * hours, by: Int(step)).map { minute in
            let second = instant + minute * 60
            return RecordedEvent(
                time: second * 1_000_000, visitor: second / (60 * step) % 5, sequence: second,
                texts: [.name: "pageview"])
        }
    }

    /// The instants at which the clock is changed in these two years.
    private func changes(of zone: Zone) -> [Int64] {
        var changes: [Int64] = []
        let first = Int64(Self.two.lowerBound.rawValue) * 86_400
        for begin in stride(from: first, to: first + 730 * 86_400, by: 86_400) {
            var (before, after) = (begin, begin + 86_400)
            let offset = zone.offset(at: before)
            guard zone.offset(at: after) != offset else { continue }
            while after - before > 1 {
                let middle = (before + after) / 2
                if zone.offset(at: middle) == offset { before = middle } else { after = middle }
            }
            changes.append(after)
        }
        return changes
    }
}
