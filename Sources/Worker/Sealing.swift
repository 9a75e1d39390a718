package import Days
package import FoundationEssentials
package import Logging
import Metrics
package import Postgres
import Stats

/// Turns the raw events of days that are over into sealed history.
///
/// Each day of a site is one transaction, so that a worker that is lost in the middle leaves nothing; several workers
/// share the days through row locks. Whatever was loaded during a seal is found by the next round, and the day sealed
/// again from all its raw events, as long as they are there.
package struct Sealing: Sendable {
    package struct Options: Sendable {
        /// Days at a time.
        package var lanes = 2
        /// A day of more events is sealed in slices of so many, which bounds what it takes in memory.
        package var slice = BlockFile.maximumEvents
        /// Called between any two steps of a seal, with that step's name: what it throws ends the seal there.
        package var between: @Sendable (StaticString) throws -> Void = { _ in }

        package init() {}
    }

    package struct SiteDay: Sendable, Hashable {
        package var account: Int64
        package var site: UUID
        package var day: Day

        package init(account: Int64, site: UUID, day: Day) {
            self.account = account
            self.site = site
            self.day = day
        }

        var key: SQL { "account_id = \(account) AND site_id = \(site) AND day = \(day)" }
    }

    package enum Outcome: String, Sendable {
        case sealed
        /// What came after the raw events were gone was added.
        case supplemented
        /// Another worker is at it, or was.
        case elsewhere
        case failed
    }

    let system: Database
    let now: Date
    let logger: Logger
    let options: Options

    package init(system: Database, now: Date, logger: Logger, options: Options = Options()) {
        self.system = system
        self.now = now
        self.logger = logger
        self.options = options
    }

    /// Seals all that is due; answers what became of it.
    @discardableResult
    package func run() async throws -> [SiteDay: Outcome] {
        let due = try await due()
        let outcomes = try await withThrowingTaskGroup(of: (SiteDay, Outcome).self) { group in
            var waiting = due.makeIterator()
            var outcomes: [SiteDay: Outcome] = [:]
            func next() {
                guard !Task.isCancelled, let siteDay = waiting.next() else { return }
                group.addTask { (siteDay, try await seal(siteDay)) }
            }
            for _ in 0..<options.lanes { next() }
            while let (siteDay, outcome) = try await group.next() {
                outcomes[siteDay] = outcome
                next()
            }
            return outcomes
        }
        try Task.checkCancellation()
        try await quarantine()
        return outcomes
    }

    /// One day, whether or not it is due; `again`: also when it is sealed and nothing is new.
    package func seal(_ siteDay: SiteDay, again: Bool = false) async throws -> Outcome {
        let began = ContinuousClock.now
        let outcome = try await attempt(siteDay, again)
        Counter(label: "mochi_seals_total", dimensions: [("outcome", outcome.rawValue)]).increment()
        if outcome == .sealed || outcome == .supplemented {
            Metrics.Timer(label: "mochi_seal_seconds").record(duration: ContinuousClock.now - began)
        }
        return outcome
    }

    private func attempt(_ siteDay: SiteDay, _ again: Bool) async throws -> Outcome {
        var attempt = 1
        while true {
            do {
                return try await system.transaction(isolation: .repeatableRead) { [now, options] connection in
                    try SealedDay(siteDay, again: again, now: now, options: options, connection).seal()
                }
            } catch let error as PostgresError where error.isRace && attempt < 3 {
                // Somebody changed the same rows after this transaction's snapshot.
                attempt += 1
            } catch let error as PostgresError {
                if Task.isCancelled { throw CancellationError() }
                try await note(siteDay, "\(error)")
                return .failed
            } catch let error as BlockDamage {
                try await note(siteDay, "\(error)")
                return .failed
            }
        }
    }

    /// A day that cannot be sealed must not hold up the others: it is tried again, ever more slowly.
    private func note(_ siteDay: SiteDay, _ reason: String) async throws {
        logger.warning(
            "a day could not be sealed",
            metadata: [
                "site": "\(siteDay.site)", "day": "\(siteDay.day)", "error": "\(reason)",
            ])
        _ = try await system.withConnection { [now] connection in
            try connection.execute(
                """
                UPDATE aggregation_state SET attempts = attempts + 1, last_error = \(String(reason.prefix(1_000))),
                    retry_at = \(now) + least(power(2, least(attempts, 10)), 60) * interval '1 minute'
                WHERE \(siteDay.key)
                """)
        }
    }
}

extension PostgresError {
    /// The row that is in the way was not in the snapshot.
    fileprivate var isRace: Bool { asksForRetry || kind == .uniqueViolation }
}
