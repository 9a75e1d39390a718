import Days
import FoundationEssentials
import Ingest
import Operations
import Postgres
import Stats

/// One import while it runs, in its transaction.
struct LogImportWork {
    private let connection: Connection
    private let account: Int64
    private let site: UUID
    private let replaces: Bool
    private let now: Date
    private var log: AccessLog
    private var row: ImportRow
    private var report = LogImporter.Report()
    /// Events by day, until it is written.
    private var held: [Day: RawEvents] = [:]
    private var written: Set<Day> = []
    /// Days of which something came after they had been written.
    private var torn: Set<Day> = []
    /// Whether the file was here before is known from the beginning, and so which imports are others.
    private var isKnown = false
    private var newest = Day(rawValue: .min)
    /// Seconds since 1970, of what is imported.
    private var times: ClosedRange<Int64>?

    init(
        site domain: String, format: AccessLog.Format, replaces: Bool, now: Date,
        configuration: Configuration,
        _ connection: Connection
    ) throws {
        let found: (Int64, UUID)? = try connection.first(
            "SELECT account_id, id FROM sites WHERE domain = \(domain.lowercased())")
        guard let (account, site) = found else {
            throw LogImporter.Refusal(description: "There is no site \(domain) here.")
        }
        // One import of a site at a time: each must see what the other wrote.
        let key = "imports \(site.uuidString)"
        try connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(\(key), 0))")
        let seconds = Int64(now.timeIntervalSince1970.rounded(.down))
        let log = try AccessLog(
            site: site, format: format, now: seconds, configuration: configuration, connection
        ) { history in
            try LogImportWork.openDays(history, seconds, account, site, connection)
        }
        guard let log else { throw LogImporter.Refusal(description: "The site \(domain) is being removed.") }
        (self.connection, self.account, self.site, self.log) = (connection, account, site, log)
        (self.replaces, self.now) = (replaces, now)
        row = ImportRow(account: account, site: site, kind: LogImporter.kind, connection)
    }

    /// Today; yesterday in the first hour after midnight, when it waits for its seal; and what else is not sealed yet.
    private static func openDays(
        _ history: ZoneHistory, _ now: Int64, _ account: Int64, _ site: UUID, _ connection: Connection
    ) throws -> AccessLog.OpenDays {
        let unsealed: [Day] = try connection.rows(
            """
            SELECT day FROM aggregation_state
            WHERE account_id = \(account) AND site_id = \(site) AND state <> 'sealed'
            """)
        return AccessLog.OpenDays(from: history.localDay(at: now - 3_600).day, others: Set(unsealed))
    }

    mutating func run(_ path: String, _ progress: (Int64, Int64?) -> Void) throws -> LogImporter.Report {
        let file = try LogFile(path: path)
        let size = file.size
        // A file can be read twice: so it is known at once whether it was here before.
        let known = size == nil || path == "-" ? nil : try LogFile(path: path).read { _, _ in }.digest
        isKnown = known != nil
        if let known { try row.begin(digest: known) } else { try row.begin() }
        var shown: Int64 = -1
        let summary = try file.read { line, position in
            if position != shown {
                progress(position, size)
                shown = position
            }
            try take(line)
        }
        if let known, known != summary.digest {
            throw LogImporter.Refusal(
                description: "\(path) was written to while it was read; nothing was imported.")
        }
        for day in held.keys.sorted() { try write(day) }
        report.read = summary.lines
        report.days = written.count
        (report.firstDay, report.lastDay) = (written.min(), written.max())
        try finish(digest: summary.digest, name: path)
        return report
    }

    private mutating func take(_ line: UnsafeBufferPointer<UInt8>) throws {
        let number = report.imported + report.skipped.values.reduce(0, +)
        switch log.read(line) {
        case .skipped(let reason): report.skipped[reason, default: 0] += 1
        case .event(let event):
            report.imported += 1
            let seconds = event.receivedAt / 1_000_000
            times = min(times?.lowerBound ?? seconds, seconds)...max(times?.upperBound ?? seconds, seconds)
            held[event.day, default: RawEvents()].append(event, sequence: Int64(number))
            if event.day > newest { try move(to: event.day) }
        }
    }

    /// Writes the days that the log has left behind.
    private mutating func move(to day: Day) throws {
        newest = day
        if isKnown { try row.refuseOverlap(times, replaces: replaces) }
        for past in held.keys.sorted() where past.distance(to: day) >= 2 && !written.contains(past) {
            try write(past)
        }
    }

    private mutating func write(_ day: Day) throws {
        guard let raw = held.removeValue(forKey: day) else { return }
        let clock = log.history.clock(of: day)
        let parts = raw.slices().map { SiteDays.Part(Fold.fold(raw, rows: $0, clock: clock).block) }
        if written.insert(day).inserted {
            try SiteDays.replace(
                .import, importID: row.id, with: parts, account: account, site: site, clock: clock, now: now,
                in: connection)
        } else {
            torn.insert(day)
            try SiteDays.add(
                .import, importID: row.id, parts, account: account, site: site, clock: clock, now: now,
                in: connection)
        }
        report.visitors += parts.reduce(0) { $0 + $1.block.visitorCount }
        report.visits += parts.reduce(0) { $0 + $1.block.visitCount }
    }

    // MARK: The end

    private mutating func finish(digest: Data, name: String) throws {
        let history = log.history
        func clear(_ other: Int64, _ day: Day) throws {
            try SiteDays.replace(
                .import, importID: other, with: [], account: account, site: site,
                clock: history.clock(of: day),
                now: now, in: connection)
        }
        // What the same file had on days that are the collector's, or the owner's exclusions', by now.
        for day in try row.days() where !written.contains(day) { try clear(row.id, day) }
        report.isRepetition = try row.takeOver(digest: digest, clear)
        if let times, let first = report.firstDay, let last = report.lastDay {
            try row.refuseOverlap(times, replaces: replaces)
            report.replaced = try row.takeDays(of: times, from: first, to: last, history, clear)
            try row.end(digest: digest, name: name, times: times, days: first...last, events: report.imported)
            report.sharedDays = try row.markInexact(torn)
        } else {
            try row.remove()
        }
    }
}

