import Auth
import Days
import FoundationEssentials
import Postgres
import Synchronization

/// Brings into memory what an engine needs of one site, and answers what it has to scan.
struct SiteReader {
    let app: Database
    let cache: StatisticsCache
    let computing: Computing
    let site: SiteAccess

    /// A row of `site_days`, without its values.
    private struct Listed: Sendable {
        var key: CachedSite.PartKey
        var version: Int64
        var hasSummary: Bool
        var isInexact: Bool

        /// Of its columns; nil if its summary suffices.
        func columns(for engine: Engine) -> ColumnGroup? {
            engine.needsColumns(of: key.day, hasSummary: hasSummary)
        }
    }

    /// What of a row has to be fetched, for what is not in memory.
    private struct Wish: Hashable {
        /// Of its columns, those that are not in memory; they are added to those that are.
        var groups: ColumnGroup = []
        /// Of its summary; nil if that is not wanted.
        var tables: Set<Summary.Key>?

        var isEmpty: Bool { groups.isEmpty && tables == nil }

        init(_ listed: Listed, _ known: CachedSite.Part?, _ engine: Engine) {
            if let needed = listed.columns(for: engine)?.union(.core) {
                groups = needed.subtracting(known?.block?.block.groups ?? [])
            }
            if listed.hasSummary, let needed = engine.needsTables(of: listed.key.day) {
                let have = known?.summary.map { Set($0.summary.tables.keys) }
                if have?.isSuperset(of: needed) != true { tables = needed.union(have ?? []) }
            }
        }
    }

    /// A row's values, as far as they were asked for, and what was in memory of it.
    private struct Fetched: Sendable {
        var listed: Listed
        var clock: DayClock
        var held: CachedSite.Part?
        /// What of its columns is to be read.
        var groups: ColumnGroup
        /// Of its summary.
        var tables: Set<Summary.Key>
        var summary: [UInt8]?
        var core: [UInt8]?
        var detail: [UInt8]?
        var properties: [UInt8]?

        func decoded(_ dictionaries: SiteDictionaries, at tick: UInt64) throws -> CachedSite.Part {
            var part = held ?? CachedSite.Part(version: listed.version, lastUsed: tick)
            if let summary {
                part.summary = LoadedSummary(
                    try BlockFile.summary(summary, keys: tables), dictionaries: dictionaries)
            }
            if !groups.isEmpty {
                part.block = LoadedBlock(try block(), clock: clock, dictionaries: dictionaries)
            }
            return part
        }

        private func block() throws -> Block {
            guard var block = held?.block?.complete else {
                // Whoever has none is asked for one.
                guard let core else { throw BlockDamage("Its core is missing.") }
                return try BlockFile.block(
                    core: core, detail: detail, columns: groups, properties: properties)
            }
            if let core { try BlockFile.add(core: core, to: &block) }
            if let detail { try BlockFile.add(detail: detail, columns: groups, to: &block) }
            if let properties { try BlockFile.add(properties: properties, to: &block) }
            return block
        }
    }

    private struct Read: Sendable {
        var engine: Engine
        var listed: [Listed]
        /// Of all that were listed, scanned or not.
        var inexactDays: [Day]
        /// What of it was in memory; held, so that nobody's trimming takes it away before it is scanned.
        var held: [CachedSite.PartKey: CachedSite.Part]
        var open: [OpenDay]
    }

    func read(
        _ make: @escaping @Sendable (ZoneHistory) throws -> Engine
    ) async throws -> (Engine, [Engine.Source], inexactDays: [Day]) {
        let cached = cache.site(site.site.id)
        let answer = try await cached.gate.whileHeld {
            // Rows are decoded while the next are still on their way.
            let (rows, fetched) = AsyncThrowingStream.makeStream(of: Fetched.self)
            async let decoding = decode(rows, cached.dictionaries)
            let read: Read
            do {
                read = try await app.transaction(site, isolation: .repeatableRead, readOnly: true) {
                    connection in
                    try look(connection, cached, make) { fetched.yield($0) }
                }
                fetched.finish()
            } catch {
                fetched.finish(throwing: error)
                throw error
            }
            let decoded = try await decoding
            keep(decoded, read, in: cached)
            var sources = read.listed.compactMap { listed in
                source(decoded[listed.key] ?? read.held[listed.key], of: listed, read.engine)
            }
            for open in read.open where !read.engine.isIdle(on: open.clock.day) {
                let segments = try await computing.run { [dictionaries = cached.dictionaries] in
                    open.segments(dictionaries)
                }
                for segment in segments {
                    sources.append(
                        .block(segment.block, summary: segment.block.summary, excluded: segment.excluded))
                    if segment.block.summaryIsDue() { summarize(segment.block) }
                }
            }
            return (read.engine, sources, read.inexactDays)
        }
        cache.trim()
        return answer
    }

