package import Auth
package import Days
package import FoundationEssentials
package import Postgres
import Synchronization

/// Answers questions about sites: sealed days from their blocks, open days from their raw events, both of one snapshot.
package struct Statistics: Sendable {
    /// How long a question may take once its blocks are in memory.
    package static let timeLimit = Duration.seconds(20)

    let app: Database
    private let cache: StatisticsCache
    private let computing: Computing

    package init(
        app: Database, cacheBytes: Int = StatisticsCache.standardCapacity, computing: Computing = .shared
    ) {
        self.app = app
        self.cache = StatisticsCache(capacity: cacheBytes)
        self.computing = computing
    }

    package func answer(_ question: Question, of site: SiteAccess) async throws -> Figures {
        try await answer([question], of: site)[0]
    }

    /// One answer for each question, all of them from one look at the database and one pass over its blocks.
    ///
    /// - Throws: ``QuestionError`` for what cannot be asked, or is too much.
    package func answer(_ questions: [Question], of site: SiteAccess) async throws -> [Figures] {
        try await asked(questions, funnels: [], of: site).figures
    }

    package struct Answers: Sendable {
        /// One for each question.
        package var figures: [Figures]
        /// For each funnel, how many came as far as each step.
        package var funnels: [FunnelFigures]
        /// Of the days that were looked at, ascending: those of which some visitors may have been counted twice. What came
        /// after their raw events were gone, or was imported from elsewhere, could not be told from who was there already.
        package var inexactDays: [Day]
    }

    /// The same with funnels.
    package func asked(
        _ questions: [Question], funnels: [FunnelQuestion], of site: SiteAccess
    ) async throws -> Answers {
        guard let sharing = site.sharing, sharing.isBounded else {
            return try await asked(questions, funnels: funnels, inside: site)
        }
        guard funnels.isEmpty else {
            throw QuestionError("Funnels are no part of this shared dashboard.")
        }
        return try await shared(questions, of: site, sharing)
    }

    /// The same without the bounds of a shared dashboard.
    func asked(
        _ questions: [Question], funnels: [FunnelQuestion], inside site: SiteAccess
    ) async throws -> Answers {
        let reader = SiteReader(app: app, cache: cache, computing: computing, site: site)
        let (engine, sources, inexactDays) = try await reader.read { history in
            try Engine(questions: questions, funnels: funnels, history: history)
        }
        let partial = try await scan(engine, sources)
        return try await computing.run {
            Answers(
                figures: try engine.answers(partial), funnels: engine.funnelAnswers(partial),
                inexactDays: inexactDays)
        }
    }

    /// Whether anything has ever been counted for the site.
    package func hasEvents(_ site: SiteAccess) async throws -> Bool {
        try await app.transaction(site, readOnly: true) { connection in
            try connection.one(
                """
                SELECT EXISTS (SELECT FROM site_days WHERE account_id = \(site.site.account) AND site_id = \(site.site.id))
                    OR EXISTS (SELECT FROM aggregation_state
                        WHERE account_id = \(site.site.account) AND site_id = \(site.site.id))
                """)
        }
    }

    /// The site's days: what its clock showed, and the first of which anything is known.
    package func calendar(_ site: SiteAccess) async throws -> SiteCalendar {
        try await app.transaction(site, readOnly: true) { connection in
            let first: [Day?] = try connection.rows(
                """
                SELECT least(
                    (SELECT min(day) FROM site_days WHERE account_id = \(site.site.account) AND site_id = \(site.site.id)),
                    (SELECT min(day) FROM aggregation_state
                        WHERE account_id = \(site.site.account) AND site_id = \(site.site.id)))
                """)
            return SiteCalendar(
                history: try SiteReader.history(of: site.site, connection), firstDay: first.first ?? nil)
        }
    }

    /// Keys of properties that events of a span have, in the order of their bytes.
    package func propertyKeys(in span: Span, of site: SiteAccess) async throws -> [String] {
        let reader = SiteReader(app: app, cache: cache, computing: computing, site: site)
        let question = Question(
            span: span, metrics: [.events], dimensions: [.property("")], limit: 1)
        let (_, sources, _) = try await reader.read { history in
            try Engine(questions: [question], funnels: [], history: history)
        }
        var keys: Set<String> = []
        for case .block(let loaded, _, _) in sources { keys.formUnion(loaded.block.properties.map(\.key)) }
        return keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Visitors since a moment of the last day or two, for each site of an account that had any.
    package func visitors(since: Date, in access: AccountAccess) async throws -> [SiteID: Int] {
        // A moment is in the day before, the same or the day after, whatever the site's zone.
        let day = Zone.utc.day(at: Int64(since.timeIntervalSince1970.rounded(.down)))
        return try await app.transaction(access, readOnly: true) { connection in
            let rows: [(SiteID, Int)] = try connection.rows(
                """
                SELECT site_id, count(DISTINCT (day, visitor)) FROM events
                WHERE account_id = \(access.account) AND day >= \(day.advanced(by: -1)) AND received_at >= \(since)
                GROUP BY site_id
                """)
            return Dictionary(uniqueKeysWithValues: rows)
        }
    }

    private func scan(_ engine: Engine, _ sources: [Engine.Source]) async throws -> Engine.Partial {
        let isCancelled = Flag()
        let deadline = ContinuousClock.now + Statistics.timeLimit
        let pieces = max(1, min(computing.width, sources.count))
        let turn = Counter()
        return try await withTaskCancellationHandler {
            let partials = try await computing.map(pieces: pieces) { _ in
                var partial = engine.partial()
                // Whoever is ready takes the next: a core that others use as well does less.
                while let index = turn.next(below: sources.count) {
                    if ContinuousClock.now > deadline { throw QuestionError.tooSlow }
                    try engine.scan(sources[index], into: &partial) { isCancelled.isSet }
                }
                return partial
            }
            var whole = partials[0]
            for partial in partials.dropFirst() { try engine.merge(partial, into: &whole) }
            return whole
        } onCancel: {
            isCancelled.set()
        }
    }
}

/// What it takes to say which instants "yesterday" has.
package struct SiteCalendar: Sendable {
    package let history: ZoneHistory
    /// Nil as long as nothing has ever arrived.
    package let firstDay: Day?

    package func span(of period: Period, at now: Date) -> Span {
        period.span(at: Int64(now.timeIntervalSince1970.rounded(.down)), history: history, first: firstDay)
    }

    package func today(at now: Date) -> Day {
        history.localDay(at: Int64(now.timeIntervalSince1970.rounded(.down))).day
    }

    /// The value of the piece of time that an instant is in, as rows of that dimension name it.
    package func label(of interval: Dimension.Interval, at now: Date) -> String {
        let instant = Int64(now.timeIntervalSince1970.rounded(.down))
        let clock = history.clock(of: history.localDay(at: instant).day)
        let shown = clock.shown(after: Int(instant - clock.start))
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return switch interval {
        case .quarter: "\(clock.day) \(two(shown / 3_600)):\(two(shown / 900 % 4 * 15))"
        case .hour: "\(clock.day) \(two(shown / 3_600)):00"
        case .day: clock.day.description
        case .week: clock.day.monday.description
        case .month: clock.day.firstOfMonth.description
        }
    }
}

/// Set once, seen by all threads.
final class Flag: Sendable {
    private let value = Atomic<Bool>(false)

    var isSet: Bool { value.load(ordering: .relaxed) }

    func set() { value.store(true, ordering: .relaxed) }
}

/// Hands out each number once, whichever thread asks.
private final class Counter: Sendable {
    private let value = Atomic<Int>(0)

    func next(below end: Int) -> Int? {
        let number = value.wrappingAdd(1, ordering: .relaxed).oldValue
        return number < end ? number : nil
    }
}
