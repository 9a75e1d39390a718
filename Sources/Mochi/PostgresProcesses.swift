import Glibc
import Operations

/// The PostgreSQL processes that live in a data directory, whoever started them: their working directory is it.
struct PostgresProcesses {
    let data: String

    func all() -> [pid_t] {
        let real = realpath(data, nil).map { path in
            defer { free(path) }
            return String(cString: path)
        }
        guard let real else { return [] }
        return ((try? Files.list("/proc")) ?? []).compactMap { pid_t($0) }.filter { id in
            guard Files.linkTarget("/proc/\(id)/cwd") == real,
                let name = try? Files.read("/proc/\(id)/comm")
            else { return false }
            return String(decoding: name, as: UTF8.self).hasPrefix("postgres")
        }
    }

    /// What postmaster.pid says: the server's process, and whether it takes connections.
    var server: (id: pid_t, isReady: Bool)? {
        guard let content = try? Files.read(data + "/postmaster.pid") else { return nil }
        let lines = String(decoding: content, as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: false)
        guard let id = lines.first.flatMap({ pid_t($0) }) else { return nil }
        // Line 8, as pg_ctl reads it (miscadmin.h, LOCK_FILE_LINE_PM_STATUS).
        return (id, lines.count > 7 && lines[7].hasPrefix("ready"))
    }

    /// Ends what a killed supervisor left running, and clears the files that would make a new server refuse:
    /// their process ids may be somebody else's by now. The caller holds the data directory's lock.
    func clear(sockets: String) async throws {
        var left = all()
        if !left.isEmpty {
            Terminal.print("A PostgreSQL of an earlier start is still running: stopping it.")
            let start = ContinuousClock.now
            while !left.isEmpty {
                let elapsed = start.duration(to: .now)
                guard elapsed < .seconds(60) else {
                    throw Failure(
                        "The PostgreSQL of an earlier start (process \(left[0])) does not stop; end it by hand."
                    )
                }
                // The server's fast shutdown; without a server, or after a while, its immediate one.
                let server = server.map(\.id).flatMap { left.contains($0) ? $0 : nil }
                if let server, elapsed < .seconds(20) {
                    kill(server, SIGINT)
                } else if elapsed > .seconds(2) {
                    for id in left { kill(id, SIGQUIT) }
                }
                try await Task.sleep(for: .milliseconds(100))
                left = all()
            }
        }
        for stale in [data + "/postmaster.pid", sockets + "/.s.PGSQL.5432", sockets + "/.s.PGSQL.5432.lock"] {
            unlink(stale)
        }
    }
}
