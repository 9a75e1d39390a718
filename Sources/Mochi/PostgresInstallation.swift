import Glibc
import Operations

/// PostgreSQL's programs on this machine.
struct PostgresInstallation: Sendable {
    static let oldestMajor = 15

    /// The directory that holds `postgres` and `initdb`.
    let programs: String
    let major: Int

    /// The newest, or the one that made the data directory; throws one sentence when there is none.
    static func find(toOpen madeBy: Int?) async throws -> PostgresInstallation {
        let all = try await installed()
        if let madeBy {
            if let match = all.first(where: { $0.major == madeBy }) { return match }
            let others =
                all.isEmpty ? "no PostgreSQL" : all.map { "PostgreSQL \($0.major)" }.joined(separator: ", ")
            throw Failure(
                "The database in MOCHI_DATA was made by PostgreSQL \(madeBy), and this machine has \(others);"
                    + " install postgresql-\(madeBy), or move the data with pg_dump.")
        }
        guard let newest = all.max(by: { $0.major < $1.major }) else {
            throw Failure(
                "PostgreSQL is not installed; install Debian's package 'postgresql', or set DATABASE_URL.")
        }
        guard newest.major >= oldestMajor else {
            throw Failure("PostgreSQL \(newest.major) is too old; Mochi needs \(oldestMajor) or newer.")
        }
        return newest
    }

    /// Debian's directories first, then PATH.
    private static func installed() async throws -> [PostgresInstallation] {
        let debian = (try? Files.list("/usr/lib/postgresql")) ?? []
        var directories = debian.sorted().map { "/usr/lib/postgresql/\($0)/bin" }
        if let path = getenv("PATH") {
            directories += String(cString: path).split(separator: ":").map(String.init)
        }
        var found: [PostgresInstallation] = []
        for directory in directories where hasPrograms(directory) {
            let version = try await Tool(name: "postgres", directory: directory).run(["--version"])
            if let major = major(of: version.output), !found.contains(where: { $0.major == major }) {
                found.append(PostgresInstallation(programs: directory, major: major))
            }
        }
        return found
    }

    private static func hasPrograms(_ directory: String) -> Bool {
        ["postgres", "initdb"].allSatisfy { access("\(directory)/\($0)", X_OK) == 0 }
    }

    /// `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)` → 15; `16beta1` → 16.
    static func major(of version: String) -> Int? {
        guard let name = version.firstRange(of: "(PostgreSQL) ") else { return nil }
        return Int(version[name.upperBound...].prefix { ("0"..."9").contains($0) })
    }
}
