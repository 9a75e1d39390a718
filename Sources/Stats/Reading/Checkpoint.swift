import Days
import Dispatch
import FoundationEssentials
import Synchronization

/// An open day written down, so that who starts anew reads this and the tail instead of every raw event.
///
/// It holds hashes, as the raw events do, and lives no longer than they: in an unlogged table, deleted when the day is
/// sealed. It is the block that all rows fold into, and the rows (``StoredRows``) in a frame of zstd.
///
/// What cannot be read (another version wrote it, or it is damaged) is as if it were not there.
struct Checkpoint {
    static let version: UInt8 = 3
    static let limit = 2 << 30

    struct Malformed: Error {}

    /// Its visitors are the first of `rows`, by their numbers.
    var block: Block
    var rows: StoredRows

    /// Since when the statistics are, in microseconds since 1970: a day that was begun anew is another.
    private static func number(_ since: Date?) -> Int64 {
        since.map { Int64(($0.timeIntervalSince1970 * 1_000_000).rounded()) } ?? .min
    }

    /// - Parameter rows: as ``StoredRows`` writes them.
    static func encoded(_ block: Block, rows: [UInt8], clock: DayClock, since: Date?) throws -> [UInt8] {
        var bytes = PlainBytes()
        bytes.put(Checkpoint.version)
        bytes.put(Checkpoint.number(since))
        let file = try BlockFile.encode(block, clock: clock, isSummarized: false)
        for value in [file.core, file.detail, file.properties] { bytes.put(array: value) }
        bytes.put(array: try Zstandard.compressed(rows, level: 1))
        return bytes.bytes
    }

    init(_ encoded: [UInt8], clock: DayClock, since: Date?) throws {
        var bytes = PlainBytes(encoded)
        guard try bytes.take(UInt8.self) == Checkpoint.version,
            try bytes.take(Int64.self) == Checkpoint.number(since)
        else { throw Malformed() }
        let (core, detail, properties): ([UInt8], [UInt8], [UInt8]) = (
            try bytes.takeArray(), try bytes.takeArray(), try bytes.takeArray()
        )
        // At once: whoever waits for it waits for the longer of the two.
        let made = Mutex<(Result<Block, any Error>?, Result<StoredRows, any Error>?)>((nil, nil))
        DispatchQueue.concurrentPerform(iterations: 2) { [bytes] part in
            if part == 0 {
                let block = Result {
                    try BlockFile.block(core: core, detail: detail, properties: properties) as Block
                }
                made.withLock { $0.0 = block }
            } else {
                var bytes = bytes
                let rows = Result {
                    let rows = try bytes.withTaken { try Zstandard.decompressed($0, limit: Checkpoint.limit) }
                    return try StoredRows(rows, clock: clock)
                }
                made.withLock { $0.1 = rows }
            }
        }
        let (block, rows) = made.withLock { $0 }
        guard let block = try block?.get(), let rows = try rows?.get(),
            block.visitorCount <= rows.visitorCount, block.day == clock.day, block.start == clock.start
        else { throw Malformed() }
        (self.block, self.rows) = (block, rows)
    }
}
