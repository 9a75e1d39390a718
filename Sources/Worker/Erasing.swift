import Days
import FoundationEssentials
import Ingest
import Outbound
import Postgres

/// Removes rows of a tenant a few thousand at a time, each time in a transaction of its own that says how far it is. What
/// is repeated after a crash finds less to do.
struct Erasing: Sendable {
    /// Rows of one step.
    static let step = 10_000

    let job: Job
    let system: Database
    let account: Int64
    /// Nil for all of the account's.
    let site: UUID?

    /// Tables of what was counted, with the columns that tell rows of one leaf apart.
    private static let tables: [(name: String, title: String)] = [
        ("open_blocks", "open days"), ("late_events", "late events"), ("site_days", "sealed days"),
        ("daily_page_metrics", "pages"), ("daily_site_metrics", "days"), ("scrub_findings", "findings"),
        ("aggregation_state", "states"), ("drops", "what was refused"),
    ]

    /// Everything that was counted of a site, or an account, that is there no more.
    func run() async throws {
        try await Erasing.waitForLoaders(system)
        let days = try await system.transaction(readOnly: true) { try Partitions.allDays($0).sorted() }
        var total: Int64 = 0
        for day in days { total += try await count("events", and: "day = \(day)") }
        for table in Erasing.tables { total += try await count(table.name) }
        var done: Int64 = 0
        for day in days {
            done = try await erase(
                "events", and: "day = \(day)", "events of \(day)", done: done, total: total)
        }
        for table in Erasing.tables {
            done = try await erase(table.name, and: "true", table.title, done: done, total: total)
        }
    }

    /// Batches that know the site are over afterwards; the next know it no more.
    static func waitForLoaders(_ system: Database) async throws {
        try await system.transaction { connection in
            try connection.execute("SET LOCAL lock_timeout = '10s'")
            try connection.execute("SELECT pg_advisory_xact_lock(\(LoadBatch.partitionLock))")
        }
    }

    private var condition: SQL {
        if let site { "account_id = \(account) AND site_id = \(site)" } else { "account_id = \(account)" }
    }

    private func count(_ table: String, and more: SQL = "true") async throws -> Int64 {
        try await system.transaction(readOnly: true) { [condition] connection in
            try connection.execute("SET LOCAL statement_timeout = '5min'")
            return try connection.one(
                "SELECT count(*) FROM \(identifier: table) WHERE \(condition) AND \(more)")
        }
    }

    /// A tenant's rows of a table, or of a day, lie in one leaf: there a row's place names it.
    private func erase(
        _ table: String, and more: SQL, _ title: String, done: Int64, total: Int64
    ) async throws -> Int64 {
        var done = done
        while true {
            let before = done
            done = try await system.transaction { [job, condition] connection in
                try connection.execute("SET LOCAL statement_timeout = '5min'")
                let gone = try connection.execute(
                    """
                    DELETE FROM \(identifier: table) WHERE \(condition) AND \(more) AND ctid = ANY (ARRAY(
                        SELECT ctid FROM \(identifier: table) WHERE \(condition) AND \(more)
                        LIMIT \(literal: Int64(Erasing.step))))
                    """)
                try Jobs.note(job, done: before + Int64(gone), of: total, title, in: connection)
                return before + Int64(gone)
            }
            if done == before { return done }
        }
    }

    // MARK: As jobs

    @Sendable static func eraseSite(_ job: Job, _ context: JobKind.Context) async throws {
        let arguments = try SiteJobs.Arguments(job)
        guard let site = arguments.site else { throw GiveUp("the arguments name no site") }
        let exists = try await context.system.withConnection { connection in
            let exists: Bool = try connection.one("SELECT EXISTS (SELECT FROM sites WHERE id = \(site))")
            return exists
        }
        if exists { throw GiveUp("the site is still there") }
        try await Erasing(job: job, system: context.system, account: arguments.account, site: site).run()
    }

    /// The account goes first, and with it its sites: nothing new can come. Its ledger, which would go in one piece with
    /// it, goes in steps before.
    @Sendable static func eraseAccount(_ job: Job, _ context: JobKind.Context) async throws {
        let arguments = try SiteJobs.Arguments(job)
        let erasing = Erasing(job: job, system: context.system, account: arguments.account, site: nil)
        _ = try await erasing.erase("drops", and: "true", "what was refused", done: 0, total: 0)
        try await context.system.transaction { connection in
            try connection.execute("SET LOCAL statement_timeout = '5min'")
            try connection.execute("DELETE FROM accounts WHERE id = \(arguments.account)")
        }
        try await erasing.run()
    }
}

extension SiteJobs.Arguments {
    init(_ job: Job) throws {
        do {
            self = try job.decodeArguments(as: SiteJobs.Arguments.self)
        } catch {
            throw GiveUp("the arguments name no site")
        }
    }
}
