import Days
import Dispatch
import FoundationEssentials
import Synchronization

/// An open day written down, so that who starts anew reads this and the tail instead of every raw event.
///
/// It holds hashes, as the raw events do, and lives no longer than they: in an unlogged table, deleted when the day is
/// sealed. Rows stand visitor by visitor. Numbers are little-endian; the whole is one frame of zstd.
///
/// What cannot be read (another version wrote it, or it is damaged) is as if it were not there.
struct Checkpoint {
    static let version: UInt8 = 2
    static let limit = 2 << 30

    struct Malformed: Error {}

    /// Visitors in the order of their numbers in `block`; those without one come last.
    var visitors: [Int64]
    /// How many rows of `raw` each has, in the same order.
    var rowCounts: [UInt32]
    var raw: RawEvents
    var block: Block

    /// Since when the statistics are, in microseconds since 1970: a day that was begun anew is another.
    private static func number(_ since: Date?) -> Int64 {
        since.map { Int64(($0.timeIntervalSince1970 * 1_000_000).rounded()) } ?? .min
    }

    // MARK: Writing

    func encoded(clock: DayClock, since: Date?) throws -> [UInt8] {
        var bytes = Bytes()
        bytes.put(Checkpoint.version)
        bytes.put(Checkpoint.number(since))
        let file = try BlockFile.encode(block, clock: clock, isSummarized: false)
        for value in [file.core, file.detail, file.properties] { bytes.put(array: value) }
        bytes.put(UInt32(raw.count))
        bytes.put(array: visitors)
        bytes.put(array: rowCounts)
        var streams: [Int64] = []
        var streamNumbers: [Int64: UInt16] = [:]
        let numbers = raw.events.map { event -> UInt16 in
            if let number = streamNumbers[event.stream] { return number }
            let number = UInt16(clamping: streams.count)
            streamNumbers[event.stream] = number
            streams.append(event.stream)
            return number
        }
        guard streams.count < Int(UInt16.max) else { throw Malformed() }
        bytes.put(array: streams)
        bytes.put(array: numbers)
        bytes.put(array: raw.events.map { $0.time - clock.start * 1_000_000 })
        bytes.put(array: raw.events.map(\.sequence))
        bytes.put(
            array: raw.events.map { event in
                UInt8(event.interactive ? 1 : 0) | (event.scrollDepth != nil ? 2 : 0)
                    | (event.revenue != nil ? 4 : 0)
            })
        bytes.put(array: raw.events.map(\.engagementMilliseconds))
        bytes.put(array: raw.events.compactMap(\.scrollDepth))
        bytes.put(array: raw.events.compactMap(\.revenue))
        for column in 0..<RawEvents.width {
            bytes.put(texts: raw.texts[column])
            bytes.put(
                ids: stride(from: column, to: raw.ids.count, by: RawEvents.width).map { raw.ids[$0] },
                of: raw.texts[column].count)
        }
        bytes.put(texts: raw.keyTexts)
        bytes.put(texts: raw.valueTexts)
        bytes.put(array: zip(raw.firstProperty, raw.firstProperty.dropFirst()).map { UInt32($1 - $0) })
        bytes.put(array: raw.properties.map(\.key))
        bytes.put(array: raw.properties.map(\.value))
        return try Zstandard.compressed(bytes.bytes, level: 1)
    }

    // MARK: Reading

    init(visitors: [Int64], rowCounts: [UInt32], raw: RawEvents, block: Block) {
        self.visitors = visitors
        self.rowCounts = rowCounts
        self.raw = raw
        self.block = block
    }

    init(_ compressed: [UInt8], clock: DayClock, since: Date?) throws {
        var bytes = Bytes(bytes: try Zstandard.decompressed(compressed, limit: Checkpoint.limit))
        guard try bytes.take(UInt8.self) == Checkpoint.version,
            try bytes.take(Int64.self) == Checkpoint.number(since)
        else { throw Malformed() }
        let (core, detail, properties): ([UInt8], [UInt8], [UInt8]) = (
            try bytes.takeArray(), try bytes.takeArray(), try bytes.takeArray()
        )
        // At once: whoever waits for it waits for the longer of the two.
        let made = Mutex<(Result<Block, any Error>?, Result<Rows, any Error>?)>((nil, nil))
        DispatchQueue.concurrentPerform(iterations: 2) { [bytes] part in
            if part == 0 {
                let block = Result {
                    try BlockFile.block(core: core, detail: detail, properties: properties) as Block
                }
                made.withLock { $0.0 = block }
            } else {
                var bytes = bytes
                let rows = Result { try Rows(&bytes, clock: clock) }
                made.withLock { $0.1 = rows }
            }
        }
        let (block, rows) = made.withLock { $0 }
        guard let block = try block?.get(), let rows = try rows?.get(),
            block.visitorCount <= rows.visitors.count, block.day == clock.day, block.start == clock.start
        else { throw Malformed() }
        self.init(visitors: rows.visitors, rowCounts: rows.counts, raw: rows.raw, block: block)
    }