    /// Nobody waits for it: the look after it is the quicker.
    private func summarize(_ block: LoadedBlock) {
        Task.detached(priority: .utility) { [computing] in try? await computing.run { block.summarize() } }
    }

    static func history(of site: Site, _ connection: Connection) throws -> ZoneHistory {
        let rows: [(Day, String)] = try connection.rows(
            .prepared(
                """
                SELECT from_day, zone FROM site_zones WHERE account_id = \(site.account) AND site_id = \(site.id)
                ORDER BY from_day
                """))
        return ZoneHistory(rows.map { (from: $0.0, zone: Zone.named($0.1) ?? .utc) }) ?? ZoneHistory(.utc)
    }

    // MARK: In one snapshot

    private func look(
        _ connection: Connection, _ cached: CachedSite, _ make: (ZoneHistory) throws -> Engine,
        _ fetched: (Fetched) -> Void
    ) throws -> Read {
        let history = try SiteReader.history(of: site.site, connection)
        let engine = try make(history)
        guard let days = engine.days else {
            return Read(engine: engine, listed: [], inexactDays: [], held: [:], open: [])
        }
        let found = try connection.rows(
            """
            SELECT day, part, version, octet_length(summary) > 0, inexact FROM site_days
            WHERE account_id = \(site.site.account) AND site_id = \(site.site.id)
                AND day BETWEEN \(days.lowerBound) AND \(days.upperBound)
            ORDER BY day, part
            """
        ) { row in
            Listed(
                key: .init(day: try row[0], part: try row[1]), version: try row[2], hasSummary: try row[3],
                isInexact: try row[4])
        }
        let listed = found.filter { !engine.isIdle(on: $0.key.day) }
        let held = cached.contents.withLock { contents in
            Dictionary(
                uniqueKeysWithValues: listed.compactMap { one in
                    contents.parts[one.key].flatMap { $0.version == one.version ? (one.key, $0) : nil }
                })
        }
        try fetch(listed, held, engine, history, connection, fetched)
        return Read(
            engine: engine, listed: listed,
            inexactDays: Set(found.filter(\.isInexact).map(\.key.day)).sorted(), held: held,
            open: try openDays(days, history, cached, connection))
    }

    /// The values that are not in memory yet.
    private func fetch(
        _ listed: [Listed], _ held: [CachedSite.PartKey: CachedSite.Part], _ engine: Engine,
        _ history: ZoneHistory, _ connection: Connection, _ fetched: (Fetched) -> Void
    ) throws {
        var wanted: [Wish: [Listed]] = [:]
        for one in listed {
            let wish = Wish(one, held[one.key], engine)
            if !wish.isEmpty { wanted[wish, default: []].append(one) }
        }
        for (wish, parts) in wanted {
            let byKey = Dictionary(uniqueKeysWithValues: parts.map { ($0.key, $0) })
            // Of its type: a choice between literals would be a text, and bound.
            func value(_ name: SQL, if isWanted: Bool) -> SQL { isWanted ? name : "NULL::bytea" }
            func column(_ name: SQL, _ group: ColumnGroup) -> SQL {
                value(name, if: !wish.groups.isDisjoint(with: group))
            }
            try connection.stream(
                """
                SELECT d.day, d.part, \(value("d.summary", if: wish.tables != nil)), \(column("d.core", .ofCore)),
                    \(column("d.detail", .detail)), \(column("d.properties", .properties))
                FROM unnest(\(parts.map(\.key.day)), \(parts.map(\.key.part))) AS w (day, part)
                JOIN site_days d ON d.account_id = \(site.site.account) AND d.site_id = \(site.site.id)
                    AND d.day = w.day AND d.part = w.part
                """
            ) { row in
                guard let one = byKey[.init(day: try row[0], part: try row[1])] else { return }
                func bytes(_ column: Int) -> [UInt8]? { row.withBytes(column) { $0.map { Array($0) } } }
                fetched(
                    Fetched(
                        listed: one, clock: history.clock(of: one.key.day), held: held[one.key],
                        groups: wish.groups, tables: wish.tables ?? [], summary: bytes(2), core: bytes(3),
                        detail: bytes(4), properties: bytes(5)))
            }
        }
    }

