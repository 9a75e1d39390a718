package import Auth
import Days
package import FoundationEssentials
package import Postgres
import Synchronization

/// What a list shows of a site.
package struct SiteOverview: Sendable, Hashable {
    /// Visitors of each of the last fourteen days by the site's clock, today's last.
    package var days = [Int](repeating: 0, count: SiteOverviews.days)
    /// Visitors of the last 24 hours, and of the 24 before them.
    package var lastDay = 0
    package var dayBefore = 0
    /// Visitors of the last five minutes.
    package var live = 0

    package init() {}

    package var week: Int { days.suffix(7).reduce(0, +) }
    package var weekBefore: Int { days.prefix(7).reduce(0, +) }
}

/// What a list of sites shows of each, in six statements however many sites there are.
///
/// Days are read from their roll-ups. The last 24 hours begin within a day, most often one that is sealed and has no raw
/// events any more: of its blocks each visitor's first and last event are kept in memory, which is all that it takes.
package struct SiteOverviews: Sendable {
    package static let days = 14

    /// Of a site with more events a day than this, the open day is asked of the engine, which keeps it in memory.
    package static let many: Int64 = 50_000

    let app: Database
    private let sites: Sites
    private let statistics: Statistics
    private let computing: Computing
    private let edges = EdgeCache()

    package init(app: Database, statistics: Statistics, computing: Computing = .shared) {
        self.app = app
        self.sites = Sites(app: app)
        self.statistics = statistics
        self.computing = computing
    }

    /// Of every site of the account.
    package func overviews(
        in access: AccountAccess, now: Date, many: Int64 = SiteOverviews.many
    ) async throws -> [SiteID: SiteOverview] {
        let look = try await app.transaction(access, isolation: .repeatableRead, readOnly: true) {
            [edges] connection in
            try Look(access.account, now: now, many: many, edges, connection)
        }
        var overviews = look.overviews
        let fetched = look.fetched
        let made = try await computing.run {
            try fetched.map { ($0.part, VisitorEdges(try BlockFile.block(core: $0.core, columns: .times))) }
        }
        edges.keep(made)
        for (part, its) in look.known + made {
            let instant = Int64(now.timeIntervalSince1970.rounded(.down))
            let (cut, before) = (instant + 1 - 86_400, instant + 1 - 2 * 86_400)
            overviews[part.site, default: SiteOverview()].lastDay += its.count(from: cut, before: instant + 1)
            overviews[part.site, default: SiteOverview()].dayBefore += its.count(from: before, before: cut)
        }
        for site in try await sites.access(to: look.large, in: access) {
            try await ask(about: site, now: now, &overviews[site.site.id, default: SiteOverview()])
        }
        return overviews
    }

    private func ask(about site: SiteAccess, now: Date, _ overview: inout SiteOverview) async throws {
        let end = Int64(now.timeIntervalSince1970.rounded(.down)) + 1
        let history = try await statistics.calendar(site).history
        let questions = [end - 86_400..<end, end - 2 * 86_400..<end - 86_400, end - 300..<end].map { window in
            let days =
                history.localDay(at: window.lowerBound).day...history.localDay(at: window.upperBound - 1).day
            return Question(span: Span(days: days, window: window), metrics: [.visitors])
        }
        let figures = try await statistics.answer(questions, of: site)
            .map { Int($0.rows[0].figures[0].number ?? 0) }
        (overview.lastDay, overview.dayBefore, overview.live) = (figures[0], figures[1], figures[2])
    }
}

extension SiteOverviews {
    /// Which day it is for each site of the account.
    static func todays(
        _ account: AccountID, at instant: Int64, _ connection: Connection
    ) throws -> [SiteID: Day] {
        let eras: [(SiteID, Day, String)] = try connection.rows(
            "SELECT site_id, from_day, zone FROM site_zones WHERE account_id = \(account) ORDER BY site_id, from_day"
        )
        return Dictionary(grouping: eras, by: \.0).mapValues { eras in
            let history =
                ZoneHistory(eras.map { (from: $0.1, zone: Zone.named($0.2) ?? .utc) }) ?? ZoneHistory(.utc)
            return history.localDay(at: instant).day
        }
    }
}

