import FoundationEssentials
import Logging
import Operations

// A segment file as a crash may leave it: recovered, then read. The first byte of an input says how it is made:
// even, the rest stands behind a good header as it is; odd, its parts become frames with good checksums.

func fuzzSegments(_ bytes: UnsafeRawBufferPointer) {
    guard let mode = bytes.first else { return }
    let rest = UnsafeRawBufferPointer(rebasing: bytes.dropFirst())
    var content = mode & 2 == 0 ? Segment.header(stream: 7, firstSequence: 1, streamBegan: 1) : []
    var count = 0
    if mode & 1 == 0 {
        content += rest
    } else {
        for part in rest.split(separator: 0xFF) {
            content.put(UInt32(part.count))
            content.put(CRC32C.of(UnsafeRawBufferPointer(rebasing: part)))
            content += part
            count += 1
        }
    }
    for name in ["0000000000000007-1.open", "0000000000000007-1-\(max(1, count)).spool"] {
        let disk = OneFile(name: name, content: content)
        let quiet = Logger(label: "fuzz") { _ in SwiftLogNoOpLogHandler() }
        guard let recovery = try? Recovery.run(directory: "", disk: disk, logger: quiet) else {
            fatalError("a collector could not start")
        }
        var reader = FrameReader(disk: disk, positions: [:])
        var last: Int64 = 0
        for _ in 0..<100 {
            let place = try? reader.read(recovery.segments, limit: 3) { frame in
                precondition(frame.sequence == last + 1)
                last = frame.sequence
                decode(frame.payload)
            }
            guard let place else { break }
            reader.commit(place)
        }
        if mode & 3 == 1, name.hasSuffix(".open") {
            precondition(recovery.segments.reduce(0) { $0 + $1.count } == Int64(count))
        }
    }
}

/// As the loader does.
private func decode(_ payload: UnsafeRawBufferPointer) {
    var reader = ByteReader(payload)
    do {
        switch Record.Kind(rawValue: try reader.integer()) {
        case .event: try LoadBatch.check(reader)
        case .drop:
            _ = try reader.take(16 + 8 + 8)
            _ = try reader.text()
            _ = try reader.text()
        case nil: break
        }
    } catch {}
}

/// A disk with one file on it; what is set aside is forgotten.
private final class OneFile: Disk {
    private let name: String
    private let content: [UInt8]

    init(name: String, content: [UInt8]) {
        self.name = name
        self.content = content
    }

    func create(_ path: String, size: Int) throws(SystemError) -> any DiskFile { File(content: []) }
    func open(_ path: String) throws(SystemError) -> any DiskFile { File(content: content) }
    func names(in directory: String) throws(SystemError) -> [String] { [name] }
    func makeDirectory(_ path: String) throws(SystemError) {}
    func rename(_ path: String, to other: String) throws(SystemError) {}
    func remove(_ path: String) throws(SystemError) {}
    func free(in directory: String) throws(SystemError) -> Int { 1 << 40 }

    private struct File: DiskFile {
        let content: [UInt8]

        func size() throws(SystemError) -> Int { content.count }

        func read(_ buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(SystemError) -> Int {
            guard offset < content.count else { return 0 }
            let part = content[offset..<min(content.count, offset + buffer.count)]
            buffer.copyBytes(from: part)
            return part.count
        }

        func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(SystemError) {}
        func sync() throws(SystemError) {}
        func truncate(to size: Int) throws(SystemError) {}
    }
}
