import FoundationEssentials
import Logging
import Metrics
import Operations
import Postgres
import ServiceLifecycle
import Synchronization

/// Takes what is synced in the spool into PostgreSQL, each frame exactly once: rows and position are one transaction,
/// and at start the position is read from where the rows are.
final class Loader: Service {
    /// A batch is loaded when it has so many frames, or the first of them has waited so long.
    static let batchSize = 10_000
    static let enough = 5_000
    static let patience: Duration = .milliseconds(500)
    /// How often an idle collector says that it has loaded everything.
    static let heartbeat: Duration = .seconds(5)

    let spool: Spool
    let database: Database
    let collector: UUID
    let logger: Logger
    private let reader = Mutex<FrameReader?>(nil)
    /// How far this collector's latest stream is: what a heartbeat says once none of its segments is left.
    private let latest = Mutex<(stream: Int64, sequence: Int64)?>(nil)
    private let lastReported = Mutex("")
    /// Sequences that were set aside, because the database refuses them.
    private let poison: PoisonFile
    private let backlogGauge = Gauge(label: "mochi_loader_backlog_frames")
    private let rowCounter = Counter(label: "mochi_loader_events_total")
    private let poisonCounter = Counter(label: "mochi_loader_poison_total")
    private let unreadableCounter = Counter(label: "mochi_loader_unreadable_total")
    private let batchTimer = Metrics.Timer(label: "mochi_loader_batch_seconds")
    private let lagTimer = Gauge(label: "mochi_loader_lag_seconds")

    init(spool: Spool, database: Database, collector: UUID, logger: Logger) {
        self.spool = spool
        self.database = database
        self.collector = collector
        self.logger = logger
        poison = PoisonFile(directory: spool.options.directory + "/damaged", disk: spool.disk)
    }

    func run() async throws {
        await cancelWhenGracefulShutdown { await self.load() }
        // What was synced up to here need not wait for the next start; if the database is away it does.
        _ = try? await loadBatch()
    }

    private func load() async {
        var pause: Duration = .milliseconds(100)
        var waitingSince: ContinuousClock.Instant?
        var lastHeartbeat = ContinuousClock.now - Loader.heartbeat
        while !Task.isCancelled {
            do {
                if reader.withLock({ $0 == nil }) { try await readPositions() }
                let backlog = backlog()
                backlogGauge.record(backlog)
                if backlog == 0 {
                    waitingSince = nil
                    lagTimer.record(0)
                    if lastHeartbeat.duration(to: .now) >= Loader.heartbeat {
                        try await sendHeartbeat()
                        lastHeartbeat = .now
                    }
                } else {
                    let since = waitingSince ?? .now
                    waitingSince = since
                    lagTimer.record(Double(since.duration(to: .now).nanoseconds) / 1e9)
                    if backlog >= Loader.enough || since.duration(to: .now) >= Loader.patience {
                        if try await loadBatch() { lastHeartbeat = .now }
                        waitingSince = self.backlog() > 0 ? .now : nil
                        pause = .milliseconds(100)
                        if self.backlog() >= Loader.enough { continue }
                    }
                }
                try? await Task.sleep(for: .milliseconds(50))
            } catch {
                report(error)
                try? await Task.sleep(for: pause * Double.random(in: 0.5...1))
                pause = min(pause * 2, .seconds(5))
            }
        }
    }

    /// That the database is away its pool says already; anything else is news, once.
    private func report(_ error: any Error) {
        if error is DatabaseError || error is CancellationError { return }
        let reason = "\(error)"
        let isNew = lastReported.withLock { last in
            defer { last = reason }
            return last != reason
        }
        if isNew { logger.error("the loader cannot go on", metadata: ["reason": "\(reason)"]) }
    }

    func backlog() -> Int {
        let segments = spool.segments()
        return reader.withLock { $0?.backlog(segments) ?? segments.reduce(0) { $0 + Int($1.count) } }
    }

    /// Asks the database how far each stream is.
    func readPositions() async throws {
        let streams = Array(Set(spool.segments().map(\.stream)))
        let (rows, own) = try await database.transaction(readOnly: true) { [collector] connection in
            let rows: [(Int64, Int64)] = try connection.rows(
                "SELECT stream, sequence FROM ingest_positions WHERE stream = ANY (\(streams))")
            let own: (Int64, Int64)? = try connection.first(
                """
                SELECT stream, sequence FROM ingest_positions WHERE collector = \(collector)
                ORDER BY loaded_through DESC, stream LIMIT 1
                """)
            return (rows, own)
        }
        latest.withLock { $0 = own.map { (stream: $0.0, sequence: $0.1) } }
        let positions = Dictionary(uniqueKeysWithValues: rows.map { ($0.0, $0.1) })
        reader.withLock { $0 = FrameReader(disk: spool.disk, positions: positions) }
        spool.loaded(positions)
    }

