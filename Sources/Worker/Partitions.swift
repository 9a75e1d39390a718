import Days
package import FoundationEssentials
package import Postgres

/// The partitions of what is stored by time: made before they are needed, dropped when nobody asks any more.
package enum Partitions {
    /// Days of events ahead of now's date in UTC; a site's own date is at most one more.
    static let daysAhead = 8
    /// Hours of client ids. Two days ahead outlast a worker that is away over a weekend's night.
    static let hoursAround = -1...48

    static func keep(_ round: Round) async throws {
        _ = try await makeAhead(database: round.owner, now: round.now)
        try await dropOldDedupe(round)
    }

    /// Days of events that some zone may be in, or was an hour ago, and the next ones. A day is over in the last zone, 12
    /// hours behind UTC, at noon of the next. What comes for an older day, for want of a partition, goes to `late_events`.
    static func days(around now: Date) -> ClosedRange<Day> {
        let oldest = Day(
            rawValue: Int32(
                ((now.timeIntervalSince1970 - 12 * 3_600 - Readiness.grace) / 86_400).rounded(.down)))
        return oldest...today(now, daysAhead)
    }

    /// Makes what is missing, each partition in a short transaction of its own, and answers how many that were.
    ///
    /// Safe beside loads, and beside another worker that does the same.
    package static func makeAhead(database owner: Database, now: Date) async throws -> Int {
        let (missingDays, hours) = try await owner.transaction(readOnly: true) { connection in
            let wanted = try days(around: now).listed.filter { try !isClosed($0, connection) }
            return (
                try missing("events", wanted.map { (name(of: $0), $0) }, in: connection),
                try missing(
                    "ingestion_dedupe", hoursAround.map { (dedupeName(hour(now, $0)), $0) }, in: connection)
            )
        }
        var made = 0
        for day in missingDays {
            made += try await make(in: owner, "make_event_partitions(\(day))")
        }
        for offset in hours {
            made += try await make(in: owner, "make_dedupe_partition(\(hour(now, offset)))")
        }
        return made
    }

    /// What events that are received now and tomorrow need and is not there.
    package static func missing(database: Database, now: Date) async throws -> [String] {
        try await database.transaction(readOnly: true) { connection in
            let days = days(around: now).listed.prefix(4).map { (name(of: $0), "events of \($0)") }
            let hours = (0...1).map {
                (dedupeName(hour(now, $0)), "ids of \(dedupeName(hour(now, $0)).suffix(10))")
            }
            return try missing("events", days, in: connection)
                + missing("ingestion_dedupe", hours, in: connection)
        }
    }

    /// A client's id counts once in 24 hours; an hour more, for clocks that differ. Without a wait for loads that
    /// run: detached beside them, then dropped. Whatever an interrupted round left is finished by the next.
    static func dropOldDedupe(_ round: Round) async throws {
        let newest = dedupeName(hour(round.now, -26))
        try await round.bareStep(on: round.owner) { connection in
            let tables: [(String, Bool?)] = try connection.rows(
                """
                SELECT relname::text, inhdetachpending FROM pg_class LEFT JOIN pg_inherits ON inhrelid = pg_class.oid
                WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
                    AND relname LIKE 'ingestion\\_dedupe\\_%' AND relname <= \(newest)
                ORDER BY inhdetachpending DESC NULLS LAST, relname
                """)
            for (name, detachPending) in tables {
                try drop(name, of: "ingestion_dedupe", detachPending, connection)
            }
        }
    }

    /// Detaches a partition beside those who use its table, and drops it. `detachPending`: nil when it is detached
    /// already, true when somebody began to.
    static func drop(_ name: String, of parent: String, _ detachPending: Bool?, _ connection: Connection)
        throws
    {
        switch detachPending {
        case true?:
            try connection.execute(
                "ALTER TABLE \(identifier: parent) DETACH PARTITION \(identifier: name) FINALIZE")
        case false?:
            try connection.execute(
                "ALTER TABLE \(identifier: parent) DETACH PARTITION \(identifier: name) CONCURRENTLY")
        case nil:
            break
        }
        try connection.execute("DROP TABLE \(identifier: name)")
    }

    /// The days of events that have a partition and take more.
    static func openDays(_ connection: Connection) throws -> Set<Day> {
        let names: [String] = try connection.rows(
            """
            SELECT c.relname::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent = 'events'::regclass AND NOT i.inhdetachpending AND NOT EXISTS (
                SELECT FROM closed_days WHERE 'events_' || to_char(day, 'YYYYMMDD') = c.relname)
            """)
        return Set(names.compactMap(day))
    }

    /// Those too that take no more and are about to be dropped.
    static func allDays(_ connection: Connection) throws -> Set<Day> {
        let names: [String] = try connection.rows(
            """
            SELECT c.relname::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent = 'events'::regclass
            """)
        return Set(names.compactMap(day))
    }

    private static func isClosed(_ day: Day, _ connection: Connection) throws -> Bool {
        try connection.one("SELECT EXISTS (SELECT FROM closed_days WHERE day = \(day))")
    }

    // MARK: Names and times

    /// The day of a partition of events; nil for another name.
    static func day(_ name: String) -> Day? {
        let digits = name.dropFirst("events_".count)
        guard name.hasPrefix("events_"), digits.count == 8, let number = Int(digits) else { return nil }
        return Day(year: number / 10_000, month: number / 100 % 100, day: number % 100)
    }

    static func name(of day: Day) -> String { "events_" + stamp(day) }

    private static func make(in owner: Database, _ call: SQL) async throws -> Int {
        try await owner.transaction { connection in
            try connection.execute("SET LOCAL lock_timeout = '2s'")
            // What a power failure takes with it is made again by the next round.
            try connection.execute("SET LOCAL synchronous_commit = off")
            let isNew: Bool = try connection.one("SELECT \(call)")
            return isNew ? 1 : 0
        }
    }

    private static func missing<Thing>(
        _ parent: String, _ wanted: [(name: String, thing: Thing)], in connection: Connection
    ) throws -> [Thing] {
        let names: [String] = try connection.rows(
            """
            SELECT relname::text FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
            WHERE inhparent = \(parent)::regclass AND NOT inhdetachpending
            """)
        let present = Set(names)
        return wanted.filter { !present.contains($0.name) }.map(\.thing)
    }

    private static func today(_ now: Date, _ offset: Int) -> Day {
        Day(rawValue: Int32((now.timeIntervalSince1970 / 86_400).rounded(.down))).advanced(by: offset)
    }

    private static func hour(_ now: Date, _ offset: Int) -> Date {
        Date(
            timeIntervalSince1970: ((now.timeIntervalSince1970 / 3_600).rounded(.down) + Double(offset))
                * 3_600)
    }

    /// YYYYMMDD.
    private static func stamp(_ day: Day) -> String {
        day.description.split(separator: "-").joined()
    }

    /// The names sort by time.
    private static func dedupeName(_ hour: Date) -> String {
        let number = Int(hour.timeIntervalSince1970 / 3_600) % 24
        return "ingestion_dedupe_" + stamp(today(hour, 0)) + (number < 10 ? "0\(number)" : "\(number)")
    }
}

extension ClosedRange<Day> {
    /// Ascending.
    var listed: [Day] { (0...lowerBound.distance(to: upperBound)).map { lowerBound.advanced(by: $0) } }
}
