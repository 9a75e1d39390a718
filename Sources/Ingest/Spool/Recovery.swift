import Logging
import Operations

/// What earlier starts of the collector left in the spool's directory.
struct Recovery {
    /// Oldest stream first, each in the order of its sequences.
    var segments: [Segment] = []
    /// Files, or ends of files, that were damaged and set aside.
    var damaged = 0

    /// Finds every segment and the exact end of those that were open, which is where the first frame is not whole:
    /// what comes after was never acknowledged, or is damaged. Such bytes are kept in `damaged/`.
    static func run(directory: String, disk: any Disk, logger: Logger) throws -> Recovery {
        var recovery = Recovery()
        for name in try disk.names(in: directory).sorted()
        where name.hasSuffix(".spool") || name.hasSuffix(".open") {
            let path = "\(directory)/\(name)"
            let file = try disk.open(path)
            guard var segment = try header(of: file, path) else {
                try disk.rename(path, to: "\(directory)/damaged/\(name)")
                recovery.damaged += 1
                logger.error(
                    "a spool file has no readable header and was set aside", metadata: ["file": "\(name)"])
                continue
            }
            if let count = Segment.statedCount(name: name) {
                segment.count = count
                segment.end = try file.size()
            } else {
                let tail = try findEnd(of: &segment, file)
                if !tail.isEmpty {
                    try setAside(tail, "\(directory)/damaged/\(name)-\(segment.end)", disk)
                    recovery.damaged += 1
                    logger.warning(
                        "the end of a spool file was not whole and was set aside",
                        metadata: ["file": "\(name)", "bytes": "\(tail.count)"])
                }
                try file.truncate(to: segment.end)
                segment.path = "\(directory)/\(segment.completeName)"
                try disk.rename(path, to: segment.path)
            }
            if segment.count == 0 {
                try disk.remove(segment.path)
            } else {
                recovery.segments.append(segment)
            }
        }
        recovery.segments.sort { first, second in
            (first.streamBegan, first.stream, first.firstSequence)
                < (second.streamBegan, second.stream, second.firstSequence)
        }
        return recovery
    }

    private static func header(of file: any DiskFile, _ path: String) throws -> Segment? {
        try withUnsafeTemporaryAllocation(byteCount: Segment.headerSize, alignment: 8) { buffer in
            guard try file.read(buffer, at: 0) == Segment.headerSize else { return nil }
            return Segment(path: path, header: UnsafeRawBufferPointer(buffer))
        }
    }

    /// Counts the whole frames; answers what stands behind them, without the zeros that the file was made of.
    private static func findEnd(of segment: inout Segment, _ file: any DiskFile) throws -> [UInt8] {
        let size = try file.size()
        var bytes = [UInt8](repeating: 0, count: size)
        let got = try bytes.withUnsafeMutableBytes { try file.read($0, at: 0) }
        bytes.removeLast(size - got)
        return bytes.withUnsafeBytes { bytes in
            while let payload = Record.payload(in: bytes, at: segment.end) {
                segment.end += Record.frameHeader + payload.count
                segment.count += 1
            }
            var end = bytes.count
            // Most of it is zeros: eight at a time.
            while end - segment.end >= 8, bytes.loadUnaligned(fromByteOffset: end - 8, as: UInt64.self) == 0 {
                end -= 8
            }
            while end > segment.end, bytes[end - 1] == 0 { end -= 1 }
            return Array(bytes[min(segment.end, end)..<end])
        }
    }

    private static func setAside(_ bytes: [UInt8], _ path: String, _ disk: any Disk) throws {
        // The same may have been begun by a start that was interrupted.
        try disk.remove(path)
        let file = try disk.create(path, size: bytes.count)
        try bytes.withUnsafeBytes { try file.write($0, at: 0) }
        try file.sync()
    }
}
