import Glibc
import Operations

/// The private PostgreSQL's files: `postgres` (the data directory), `run` (its socket) and `logs`, in MOCHI_DATA,
/// or, where PostgreSQL's user cannot enter that, in a place of its own to which links in MOCHI_DATA lead.
struct PostgresCluster: Sendable {
    let data: String
    let sockets: String
    let logs: String
    let user: UnprivilegedUser?
    let installation: PostgresInstallation

    /// Finds the cluster, or makes it; throws one sentence when neither is possible.
    static func prepared(_ configuration: Configuration) async throws -> PostgresCluster {
        let user = try UnprivilegedUser.needed()
        let link = configuration.data + "/postgres"
        let madeBy = try majorVersion(of: link)
        let installation = try await PostgresInstallation.find(toOpen: madeBy)
        let home = try await home(configuration.data, user)
        let cluster = PostgresCluster(
            data: home + "/postgres", sockets: try socketDirectory(home, configuration.data, user),
            logs: home + "/logs", user: user, installation: installation)
        try cluster.prepareDirectories(home, configuration.data)
        if madeBy == nil { try await cluster.initialize() }
        if home != configuration.data { try makeLink(link, to: cluster.data) }
        try cluster.writeSettings()
        return cluster
    }

    /// The version that made the data directory, nil when there is none yet.
    private static func majorVersion(of directory: String) throws -> Int? {
        let content = (try? Files.list(directory)) ?? []
        guard !content.isEmpty else {
            // A link that leads nowhere would be a database that somebody moved away.
            if let target = Files.linkTarget(directory), !Files.isDirectory(target) {
                throw Failure(
                    "\(directory) leads to \(target), which is not there; restore it, or remove the link.")
            }
            return nil
        }
        for part in ["PG_VERSION", "global/pg_control"] where !Files.exists("\(directory)/\(part)") {
            throw Failure(
                "\(directory) is not a complete PostgreSQL data directory (\(part) is missing);"
                    + " restore it from a backup, or move it away to start with an empty database.")
        }
        let text =
            (try? Files.read(directory + "/PG_VERSION")).map { String(decoding: $0, as: UTF8.self) } ?? ""
        guard let major = Int(text.prefix { ("0"..."9").contains($0) }) else {
            throw Failure("\(directory)/PG_VERSION cannot be read.")
        }
        return major
    }

    // MARK: Where

    private static func home(_ data: String, _ user: UnprivilegedUser?) async throws -> String {
        if let target = Files.linkTarget(data + "/postgres") {
            return String(target[..<(target.lastIndex(of: "/") ?? target.startIndex)])
        }
        guard let user, try await !user.canEnter(data) else { return data }
        let name = String(UInt64.random(in: .min ... .max), radix: 36)
        let home = "/var/lib/mochi/\(name)"
        do {
            try Files.makeDirectory("/var/lib/mochi", mode: 0o711)
            try Files.makeDirectory(home, mode: 0o711)
            // umask may have closed them.
            guard chmod("/var/lib/mochi", 0o711) == 0, chmod(home, 0o711) == 0 else { throw SystemError() }
        } catch {
            throw Failure("Cannot make \(home) for PostgreSQL, whose user cannot enter \(data): \(error).")
        }
        Terminal.print(
            "PostgreSQL runs as '\(user.name)', who cannot enter \(data): its files go to \(home), linked from there."
        )
        return home
    }

    /// A socket's address holds 107 bytes, of which `/.s.PGSQL.5432.lock` takes nineteen.
    private static func socketDirectory(_ home: String, _ data: String, _ user: UnprivilegedUser?) throws
        -> String
    {
        let wanted = home + "/run"
        if wanted.utf8.count <= 88 { return wanted }
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in wanted.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return "/tmp/mochi-\(user?.id ?? geteuid())-\(String(hash, radix: 36))"
    }

