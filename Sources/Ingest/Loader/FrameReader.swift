import Operations

/// Reads the synced frames of a spool in order, from where the database is.
struct FrameReader {
    struct Frame {
        var stream: Int64
        var sequence: Int64
        var payload: UnsafeRawBufferPointer
    }

    /// Where in which stream it is: everything up to `sequence` has been read.
    struct Place: Sendable {
        var stream: Int64
        var sequence: Int64
        var firstSequence: Int64
        var offset: Int
    }

    private static let chunk = 1 << 20

    let disk: any Disk
    /// How far each stream is in the database.
    var positions: [Int64: Int64]
    /// Where the next frame of the segment that was read last begins.
    private var place: Place?
    /// Bytes that were not what had been written: the rest of such a segment is passed over.
    private(set) var damagedSegments = 0
    private var isDamaged: Set<String> = []

    init(disk: any Disk, positions: [Int64: Int64]) {
        self.disk = disk
        self.positions = positions
    }

    /// How many frames are synced and not yet in the database.
    func backlog(_ segments: [Segment]) -> Int {
        segments.reduce(0) { sum, segment in
            let done = max(positions[segment.stream] ?? 0, segment.firstSequence - 1)
            return sum + (isDamaged.contains(segment.path) ? 0 : Int(max(0, segment.lastSequence - done)))
        }
    }

    /// Hands over up to `limit` frames of one stream, and answers the place after them. ``positions`` change only with
    /// ``commit(_:)``, so that a batch that fails is read again.
    mutating func read(
        _ segments: [Segment], limit: Int, _ each: (Frame) throws -> Void
    ) throws -> Place? {
        var reached: Place?
        var count = 0
        for segment in segments where !isDamaged.contains(segment.path) {
            if let reached, reached.stream != segment.stream { break }
            let done = reached?.sequence ?? positions[segment.stream] ?? 0
            guard segment.lastSequence > done, count < limit else { continue }
            let file: any DiskFile
            do {
                file = try disk.open(segment.path)
            } catch {
                // It was renamed a moment ago; the next look finds it.
                return reached
            }
            var at = Place(
                stream: segment.stream, sequence: segment.firstSequence - 1,
                firstSequence: segment.firstSequence,
                offset: Segment.headerSize)
            if let place, place.stream == at.stream, place.firstSequence == at.firstSequence,
                place.sequence <= done
            {
                at = place
            }
            try read(segment, file, from: &at, done: done, limit: limit, &count, each)
            if at.sequence > done { reached = at }
            if isDamaged.contains(segment.path) { return reached }
        }
        return reached
    }

    private mutating func read(
        _ segment: Segment, _ file: any DiskFile, from at: inout Place, done: Int64, limit: Int,
        _ count: inout Int,
        _ each: (Frame) throws -> Void
    ) throws {
        var buffer = [UInt8](repeating: 0, count: min(FrameReader.chunk, segment.end - at.offset))
        while at.sequence < segment.lastSequence, count < limit {
            let wanted = min(buffer.count, segment.end - at.offset)
            var consumed = 0
            try buffer.withUnsafeMutableBytes { bytes in
                let got = try file.read(
                    UnsafeMutableRawBufferPointer(rebasing: bytes[..<wanted]), at: at.offset)
                let view = UnsafeRawBufferPointer(rebasing: bytes[..<got])
                while at.sequence < segment.lastSequence, count < limit,
                    let payload = Record.payload(in: view, at: consumed)
                {
                    at.sequence += 1
                    consumed += Record.frameHeader + payload.count
                    if at.sequence > done {
                        count += 1
                        try each(Frame(stream: segment.stream, sequence: at.sequence, payload: payload))
                    }
                }
            }
            at.offset += consumed
            if consumed == 0 {
                if buffer.count < segment.end - at.offset, buffer.count <= Record.maximumPayload {
                    // A frame that is larger than the rest of the chunk.
                    buffer = [UInt8](
                        repeating: 0,
                        count: min(segment.end - at.offset, Record.maximumPayload + Record.frameHeader))
                    continue
                }
                isDamaged.insert(segment.path)
                damagedSegments += 1
                return
            }
        }
    }

    mutating func commit(_ place: Place) {
        positions[place.stream] = place.sequence
        self.place = place
    }
}
