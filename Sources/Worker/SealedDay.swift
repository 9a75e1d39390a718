import Days
import FoundationEssentials
import Ingest
import Postgres
import Stats

/// One day of a site on its way into history, inside one transaction with one snapshot.
struct SealedDay {
    private let siteDay: Sealing.SiteDay
    private let now: Date
    private let options: Sealing.Options
    private let connection: Connection
    /// Also when nothing is new.
    private let isAgain: Bool

    init(
        _ siteDay: Sealing.SiteDay, again isAgain: Bool, now: Date, options: Sealing.Options,
        _ connection: Connection
    ) {
        self.isAgain = isAgain
        self.siteDay = siteDay
        self.now = now
        self.options = options
        self.connection = connection
    }

    private struct State {
        var isSealed: Bool
        var dropped: Int64
    }

    private struct Folded {
        var blocks: [Block] = []
        /// Engagements that found no visit.
        var dropped = 0
        var vector: [Int64: Int64] = [:]
    }

    func seal() throws -> Sealing.Outcome {
        // Reading and folding a large day takes longer than an answer to somebody who waits.
        try connection.execute("SET LOCAL statement_timeout = '10min'")
        try connection.execute("SET LOCAL idle_in_transaction_session_timeout = '10min'")
        try connection.execute("SET LOCAL lock_timeout = '10s'")
        guard let state = try claim() else { return .elsewhere }
        try options.between("claimed")
        let since = try statisticsFrom(siteDay, connection)
        guard let history = try ZoneHistory.ofSites([siteDay.site], connection)[siteDay.site] else {
            return .elsewhere
        }
        let clock = history.clock(of: siteDay.day)
        let hasRawEvents = try Partitions.openDays(connection).contains(siteDay.day)
        if state.isSealed, !isAgain, try !hasNews(hasRawEvents) { return .elsewhere }
        try options.between("read the site")

        var folded: Folded
        var dropped: Int64
        if hasRawEvents {
            try moveLateEvents()
            try options.between("moved late events")
            folded = try fold(.events, since: since, clock)
            try options.between("folded")
            let isInexact = try hasParts(of: [.late])
            try SiteDays.replace(
                .seal, with: folded.blocks.map { SiteDays.Part($0, isInexact: isInexact) },
                account: siteDay.account,
                site: siteDay.site, clock: clock, now: now, in: connection)
            dropped = Int64(folded.dropped)
        } else {
            folded = try fold(.late, since: since, clock)
            try options.between("folded")
            if !folded.blocks.isEmpty {
                let isInexact = try hasParts(of: [.seal, .late])
                try SiteDays.add(
                    .late, folded.blocks.map { SiteDays.Part($0, isInexact: isInexact) },
                    account: siteDay.account,
                    site: siteDay.site, clock: clock, now: now, in: connection)
            }
            try options.between("added")
            try connection.execute("DELETE FROM late_events WHERE \(siteDay.key)")
            dropped = state.dropped + Int64(folded.dropped)
        }
        try options.between("written")
        try noteDrops(dropped, was: state.dropped, clock)
        try options.between("noted drops")
        try connection.execute("DELETE FROM open_blocks WHERE \(siteDay.key)")
        try options.between("forgot the open block")
        // Last, so that nobody waits for this row longer than a commit takes.
        try finish(folded.vector, dropped)
        try options.between("finished")
        return !hasRawEvents && state.isSealed ? .supplemented : .sealed
    }

    // MARK: Steps

    /// Nil when another worker has it.
    private func claim() throws -> State? {
        try connection.execute(
            """
            INSERT INTO aggregation_state (account_id, site_id, day)
            SELECT \(siteDay.account), \(siteDay.site), \(siteDay.day)
            WHERE NOT EXISTS (SELECT FROM aggregation_state WHERE \(siteDay.key))
            """)
        return try connection.rows(
            """
            SELECT state = 'sealed' AS is_sealed, dropped FROM aggregation_state WHERE \(siteDay.key)
            FOR UPDATE SKIP LOCKED
            """
        ) { State(isSealed: try $0["is_sealed"], dropped: try $0["dropped"]) }.first
    }

