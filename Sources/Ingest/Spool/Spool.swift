import Glibc
import Logging
import Metrics
import NIOPosix
import Operations
import ServiceLifecycle
import Synchronization

/// Makes events durable: takes frames from the event loops, appends them to segment files on one thread, and tells
/// each batch how it went after the `fdatasync` of its group.
///
/// Each start writes a *stream* of its own, with a random id and sequences from 1, so that no number is used twice:
/// after a power failure a number used again would be skipped as already loaded. A failed sync ends the stream too,
/// because nobody knows what of it reached the disk.
final class Spool: Sendable {
    struct Options: Sendable {
        var directory: String
        var segmentSize = 32 << 20
        /// Bytes that may wait for the disk.
        var capacity = 8 << 20
        /// With less free disk than this nothing is accepted.
        var reserve = 256 << 20
        /// How long a loaded segment is kept, so that a restored database can load it again.
        var retention: Duration = .seconds(24 * 3_600)
        /// And how many bytes of them at most.
        var retainedBytes = 4 << 30
    }

    /// Frames of one event loop.
    struct Batch: Sendable {
        var frames: [UInt8]
        var count: Int
        /// The time of receipt of the first, in microseconds.
        var oldest: Int64
        /// Called once: whether the frames are on disk.
        var done: @Sendable (Bool) -> Void
    }

    private struct Queue: Sendable {
        var batches: [Batch] = []
        var isWriting = false
        var isClosed = false
        var oldestInFlight: Int64?
    }

    /// What can be loaded: complete segments, and the synced part of the open one.
    struct Synced: Sendable {
        var segments: [Segment] = []
        var damaged = 0
        var isFull = false
    }

    /// Only the writing thread uses it.
    private struct Writer: Sendable {
        var file: (any DiskFile)?
        /// The segment that `file` is, with what was synced.
        var segment: Segment?
        var stream: Int64 = 0
        var streamBegan: Int64 = 0
        var nextSequence: Int64 = 1
        var freeCheckedAt: ContinuousClock.Instant?
        var group: [UInt8] = []
    }

    let options: Options
    let logger: Logger
    let disk: any Disk
    private let lock: FileLock
    private let queue = Mutex(Queue())
    private let writer = Mutex(Writer())
    private let synced: Mutex<Synced>
    private let loadedAt = Mutex<[String: ContinuousClock.Instant]>([:])
    /// Bytes handed over and not yet answered.
    private let waiting = Atomic<Int>(0)
    private let thread = NIOThreadPool(numberOfThreads: 1)
    private let syncTimer = Metrics.Timer(label: "mochi_spool_sync_seconds")
    private let groupCounter = Counter(label: "mochi_spool_groups_total")
    private let frameCounter = Counter(label: "mochi_spool_frames_total")
    private let failureCounter = Counter(label: "mochi_spool_failures_total")

    /// Takes the directory's lock and recovers what earlier starts left.
    init(_ options: Options, disk: any Disk, logger: Logger) throws {
        self.options = options
        self.disk = disk
        self.logger = logger
        do {
            try disk.makeDirectory(options.directory)
            try disk.makeDirectory(options.directory + "/damaged")
        } catch {
            throw SpoolError.unusable("\(options.directory) cannot be made: \(error)")
        }
        lock = try FileLock(options.directory + "/lock")
        let recovery = try Recovery.run(directory: options.directory, disk: disk, logger: logger)
        synced = Mutex(Synced(segments: recovery.segments, damaged: recovery.damaged))
        thread.start()
    }

    // MARK: For the event loops

    /// Bytes that wait for the disk.
    var waitingBytes: Int { waiting.load(ordering: .relaxed) }

    var isFull: Bool { synced.withLock { $0.isFull } }

    /// Hands over frames; `batch.done` is called when their fate is known, on another thread.
    func append(_ batch: Batch) {
        waiting.add(batch.frames.count, ordering: .relaxed)
        let (refused, starts) = queue.withLock { queue in
            if queue.isClosed { return (true, false) }
            queue.batches.append(batch)
            defer { queue.isWriting = true }
            return (false, !queue.isWriting)
        }
        if refused {
            waiting.subtract(batch.frames.count, ordering: .relaxed)
            batch.done(false)
        } else if starts {
            thread.submit { _ in self.writeAll() }
        }
    }

