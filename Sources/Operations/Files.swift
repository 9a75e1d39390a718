package import Glibc

/// What a system call answered, as a sentence's second half: "No space left on device".
package struct SystemError: Error, CustomStringConvertible {
    package let code: Int32

    package init(code: Int32 = errno) {
        self.code = code
    }

    package var description: String { String(cString: strerror(code)) }
}

/// The few things that a program needs of the file system before it has anything else.
package enum Files {
    /// The path made absolute against the working directory, `.` and `..` resolved by text alone.
    package static func absolute(_ path: String) -> String {
        var parts: [Substring] = []
        let full = path.hasPrefix("/") ? path : currentDirectory + "/" + path
        for part in full.split(separator: "/") where part != "." {
            if part == ".." {
                _ = parts.popLast()
            } else {
                parts.append(part)
            }
        }
        return "/" + parts.joined(separator: "/")
    }

    package static var currentDirectory: String {
        guard let path = getcwd(nil, 0) else { return "/" }
        defer { free(path) }
        return String(cString: path)
    }

    package static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    package static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    /// Where the symbolic link leads, as it is written; nil when the path is no link.
    package static func linkTarget(_ path: String) -> String? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = buffer.withUnsafeMutableBytes { bytes in
            readlink(path, bytes.baseAddress!.assumingMemoryBound(to: CChar.self), bytes.count)
        }
        return count >= 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
    }

    /// A small file's bytes; refuses more than `limit`.
    package static func read(_ path: String, limit: Int = 1 << 20) throws(SystemError) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw SystemError() }
        defer { close(file) }
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 14)
        while true {
            let count = Glibc.read(file, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw SystemError() }
            guard count > 0 else { return content }
            content += buffer[..<count]
            guard content.count <= limit else { throw SystemError(code: EFBIG) }
        }
    }

    /// The names in a directory, in no order.
    package static func list(_ path: String) throws(SystemError) -> [String] {
        guard let directory = opendir(path) else { throw SystemError() }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
                name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }

    /// The end of a file.
    package static func tail(_ path: String, bytes: Int) throws(SystemError) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw SystemError() }
        defer { close(file) }
        let size = lseek(file, 0, SEEK_END)
        var buffer = [UInt8](repeating: 0, count: bytes)
        let count = pread(file, &buffer, bytes, max(size - bytes, 0))
        guard count >= 0 else { throw SystemError() }
        return Array(buffer[..<count])
    }

    /// Writes the file whole or not at all: into a temporary name beside it, synced, then renamed.
    package static func write(_ content: [UInt8], to path: String, mode: mode_t = 0o600) throws(SystemError) {
        let temporary = "\(path).\(getpid()).tmp"
        let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard file >= 0 else { throw SystemError() }
        do {
            defer { close(file) }
            try writeAll(content, to: file)
            guard fsync(file) == 0 else { throw SystemError() }
            guard rename(temporary, path) == 0 else { throw SystemError() }
        } catch {
            unlink(temporary)
            throw error as? SystemError ?? SystemError()
        }
    }

    package static func writeAll(_ content: [UInt8], to file: Int32) throws(SystemError) {
        var start = 0
        while start < content.count {
            let count = content.withUnsafeBytes { bytes in
                Glibc.write(file, bytes.baseAddress.map { $0 + start }, bytes.count - start)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw SystemError() }
            start += count
        }
    }

    /// Makes the directory and those above it; what is there already stays as it is.
    package static func makeDirectory(_ path: String, mode: mode_t = 0o700) throws(SystemError) {
        guard !isDirectory(path) else { return }
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            try makeDirectory(String(path[..<slash]), mode: mode)
        }
        guard mkdir(path, mode) == 0 || (errno == EEXIST && isDirectory(path)) else {
            throw SystemError(code: errno == EEXIST ? ENOTDIR : errno)
        }
    }
}
