import Glibc
import Operations
import Synchronization

@testable import Ingest

/// A disk in memory that loses at a crash what was not synced, and fails when it is told to.
final class FaultyDisk: Disk {
    struct State: Sendable {
        var files: [String: File] = [:]
        var freeBytes = 1 << 40
        /// The codes of the next writes' and syncs' failures.
        var writeFailures: [Int32] = []
        var syncFailures: [Int32] = []
        var createFailures: [Int32] = []
        var syncs = 0
    }

    struct File: Sendable {
        var content: [UInt8]
        var synced: [UInt8]
    }

    let state = Mutex(State())

    /// The power fails. Of what was written since the last sync, the first `survivors` bytes got through.
    func crash(survivors: Int = 0) {
        state.withLock { state in
            for (path, file) in state.files {
                var content = file.synced
                let differing = file.content.indices.filter {
                    $0 >= content.count || file.content[$0] != content[$0]
                }
                for index in differing.prefix(survivors) where index < content.count {
                    content[index] = file.content[index]
                }
                state.files[path] = File(content: content, synced: content)
            }
        }
    }

    func paths(_ suffix: String) -> [String] {
        state.withLock { $0.files.keys.filter { $0.hasSuffix(suffix) }.sorted() }
    }

    func change(_ path: String, _ body: (inout [UInt8]) -> Void) {
        state.withLock { state in
            guard var file = state.files[path] else { return }
            body(&file.content)
            file.synced = file.content
            state.files[path] = file
        }
    }

    func create(_ path: String, size: Int) throws(SystemError) -> any DiskFile {
        let failure = state.withLock { state -> Int32? in
            if !state.createFailures.isEmpty { return state.createFailures.removeFirst() }
            if state.files[path] != nil { return EEXIST }
            let zeros = [UInt8](repeating: 0, count: size)
            state.files[path] = File(content: zeros, synced: zeros)
            return nil
        }
        if let failure { throw SystemError(code: failure) }
        return Handle(disk: self, path: path)
    }

    func open(_ path: String) throws(SystemError) -> any DiskFile {
        guard state.withLock({ $0.files[path] != nil }) else { throw SystemError(code: ENOENT) }
        return Handle(disk: self, path: path)
    }

    func names(in directory: String) throws(SystemError) -> [String] {
        state.withLock { state in
            state.files.keys.filter { $0.hasPrefix(directory + "/") }.map {
                String($0.dropFirst(directory.count + 1))
            }
            .filter { !$0.contains("/") }
        }
    }

    /// The spool's lock is a real file.
    func makeDirectory(_ path: String) throws(SystemError) { try Files.makeDirectory(path) }

    func rename(_ path: String, to other: String) throws(SystemError) {
        state.withLock { $0.files[other] = $0.files.removeValue(forKey: path) }
    }

    func remove(_ path: String) throws(SystemError) { state.withLock { $0.files[path] = nil } }

    func free(in directory: String) throws(SystemError) -> Int { state.withLock { $0.freeBytes } }

    private struct Handle: DiskFile {
        let disk: FaultyDisk
        let path: String

        func size() throws(SystemError) -> Int { disk.state.withLock { $0.files[path]?.content.count ?? 0 } }

        func read(_ buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(SystemError) -> Int {
            let content = disk.state.withLock { $0.files[path]?.content ?? [] }
            guard offset < content.count else { return 0 }
            let part = content[offset..<min(content.count, offset + buffer.count)]
            buffer.copyBytes(from: part)
            return part.count
        }

        func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(SystemError) {
            let bytes = Array(bytes)
            let failure = disk.state.withLock { state -> Int32? in
                if !state.writeFailures.isEmpty { return state.writeFailures.removeFirst() }
                guard var file = state.files.removeValue(forKey: path) else { return EIO }
                file.content.replaceSubrange(offset..<offset + bytes.count, with: bytes)
                state.files[path] = file
                return nil
            }
            if let failure { throw SystemError(code: failure) }
        }

        func sync() throws(SystemError) {
            let failure = disk.state.withLock { state -> Int32? in
                state.syncs += 1
                if !state.syncFailures.isEmpty { return state.syncFailures.removeFirst() }
                if let file = state.files[path] { state.files[path]?.synced = file.content }
                return nil
            }
            if let failure { throw SystemError(code: failure) }
        }

        func truncate(to size: Int) throws(SystemError) {
            disk.state.withLock { state in
                guard let content = state.files[path]?.content else { return }
                let cut =
                    Array(content.prefix(size)) + [UInt8](repeating: 0, count: max(0, size - content.count))
                state.files[path] = File(content: cut, synced: cut)
            }
        }
    }
}

extension FaultyDisk {
    func setFree(_ bytes: Int) { state.withLock { $0.freeBytes = bytes } }
}