    /// The days that are not sealed, with what has arrived since the last look.
    private func openDays(
        _ days: ClosedRange<Day>, _ history: ZoneHistory, _ cached: CachedSite, _ connection: Connection
    ) throws -> [OpenDay] {
        let open: [Day] = try connection.rows(
            """
            SELECT day FROM aggregation_state
            WHERE account_id = \(site.site.account) AND site_id = \(site.site.id) AND state <> 'sealed'
                AND day BETWEEN \(days.lowerBound) AND \(days.upperBound)
            ORDER BY day
            """)
        if open.isEmpty { return [] }
        let since: Date? = try connection.one(
            .prepared("SELECT nullif(statistics_from, '-infinity') FROM sites WHERE id = \(site.site.id)"))
        let tick = cache.tick()
        return try open.map { day in
            let clock = history.clock(of: day)
            let account = site.site.account.rawValue
            // Out of the cache while it is read: if that fails it is read anew.
            let known = cached.contents.withLock { $0.openDays.removeValue(forKey: day)?.day }
            let openDay =
                if let known, known.clock == clock, known.since == since {
                    known
                } else {
                    try OpenDay.read(
                        account: account, site: site.site.id.rawValue, clock: clock, since: since,
                        cached.dictionaries, connection)
                }
            try openDay.readNews(account: account, site: site.site.id.rawValue, connection)
            cached.contents.withLock { $0.openDays[day] = CachedSite.Open(day: openDay, lastUsed: tick) }
            return openDay
        }
    }

    // MARK: Afterwards

    private func decode(
        _ rows: AsyncThrowingStream<Fetched, any Error>, _ dictionaries: SiteDictionaries
    ) async throws -> [CachedSite.PartKey: CachedSite.Part] {
        let tick = cache.tick()
        return try await withThrowingTaskGroup(of: (CachedSite.PartKey, CachedSite.Part).self) { group in
            for try await row in rows {
                group.addTask { [computing] in
                    try Task.checkCancellation()
                    return (
                        row.listed.key, try await computing.run { try row.decoded(dictionaries, at: tick) }
                    )
                }
            }
            // Of a row that came twice, since the transaction was begun again, the later version counts.
            return try await group.reduce(into: [:]) { parts, made in
                if let other = parts[made.0], other.version > made.1.version { return }
                parts[made.0] = made.1
            }
        }
    }

    /// Leaves in memory what is listed; what is not listed any more is forgotten.
    private func keep(
        _ decoded: [CachedSite.PartKey: CachedSite.Part], _ read: Read, in cached: CachedSite
    ) {
        guard let days = read.engine.days else { return }
        let tick = cache.tick()
        let listed = Set(read.listed.map(\.key))
        let open = Set(read.open.map(\.clock.day))
        cached.contents.withLock { contents in
            for key in contents.parts.keys
            where days.contains(key.day) && !read.engine.isIdle(on: key.day) && !listed.contains(key) {
                contents.parts[key] = nil
            }
            for day in contents.openDays.keys where days.contains(day) && !open.contains(day) {
                contents.openDays[day] = nil
            }
            contents.parts.merge(decoded) { _, new in new }
            for key in listed { contents.parts[key]?.lastUsed = tick }
        }
    }

    private func source(_ part: CachedSite.Part?, of listed: Listed, _ engine: Engine) -> Engine.Source? {
        guard listed.columns(for: engine) != nil else {
            return part?.summary.map { .summary($0) }
        }
        return part?.block.map { .block($0, summary: part?.summary) }
    }
}