    /// Numbers of a column's texts.
    fileprivate enum IDs {
        case narrow([UInt8])
        case medium([UInt16])
        case wide([UInt32])
    }
}

extension Checkpoint {
    /// Raw events, visitor by visitor.
    fileprivate struct Rows: Sendable {
        var visitors: [Int64]
        var counts: [UInt32]
        var raw = RawEvents()
    }
}

extension Checkpoint.Rows {
    init(_ bytes: inout Bytes, clock: DayClock) throws {
        let count = Int(try bytes.take(UInt32.self))
        visitors = try bytes.takeArray()
        counts = try bytes.takeArray()
        guard visitors.count == counts.count, counts.reduce(0, { $0 + Int($1) }) == count,
            counts.allSatisfy({ $0 > 0 })
        else { throw Checkpoint.Malformed() }
        let streams: [Int64] = try bytes.takeArray()
        let numbers: [UInt16] = try bytes.takeArray(count)
        let times: [Int64] = try bytes.takeArray(count)
        let sequences: [Int64] = try bytes.takeArray(count)
        let flags: [UInt8] = try bytes.takeArray(count)
        let engagements: [Int32] = try bytes.takeArray(count)
        let depths: [Int16] = try bytes.takeArray(flags.reduce(0) { $0 + Int($1 >> 1 & 1) })
        let revenues: [Int64] = try bytes.takeArray(flags.reduce(0) { $0 + Int($1 >> 2 & 1) })
        guard numbers.allSatisfy({ Int($0) < streams.count }) else { throw Checkpoint.Malformed() }
        raw.events.reserveCapacity(count)
        var (depth, revenue, row) = (0, 0, 0)
        for (visitor, rows) in zip(visitors, counts) {
            for _ in 0..<rows {
                var event = RawEvents.Event(
                    time: times[row] &+ clock.start * 1_000_000, visitor: visitor,
                    stream: streams[Int(numbers[row])], sequence: sequences[row])
                event.interactive = flags[row] & 1 != 0
                event.engagementMilliseconds = engagements[row]
                if flags[row] & 2 != 0 {
                    event.scrollDepth = depths[depth]
                    depth += 1
                }
                if flags[row] & 4 != 0 {
                    event.revenue = revenues[revenue]
                    revenue += 1
                }
                raw.events.append(event)
                row += 1
            }
        }
        var columns: [Checkpoint.IDs] = []
        for column in 0..<RawEvents.width {
            raw.texts[column] = try bytes.takeTexts()
            columns.append(try bytes.takeIDs(count, of: raw.texts[column].count))
        }
        raw.ids = Checkpoint.Rows.rowByRow(columns, count: count)
        raw.keyTexts = try bytes.takeTexts()
        raw.valueTexts = try bytes.takeTexts()
        let propertyCounts: [UInt32] = try bytes.takeArray(count)
        raw.firstProperty = [0]
        raw.firstProperty.reserveCapacity(count + 1)
        var first = 0
        for properties in propertyCounts {
            first += Int(properties)
            raw.firstProperty.append(first)
        }
        let keys: [UInt32] = try bytes.takeArray(first)
        let values: [UInt32] = try bytes.takeArray(first)
        let (keyCount, valueCount) = (raw.keyTexts.count, raw.valueTexts.count)
        guard keys.allSatisfy({ Int($0) < keyCount }), values.allSatisfy({ Int($0) < valueCount }) else {
            throw Checkpoint.Malformed()
        }
        raw.properties = zip(keys, values).map { RawEvents.Property(key: $0, value: $1) }
    }

