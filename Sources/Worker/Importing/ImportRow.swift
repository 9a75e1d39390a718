import Days
import FoundationEssentials
import Postgres

/// The row of `imports` of an import that runs, and what it means for those of earlier ones.
struct ImportRow {
    private(set) var id: Int64 = 0
    private let account: Int64
    private let site: UUID
    private let kind: String
    private let connection: Connection

    /// Empties a day of another import.
    typealias Clear = (_ import: Int64, _ day: Day) throws -> Void

    init(account: Int64, site: UUID, kind: String, _ connection: Connection) {
        (self.account, self.site, self.kind, self.connection) = (account, site, kind, connection)
    }

    /// The row of the same file, if it was imported before; else a new one.
    mutating func begin(digest: Data) throws {
        let known: Int64? = try connection.first(
            "SELECT id FROM imports WHERE \(ofSite) AND kind = \(kind) AND digest = \(Array(digest))")
        if let known { id = known } else { try insert(digest: Array(digest)) }
    }

    /// A new row of a file that cannot be known before its end.
    mutating func begin() throws {
        try insert(digest: Array("unknown yet".utf8))
    }

    private mutating func insert(digest: [UInt8]) throws {
        id = try connection.one(
            """
            INSERT INTO imports (account_id, site_id, kind, digest, from_time, to_time, from_day, to_day)
            VALUES (\(account), \(site), \(kind), \(digest), 'infinity', 'infinity', '1970-01-01', '1970-01-01')
            RETURNING id
            """)
    }

    private var ofSite: SQL { "account_id = \(account) AND site_id = \(site)" }

    /// Days that it has parts of.
    func days() throws -> [Day] {
        try connection.rows(
            "SELECT DISTINCT day FROM site_days WHERE \(ofSite) AND import_id = \(id) ORDER BY day")
    }

    /// Other imports that have something between two instants.
    private func overlapping(
        _ times: ClosedRange<Int64>
    ) throws -> [(id: Int64, name: String, from: Day, to: Day)] {
        let (first, last) = (ImportRow.instant(times.lowerBound), ImportRow.instant(times.upperBound))
        return try connection.rows(
            """
            SELECT id, name, from_day, to_day FROM imports
            WHERE \(ofSite) AND kind = \(kind) AND id <> \(id) AND from_time <= \(last) AND to_time >= \(first)
            ORDER BY id
            """
        ) { (try $0["id"], try $0["name"], try $0["from_day"], try $0["to_day"]) }
    }

    /// - Throws: ``LogImporter/Refusal`` when another import has something between the two and may not lose it
    func refuseOverlap(_ times: ClosedRange<Int64>?, replaces: Bool) throws {
        guard !replaces, let times, let other = try overlapping(times).first else { return }
        throw LogImporter.Refusal(
            description: """
                Another import (\(other.name), \(other.from) to \(other.to)) has lines of the same time: they would count \
                twice. Nothing was imported. With --replace its days are replaced by those of this file.
                """)
    }

    /// The same content under another row, which could not be known before: it goes.
    func takeOver(digest: Data, _ clear: Clear) throws -> Bool {
        let isRepetition: Bool = try connection.one(
            """
            SELECT EXISTS (SELECT FROM imports
                WHERE \(ofSite) AND kind = \(kind) AND digest = \(Array(digest)) AND from_time < 'infinity')
            """)
        let old: Int64? = try connection.first(
            """
            SELECT id FROM imports
            WHERE \(ofSite) AND kind = \(kind) AND digest = \(Array(digest)) AND id <> \(id)
            """)
        if let old { try remove(old, clear) }
        return isRepetition
    }

    private func remove(_ old: Int64, _ clear: Clear) throws {
        let days: [Day] = try connection.rows(
            "SELECT DISTINCT day FROM site_days WHERE \(ofSite) AND import_id = \(old)")
        for day in days { try clear(old, day) }
        try connection.execute("DELETE FROM imports WHERE account_id = \(account) AND id = \(old)")
    }

    /// Takes the days from `first` to `last` away from imports that overlap; answers how many lost some.
    func takeDays(
        of times: ClosedRange<Int64>, from first: Day, to last: Day, _ history: ZoneHistory, _ clear: Clear
    ) throws -> Int {
        let others = try overlapping(times)
        for other in others {
            let days: [Day] = try connection.rows(
                """
                SELECT DISTINCT day FROM site_days
                WHERE \(ofSite) AND import_id = \(other.id) AND day BETWEEN \(first) AND \(last)
                """)
            for day in days { try clear(other.id, day) }
            let left: (Day?, Day?, Int64) = try connection.one(
                """
                SELECT min(day), max(day), coalesce(sum(events), 0)::bigint FROM site_days
                WHERE \(ofSite) AND import_id = \(other.id)
                """)
            guard let from = left.0, let to = left.1 else {
                try connection.execute(
                    "DELETE FROM imports WHERE account_id = \(account) AND id = \(other.id)")
                continue
            }
            let (start, end) = (
                ImportRow.instant(history.start(of: from)), ImportRow.instant(history.end(of: to) - 1)
            )
            try connection.execute(
                """
                UPDATE imports SET from_day = \(from), to_day = \(to), from_time = greatest(from_time, \(start)),
                    to_time = least(to_time, \(end)), events = \(left.2)
                WHERE account_id = \(account) AND id = \(other.id)
                """)
        }
        return others.count
    }

    func end(
        digest: Data, name: String, times: ClosedRange<Int64>, days: ClosedRange<Day>, events: Int
    ) throws {
        try connection.execute(
            """
            UPDATE imports SET digest = \(Array(digest)), name = \(String(name.prefix(1_000))), events = \(Int64(events)),
                from_time = \(ImportRow.instant(times.lowerBound)), to_time = \(ImportRow.instant(times.upperBound)),
                from_day = \(days.lowerBound), to_day = \(days.upperBound), created_at = now()
            WHERE account_id = \(account) AND id = \(id)
            """)
    }

    /// Marks parts of days that others have parts of too; answers how many such days there are.
    func markInexact(_ torn: Set<Day>) throws -> Int {
        try connection.execute(
            """
            UPDATE site_days p SET inexact = true
            WHERE \(ofSite) AND import_id = \(id) AND (day = ANY (\(Array(torn))) OR EXISTS (
                SELECT FROM site_days o WHERE o.account_id = p.account_id AND o.site_id = p.site_id AND o.day = p.day
                    AND o.import_id IS DISTINCT FROM p.import_id))
            """)
        let shared: Int64 = try connection.one(
            """
            SELECT count(DISTINCT p.day) FROM site_days p JOIN site_days o USING (account_id, site_id, day)
            WHERE p.account_id = \(account) AND p.site_id = \(site) AND p.import_id = \(id)
                AND o.import_id IS DISTINCT FROM p.import_id
            """)
        return Int(shared)
    }

    /// Nothing came of it.
    func remove() throws {
        try connection.execute("DELETE FROM imports WHERE account_id = \(account) AND id = \(id)")
    }

    private static func instant(_ seconds: Int64) -> Date {
        Date(timeIntervalSince1970: Double(seconds))
    }
}
