import Foundation
import Glibc
import Synchronization
import Testing

@testable import Ingest

@Suite struct SpoolTests {
    @Test func `CRC-32C is that of RFC 3720`() {
        func crc(_ bytes: [UInt8]) -> UInt32 { bytes.withUnsafeBytes { CRC32C.of($0) } }
        #expect(crc(Array("123456789".utf8)) == 0xE306_9283)
        #expect(crc([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
        #expect(crc([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
        #expect(crc([]) == 0)
    }

    @Test func `what was answered survives a power failure, and nothing else does`() async throws {
        try await withDirectory { directory in
            let disk = FaultyDisk()
            var spool: Spool? = try Spool(directory, disk: disk)
            for name in ["a", "b", "c"] { #expect(await spool!.store(frame(name))) }
            disk.state.withLock { $0.syncFailures = [EIO] }
            #expect(await !spool!.store(frame("lost")))
            #expect(await spool!.store(frame("d")))
            #expect(try spool!.names() == ["a", "b", "c", "d"])
            spool = nil
            disk.crash()
            let again = try await Spool.reopened(directory, disk: disk)
            #expect(try again.names() == ["a", "b", "c", "d"])
        }
    }

    @Test func `a new start is a new stream`() async throws {
        try await withDirectory { directory in
            let disk = FaultyDisk()
            for name in ["a", "b"] {
                let spool = try Spool(directory, disk: disk)
                #expect(await spool.store(frame(name)))
                await spool.close()
            }
            let spool = try Spool(directory, disk: disk)
            #expect(Set(spool.segments().map(\.stream)).count == 2)
            #expect(spool.segments().map(\.firstSequence) == [1, 1])
            #expect(Set(try spool.names()) == ["a", "b"])
            #expect(disk.paths(".open").isEmpty)
        }
    }

    @Test func `frames run on over segments`() async throws {
        try await withDirectory { directory in
            let disk = FaultyDisk()
            let spool = try Spool(directory, disk: disk, segmentSize: 500)
            let names = (0..<40).map { "event \($0)" }
            for name in names { #expect(await spool.store(frame(name))) }
            #expect(spool.segments().count > 5)
            #expect(spool.segments().map(\.lastSequence).max() == 40)
            #expect(try spool.names() == names)
            // Larger than a segment.
            let many = (0..<20).map { "more \($0)" }
            #expect(await spool.store(many.flatMap(frame), count: 20))
            #expect(try spool.names() == names + many)
        }
    }

    @Test func `cut at any byte, a segment is read up to its last whole frame`() async throws {
        try await withDirectory { directory in
            let disk = FaultyDisk()
            var spool: Spool? = try Spool(directory, disk: disk, segmentSize: 600)
            for name in ["a", "b", "c"] { #expect(await spool!.store(frame(name))) }
            spool = nil
            let path = try #require(disk.paths(".open").first)
            let whole = disk.state.withLock { $0.files[path]!.content }
            let ends = [48] + (1...3).map { 48 + $0 * frame("a").count }
            for cut in 48...ends[3] {
                let damaged = FaultyDisk()
                // Not zeros, in which a frame may well end.
                let rest = [UInt8](repeating: 0xFF, count: whole.count - cut)
                damaged.state.withLock { $0.files[path] = .init(content: whole[..<cut] + rest, synced: []) }
                let recovered = try await Spool.reopened(directory, disk: damaged)
                let expected = ["a", "b", "c"].prefix(ends.count { $0 <= cut } - 1)
                guard try recovered.names() == Array(expected) else {
                    Issue.record("cut at \(cut): \(try recovered.names())")
                    return
                }
            }
        }
    }

    @Test func `a flipped bit is noticed, and its bytes are set aside`() async throws {
        try await withDirectory { directory in
            let disk = FaultyDisk()
            var spool: Spool? = try Spool(directory, disk: disk, segmentSize: 600)
            for name in ["a", "b", "c"] { #expect(await spool!.store(frame(name))) }
            spool = nil
            let path = try #require(disk.paths(".open").first)
            let whole = disk.state.withLock { $0.files[path]!.content }
            let start = 48 + 2 * frame("a").count
            for bit in 0..<frame("c").count * 8 {
                let damaged = FaultyDisk()
                var bytes = whole
                bytes[start + bit / 8] ^= 1 << UInt8(bit % 8)
                damaged.state.withLock { $0.files[path] = .init(content: bytes, synced: []) }
                let recovered = try await Spool.reopened(directory, disk: damaged)
                guard try recovered.names() == ["a", "b"], recovered.damagedCount == 1,
                    damaged.paths("-\(start)").count == 1
                else {
                    Issue.record("bit \(bit): \(try recovered.names()), \(recovered.damagedCount)")
                    return
                }
            }
        }
    }

    @Test func `a file that is no segment is set aside`() async throws {
        try await withDirectory { directory in
            let disk = FaultyDisk()
            for (name, content) in [("x-1.open", []), ("y-1-3.spool", [1, 2, 3])] as [(String, [UInt8])] {
                disk.state.withLock {
                    $0.files["\(directory)/\(name)"] = .init(content: content, synced: content)
                }
            }
            let spool = try Spool(directory, disk: disk)
            #expect(spool.damagedCount == 2)
            #expect(spool.segments().isEmpty)
            #expect(await spool.store(frame("a")))
        }
    }

    @Test(arguments: [ENOSPC, EIO])
    func `a full or failing disk refuses, and is used again by itself`(code: Int32) async throws {
        try await withDirectory { directory in
            let disk = FaultyDisk()
            let spool = try Spool(directory, disk: disk)
            #expect(await spool.store(frame("a")))
            disk.state.withLock { $0.writeFailures = [code] }
            #expect(await !spool.store(frame("x")))
            #expect(spool.isFull)
            disk.state.withLock { $0.createFailures = [code] }
            #expect(await !spool.store(frame("y")))
            #expect(await spool.store(frame("b")))
            #expect(!spool.isFull)
            #expect(try spool.names() == ["a", "b"])
        }
    }

    @Test func `below the reserve nothing is taken`() async throws {
        try await withDirectory { directory in
            let disk = FaultyDisk()
            disk.state.withLock { $0.freeBytes = 100 << 20 }
            let spool = try Spool(directory, disk: disk)
            #expect(await !spool.store(frame("a")))
            disk.state.withLock { $0.freeBytes = 1 << 40 }
            #expect(await spool.store(frame("b")))
            #expect(try spool.names() == ["b"])
        }
    }

    @Test func `one collector has a spool`() async throws {
        try await withDirectory { directory in
            let disk = FaultyDisk()
            let spool = try Spool(directory, disk: disk)
            #expect(throws: SpoolError.self) { try Spool(directory, disk: disk) }
            // Also while somebody still refers to the first.
            await spool.close()
            let next = try Spool(directory, disk: disk)
            #expect(await next.store(frame("a")))
            #expect(await !spool.store(frame("b")))
            await next.close()
        }
    }

    @Test func `a loaded segment is kept for a day`() async throws {
        try await withDirectory { directory in
            let disk = FaultyDisk()
            let spool = try Spool(directory, disk: disk, segmentSize: 250)
            for number in 0..<10 { #expect(await spool.store(frame("\(number)"))) }
            let segments = spool.segments()
            let stream = segments[0].stream
            let start = ContinuousClock.now
            spool.loaded([stream: segments[1].lastSequence], now: start)
            spool.loaded([stream: segments[1].lastSequence], now: start + .seconds(23 * 3_600))
            #expect(spool.segments() == segments)
            spool.loaded([stream: 10], now: start + .seconds(24 * 3_600))
            #expect(spool.segments() == Array(segments[2...]))
            #expect(disk.paths(segments[0].completeName).isEmpty)
            // The open one stays, whatever the disk says.
            disk.state.withLock { $0.freeBytes = 0 }
            spool.loaded([stream: 10], now: start + .seconds(24 * 3_600))
            #expect(spool.segments() == [segments[segments.count - 1]])
        }
    }

    @Test func `on a real disk too`() async throws {
        try await withDirectory { directory in
            var spool: Spool? = try Spool(directory, disk: RealDisk(), segmentSize: 2_000)
            let names = (0..<50).map { "event \($0)" }
            for name in names { #expect(await spool!.store(frame(name))) }
            #expect(try spool!.names() == names)
            spool = nil
            let again = try await Spool.reopened(directory, disk: RealDisk())
            #expect(try again.names() == names)
            #expect(again.damagedCount == 0)
        }
    }
}
