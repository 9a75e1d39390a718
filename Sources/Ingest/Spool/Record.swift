import Days
import FoundationEssentials

/// What a frame of the spool holds: an event, or how often something was refused.
///
/// A frame is the payload's length (4 bytes), its CRC-32C (4 bytes), and the payload. A payload names its site, not
/// the site's account: that is settled when it is loaded.
enum Record {
    static let frameHeader = 8
    /// Far above what the limits of a request allow; a length beyond it is damage.
    static let maximumPayload = 1 << 20

    enum Kind: UInt8 {
        case event = 1
        case drop = 2
    }

    struct Flags: OptionSet {
        let rawValue: UInt8
        static let interactive = Flags(rawValue: 1)
        static let scrollDepth = Flags(rawValue: 2)
        static let revenue = Flags(rawValue: 4)
        static let dedupe = Flags(rawValue: 8)
    }

    /// How many texts an event has, beside its properties.
    static let texts = 24

    static func append(_ event: borrowing Event, to buffer: inout [UInt8]) {
        let start = openFrame(&buffer)
        var room = 100 + event.props.count
        event.forEachText { room += ByteWriter.room(for: $0) }
        buffer.append(room: room) { writer in
            writer.put(Kind.event.rawValue)
            writer.put(event.site)
            writer.put(event.receivedAt)
            writer.put(event.day.rawValue)
            writer.put(event.visitor)
            var flags: Flags = event.interactive ? .interactive : []
            if event.scrollDepth != nil { flags.insert(.scrollDepth) }
            if event.revenueAmount != nil { flags.insert(.revenue) }
            if event.dedupe != nil { flags.insert(.dedupe) }
            writer.put(flags.rawValue)
            writer.put(event.engagementMilliseconds)
            if let depth = event.scrollDepth { writer.put(depth) }
            if let amount = event.revenueAmount { writer.put(amount) }
            if let dedupe = event.dedupe {
                writer.put(dedupe.0)
                writer.put(dedupe.1)
            }
            event.forEachText { writer.put($0) }
            writer.put(varint: event.props.count)
            event.props.withUnsafeBytes { writer.put($0) }
        }
        closeFrame(&buffer, from: start)
    }

    /// `at` is any instant of the hour that is counted, in microseconds.
    static func append(_ drop: Drop, site: UUID, at: Int64, count: Int, to buffer: inout [UInt8]) {
        let start = openFrame(&buffer)
        buffer.append(Kind.drop.rawValue)
        buffer.put(site)
        buffer.put(at)
        buffer.put(Int64(count))
        buffer.put(drop.reason.rawValue)
        buffer.put(drop.detail.cut(toBytes: Drop.maximumDetail))
        closeFrame(&buffer, from: start)
    }

    private static func openFrame(_ buffer: inout [UInt8]) -> Int {
        defer { buffer.put(UInt64(0)) }
        return buffer.count
    }

    private static func closeFrame(_ buffer: inout [UInt8], from start: Int) {
        buffer.withUnsafeMutableBytes { bytes in
            let payload = UnsafeRawBufferPointer(rebasing: bytes[(start + frameHeader)...])
            bytes.storeBytes(of: UInt32(payload.count).littleEndian, toByteOffset: start, as: UInt32.self)
            bytes.storeBytes(of: CRC32C.of(payload).littleEndian, toByteOffset: start + 4, as: UInt32.self)
        }
    }

    /// The payload of the frame that begins at `position`; nil when there is no whole, undamaged frame.
    static func payload(in bytes: UnsafeRawBufferPointer, at position: Int) -> UnsafeRawBufferPointer? {
        guard bytes.count - position > frameHeader else { return nil }
        let length = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self)))
        guard length > 0, length <= maximumPayload, bytes.count - position - frameHeader >= length else {
            return nil
        }
        let start = position + frameHeader
        let payload = UnsafeRawBufferPointer(rebasing: bytes[start..<start + length])
        let crc = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: position + 4, as: UInt32.self))
        return CRC32C.of(payload) == crc ? payload : nil
    }
}
