package import Days
import Dispatch
package import FoundationEssentials
package import Postgres
import Stats
import Synchronization

/// Fills a site with traffic that looks like life: `mochi seed-demo`.
///
/// Past days are written as if they had been sealed; today's events up to now are raw, so that the day goes on. All of it
/// is one transaction.
package struct DemoSeeder: Sendable {
    package struct Options: Sendable, Hashable {
        package var days = 90
        /// Page views and custom events, all days together; those of today that are still to come are left out.
        package var events = 200_000
        package var seed: UInt64 = 1
        /// The last day, in the site's zone; nil is today.
        package var until: Day?
        /// Remove the statistics that are there.
        package var replaces = false

        package init() {}
    }

    package struct Report: Sendable, Equatable {
        package var firstDay: Day
        package var lastDay: Day
        package var launch: Day?
        package var events = 0
        package var visitors = 0
        package var visits = 0
        package var pageViews = 0
        /// Raw, of the day that is not over; engagements among them.
        package var eventsToday = 0
        package var goals = 0
        package var funnels = 0
    }

    package struct Refusal: Error, CustomStringConvertible {
        package let description: String
    }

    private let database: Database

    /// - Parameter database: the owner's
    package init(database: Database) {
        self.database = database
    }

    /// - Parameter progress: days done, and how many there are
    /// - Throws: ``Refusal``; then nothing has changed
    package func run(
        site domain: String, _ options: Options = Options(), now: Date = Date(),
        progress: @escaping @Sendable (Int64, Int64?) -> Void = { _, _ in }
    ) async throws -> Report {
        try await database.transaction { connection in
            try connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            try connection.execute("SET LOCAL statement_timeout = 0")
            return try DemoSeeding(site: domain, options, now: now, connection).run(progress)
        }
    }
}

/// One seeding, in its transaction.
private struct DemoSeeding {
    let connection: Connection
    let account: Int64
    let site: UUID
    let now: Date
    let traffic: DemoTraffic
    /// How many of its days are over.
    let past: Int
    let options: DemoSeeder.Options

    init(
        site domain: String, _ options: DemoSeeder.Options, now: Date, _ connection: Connection
    ) throws {
        let found: (Int64, UUID)? = try connection.first(
            "SELECT account_id, id FROM sites WHERE domain = \(domain.lowercased())")
        guard let (account, site) = found, let history = try ZoneHistory.ofSites([site], connection)[site]
        else {
            throw DemoSeeder.Refusal(description: "There is no site \(domain) here.")
        }
        let today = history.localDay(at: Int64(now.timeIntervalSince1970.rounded(.down))).day
        let last = options.until ?? today
        guard (1...3_660).contains(options.days), (1...1_000_000_000).contains(options.events) else {
            throw DemoSeeder.Refusal(description: "Use 1 to 3660 days and 1 to 1000000000 events.")
        }
        guard last <= today else {
            throw DemoSeeder.Refusal(description: "The last day, \(last), has not come yet.")
        }
        (self.connection, self.account, self.site, self.now, self.options) = (
            connection, account, site, now, options
        )
        traffic = DemoTraffic(
            domain: domain.lowercased(), history: history, last: last, days: options.days,
            events: options.events,
            seed: options.seed)
        past = last < today ? options.days : options.days - 1
    }

    func run(_ progress: (Int64, Int64?) -> Void) throws -> DemoSeeder.Report {
        try makeRoom()
        var report = DemoSeeder.Report(
            firstDay: traffic.calendar.days[0], lastDay: traffic.calendar.days[options.days - 1],
            launch: traffic.calendar.launch.map { traffic.calendar.days[$0] })
        let width = max(ProcessInfo.processInfo.activeProcessorCount, 1)
        for first in stride(from: 0, to: past, by: width) {
            let days = first..<min(first + width, past)
            for (day, parts) in zip(days, try made(days)) {
                try write(parts, day: day, &report)
            }
            progress(Int64(days.upperBound), Int64(past))
        }
        if past < options.days {
            report.eventsToday = try DemoToday(account: account, site: site, connection: connection).write(
                traffic.events(onDay: past), day: traffic.calendar.days[past],
                until: Int64(now.timeIntervalSince1970 * 1_000_000))
        }
        (report.goals, report.funnels) = try DemoGoals(account: account, site: site, connection: connection)
            .make()
        return report
    }

    private func makeRoom() throws {
        let ofSite: SQL = "account_id = \(account) AND site_id = \(site)"
        let hasStatistics: Bool = try connection.one(
            """
            SELECT EXISTS (SELECT FROM site_days WHERE \(ofSite)) OR EXISTS (SELECT FROM events WHERE \(ofSite))
                OR EXISTS (SELECT FROM late_events WHERE \(ofSite))
            """)
        guard hasStatistics else { return }
        guard options.replaces else {
            throw DemoSeeder.Refusal(
                description: "\(traffic.hostname) has statistics; with --replace they are removed first.")
        }
        for table in [
            "site_days", "daily_site_metrics", "daily_page_metrics", "aggregation_state", "open_blocks",
            "imports",
            "events", "late_events",
        ] {
            try connection.execute("DELETE FROM \(identifier: table) WHERE \(ofSite)")
        }
    }

    /// The parts of some days, made side by side: here is a thread that may be kept, and nothing else waits for it.
    private func made(_ days: Range<Int>) throws -> [[SiteDays.Part]] {
        let made = Mutex([Int: Result<[SiteDays.Part], any Error>]())
        let traffic = traffic
        DispatchQueue.concurrentPerform(iterations: days.count) { offset in
            let parts = Result { try traffic.parts(ofDay: days.lowerBound + offset) }
            made.withLock { $0[offset] = parts }
        }
        return try made.withLock { made in try made.sorted { $0.key < $1.key }.map { try $0.value.get() } }
    }

    private func write(_ parts: [SiteDays.Part], day index: Int, _ report: inout DemoSeeder.Report) throws {
        let day = traffic.calendar.days[index]
        try SiteDays.replace(
            .seal, with: parts, account: account, site: site, clock: traffic.history.clock(of: day), now: now,
            in: connection)
        try connection.execute(
            """
            INSERT INTO aggregation_state (account_id, site_id, day, state, format, sealed_at)
            VALUES (\(account), \(site), \(day), 'sealed', \(BlockFile.format), \(now))
            """)
        for part in parts {
            report.events += part.block.eventCount
            report.visitors += part.block.visitorCount
            report.visits += part.block.visitCount
            report.pageViews += part.block.pageViews.reduce(0) { $0 + Int($1) }
        }
    }
}

extension DemoTraffic {
    /// A day as it is kept.
    fileprivate func parts(ofDay index: Int) throws -> [SiteDays.Part] {
        let raw = events(onDay: index)
        let clock = history.clock(of: calendar.days[index])
        return try raw.slices().map { rows in
            let block = Fold.fold(raw, rows: rows, clock: clock).block
            return SiteDays.Part(block, encoded: try SiteDays.encoded(block, clock: clock))
        }
    }
}
