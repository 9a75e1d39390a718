import Operations

/// A file of the spool: a header, then frames, numbered from ``firstSequence`` on.
///
/// It is called `<stream>-<first>.open` while it grows and `<stream>-<first>-<count>.spool` once it is complete and
/// cut to its length, so that only what was open at a crash has to be searched for its end.
struct Segment: Hashable, Sendable {
    var path: String
    /// A random number that no other start of a collector has.
    var stream: Int64
    var firstSequence: Int64
    /// How many frames are synced.
    var count: Int64
    /// Where the synced frames end, in bytes.
    var end: Int
    /// Microseconds since 1970 at which its stream began: streams are loaded in this order.
    var streamBegan: Int64

    var lastSequence: Int64 { firstSequence + count - 1 }

    static let headerSize = 48
    private static let magic: [UInt8] = Array("MOCHISP1".utf8)

    static func header(stream: Int64, firstSequence: Int64, streamBegan: Int64) -> [UInt8] {
        var bytes = magic
        bytes.put(stream)
        bytes.put(firstSequence)
        bytes.put(streamBegan)
        bytes.put(UInt64(0))
        bytes.put(UInt32(0))
        bytes.put(bytes.withUnsafeBytes { CRC32C.of($0) })
        return bytes
    }

    /// What a file's header says; nil if it is not one.
    init?(path: String, header: UnsafeRawBufferPointer) {
        guard header.count >= Segment.headerSize, header[..<8].elementsEqual(Segment.magic),
            CRC32C.of(UnsafeRawBufferPointer(rebasing: header[..<44]))
                == UInt32(littleEndian: header.loadUnaligned(fromByteOffset: 44, as: UInt32.self))
        else { return nil }
        func number(_ offset: Int) -> Int64 {
            Int64(littleEndian: header.loadUnaligned(fromByteOffset: offset, as: Int64.self))
        }
        self.init(
            path: path, stream: number(8), firstSequence: number(16), count: 0, end: Segment.headerSize,
            streamBegan: number(24))
    }

    init(path: String, stream: Int64, firstSequence: Int64, count: Int64, end: Int, streamBegan: Int64) {
        self.path = path
        self.stream = stream
        self.firstSequence = firstSequence
        self.count = count
        self.end = end
        self.streamBegan = streamBegan
    }

    static func openName(stream: Int64, firstSequence: Int64) -> String {
        "\(hex(stream))-\(firstSequence).open"
    }

    var completeName: String { "\(Segment.hex(stream))-\(firstSequence)-\(count).spool" }

    /// The number of frames that a complete segment's name states.
    static func statedCount(name: String) -> Int64? {
        guard name.hasSuffix(".spool") else { return nil }
        return name.dropLast(6).split(separator: "-").last.flatMap { Int64($0) }
    }

    private static func hex(_ value: Int64) -> String {
        let digits = String(UInt64(bitPattern: value), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