    // MARK: For the loader

    /// The segments with what is synced of them, oldest first.
    func segments() -> [Segment] { synced.withLock { $0.segments } }

    var damagedCount: Int { synced.withLock { $0.damaged } }

    /// Everything that was received before this instant, in microseconds since 1970, is in ``segments()`` when they are
    /// asked for afterwards.
    func completeThrough(now: Int64) -> Int64 {
        let oldest = queue.withLock { queue in
            min(queue.oldestInFlight ?? .max, queue.batches.map(\.oldest).min() ?? .max)
        }
        // An event gets its time before it gets here; in between lies one turn of its event loop.
        return min(oldest - 1, now - 30_000_000)
    }

    /// Notes what is in the database up to these sequences, and removes what has been there long enough.
    func loaded(_ positions: [Int64: Int64], now: ContinuousClock.Instant = .now) {
        let segments = segments()
        let openPath = writer.withLock { $0.segment?.path }
        let done = segments.filter { $0.path != openPath && (positions[$0.stream] ?? 0) >= $0.lastSequence }
        var kept = done.reduce(0) { $0 + $1.end }
        let isShort = ((try? disk.free(in: options.directory)) ?? .max) < 2 * options.reserve
        let removable = loadedAt.withLock { loadedAt in
            done.filter { segment in
                let since = loadedAt[segment.path] ?? now
                loadedAt[segment.path] = since
                guard since.duration(to: now) >= options.retention || kept > options.retainedBytes || isShort
                else {
                    return false
                }
                kept -= segment.end
                loadedAt[segment.path] = nil
                return true
            }
        }
        guard !removable.isEmpty else { return }
        let paths = Set(removable.map(\.path))
        synced.withLock { synced in synced.segments.removeAll { paths.contains($0.path) } }
        for path in paths { try? disk.remove(path) }
    }

    // MARK: On the writing thread

    private func writeAll() {
        while true {
            let batches = queue.withLock { queue in
                defer { queue.batches = [] }
                queue.isWriting = !queue.batches.isEmpty
                queue.oldestInFlight = queue.batches.map(\.oldest).min()
                return queue.batches
            }
            if batches.isEmpty { return }
            let isStored = writer.withLock { write(batches, &$0) }
            waiting.subtract(batches.reduce(0) { $0 + $1.frames.count }, ordering: .relaxed)
            for batch in batches { batch.done(isStored) }
        }
    }

    private func write(_ batches: [Batch], _ writer: inout Writer) -> Bool {
        do {
            try checkReserve(&writer)
            writer.group.removeAll(keepingCapacity: true)
            for batch in batches { writer.group.append(contentsOf: batch.frames) }
            let size = writer.group.count
            if let segment = writer.segment, segment.end + size > options.segmentSize {
                try complete(&writer)
            }
            if writer.file == nil { try openSegment(&writer, room: size) }
            guard let file = writer.file, var segment = writer.segment else { return false }
            do {
                let began = ContinuousClock.now
                try writer.group.withUnsafeBytes { try file.write($0, at: segment.end) }
                try file.sync()
                syncTimer.recordNanoseconds((ContinuousClock.now - began).nanoseconds)
            } catch {
                retire(&writer)
                throw error
            }
            let count = batches.reduce(0) { $0 + $1.count }
            segment.end += size
            segment.count += Int64(count)
            writer.nextSequence += Int64(count)
            writer.segment = segment
            publish(segment)
            groupCounter.increment()
            frameCounter.increment(by: count)
            return true
        } catch {
            failureCounter.increment()
            let wasFull = synced.withLock { synced in
                defer { synced.isFull = true }
                return synced.isFull
            }
            if !wasFull {
                logger.error("the spool cannot write, events are refused", metadata: ["reason": "\(error)"])
            }
            return false
        }
    }

    private func publish(_ segment: Segment) {
        let wasFull = synced.withLock { synced in
            if let last = synced.segments.last, last.stream == segment.stream,
                last.firstSequence == segment.firstSequence
            {
                synced.segments[synced.segments.count - 1] = segment
            } else {
                synced.segments.append(segment)
            }
            defer { synced.isFull = false }
            return synced.isFull
        }
        if wasFull { logger.notice("the spool writes again") }
    }