    /// Row by row what stands column by column: some rows at a time, so that they stay in the processor's cache.
    private static func rowByRow(_ columns: [Checkpoint.IDs], count: Int) -> [UInt32] {
        let width = columns.count
        return [UInt32](unsafeUninitializedCapacity: count * width) { ids, filled in
            func fill<Number: FixedWidthInteger>(_ column: Int, from numbers: [Number], _ rows: Range<Int>) {
                let numbers = numbers.span
                for row in rows { ids[row * width + column] = UInt32(truncatingIfNeeded: numbers[row]) }
            }
            for start in stride(from: 0, to: count, by: 1_024) {
                let rows = start..<min(start + 1_024, count)
                for (column, numbers) in columns.enumerated() {
                    switch numbers {
                    case .narrow(let numbers): fill(column, from: numbers, rows)
                    case .medium(let numbers): fill(column, from: numbers, rows)
                    case .wide(let numbers): fill(column, from: numbers, rows)
                    }
                }
            }
            filled = count * width
        }
    }
}

/// Numbers one after the other; reading checks the end before each.
private struct Bytes {
    var bytes: [UInt8] = []
    var position = 0

    mutating func put<Number: FixedWidthInteger>(_ number: Number) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func put<Number: FixedWidthInteger>(array: [Number]) {
        put(UInt32(array.count))
        array.withUnsafeBytes { bytes.append(contentsOf: $0) }
    }

    mutating func put(texts: TextTable) {
        put(array: (0..<UInt32(texts.count)).map { UInt32(texts.text($0).utf8.count) })
        var arena: [UInt8] = []
        for id in 0..<UInt32(texts.count) { arena += Array(texts.text(id).utf8) }
        put(array: arena)
    }

    /// As narrow as the largest allows.
    mutating func put(ids: [UInt32], of count: Int) {
        if count <= 1 << 8 {
            put(array: ids.map { UInt8(truncatingIfNeeded: $0) })
        } else if count <= 1 << 16 {
            put(array: ids.map { UInt16(truncatingIfNeeded: $0) })
        } else {
            put(array: ids)
        }
    }

    mutating func take<Number: FixedWidthInteger>(_: Number.Type) throws -> Number {
        let size = MemoryLayout<Number>.size
        guard bytes.count - position >= size else { throw Checkpoint.Malformed() }
        defer { position += size }
        return Number(
            littleEndian: bytes.withUnsafeBytes {
                $0.loadUnaligned(fromByteOffset: position, as: Number.self)
            })
    }

    /// - Parameter count: what it has to have; nil for any.
    mutating func takeArray<Number: FixedWidthInteger>(_ count: Int? = nil) throws -> [Number] {
        let length = Int(try take(UInt32.self))
        let size = MemoryLayout<Number>.stride
        guard count == nil || count == length, length <= (bytes.count - position) / size else {
            throw Checkpoint.Malformed()
        }
        defer { position += length * size }
        return [Number](unsafeUninitializedCapacity: length) { buffer, initialized in
            bytes.withUnsafeBytes { source in
                UnsafeMutableRawBufferPointer(buffer).copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: source[position..<position + length * size]))
            }
            initialized = length
        }
    }

    mutating func takeTexts() throws -> TextTable {
        let lengths: [UInt32] = try takeArray()
        let arena: [UInt8] = try takeArray(lengths.reduce(0) { $0 + Int($1) })
        var table = TextTable()
        table.reserveCapacity(texts: lengths.count, bytes: arena.count)
        var start = 0
        for (number, length) in lengths.enumerated() {
            let id = arena.withUnsafeBytes { bytes in
                table.id(of: UnsafeRawBufferPointer(rebasing: bytes[start..<start + Int(length)]))
            }
            // Each text once, in order.
            guard id == UInt32(number) else { throw Checkpoint.Malformed() }
            start += Int(length)
        }
        return table
    }

    /// As many as there are rows, each below `texts`.
    mutating func takeIDs(_ count: Int, of texts: Int) throws -> Checkpoint.IDs {
        func checked<Number: FixedWidthInteger>(_ ids: [Number]) throws -> [Number] {
            var largest: Number = 0
            for id in ids { largest = max(largest, id) }
            guard ids.isEmpty || Int(largest) < texts else { throw Checkpoint.Malformed() }
            return ids
        }
        if texts <= 1 << 8 { return .narrow(try checked(try takeArray(count))) }
        if texts <= 1 << 16 { return .medium(try checked(try takeArray(count))) }
        return .wide(try checked(try takeArray(count)))
    }
}