/// A part of a day of a site, as it was written at one time.
private struct EdgePart: Hashable, Sendable {
    let site: SiteID
    let day: Day
    let part: Int16
    let version: Int64
}

/// When the visitors of a part came and went.
private struct VisitorEdges: Sendable {
    /// Seconds since 1970 of the first, and of the last, event of each visitor; each ascending for itself.
    let firsts: [Int64]
    let lasts: [Int64]

    init(_ block: Block) {
        var firsts = [Int64](repeating: .max, count: block.visitorCount)
        var lasts = [Int64](repeating: .min, count: block.visitorCount)
        for visit in 0..<block.visitCount {
            let visitor = Int(block.visitor[visit])
            for event in Int(block.firstEvent[visit])..<Int(block.firstEvent[visit + 1]) {
                let time = block.start + Int64(block.time[event])
                firsts[visitor] = min(firsts[visitor], time)
                lasts[visitor] = max(lasts[visitor], time)
            }
        }
        self.firsts = firsts.sorted()
        self.lasts = lasts.sorted()
    }

    /// Visitors with an event in a window of 24 hours. At least one of its ends lies outside of nearly every day; of a
    /// day of 25 hours around it, who came before and after it and not in it is counted too.
    func count(from start: Int64, before end: Int64) -> Int {
        let gone = VisitorEdges.count(lasts, below: start)
        let notYet = firsts.count - VisitorEdges.count(firsts, below: end)
        return firsts.count - gone - notYet
    }

