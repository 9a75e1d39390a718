import Days

/// Raw events of a checkpoint, visitor by visitor, column by column as they were written.
///
/// Few of them are ever looked at: those of visitors who come back. So they stay as they are, a third of what they would
/// take as ``RawEvents``, and a visitor's are made into those when they are needed. All numbers have been checked.
struct StoredRows: Sendable {
    /// Texts of all columns and properties, and no rows: what rows are added to. See ``takeTexts()``.
    private var texts: RawEvents
    /// How many rows there are.
    let count: Int
    private let clock: DayClock
    private let bytes: PlainBytes
    private let visitors: NumberTable
    /// Where each visitor's rows begin; one more at the end.
    private let starts: [UInt32]
    private let streams: [Int64]
    private let stream: Plane<UInt16>
    /// Microseconds after the day's start.
    private let time: Plane<Int64>
    private let sequence: Plane<Int64>
    private let isInteractive: Plane<UInt8>
    private let engagement: Plane<Int32>
    /// ``noDepth`` where none is told.
    private let depth: Plane<Int16>
    /// By ``Column``.
    private let columns: [IDs]
    /// Rows that brought money, ascending; and how much.
    private let revenueRows: [UInt32]
    private let revenues: [Int64]
    /// Rows that have properties, ascending, one for each property.
    private let propertyRows: [UInt32]
    private let keys: Plane<UInt32>
    private let values: Plane<UInt32>

    /// Any negative depth says nothing.
    private static let noDepth = Int16.min

    /// Numbers of a column's texts, as narrow as their count allows; none where there is but one.
    private enum IDs {
        case none
        case narrow(Plane<UInt8>)
        case medium(Plane<UInt16>)
        case wide(Plane<UInt32>)
    }

    var visitorCount: Int { starts.count - 1 }

    /// Hands over the texts, which the day goes on numbering.
    mutating func takeTexts() -> RawEvents {
        var taken = RawEvents()
        swap(&taken, &texts)
        return taken
    }

    /// What it takes in memory, in bytes, without the texts that were taken.
    var byteCount: Int {
        bytes.bytes.capacity + visitors.byteCount + starts.capacity * 4 + revenues.capacity * 12
            + propertyRows.capacity * 4
    }

    func visitor(_ number: Int) -> Int64 { Int64(bitPattern: visitors.numbers[number]) }

    /// The number of a visitor who has rows.
    func number(of visitor: Int64) -> Int? { visitors.known(UInt64(bitPattern: visitor)).map { Int($0) } }

    func rowCount(of number: Int) -> Int { Int(starts[number + 1] - starts[number]) }

    /// Adds a visitor's rows to events that have its texts.
    func append(rowsOf number: Int, to raw: inout RawEvents) {
        let rows = Int(starts[number])..<Int(starts[number + 1])
        var (revenue, property) = (
            first(rows.lowerBound, in: revenueRows), first(rows.lowerBound, in: propertyRows)
        )
        for row in rows {
            var event = RawEvents.Event(
                time: bytes[time, row] &+ clock.start * 1_000_000, visitor: visitor(number),
                stream: streams[Int(bytes[stream, row])], sequence: bytes[sequence, row])
            event.interactive = bytes[isInteractive, row] == 1
            event.engagementMilliseconds = bytes[engagement, row]
            let its = bytes[depth, row]
            event.scrollDepth = its == StoredRows.noDepth ? nil : its
            if revenue < revenueRows.count, revenueRows[revenue] == UInt32(row) {
                event.revenue = revenues[revenue]
                revenue += 1
            }
            raw.events.append(event)
            for column in columns {
                switch column {
                case .none: raw.ids.append(0)
                case .narrow(let plane): raw.ids.append(UInt32(bytes[plane, row]))
                case .medium(let plane): raw.ids.append(UInt32(bytes[plane, row]))
                case .wide(let plane): raw.ids.append(bytes[plane, row])
                }
            }
            while property < propertyRows.count, propertyRows[property] == UInt32(row) {
                raw.properties.append(.init(key: bytes[keys, property], value: bytes[values, property]))
                property += 1
            }
            raw.firstProperty.append(raw.properties.count)
        }
    }

    /// The first place in ascending rows that is not before `row`.
    private func first(_ row: Int, in rows: [UInt32]) -> Int {
        var (low, high) = (0, rows.count)
        while low < high {
            let middle = (low + high) / 2
            if rows[middle] < row { low = middle + 1 } else { high = middle }
        }
        return low
    }

    // MARK: Writing