    private func prepareDirectories(_ home: String, _ dataDirectory: String) throws {
        try own(sockets)
        try own(logs)
        for (name, path) in [("run", sockets), ("logs", logs)] where path != "\(dataDirectory)/\(name)" {
            try PostgresCluster.makeLink("\(dataDirectory)/\(name)", to: path)
        }
    }

    /// Makes a directory that is PostgreSQL's alone. One that is there, in /tmp for one, must be that already.
    private func own(_ directory: String) throws {
        let owner = user?.id ?? geteuid()
        if mkdir(directory, 0o700) == 0 {
            if let user, lchown(directory, user.id, user.group) != 0 {
                throw Failure("Cannot give \(directory) to the user '\(user.name)': \(SystemError()).")
            }
            return
        }
        let failure = SystemError()
        var status = stat()
        guard failure.code == EEXIST, lstat(directory, &status) == 0 else {
            throw Failure("Cannot make \(directory): \(failure).")
        }
        guard status.st_mode & S_IFMT == S_IFDIR, status.st_uid == owner, status.st_mode & 0o077 == 0 else {
            throw Failure("\(directory) belongs to somebody else, or others may write to it; remove it.")
        }
    }

    private static func makeLink(_ path: String, to target: String) throws {
        if Files.linkTarget(path) == target { return }
        // An empty directory or a link of an earlier place; anything else stays and is reported.
        if Files.linkTarget(path) != nil { unlink(path) } else { rmdir(path) }
        guard symlink(target, path) == 0 else {
            throw Failure("Cannot link \(path) to \(target): \(SystemError()).")
        }
    }

    // MARK: What

    /// Under another name first: a directory called `postgres` is a whole one.
    private func initialize() async throws {
        let draft = data + ".new"
        if Files.exists(draft) {
            Terminal.print("An earlier start did not finish making the database: making it again.")
            try remove(draft)
        }
        Terminal.print("Making a database in \(data) (PostgreSQL \(installation.major)).")
        rmdir(data)
        try own(draft)
        let outcome = try await Tool(name: "initdb", directory: installation.programs, user: user).run([
            "-D", draft, "-U", "mochi", "--auth-local=trust", "--auth-host=reject", "-E", "UTF8",
            "--locale=C",
            "--data-checksums", "--no-instructions",
        ])
        guard outcome.isSuccess else {
            throw Failure("PostgreSQL could not make its data directory: \(outcome.complaint)")
        }
        let file = open(draft + "/postgresql.conf", O_WRONLY | O_APPEND | O_CLOEXEC)
        guard file >= 0 else { throw Failure("Cannot write \(draft)/postgresql.conf: \(SystemError()).") }
        defer { close(file) }
        let lines = """

            # mochi.conf is written anew at each start; local.conf is yours, and the last word.
            include = 'mochi.conf'
            include_if_exists = 'local.conf'

            """
        try Files.writeAll(Array(lines.utf8), to: file)
        guard rename(draft, data) == 0 else {
            throw Failure("Cannot rename \(draft) to \(data): \(SystemError()).")
        }
    }

    private func remove(_ directory: String) throws {
        for name in try Files.list(directory) {
            let path = "\(directory)/\(name)"
            if Files.linkTarget(path) == nil, Files.isDirectory(path) {
                try remove(path)
            } else {
                unlink(path)
            }
        }
        guard rmdir(directory) == 0 else { throw Failure("Cannot remove \(directory): \(SystemError()).") }
    }

    private func writeSettings() throws {
        let settings = PostgresSettings.text(sockets: sockets, logs: logs)
        // The socket's directory is closed to everybody else: that is the lock on this door.
        for (name, text) in [("mochi.conf", settings), ("pg_hba.conf", "local all all trust\n")] {
            let path = "\(data)/\(name)"
            do {
                try Files.write(Array(text.utf8), to: path)
                if let user, lchown(path, user.id, user.group) != 0 { throw SystemError() }
            } catch {
                throw Failure("Cannot write \(path): \(error).")
            }
        }
    }
}