    private static func count(_ sorted: [Int64], below limit: Int64) -> Int {
        var (low, high) = (0, sorted.count)
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle] < limit { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// Edges of the last days' parts, as many as fit.
private final class EdgeCache: Sendable {
    private static let mostVisitors = 4_000_000
    private let held = Mutex<[EdgePart: VisitorEdges]>([:])

    subscript(part: EdgePart) -> VisitorEdges? { held.withLock { $0[part] } }

    func keep(_ made: [(EdgePart, VisitorEdges)]) {
        guard let newest = made.map(\.0.day).max() else { return }
        held.withLock { held in
            for (part, its) in made { held[part] = its }
            held = held.filter { $0.key.day >= newest.advanced(by: -4) }
            if held.values.reduce(0, { $0 + $1.firsts.count }) > EdgeCache.mostVisitors {
                held = held.filter { $0.key.day >= newest }
            }
            if held.values.reduce(0, { $0 + $1.firsts.count }) > EdgeCache.mostVisitors { held = [:] }
        }
    }
}

/// What the database says, in one snapshot.
private struct Look: Sendable {
    var overviews: [SiteID: SiteOverview]
    /// Sites with very many events.
    var large: [SiteID]
    var known: [(EdgePart, VisitorEdges)] = []
    var fetched: [(part: EdgePart, core: [UInt8])] = []

    init(
        _ account: AccountID, now: Date, many: Int64, _ edges: EdgeCache, _ connection: Connection
    ) throws {
        let instant = Int64(now.timeIntervalSince1970.rounded(.down))
        // Whatever the sites' zones, their days are within one of UTC's.
        let utc = Zone.utc.day(at: instant)
        overviews = try Look.days(account, instant, utc, connection)
        large = try connection.rows(
            """
            SELECT site_id FROM daily_site_metrics
            WHERE account_id = \(account) AND date >= \(utc.advanced(by: -1)) GROUP BY site_id HAVING max(events) > \(many)
            """)
        for raw in try Look.raw(account, now: now, utc, except: large, connection) {
            overviews[raw.site, default: SiteOverview()].lastDay = raw.lastDay
            overviews[raw.site, default: SiteOverview()].dayBefore = raw.dayBefore
            overviews[raw.site, default: SiteOverview()].live = raw.live
        }
        let parts = try connection.rows(
            """
            SELECT site_id, day, part, version FROM site_days
            WHERE account_id = \(account) AND day BETWEEN \(utc.advanced(by: -3)) AND \(utc.advanced(by: 1))
                AND visitors > 0 AND site_id <> ALL (\(large))
            """
        ) { row in
            EdgePart(
                site: try row["site_id"], day: try row["day"], part: try row["part"],
                version: try row["version"])
        }
        for part in parts { if let its = edges[part] { known.append((part, its)) } }
        let missing = parts.filter { edges[$0] == nil }
        if !missing.isEmpty { fetched = try Look.fetch(missing, account, connection) }
    }

    /// Roll-ups of the last days, each placed by the clock of its site.
    private static func days(
        _ account: AccountID, _ instant: Int64, _ utc: Day, _ connection: Connection
    ) throws -> [SiteID: SiteOverview] {
        let todays = try SiteOverviews.todays(account, at: instant, connection)
        var overviews = todays.mapValues { _ in SiteOverview() }
        let rows: [(SiteID, Day, Int64)] = try connection.rows(
            """
            SELECT site_id, date, unique_visitors FROM daily_site_metrics
            WHERE account_id = \(account) AND date >= \(utc.advanced(by: -1 - SiteOverviews.days))
            """)
        for (site, day, visitors) in rows {
            guard let today = todays[site] else { continue }
            let place = SiteOverviews.days - 1 - day.distance(to: today)
            if (0..<SiteOverviews.days).contains(place) { overviews[site]?.days[place] = Int(visitors) }
        }
        return overviews
    }

    private struct Raw {
        let site: SiteID
        let lastDay: Int
        let dayBefore: Int
        let live: Int
    }

    /// Of days that are not sealed, where each visitor is a hash still.
    private static func raw(
        _ account: AccountID, now: Date, _ utc: Day, except large: [SiteID], _ connection: Connection
    ) throws -> [Raw] {
        let cut = now.addingTimeInterval(-86_400)
        return try connection.rows(
            """
            SELECT e.site_id, count(DISTINCT (e.day, e.visitor)) FILTER (WHERE e.received_at > \(cut)) AS last_day,
                count(DISTINCT (e.day, e.visitor)) FILTER (WHERE e.received_at <= \(cut)) AS day_before,
                count(DISTINCT (e.day, e.visitor))
                    FILTER (WHERE e.received_at > \(now.addingTimeInterval(-300))) AS live
            FROM events e
            JOIN aggregation_state a ON a.account_id = e.account_id AND a.site_id = e.site_id AND a.day = e.day
            JOIN sites s ON s.account_id = e.account_id AND s.id = e.site_id
            WHERE e.account_id = \(account) AND e.day BETWEEN \(utc.advanced(by: -3)) AND \(utc.advanced(by: 1))
                AND e.received_at > \(now.addingTimeInterval(-2 * 86_400)) AND e.received_at >= s.statistics_from
                AND a.state <> 'sealed' AND e.site_id <> ALL (\(large)) AND e.name <> 'engagement'
            GROUP BY e.site_id
            """
        ) { row in
            let (lastDay, dayBefore, live): (Int64, Int64, Int64) = (
                try row["last_day"], try row["day_before"], try row["live"]
            )
            return Raw(
                site: try row["site_id"], lastDay: Int(lastDay), dayBefore: Int(dayBefore), live: Int(live))
        }
    }

    private static func fetch(
        _ missing: [EdgePart], _ account: AccountID, _ connection: Connection
    ) throws -> [(part: EdgePart, core: [UInt8])] {
        let byPlace = Dictionary(
            missing.map { (Place(site: $0.site, day: $0.day, part: $0.part), $0) }
        ) { first, _ in first }
        var fetched: [(part: EdgePart, core: [UInt8])] = []
        try connection.stream(
            """
            SELECT d.site_id, d.day, d.part, d.core
            FROM unnest(\(missing.map(\.site)), \(missing.map(\.day)), \(missing.map(\.part))) AS w (site_id, day, part)
            JOIN site_days d ON d.account_id = \(account) AND d.site_id = w.site_id AND d.day = w.day
                AND d.part = w.part
            """
        ) { row in
            let place = Place(site: try row[0], day: try row[1], part: try row[2])
            guard let part = byPlace[place] else { return }
            fetched.append((part, row.withBytes(3) { $0.map { Array($0) } ?? [] }))
        }
        return fetched
    }

    private struct Place: Hashable {
        let site: SiteID
        let day: Day
        let part: Int16
    }
}