extension RawEvents {
    /// As many events as one block should hold: visitors are not cut in two, so some will hold a little more.
    private static let largest = BlockFile.maximumEvents * 4 / 5

    mutating func append(_ event: Event, _ texts: [(Column, String)]) {
        append(event)
        for (column, text) in texts where !text.isEmpty {
            var text = text
            text.withUTF8 { set(column, UnsafeRawBufferPointer($0)) }
        }
    }

    /// A page view of a log. All of them are one stream.
    fileprivate mutating func append(_ event: Ingest.Event, sequence: Int64) {
        append(
            Event(
                time: event.receivedAt, visitor: Int64(bitPattern: event.visitor), stream: 0,
                sequence: sequence),
            [
                (.name, event.name), (.hostname, event.hostname), (.page, event.pathname),
                (.referrer, event.referrer), (.source, event.source), (.channel, event.channel),
                (.utmSource, event.utmSource), (.utmMedium, event.utmMedium),
                (.utmCampaign, event.utmCampaign),
                (.utmContent, event.utmContent), (.utmTerm, event.utmTerm), (.country, event.country),
                (.region, event.region), (.city, event.city), (.browser, event.browser),
                (.browserVersion, event.browserVersion), (.os, event.os), (.osVersion, event.osVersion),
                (.device, event.device),
            ])
    }

    /// The rows of each part that a large day is cut into, by visitor; nil is all.
    func slices() -> [[UInt32]?] {
        let count = (self.count + RawEvents.largest - 1) / RawEvents.largest
        guard count > 1 else { return [nil] }
        var slices = [[UInt32]](repeating: [], count: count)
        for (row, event) in events.enumerated() {
            slices[Int(UInt64(bitPattern: event.visitor) % UInt64(count))].append(UInt32(row))
        }
        return slices
    }
}
