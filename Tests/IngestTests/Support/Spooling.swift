import Days
import Foundation
import Logging

@testable import Ingest

let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// A directory of the test's own, gone afterwards.
func withDirectory<R>(_ body: (String) async throws -> R) async throws -> R {
    let path = FileManager.default.temporaryDirectory.path + "/mochi-\(UUID().uuidString.prefix(13))"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    do {
        let result = try await body(path)
        try? FileManager.default.removeItem(atPath: path)
        return result
    } catch {
        try? FileManager.default.removeItem(atPath: path)
        throw error
    }
}

extension Spool {
    convenience init(_ directory: String, disk: any Disk, segmentSize: Int = 1 << 16) throws {
        var options = Options(directory: directory)
        options.segmentSize = segmentSize
        try self.init(options, disk: disk, logger: quiet)
    }

    /// Opens a spool whose last owner has just died: its thread may hold the lock for a moment more.
    static func reopened(_ directory: String, disk: any Disk) async throws -> Spool {
        let found = try await eventually {
            do {
                return try Spool(directory, disk: disk)
            } catch SpoolError.locked {
                return nil
            }
        }
        return try found ?? Spool(directory, disk: disk)
    }

    /// Appends frames and waits for their fate.
    func store(_ frames: [UInt8], count: Int = 1, oldest: Int64 = 0) async -> Bool {
        await withCheckedContinuation { continuation in
            append(Batch(frames: frames, count: count, oldest: oldest) { continuation.resume(returning: $0) })
        }
    }

    /// What a loader would read now, as the names of the events.
    func names() throws -> [String] {
        var reader = FrameReader(disk: disk, positions: [:])
        var names: [String] = []
        while let place = try reader.read(segments(), limit: 1_000, { names.append(name(of: $0.payload)) }) {
            reader.commit(place)
        }
        return names
    }
}

func frame(_ name: String) -> [UInt8] {
    var event = Event(site: UUID(), day: .init(rawValue: 20_000), receivedAt: 1_000_000, visitor: 1)
    event.name = name
    var bytes: [UInt8] = []
    Record.append(event, to: &bytes)
    return bytes
}

func name(of payload: UnsafeRawBufferPointer) -> String {
    var reader = ByteReader(payload)
    _ = try? reader.take(1 + 16 + 8 + 4 + 8 + 1 + 4)
    return (try? reader.text()) ?? "?"
}