    /// Loads the next frames. False when there were none.
    @discardableResult
    func loadBatch() async throws -> Bool {
        guard let reader = reader.withLock({ $0 }) else { return false }
        let through = spool.completeThrough(now: wallClock())
        let segments = spool.segments()
        let began = ContinuousClock.now
        do {
            guard
                let done = try await load(
                    reader, segments, limit: Loader.batchSize, through: through, skipping: [])
            else { return false }
            commit(done)
            batchTimer.recordNanoseconds((ContinuousClock.now - began).nanoseconds)
            return true
        } catch let error as PostgresError where error.isAboutData {
            try await loadAround(error, segments)
            return true
        }
    }

    private struct Loaded: Sendable {
        var place: FrameReader.Place
        var events: Int
        var unreadable: Int
    }

    private func commit(_ loaded: Loaded) {
        let positions = reader.withLock { reader in
            reader?.commit(loaded.place)
            return reader?.positions ?? [:]
        }
        latest.withLock { $0 = (loaded.place.stream, loaded.place.sequence) }
        rowCounter.increment(by: loaded.events)
        unreadableCounter.increment(by: loaded.unreadable)
        spool.loaded(positions)
    }

    /// One transaction. Nil when there was nothing to load.
    private func load(
        _ reader: FrameReader, _ segments: [Segment], limit: Int, through: Int64, skipping: Set<Int64>
    ) async throws -> Loaded? {
        let collector = collector
        return try await database.transaction { connection in
            try connection.execute("SET LOCAL plan_cache_mode = force_custom_plan")
            try connection.execute("SELECT pg_advisory_xact_lock_shared(\(LoadBatch.partitionLock))")
            try LoadBatch.prepare(connection)
            var reader = reader
            var batch = LoadBatch()
            var place: FrameReader.Place?
            try batch.copy(connection) { each in
                place = try reader.read(segments, limit: limit) { frame in
                    if !skipping.contains(frame.sequence) { try each(frame) }
                }
            }
            guard let place else { return nil }
            try batch.store(connection)
            // Only when this was all that was synced is everything loaded that was received before.
            let isAll = segments.allSatisfy { segment in
                (segment.stream == place.stream ? place.sequence : reader.positions[segment.stream] ?? 0)
                    >= segment.lastSequence
            }
            try LoadBatch.storePosition(
                place.stream, place.sequence, collector: collector, loadedThrough: isAll ? through : 0,
                connection)
            return Loaded(place: place, events: batch.events, unreadable: batch.unreadable)
        }
    }

    /// A row in the next batch is refused: finds it by halves, sets it aside, and goes on with the rest.
    private func loadAround(_ error: PostgresError, _ segments: [Segment]) async throws {
        var limit = Loader.batchSize
        while true {
            guard let reader = reader.withLock({ $0 }) else { return }
            limit = max(1, limit / 2)
            do {
                guard let done = try await load(reader, segments, limit: limit, through: 0, skipping: [])
                else { return }
                commit(done)
                // The refused row is behind; it is looked for again from here.
                return
            } catch let error as PostgresError where error.isAboutData {
                guard limit == 1 else { continue }
                var reader = reader
                var refused: Int64?
                var payload: [UInt8] = []
                _ = try reader.read(segments, limit: 1) { frame in
                    refused = frame.sequence
                    payload = Array(frame.payload)
                }
                guard let refused else { throw error }
                try poison.add(payload)
                poisonCounter.increment()
                logger.error("a row was refused and set aside", metadata: ["reason": "\(error)"])
                if let done = try await load(reader, segments, limit: 1, through: 0, skipping: [refused]) {
                    commit(done)
                }
                return
            }
        }
    }

    /// Says that everything is loaded, when nothing arrives: also after days, when no segment is left, and before
    /// anything arrived at all. Sealing waits for who has not said it.
    func sendHeartbeat() async throws {
        let through = spool.completeThrough(now: wallClock())
        let segments = spool.segments()
        guard let positions = reader.withLock({ $0?.positions }),
            segments.allSatisfy({ (positions[$0.stream] ?? 0) >= $0.lastSequence })
        else { return }
        let (stream, sequence) = latest.withLock { latest in
            // No stream of events has its number.
            let known = latest ?? (stream: Int64.random(in: 1...Int64.max), sequence: 0)
            latest = known
            return known
        }
        let collector = collector
        try await database.transaction { connection in
            try LoadBatch.storePosition(
                stream, sequence, collector: collector, loadedThrough: through, connection)
        }
    }
}

extension PostgresError {
    /// It lies in the rows, not in the circumstances: data exceptions, violated constraints, what is too large.
    var isAboutData: Bool { ["22", "23", "54"].contains(sqlState.prefix(2)) }
}

/// Frames that the database refuses, kept for whoever looks into it.
struct PoisonFile: Sendable {
    let directory: String
    let disk: any Disk

    func add(_ payload: [UInt8]) throws {
        let name = "\(directory)/row-\(UInt64.random(in: 0...UInt64.max)).frame"
        let file = try disk.create(name, size: payload.count)
        try payload.withUnsafeBytes { try file.write($0, at: 0) }
        try file.sync()
    }
}
