import Glibc
import Operations

/// MOCHI_DATA, made if need be and held by one `mochi up` at a time.
final class DataDirectory {
    /// Less than this, and PostgreSQL's own files would not fit.
    static let leastFreeBytes: UInt64 = 200 << 20

    let path: String
    /// The `mochi up` that held it before was killed: its processes may still be ending.
    let wasLeftOpen: Bool
    private let lock: Int32

    /// Throws one sentence when the directory cannot be used.
    init(path: String) throws {
        self.path = path
        do {
            if !Files.isDirectory(path) {
                try Files.makeDirectory(path)
                // Whoever PostgreSQL runs as has to pass through; what lies inside is closed by its own mode.
                if geteuid() == 0, chmod(path, 0o711) != 0 { throw SystemError() }
            }
        } catch {
            throw Failure("Cannot make the data directory \(path) (MOCHI_DATA): \(error).")
        }
        let file = open(path + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            throw Failure("The data directory \(path) (MOCHI_DATA) is not writable: \(SystemError()).")
        }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            let holder = (try? Files.read(path + "/lock")).map { String(decoding: $0, as: UTF8.self) } ?? ""
            close(file)
            let number = holder.split(whereSeparator: \.isWhitespace).first.map { " (process \($0))" } ?? ""
            throw Failure("Another `mochi up`\(number) is running on \(path); stop it, or set MOCHI_DATA.")
        }
        lock = file
        wasLeftOpen = lseek(file, 0, SEEK_END) > 0
        do {
            try DataDirectory.checkSpace(path)
            guard ftruncate(file, 0) == 0, lseek(file, 0, SEEK_SET) == 0 else { throw SystemError() }
            try Files.writeAll(Array("\(getpid())\n".utf8), to: file)
        } catch let error as SystemError {
            throw Failure("Cannot write to the data directory \(path) (MOCHI_DATA): \(error).")
        }
    }

    /// Says that everything has ended properly.
    func markClosed() {
        ftruncate(lock, 0)
    }

    deinit {
        close(lock)
    }

    /// Free for us, in bytes; nil if the file system does not say.
    static func freeBytes(_ path: String) -> UInt64? {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return nil }
        return UInt64(status.f_bavail) * UInt64(status.f_frsize)
    }

    private static func checkSpace(_ path: String) throws {
        guard let free = freeBytes(path), free < leastFreeBytes else { return }
        throw Failure(
            "Only \(free >> 20) MB are free at \(path) (MOCHI_DATA); Mochi needs \(leastFreeBytes >> 20) MB to start."
        )
    }
}
