import CLibPQ
package import Days
package import FoundationEssentials

extension Connection {
    /// `COPY target FROM STDIN`, in the binary format; answers the number of rows.
    ///
    /// ```swift
    /// try connection.copy(into: "positions (stream, sequence)") { rows in
    ///     try rows.row(columns: 2)
    ///     rows.write(stream)
    ///     rows.write(sequence)
    /// }
    /// ```
    @discardableResult
    package func copy(into target: SQL, _ write: (inout CopyWriter) throws -> Void) throws -> Int {
        let (text, _) = target.statement()
        guard let started = PQexec(pointer, "COPY \(text) FROM STDIN (FORMAT binary)") else { throw lost() }
        let begin = QueryResult(started)
        guard PQresultStatus(begin.pointer) == PGRES_COPY_IN else { throw error(of: begin.pointer) }
        var writer = CopyWriter(connection: self)
        var failure: (any Error)?
        do {
            try write(&writer)
            try writer.finish()
        } catch {
            failure = error
        }
        // Ends the COPY: with a message, so that nothing of it stays.
        if PQputCopyEnd(pointer, failure == nil ? nil : "given up") != 1 { throw failure ?? lost() }
        var copied = 0
        while let next = PQgetResult(pointer) {
            let result = QueryResult(next)
            if PQresultStatus(next) == PGRES_COMMAND_OK {
                copied = result.affected
            } else {
                failure = failure ?? error(of: next)
            }
        }
        if let failure { throw failure }
        return copied
    }
}

/// Writes rows in the format of `COPY … (FORMAT binary)`: each a count of columns, each column its length and its
/// bytes, big-endian. Kept in a buffer that is sent whenever it exceeds 64 KiB.
package struct CopyWriter {
    private let connection: Connection
    /// Its first ``end`` bytes are written. An array that grows with each part of a row asks each time whether there
    /// is room, which takes longer than the part.
    private var buffer: [UInt8]
    private var end = 0

    private static let chunk = 1 << 16
    /// 2000-01-01 in microseconds since 1970-01-01.
    private static let epoch: Int64 = 946_684_800_000_000

    init(connection: Connection) {
        self.connection = connection
        buffer = Array(repeating: 0, count: CopyWriter.chunk + (1 << 14))
        let signature = Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0x00]
        signature.withUnsafeBytes { append($0) }
        // No flags, no header extension.
        append(Int64(0))
    }

    /// Begins a row; exactly `columns` writes must follow.
    package mutating func row(columns: Int) throws {
        if end > CopyWriter.chunk { try send() }
        append(Int16(truncatingIfNeeded: columns))
    }

    package mutating func write(_ value: Int64) {
        append(Int32(8))
        append(value)
    }

    package mutating func write(_ value: Int32) {
        append(Int32(4))
        append(value)
    }

    package mutating func write(_ value: Int16) {
        append(Int32(2))
        append(value)
    }

    package mutating func write(_ value: Bool) {
        append(Int32(1))
        append(UInt8(value ? 1 : 0))
    }

    package mutating func write(_ value: Day) {
        append(Int32(4))
        append(value.rawValue - 10_957)
    }

    /// A `timestamptz`, given in microseconds since 1970-01-01 00:00 UTC.
    package mutating func write(microseconds value: Int64) {
        append(Int32(8))
        append(value - CopyWriter.epoch)
    }

    package mutating func write(_ value: UUID) {
        append(Int32(16))
        withUnsafeBytes(of: value.uuid) { append($0) }
    }

    /// A text, which must be UTF-8 without NUL, or bytes for a `bytea`.
    package mutating func write(bytes: UnsafeRawBufferPointer) {
        append(Int32(bytes.count))
        append(bytes)
    }

    package mutating func write(_ value: String) {
        var value = value
        value.withUTF8 { write(bytes: UnsafeRawBufferPointer($0)) }
    }

    /// A JSON text into a `jsonb` column.
    package mutating func write(json bytes: UnsafeRawBufferPointer) {
        append(Int32(bytes.count + 1))
        append(UInt8(1))
        append(bytes)
    }

    package mutating func writeNull() {
        append(Int32(-1))
    }

    @inline(__always)
    private mutating func append<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value) {
        makeRoom(MemoryLayout<Value>.size)
        buffer.withUnsafeMutableBytes {
            $0.storeBytes(of: value.bigEndian, toByteOffset: end, as: Value.self)
        }
        end += MemoryLayout<Value>.size
    }

    @inline(__always)
    private mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let first = bytes.baseAddress, bytes.count > 0 else { return }
        makeRoom(bytes.count)
        buffer.withUnsafeMutableBytes {
            ($0.baseAddress! + end).copyMemory(from: first, byteCount: bytes.count)
        }
        end += bytes.count
    }

    @inline(__always)
    private mutating func makeRoom(_ count: Int) {
        if buffer.count - end < count { grow(count) }
    }

    private mutating func grow(_ count: Int) {
        buffer.append(contentsOf: repeatElement(0, count: max(count, buffer.count)))
    }

    fileprivate mutating func finish() throws {
        append(Int16(-1))
        try send()
    }

    private mutating func send() throws {
        let sent = buffer.withUnsafeBytes { bytes in
            PQputCopyData(
                connection.pointer, bytes.baseAddress!.assumingMemoryBound(to: CChar.self), Int32(end))
        }
        guard sent == 1 else { throw connection.lost() }
        end = 0
    }
}