    private func checkReserve(_ writer: inout Writer) throws {
        if let at = writer.freeCheckedAt, at.duration(to: .now) < .seconds(1), !isFull { return }
        writer.freeCheckedAt = .now
        if try disk.free(in: options.directory) < options.reserve { throw SystemError(code: ENOSPC) }
    }

    private func openSegment(_ writer: inout Writer, room: Int) throws {
        if writer.stream == 0 {
            writer.stream = Int64.random(in: 1...Int64.max)
            writer.streamBegan = wallClock()
            writer.nextSequence = 1
        }
        let name = Segment.openName(stream: writer.stream, firstSequence: writer.nextSequence)
        let path = "\(options.directory)/\(name)"
        // Left by an attempt that failed half-way, and so never acknowledged.
        try disk.remove(path)
        let size = max(options.segmentSize, Segment.headerSize + room)
        let file = try disk.create(path, size: size)
        let header = Segment.header(
            stream: writer.stream, firstSequence: writer.nextSequence, streamBegan: writer.streamBegan)
        try header.withUnsafeBytes { try file.write($0, at: 0) }
        writer.file = file
        writer.segment = Segment(
            path: path, stream: writer.stream, firstSequence: writer.nextSequence, count: 0,
            end: Segment.headerSize,
            streamBegan: writer.streamBegan)
    }

    /// Cuts the open segment to its length and gives it its final name.
    private func complete(_ writer: inout Writer) throws {
        guard let file = writer.file, var segment = writer.segment else { return }
        writer.file = nil
        writer.segment = nil
        guard segment.count > 0 else {
            try disk.remove(segment.path)
            return
        }
        do {
            try file.truncate(to: segment.end)
            let path = "\(options.directory)/\(segment.completeName)"
            let old = segment.path
            // A reader that comes in between finds no file of that name and looks again.
            try disk.rename(old, to: path)
            segment.path = path
            publish(segment)
        } catch {
            // It keeps its name; the next start finds its end.
            logger.warning("a spool file could not be completed", metadata: ["reason": "\(error)"])
        }
    }

    /// After a failed write or sync: what was acknowledged of this file counts, the rest is cut off if the disk lets
    /// us, and nothing more is written to it.
    private func retire(_ writer: inout Writer) {
        if let file = writer.file, let segment = writer.segment {
            try? file.truncate(to: segment.end)
            if segment.count == 0 { try? disk.remove(segment.path) }
        }
        writer.file = nil
        writer.segment = nil
        writer.stream = 0
    }
}

enum SpoolError: Error, CustomStringConvertible {
    case unusable(String)
    case locked(String)

    var description: String {
        switch self {
        case .unusable(let reason): "the spool cannot be used: \(reason)"
        case .locked(let path): "another collector uses \(path); each needs a MOCHI_DATA of its own"
        }
    }
}

/// An exclusive lock on a file, held until it is released; the kernel ends it with the process.
private final class FileLock: Sendable {
    private let descriptor: Atomic<Int32>

    init(_ path: String) throws {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SpoolError.unusable("\(path): \(SystemError())") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw SpoolError.locked(path)
        }
        self.descriptor = Atomic(descriptor)
    }

    func release() {
        let held = descriptor.exchange(-1, ordering: .relaxed)
        guard held >= 0 else { return }
        // Said, and not left to close: a process that is being forked at this moment has the file open too, until it
        // becomes another program.
        flock(held, LOCK_UN)
        close(held)
    }

    deinit {
        release()
    }
}

extension Spool: Service {
    /// Keeps the spool until shutdown, then writes what waits and completes the open segment.
    func run() async throws {
        try? await gracefulShutdown()
        await close()
    }

    func close() async {
        queue.withLock { $0.isClosed = true }
        try? await thread.shutdownGracefully()
        writer.withLock { writer in
            do { try complete(&writer) } catch {
                logger.warning("the spool was not closed cleanly", metadata: ["reason": "\(error)"])
            }
        }
        // Now, and not when the last reference goes: another collector may be waiting to start.
        lock.release()
    }
}

extension Duration {
    var nanoseconds: Int64 { components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000 }
}
