import FoundationEssentials
import Glibc
import Logging
import Operations
import Postgres
import Worker

/// Looks at everything that Mochi depends on. Changes nothing.
struct Doctor {
    let configuration: Configuration
    private let logger = Logger(label: "doctor", factory: { _ in SwiftLogNoOpLogHandler() })

    func checks() async -> [DoctorCheck] {
        [dataDirectory(), freeSpace(), secretKey(), timeZones(), publicAddress()]
            + (await database())
            + (await processes())
            + [await smtp(), location()].compactMap { $0 }
    }

    // MARK: Files

    private func dataDirectory() -> DoctorCheck {
        let path = configuration.data
        guard Files.exists(path) else {
            return .warning("data directory", "\(path) is not there yet", "`mochi up` makes it.")
        }
        guard access(path, W_OK | X_OK) == 0 else {
            return .failing(
                "data directory", "\(path): \(SystemError())",
                "Make it writable for this user, or set MOCHI_DATA.")
        }
        return .ok("data directory", path)
    }

    private func freeSpace() -> DoctorCheck {
        var path = configuration.data
        while !Files.exists(path), let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            path = String(path[..<slash])
        }
        guard let free = DataDirectory.freeBytes(path) else {
            return .warning("free space", "unknown at \(path)", "Look with df.")
        }
        let detail = "\(free >> 20) MB at \(path)"
        if free < DataDirectory.leastFreeBytes {
            return .failing(
                "free space", detail, "Free some: the collector answers 503 when the disk is full.")
        }
        return free < 1 << 30 ? .warning("free space", detail, "Free some soon.") : .ok("free space", detail)
    }

    private func secretKey() -> DoctorCheck {
        if configuration.isSecretKeyStated { return .ok("secret key", "from MOCHI_SECRET_KEY") }
        let path = configuration.secretKeyFile
        var status = stat()
        guard stat(path, &status) == 0 else {
            return .warning("secret key", "not made yet", "It is made on first use; keep a copy of \(path).")
        }
        guard status.st_mode & 0o077 == 0 else {
            return .failing("secret key", "\(path) can be read by others", "chmod 600 \(path)")
        }
        do {
            _ = try configuration.loadSecretKey()
            return .ok("secret key", path)
        } catch {
            return .failing("secret key", "\(error)", "Restore it from a backup.")
        }
    }

    private func timeZones() -> DoctorCheck {
        let path = "/usr/share/zoneinfo/Europe/Berlin"
        return access(path, R_OK) == 0
            ? .ok("time zones", "/usr/share/zoneinfo")
            : .failing("time zones", "\(path): \(SystemError())", "Install Debian's package 'tzdata'.")
    }

    private func location() -> DoctorCheck? {
        guard let path = configuration.geoIPDatabase else { return nil }
        do {
            // The metadata stand near the end, after this mark (the MaxMind DB file format).
            let end = try Files.tail(path, bytes: 128 << 10)
            let mark: [UInt8] = [0xAB, 0xCD, 0xEF] + Array("MaxMind.com".utf8)
            guard end.firstRange(of: mark) != nil else {
                return .failing(
                    "location", "\(path) is not an MMDB file", "Set MOCHI_GEOIP_DB to one, or to nothing.")
            }
            return .ok("location", path)
        } catch {
            return .failing("location", "\(path): \(error)", "Correct MOCHI_GEOIP_DB.")
        }
    }

    private func publicAddress() -> DoctorCheck {
        let isLocal = ["http://localhost", "http://127.0.0.1", "http://[::1]"].contains {
            configuration.baseURL.hasPrefix($0)
        }
        if configuration.baseURL.hasPrefix("http://"), !isLocal {
            return .warning(
                "public address", "\(configuration.baseURL) is not encrypted",
                "Put a proxy with TLS in front, and set MOCHI_BASE_URL and MOCHI_INGEST_URL to https://….")
        }
        return .ok("public address", "\(configuration.baseURL), collector \(configuration.ingestURL)")
    }

    // MARK: Others

    private func processes() async -> [DoctorCheck] {
        await ProcessState.all(configuration).map { state in
            state.isReady
                ? .ok(state.name, "ready on port \(state.port)")
                : .failing(
                    state.name, "port \(state.port): \(state.detail)", "Start `mochi up`, or look at its log."
                )
        }
    }

    private func smtp() async -> DoctorCheck? {
        guard let url = configuration.smtpURL, let scheme = url.firstRange(of: "://") else { return nil }
        let authority = url[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" }
        let place = authority.split(separator: "@").last.map(String.init) ?? ""
        let colon = place.lastIndex(of: ":")
        let host = colon.map { String(place[..<$0]) } ?? place
        let standard = url.hasPrefix("smtps://") ? 465 : 25
        let port = colon.flatMap { Int(place[place.index(after: $0)...]) } ?? standard
        do {
            try await Probe.connect(host: host.filter { $0 != "[" && $0 != "]" }, port: port)
            return .ok("mail", "\(host):\(port) accepts connections")
        } catch {
            return .failing(
                "mail", "\(host):\(port): \(error)", "Correct MOCHI_SMTP_URL, or start the mail server.")
        }
    }

    // MARK: PostgreSQL

    private func database() async -> [DoctorCheck] {
        let owner = configuration.database(for: .owner, logger: logger)
        do {
            return try await withDatabases([owner]) {
                let (version, name, seconds): (Int, String, Double) = try await owner.withConnection {
                    try $0.one(
                        """
                        SELECT current_setting('server_version_num')::int, current_setting('server_version'),
                            extract(epoch FROM clock_timestamp())::float8
                        """)
                }
                let difference = abs(seconds - Date().timeIntervalSince1970)
                return [
                    version >= PostgresInstallation.oldestMajor * 10_000
                        ? .ok("PostgreSQL", name)
                        : .failing(
                            "PostgreSQL", "\(name) is too old",
                            "Use \(PostgresInstallation.oldestMajor) or newer."),
                    difference < 2
                        ? .ok("clock", "agrees with PostgreSQL's")
                        : .failing(
                            "clock", "\(Int(difference)) s away from PostgreSQL's",
                            "Run a time service (NTP) on both."),
                    await migrations(owner), await partitions(owner), await sealing(owner),
                    await scrub(owner),
                ] + (await roles())
            }
        } catch {
            return [.failing("PostgreSQL", sentence(for: error), "Start it, or correct DATABASE_URL.")]
        }
    }

    private func migrations(_ owner: Database) async -> DoctorCheck {
        do {
            let status = try await Migrator(
                directory: configuration.resources + "/migrations", database: owner, logger: logger
            ).status()
            let missing = status.filter { $0.appliedAt == nil }.map(\.name)
            return missing.isEmpty
                ? .ok("migrations", "\(status.count) applied")
                : .failing(
                    "migrations", "missing: \(missing.joined(separator: ", "))", "Run `mochi migrate`.")
        } catch {
            return .failing("migrations", "\(error)", "Use the program that belongs to this database.")
        }
    }

    private func partitions(_ owner: Database) async -> DoctorCheck {
        do {
            let missing = try await Partitions.missing(database: owner, now: Date())
            return missing.isEmpty
                ? .ok("partitions", "made ahead")
                : .failing(
                    "partitions", "missing: \(missing.joined(separator: ", "))",
                    "Start `mochi worker`, which makes them.")
        } catch {
            return .failing("partitions", sentence(for: error), "Run `mochi migrate`.")
        }
    }

    private func roles() async -> [DoctorCheck] {
        var checks: [DoctorCheck] = []
        for role in [DatabaseRole.app, .system] {
            let database = configuration.database(for: role, logger: logger)
            do {
                let current = try await withDatabases([database]) {
                    try await database.withConnection { connection in
                        let name: String = try connection.one("SELECT current_user::text")
                        return name
                    }
                }
                checks.append(
                    current == role.rawValue
                        ? .ok("role \(role.rawValue)", "works")
                        : .failing(
                            "role \(role.rawValue)", "the connection is '\(current)'",
                            "Log in as \(role.rawValue): row-level security depends on it."))
            } catch {
                checks.append(
                    .failing(
                        "role \(role.rawValue)", sentence(for: error), "Run `mochi migrate`; check the URLs.")
                )
            }
        }
        return checks
    }
}
