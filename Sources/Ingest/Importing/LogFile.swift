import CZlib
import Crypto
package import FoundationEssentials
import Glibc
import Operations

/// A file of lines, plain or in gzip, or standard input: read once from its beginning to its end, in little memory.
package struct LogFile: ~Copyable {
    /// Why a file could not be read to its end.
    package struct Unreadable: Error, CustomStringConvertible {
        package let description: String
    }

    /// What was read.
    package struct Summary: Sendable, Hashable {
        /// SHA-256 of what the file holds, unpacked: whether it was packed makes no difference.
        package let digest: Data
        package let lines: Int
    }

    /// What is longer is handed over as an empty line: no server writes such a thing.
    package static let longestLine = 1 << 16
    private let limit: Int
    private static let chunk = 1 << 18

    /// `-` is standard input.
    package let path: String
    private let descriptor: Int32
    /// Bytes as they lie on the disk; nil for what is no regular file.
    package let size: Int64?

    package init(path: String, longestLine limit: Int = LogFile.longestLine) throws {
        self.path = path
        self.limit = limit
        descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Unreadable(description: "\(path): \(SystemError())") }
        var status = stat()
        size =
            fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
            ? Int64(status.st_size) : nil
    }

    deinit {
        if path != "-" { close(descriptor) }
    }

    /// Hands over each line without its end, and how many bytes of the file were read so far.
    ///
    /// - Throws: ``Unreadable``, also for a gzip file that is cut off or damaged, and what `body` throws.
    package consuming func read(
        _ body: (_ line: UnsafeBufferPointer<UInt8>, _ position: Int64) throws -> Void
    ) throws -> Summary {
        var lines = LineSplitter(limit: limit)
        var hash = SHA256()
        var unpacking: Gunzip?
        var position: Int64 = 0
        var input = [UInt8](repeating: 0, count: LogFile.chunk)
        while true {
            let count = try fill(&input)
            if count == 0 { break }
            if position == 0, input[0] == 0x1F, count > 1, input[1] == 0x8B { unpacking = try Gunzip() }
            position += Int64(count)
            func take(_ plain: UnsafeBufferPointer<UInt8>) throws {
                hash.update(bufferPointer: UnsafeRawBufferPointer(plain))
                try lines.add(plain) { try body($0, position) }
            }
            try input.withUnsafeMutableBufferPointer { buffer in
                let filled = UnsafeMutableBufferPointer(rebasing: buffer[..<count])
                if let unpacking {
                    try unpacking.unpack(filled, take)
                } else {
                    try take(UnsafeBufferPointer(filled))
                }
            }
        }
        if let unpacking, !unpacking.isBetweenMembers {
            throw Unreadable(description: "\(path): the compressed file is cut off.")
        }
        try lines.end { try body($0, position) }
        return Summary(digest: Data(hash.finalize()), lines: lines.count)
    }

    /// As much as the buffer holds, or up to the file's end: pipes give less at a time.
    private func fill(_ buffer: inout [UInt8]) throws(Unreadable) -> Int {
        var filled = 0
        while filled < buffer.count {
            let count = buffer.withUnsafeMutableBytes {
                Glibc.read(descriptor, $0.baseAddress! + filled, $0.count - filled)
            }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw Unreadable(description: "\(path): \(SystemError())") }
            if count == 0 { break }
            filled += count
        }
        return filled
    }
}

/// Cuts a stream of bytes into lines.
struct LineSplitter {
    private let limit: Int
    /// The beginning of a line whose end has not come yet.
    private var rest: [UInt8] = []
    private var isTooLong = false
    private(set) var count = 0

    init(limit: Int) {
        self.limit = limit
    }

    mutating func add(
        _ bytes: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) throws -> Void
    ) rethrows {
        var start = 0
        while start < bytes.count,
            let found = memchr(bytes.baseAddress! + start, 0x0A, bytes.count - start)
        {
            let end = UnsafeRawPointer(found) - UnsafeRawPointer(bytes.baseAddress!)
            let line = UnsafeBufferPointer(rebasing: bytes[start..<end])
            start = end + 1
            if rest.isEmpty, !isTooLong {
                try hand(line, body)
            } else {
                keep(line)
                try finishLine(body)
            }
        }
        keep(UnsafeBufferPointer(rebasing: bytes[start...]))
    }

    /// The last line may lack its end.
    mutating func end(_ body: (UnsafeBufferPointer<UInt8>) throws -> Void) rethrows {
        if !rest.isEmpty || isTooLong { try finishLine(body) }
    }

    private mutating func keep(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard !isTooLong else { return }
        isTooLong = rest.count + bytes.count > limit
        if isTooLong { rest.removeAll() } else { rest += bytes }
    }

    private mutating func finishLine(_ body: (UnsafeBufferPointer<UInt8>) throws -> Void) rethrows {
        let line = rest
        rest.removeAll(keepingCapacity: true)
        isTooLong = false
        try line.withUnsafeBufferPointer { try hand($0, body) }
    }

    private mutating func hand(
        _ line: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) throws -> Void
    ) rethrows {
        count += 1
        if line.count > limit { return try body(UnsafeBufferPointer(rebasing: line[..<0])) }
        let isDOS = line.last == 0x0D
        try body(isDOS ? UnsafeBufferPointer(rebasing: line.dropLast()) : line)
    }
}

/// RFC 1952, through zlib; several members in a row are one file.
final class Gunzip {
    // zlib keeps its address.
    private let stream: UnsafeMutablePointer<z_stream>
    private var output = [UInt8](repeating: 0, count: 1 << 18)
    /// Nothing of a member has begun that has not ended.
    private(set) var isBetweenMembers = true
    private var hasEnded = false

    init() throws(LogFile.Unreadable) {
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        self.stream = stream
        guard mochi_gunzip_init(stream) == Z_OK else { throw LogFile.Unreadable(description: "no memory") }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    func unpack(
        _ input: UnsafeMutableBufferPointer<UInt8>, _ take: (UnsafeBufferPointer<UInt8>) throws -> Void
    ) throws {
        stream.pointee.next_in = input.baseAddress
        stream.pointee.avail_in = UInt32(input.count)
        while stream.pointee.avail_in > 0, !hasEnded {
            if isBetweenMembers, let next = stream.pointee.next_in?.pointee, next != 0x1F {
                // Zeros to a block's end, as tapes have them, and whatever else is no gzip: gzip passes over it, too.
                hasEnded = true
                break
            }
            isBetweenMembers = false
            let status = try step(take)
            if status == Z_STREAM_END {
                isBetweenMembers = true
                inflateReset(stream)
            } else if status != Z_OK, status != Z_BUF_ERROR {
                throw LogFile.Unreadable(description: "The compressed file is damaged.")
            }
        }
    }

    /// Unpacks as long as there is input; hands over what comes out.
    private func step(_ take: (UnsafeBufferPointer<UInt8>) throws -> Void) throws -> Int32 {
        var status = Z_OK
        repeat {
            let count = output.withUnsafeMutableBufferPointer { buffer in
                stream.pointee.next_out = buffer.baseAddress
                stream.pointee.avail_out = UInt32(buffer.count)
                status = inflate(stream, Z_NO_FLUSH)
                return buffer.count - Int(stream.pointee.avail_out)
            }
            if count > 0 {
                try output.withUnsafeBufferPointer { try take(UnsafeBufferPointer(rebasing: $0[..<count])) }
            }
        } while status == Z_OK && stream.pointee.avail_out == 0
        return status
    }
}
