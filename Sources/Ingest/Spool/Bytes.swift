import FoundationEssentials

// How numbers and texts lie in Mochi's own files: little-endian, texts behind their length as a varint (LEB128).

extension [UInt8] {
    mutating func put(_ value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }

    mutating func put(varint value: Int) {
        var rest = UInt(bitPattern: value)
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(rest))
    }

    mutating func put(_ text: String) {
        if text.isEmpty {
            append(0)
        } else {
            put(varint: text.utf8.count)
            text.withBytes { append(contentsOf: $0) }
        }
    }

    mutating func put(_ id: UUID) {
        Swift.withUnsafeBytes(of: id.uuid) { append(contentsOf: $0) }
    }
}

extension [UInt8] {
    /// Appends what is written, at most `room` bytes. `append` asks each time whether there is room and whether it is
    /// its own; for the forty parts of an event that took four times as long as to write them.
    mutating func append(room: Int, _ write: (inout ByteWriter) -> Void) {
        let start = count
        append(contentsOf: repeatElement(0, count: room))
        let written = withUnsafeMutableBytes { bytes in
            var writer = ByteWriter(UnsafeMutableRawBufferPointer(rebasing: bytes[start...]))
            write(&writer)
            return writer.position
        }
        removeLast(room - written)
    }
}

/// Writes the same as the above into room that was made before.
struct ByteWriter {
    private let bytes: UnsafeMutableRawBufferPointer
    fileprivate(set) var position = 0

    fileprivate init(_ bytes: UnsafeMutableRawBufferPointer) {
        self.bytes = bytes
    }

    /// What a text takes at most.
    @inline(__always)
    static func room(for text: String) -> Int { text.utf8.count + 10 }

    @inline(__always)
    mutating func put<T: FixedWidthInteger & BitwiseCopyable>(_ value: T) {
        precondition(bytes.count - position >= MemoryLayout<T>.size)
        bytes.storeBytes(of: value.littleEndian, toByteOffset: position, as: T.self)
        position += MemoryLayout<T>.size
    }

    @inline(__always)
    mutating func put(varint value: Int) {
        var rest = UInt(bitPattern: value)
        while rest >= 0x80 {
            put(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        put(UInt8(rest))
    }

    @inline(__always)
    mutating func put(_ more: UnsafeRawBufferPointer) {
        guard let from = more.baseAddress, more.count > 0 else { return }
        precondition(bytes.count - position >= more.count)
        (bytes.baseAddress! + position).copyMemory(from: from, byteCount: more.count)
        position += more.count
    }

    @inline(__always)
    mutating func put(_ text: String) {
        if text.isEmpty {
            put(UInt8(0))
        } else {
            put(varint: text.utf8.count)
            text.withBytes { put(UnsafeRawBufferPointer($0)) }
        }
    }

    @inline(__always)
    mutating func put(_ id: UUID) {
        Swift.withUnsafeBytes(of: id.uuid) { put($0) }
    }
}

/// Reads what the above wrote; never past the end, whatever the bytes are.
struct ByteReader {
    struct Malformed: Error {}

    private let bytes: UnsafeRawBufferPointer
    private(set) var position = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { position == bytes.count }

    mutating func take(_ count: Int) throws(Malformed) -> UnsafeRawBufferPointer {
        guard count >= 0, bytes.count - position >= count else { throw Malformed() }
        defer { position += count }
        return UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
    }

    mutating func integer<T: FixedWidthInteger & BitwiseCopyable>(_ type: T.Type = T.self) throws(Malformed)
        -> T
    {
        T(littleEndian: try take(MemoryLayout<T>.size).loadUnaligned(as: T.self))
    }

    mutating func varint() throws(Malformed) -> Int {
        var value: UInt = 0
        var shift: UInt = 0
        while true {
            let byte: UInt8 = try integer()
            guard shift < 63 else { throw Malformed() }
            value |= UInt(byte & 0x7F) << shift
            if byte < 0x80 { return Int(value) }
            shift += 7
        }
    }

    mutating func textBytes() throws(Malformed) -> UnsafeRawBufferPointer {
        try take(try varint())
    }

    mutating func text() throws(Malformed) -> String {
        guard let text = String(validating: try textBytes(), as: UTF8.self) else { throw Malformed() }
        return text
    }

    mutating func uuid() throws(Malformed) -> UUID {
        UUID(uuid: try take(16).loadUnaligned(as: uuid_t.self))
    }
}
