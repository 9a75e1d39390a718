import Auth
import Days
import FoundationEssentials
import Postgres
import TestSupport

@testable import Stats

extension Answerer {
    /// Out of PostgreSQL, through all that the pages use: some days sealed, in one part or two, others open. Of an open
    /// day some events are looked at, and perhaps written down as a checkpoint, before the rest comes.
    static func statistics(_ database: TestDatabase) -> Answerer {
        Answerer(name: "statistics") { site, questions, seed in
            var dice = Dice(seed: seed)
            let store = StoredSite(
                site, access: try await database.site(domain: "\(UUID()).test".lowercased()),
                database: database)
            try await store.writeZones()
            let byDay = Dictionary(grouping: site.events) { store.day(of: $0) }
            let open = Set(byDay.keys.sorted().filter { _ in dice.chance(50) })
            for part in try site.stored(parts: 2, dice: &dice).grouped(by: \.clock.day)
            where !open.contains(part.key) {
                try await store.seal(
                    part.value, clock: part.value[0].clock, areSummarized: dice.chance(70))
            }
            var statistics = Statistics(app: database.app)
            // The loader loads each stream in its order.
            let raw = open.flatMap { byDay[$0]! }.sorted { $0.sequence < $1.sequence }
            let first = raw.prefix(dice.number(0...raw.count))
            let rest = raw.dropFirst(first.count)
            // Told again of an event that is there, the loader does not add it.
            try await store.load(Array(first))
            switch dice.number(0...2) {
            case 0: _ = try await statistics.answer(questions, of: store.access)
            case 1: try await store.writeCheckpoints(open)
            default: break
            }
            if dice.chance(50) { statistics = Statistics(app: database.app) }
            try await store.load(Array(rest))
            return try await statistics.answer(questions, of: store.access)
        }
    }
}

extension Array {
    fileprivate func grouped<Key: Hashable & Comparable>(by key: (Element) -> Key) -> [(
        key: Key, value: [Element]
    )] {
        Dictionary(grouping: self, by: key).sorted { $0.key < $1.key }
    }
}

/// A recorded site as rows of the database.
private struct StoredSite {
    let site: RecordedSite
    let access: SiteAccess
    let database: TestDatabase
    private let account: Int64
    private let id: UUID
    /// In the same order, streams that no other site has: how far one is loaded is known of the whole of it.
    private let streams: [Int64: Int64]

    init(_ site: RecordedSite, access: SiteAccess, database: TestDatabase) {
        self.site = site
        self.access = access
        self.database = database
        account = access.site.account.rawValue
        id = access.site.id.rawValue
        let first = Int64.random(in: 0..<1 << 40) << 20
        let known = Set(site.events.map(\.stream)).sorted()
        streams = Dictionary(uniqueKeysWithValues: known.enumerated().map { ($1, first + Int64($0)) })
    }

    func day(of event: RecordedEvent) -> Day {
        site.history.localDay(at: (event.time - (event.time < 0 ? 999_999 : 0)) / 1_000_000).day
    }

    func writeZones() async throws {
        let (account, id) = (account, id)
        try await database.owner.transaction { [eras = site.eras] connection in
            try connection.execute("DELETE FROM site_zones WHERE account_id = \(account) AND site_id = \(id)")
            for era in eras {
                try connection.execute(
                    """
                    INSERT INTO site_zones (account_id, site_id, from_day, zone)
                    VALUES (\(account), \(id), \(era.from), \(era.zone))
                    """)
            }
        }
    }

    func seal(_ parts: [StoredPart], clock: DayClock, areSummarized: Bool) async throws {
        let (account, id) = (account, id)
        try await database.system.transaction { connection in
            try SiteDays.replace(
                .seal,
                with: try parts.map {
                    SiteDays.Part(try $0.block, encoded: areSummarized ? $0.encoded : nil)
                }, account: account, site: id,
                clock: clock, now: Date(), in: connection)
            try connection.execute(
                """
                INSERT INTO aggregation_state (account_id, site_id, day, state, format, sealed_at)
                VALUES (\(account), \(id), \(clock.day), 'sealed', \(BlockFile.format), now())
                """)
        }
    }

    func load(_ events: [RecordedEvent]) async throws {
        let days = Set(events.map(day))
        let (account, id) = (account, id)
        let dated = events.map { event in
            var event = event
            event.stream = streams[event.stream]!
            return (day: day(of: event), event: event)
        }
        try await database.owner.transaction { connection in
            for day in days {
                _ = try connection.rows("SELECT make_event_partitions(\(day))") { _ in }
                try connection.execute(
                    """
                    INSERT INTO aggregation_state (account_id, site_id, day) VALUES (\(account), \(id), \(day))
                    ON CONFLICT DO NOTHING
                    """)
            }
            try StoredSite.insert(dated, account: account, site: id, connection)
            for (stream, its) in Dictionary(grouping: dated, by: \.event.stream) {
                // By the collector's clock, which knows these days.
                let day = its.map(\.day).max()!.advanced(by: 1)
                try connection.execute(
                    """
                    INSERT INTO ingest_positions (stream, collector, sequence, loaded_through)
                    VALUES (\(stream), gen_random_uuid(), \(its.map(\.event.sequence).max()!), \(day)::timestamptz)
                    ON CONFLICT (stream) DO UPDATE SET
                        sequence = greatest(ingest_positions.sequence, excluded.sequence),
                        loaded_through = greatest(ingest_positions.loaded_through, excluded.loaded_through)
                    """)
            }
        }
    }

    func writeCheckpoints(_ days: Set<Day>) async throws {
        let (account, id, history) = (account, id, site.history)
        let keeper = OpenDays(leastRows: 1)
        try await database.system.transaction(isolation: .repeatableRead) { connection in
            for day in days {
                _ = try keeper.refresh(
                    account: account, site: id, clock: history.clock(of: day), since: nil, in: connection)
            }
        }
    }

    /// In the order of the table; nil is the name of an identifier of a click.
    private static let texts: [Column?] = [
        .name, .hostname, .page, .title, .referrer, .source, .channel, .utmSource, .utmMedium, .utmCampaign,
        .utmContent, .utmTerm, nil, .country, .region, .city, .language, .browser, .browserVersion, .os,
        .osVersion, .device, .viewport,
    ]

    private static func insert(
        _ events: [(day: Day, event: RecordedEvent)], account: Int64, site: UUID, _ connection: Connection
    ) throws {
        try connection.execute("CREATE TEMPORARY TABLE loaded (LIKE events) ON COMMIT DROP")
        _ = try connection.copy(into: "loaded") { rows in
            for (day, event) in events {
                try rows.row(columns: 36)
                rows.write(day)
                rows.write(account)
                rows.write(event.stream)
                rows.write(event.sequence)
                rows.write(site)
                rows.write(microseconds: event.time)
                rows.write(event.visitor)
                for column in texts { rows.write(column.map { event[$0] } ?? "") }
                rows.write(event.interactive)
                rows.write(event.milliseconds)
                if let depth = event.depth { rows.write(depth) } else { rows.writeNull() }
                if let revenue = event.revenue { rows.write(revenue) } else { rows.writeNull() }
                rows.write(event[.currency])
                try JSONEncoder().encode(event.properties).withUnsafeBytes { rows.write(json: $0) }
            }
        }
        try connection.execute("INSERT INTO events SELECT * FROM loaded ON CONFLICT DO NOTHING")
    }
}
