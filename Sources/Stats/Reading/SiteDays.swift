package import Days
package import FoundationEssentials
package import Postgres

/// The table `site_days`: sealed history, a row for each part of a day of a site.
///
/// Parts of a day have no visitor in common, so they add. Whoever changes one changes the day's roll-ups too, in the same
/// transaction.
package enum SiteDays {
    /// Where a part comes from.
    package enum Origin: String, Sendable, PostgresValue {
        /// The day's raw events, when it was over.
        case seal
        /// What came after they were gone.
        case late
        /// A file of past events, which knows its parts by `importID`.
        case `import`
    }

    package struct Part: Sendable {
        package var block: Block
        /// Some of its visitors may be in another part of the day too.
        package var isInexact: Bool
        /// The block as bytes, where somebody made them already, beside others.
        package var encoded: EncodedBlock?

        package init(_ block: Block, isInexact: Bool = false, encoded: EncodedBlock? = nil) {
            self.block = block
            self.isInexact = isInexact
            self.encoded = encoded
        }
    }

    /// Puts `parts` in the place of all that the day has of this origin (of an import: of this one), and adds the day's
    /// roll-ups up anew. A block of no event is not stored.
    ///
    /// Under the system's role, in the caller's transaction. Others who write the same day wait until it ends; in a
    /// transaction with one snapshot the day may have changed meanwhile, which is a serialization failure or a violated
    /// unique key: run it once more.
    package static func replace(
        _ origin: Origin, importID: Int64? = nil, with parts: [Part], account: Int64, site: UUID,
        clock: DayClock,
        now: Date, in connection: Connection
    ) throws {
        let day = clock.day
        try lock(site, day, connection)
        try connection.execute(
            """
            DELETE FROM site_days WHERE \(of(account, site, day)) AND origin = \(origin)
                AND import_id IS NOT DISTINCT FROM \(importID)
            """)
        try insert(origin, importID, parts, account, site, clock, now, connection)
        try RollUps.recompute(account: account, site: site, day: day, now: now, in: connection)
    }

    /// Adds parts to what the day has.
    package static func add(
        _ origin: Origin, importID: Int64? = nil, _ parts: [Part], account: Int64, site: UUID,
        clock: DayClock, now: Date,
        in connection: Connection
    ) throws {
        try lock(site, clock.day, connection)
        try insert(origin, importID, parts, account, site, clock, now, connection)
        try RollUps.recompute(account: account, site: site, day: clock.day, now: now, in: connection)
    }

    /// A part of fewer events has an empty summary: its columns are read and counted as quickly, and a summary would be half
    /// of all that is stored of it.
    package static let leastSummarized = 2_000

    /// A part as it is kept.
    package static func encoded(_ block: Block, clock: DayClock) throws(BlockDamage) -> EncodedBlock {
        try BlockFile.encode(block, clock: clock, isSummarized: block.eventCount >= leastSummarized)
    }

    /// Writes a part of an older format anew; its content stays the same.
    package static func reencode(
        account: Int64, site: UUID, part: Int16, clock: DayClock, in connection: Connection
    ) throws {
        try lock(site, clock.day, connection)
        let row: ([UInt8], [UInt8], [UInt8])? = try connection.first(
            """
            SELECT core, detail, properties FROM site_days WHERE \(of(account, site, clock.day)) AND part = \(part)
            """)
        guard let (core, detail, properties) = row else { return }
        let block = try BlockFile.block(core: core, detail: detail, properties: properties)
        let encoded = try SiteDays.encoded(block, clock: clock)
        try connection.execute(
            """
            UPDATE site_days SET format = \(encoded.format), version = nextval('site_days_version'),
                checksum = \(encoded.checksum), summary = \(encoded.summary), core = \(encoded.core),
                detail = \(encoded.detail), properties = \(encoded.properties)
            WHERE \(of(account, site, clock.day)) AND part = \(part)
            """)
    }

    // MARK: Underneath

    /// One writer of a day at a time.
    private static func lock(_ site: UUID, _ day: Day, _ connection: Connection) throws {
        let key = "site_days \(site.uuidString) \(day)"
        try connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(\(key), 0))")
    }

    static func of(_ account: Int64, _ site: UUID, _ day: Day) -> SQL {
        "account_id = \(account) AND site_id = \(site) AND day = \(day)"
    }

    private static func insert(
        _ origin: Origin, _ importID: Int64?, _ parts: [Part], _ account: Int64, _ site: UUID,
        _ clock: DayClock,
        _ now: Date, _ connection: Connection
    ) throws {
        let day = clock.day
        let taken: [Int16] = try connection.rows("SELECT part FROM site_days WHERE \(of(account, site, day))")
        // The smallest that are free, so that the same parts always get the same numbers.
        var free = (0...Int16.max).lazy.filter { !taken.contains($0) }.makeIterator()
        for part in parts where part.block.eventCount > 0 {
            guard let number = free.next() else { throw TooManyParts() }
            let encoded = try part.encoded ?? SiteDays.encoded(part.block, clock: clock)
            try connection.execute(
                """
                INSERT INTO site_days (account_id, site_id, day, part, origin, import_id, format, visitors, visits,
                    page_views, events, inexact, checksum, summary, core, detail, properties, sealed_at)
                VALUES (\(account), \(site), \(day), \(number), \(origin), \(importID), \(encoded.format),
                    \(encoded.visitors), \(encoded.visits), \(encoded.pageViews), \(encoded.events), \(part.isInexact),
                    \(encoded.checksum), \(encoded.summary), \(encoded.core), \(encoded.detail), \(encoded.properties),
                    \(now))
                """)
        }
    }

    package struct TooManyParts: Error {}
}