    /// Another worker may have sealed the day since this one looked.
    private func hasNews(_ hasRawEvents: Bool) throws -> Bool {
        let isLate: Bool = try connection.one("SELECT EXISTS (SELECT FROM late_events WHERE \(siteDay.key))")
        guard hasRawEvents, !isLate else { return isLate }
        let key: SQL = "a.account_id = \(siteDay.account) AND a.site_id = \(siteDay.site)"
        return try connection.one("SELECT EXISTS (\(Sealing.withNews(on: siteDay.day, key)))")
    }

    /// What was loaded while the day had no partition belongs to its raw events. Both tables have the same columns in the
    /// same order.
    private func moveLateEvents() throws {
        try connection.execute(
            """
            WITH moved AS (DELETE FROM late_events WHERE \(siteDay.key) RETURNING *)
            INSERT INTO events SELECT * FROM moved ON CONFLICT DO NOTHING
            """)
    }

    private func hasParts(of origins: [SiteDays.Origin]) throws -> Bool {
        try connection.one(
            "SELECT EXISTS (SELECT FROM site_days WHERE \(siteDay.key) AND origin = ANY (\(origins.map(\.rawValue))))"
        )
    }

    private func fold(_ table: EventReading.Table, since: Date?, _ clock: DayClock) throws -> Folded {
        var reading = EventReading(account: siteDay.account, site: siteDay.site, day: siteDay.day)
        reading.table = table
        reading.since = since
        var folded = Folded()
        func add(limit: Int) throws {
            var raw = RawEvents()
            folded.vector.merge(try reading.read(into: &raw, limit: limit, connection)) { max($0, $1) }
            try options.between("read events")
            guard raw.count > 0 else { return }
            let (block, dropped) = Fold.fold(raw, clock: clock)
            if block.eventCount > 0 { folded.blocks.append(block) }
            folded.dropped += dropped
        }
        do {
            try add(limit: options.slice)
        } catch is EventReading.TooMany {
            // A quarter more than it takes, since some slices are larger than others.
            let slices = try reading.count(connection) * 5 / (options.slice * 4) + 1
            for index in 0..<slices {
                reading.slice = EventReading.Slice(index: index, of: slices)
                try add(limit: .max)
            }
        }
        return folded
    }

    /// The ledger shows them in the day's last hour. That row is this day's alone, so that it is set, not added to: a day
    /// that is sealed again counts once.
    private func noteDrops(_ dropped: Int64, was before: Int64, _ clock: DayClock) throws {
        guard dropped != before else { return }
        let hour = Date(timeIntervalSince1970: Double((clock.end - 1) / 3_600 * 3_600))
        let reason = DropReason.noVisit.rawValue
        if dropped == 0 {
            try connection.execute(
                """
                DELETE FROM drops WHERE account_id = \(siteDay.account) AND site_id = \(siteDay.site)
                    AND hour = \(hour) AND reason = \(reason)
                """)
        } else {
            try connection.execute(
                """
                INSERT INTO drops (account_id, site_id, hour, reason, detail, count)
                VALUES (\(siteDay.account), \(siteDay.site), \(hour), \(reason), '', \(dropped))
                ON CONFLICT (account_id, site_id, hour, reason, detail) DO UPDATE SET count = excluded.count
                """)
        }
    }

    private func finish(_ vector: [Int64: Int64], _ dropped: Int64) throws {
        try connection.execute(
            """
            UPDATE aggregation_state SET state = 'sealed', vector = \(JSON(vector: vector)),
                format = \(BlockFile.format), sealed_at = \(now), dropped = \(dropped), attempts = 0, retry_at = NULL,
                last_error = ''
            WHERE \(siteDay.key)
            """)
    }
}

/// What was received before is not of a site's statistics; nil for no such moment.
func statisticsFrom(_ siteDay: Sealing.SiteDay, _ connection: Connection) throws -> Date? {
    let since: Date?? = try connection.first(
        """
        SELECT nullif(statistics_from, '-infinity') FROM sites
        WHERE id = \(siteDay.site) AND account_id = \(siteDay.account)
        """)
    return since ?? nil
}