    /// - Parameters:
    ///   - visitors: all different.
    ///   - counts: how many rows of `raw` each has, in the same order; none has no row.
    static func encoded(
        _ raw: RawEvents, visitors: [Int64], counts: [UInt32], clock: DayClock
    ) throws -> [UInt8] {
        var bytes = PlainBytes()
        bytes.put(UInt32(raw.count))
        bytes.put(array: visitors)
        bytes.put(array: counts)
        var streams: [Int64] = []
        var numbers: [Int64: UInt16] = [:]
        let stream = raw.events.map { event -> UInt16 in
            if let number = numbers[event.stream] { return number }
            let number = UInt16(clamping: streams.count)
            numbers[event.stream] = number
            streams.append(event.stream)
            return number
        }
        guard streams.count < Int(UInt16.max) else { throw Checkpoint.Malformed() }
        bytes.put(array: streams)
        bytes.put(array: stream)
        bytes.put(array: raw.events.map { $0.time - clock.start * 1_000_000 })
        bytes.put(array: raw.events.map(\.sequence))
        bytes.put(array: raw.events.map { $0.interactive ? 1 : 0 } as [UInt8])
        bytes.put(array: raw.events.map(\.engagementMilliseconds))
        bytes.put(array: raw.events.map { $0.scrollDepth ?? noDepth })
        let revenueRows = raw.events.indices.filter { raw.events[$0].revenue != nil }
        bytes.put(array: revenueRows.map { UInt32($0) })
        bytes.put(array: revenueRows.map { raw.events[$0].revenue ?? 0 })
        for column in 0..<RawEvents.width {
            bytes.put(texts: raw.texts[column])
            let ids = stride(from: column, to: raw.ids.count, by: RawEvents.width).lazy.map { raw.ids[$0] }
            switch raw.texts[column].count {
            case ...1: break
            case ...(1 << 8): bytes.put(array: ids.map { UInt8(truncatingIfNeeded: $0) })
            case ...(1 << 16): bytes.put(array: ids.map { UInt16(truncatingIfNeeded: $0) })
            default: bytes.put(array: Array(ids))
            }
        }
        bytes.put(texts: raw.keyTexts)
        bytes.put(texts: raw.valueTexts)
        bytes.put(
            array: raw.events.indices.flatMap { row in
                repeatElement(UInt32(row), count: raw.firstProperty[row + 1] - raw.firstProperty[row])
            })
        bytes.put(array: raw.properties.map(\.key))
        bytes.put(array: raw.properties.map(\.value))
        return bytes.bytes
    }

    // MARK: Reading

    init(_ read: [UInt8], clock: DayClock) throws {
        var bytes = PlainBytes(read)
        self.clock = clock
        count = Int(try bytes.take(UInt32.self))
        let visitors: [UInt64] = try bytes.takeArray()
        var table = NumberTable(capacity: visitors.count)
        for (number, visitor) in visitors.enumerated() {
            guard table.id(of: visitor) == UInt32(number) else { throw Checkpoint.Malformed() }
        }
        self.visitors = table
        var (starts, row): ([UInt32], Int) = ([0], 0)
        starts.reserveCapacity(visitors.count + 1)
        for rows in try bytes.takeArray(visitors.count) as [UInt32] {
            row += Int(rows)
            guard rows > 0, row <= count else { throw Checkpoint.Malformed() }
            starts.append(UInt32(row))
        }
        guard row == count else { throw Checkpoint.Malformed() }
        self.starts = starts
        streams = try bytes.takeArray()
        stream = try bytes.takePlane(count, below: streams.count)
        time = try bytes.takePlane(count)
        sequence = try bytes.takePlane(count)
        isInteractive = try bytes.takePlane(count)
        engagement = try bytes.takePlane(count)
        depth = try bytes.takePlane(count)
        revenueRows = try bytes.takeRows(count)
        guard zip(revenueRows, revenueRows.dropFirst()).allSatisfy({ $0 < $1 }) else {
            throw Checkpoint.Malformed()
        }
        revenues = try bytes.takeArray(revenueRows.count)
        var texts = RawEvents()
        var columns: [IDs] = []
        for column in 0..<RawEvents.width {
            texts.texts[column] = try bytes.takeTexts()
            let known = texts.texts[column].count
            let ids: IDs =
                switch known {
                case ...1: .none
                case ...(1 << 8): .narrow(try bytes.takePlane(count, below: known))
                case ...(1 << 16): .medium(try bytes.takePlane(count, below: known))
                default: .wide(try bytes.takePlane(count, below: known))
                }
            // The number of "" is 0 in every column.
            guard known > 0, texts.texts[column].text(0).isEmpty else { throw Checkpoint.Malformed() }
            columns.append(ids)
        }
        self.columns = columns
        texts.keyTexts = try bytes.takeTexts()
        texts.valueTexts = try bytes.takeTexts()
        propertyRows = try bytes.takeRows(count)
        keys = try bytes.takePlane(propertyRows.count, below: texts.keyTexts.count)
        values = try bytes.takePlane(propertyRows.count, below: texts.valueTexts.count)
        self.texts = texts
        self.bytes = bytes
    }
}

extension PlainBytes {
    /// Numbers of rows, ascending; one may come several times.
    fileprivate mutating func takeRows(_ count: Int) throws -> [UInt32] {
        let rows: [UInt32] = try takeArray()
        var before: UInt32 = 0
        for row in rows {
            guard row >= before, row < count else { throw Checkpoint.Malformed() }
            before = row
        }
        return rows
    }
}
