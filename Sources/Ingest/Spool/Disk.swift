import Glibc
import Operations

/// The few things that the spool asks of a file system: a seam, so that tests can have one that forgets what was
/// not synced, fills up and fails.
protocol Disk: Sendable {
    /// Makes a file of so many zero bytes, which must not exist, and its name durable.
    func create(_ path: String, size: Int) throws(SystemError) -> any DiskFile
    func open(_ path: String) throws(SystemError) -> any DiskFile
    /// The names in a directory.
    func names(in directory: String) throws(SystemError) -> [String]
    func makeDirectory(_ path: String) throws(SystemError)
    func rename(_ path: String, to other: String) throws(SystemError)
    func remove(_ path: String) throws(SystemError)
    /// Bytes that may still be written.
    func free(in directory: String) throws(SystemError) -> Int
}

protocol DiskFile: Sendable {
    func size() throws(SystemError) -> Int
    /// Fills the buffer from `offset` on, as far as the file goes; answers how many bytes.
    func read(_ buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(SystemError) -> Int
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(SystemError)
    /// Returns when what was written survives a power failure.
    func sync() throws(SystemError)
    func truncate(to size: Int) throws(SystemError)
}

struct RealDisk: Disk {
    func create(_ path: String, size: Int) throws(SystemError) -> any DiskFile {
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SystemError() }
        let file = RealFile(descriptor)
        let failure = posix_fallocate(descriptor, 0, off_t(size))
        guard failure == 0 else {
            unlink(path)
            throw SystemError(code: failure)
        }
        try file.sync()
        try syncDirectory(of: path)
        return file
    }

    func open(_ path: String) throws(SystemError) -> any DiskFile {
        let descriptor = Glibc.open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemError() }
        return RealFile(descriptor)
    }

    func names(in directory: String) throws(SystemError) -> [String] {
        guard let stream = opendir(directory) else { throw SystemError() }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }

    func makeDirectory(_ path: String) throws(SystemError) {
        try Files.makeDirectory(path)
    }

    func rename(_ path: String, to other: String) throws(SystemError) {
        guard Glibc.rename(path, other) == 0 else { throw SystemError() }
        try syncDirectory(of: other)
    }

    func remove(_ path: String) throws(SystemError) {
        guard unlink(path) == 0 || errno == ENOENT else { throw SystemError() }
    }

    func free(in directory: String) throws(SystemError) -> Int {
        var status = statvfs()
        guard statvfs(directory, &status) == 0 else { throw SystemError() }
        return Int(status.f_bavail) * Int(status.f_frsize)
    }

    private func syncDirectory(of path: String) throws(SystemError) {
        let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let descriptor = Glibc.open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemError() }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw SystemError() }
    }
}

private final class RealFile: DiskFile {
    private let descriptor: Int32

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    func size() throws(SystemError) -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw SystemError() }
        return Int(status.st_size)
    }

    func read(_ buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(SystemError) -> Int {
        var done = 0
        while done < buffer.count {
            let count = pread(
                descriptor, buffer.baseAddress! + done, buffer.count - done, off_t(offset + done))
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw SystemError() }
            if count == 0 { break }
            done += count
        }
        return done
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(SystemError) {
        var done = 0
        while done < bytes.count {
            let count = pwrite(
                descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(offset + done))
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw count < 0 ? SystemError() : SystemError(code: ENOSPC) }
            done += count
        }
    }

    func sync() throws(SystemError) {
        guard fdatasync(descriptor) == 0 else { throw SystemError() }
    }

    func truncate(to size: Int) throws(SystemError) {
        guard ftruncate(descriptor, off_t(size)) == 0, fdatasync(descriptor) == 0 else { throw SystemError() }
    }
}
