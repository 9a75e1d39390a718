import Crypto
package import FoundationEssentials
import Glibc
package import Logging

/// Brings a database to the schema of this program: forward only, each file once, in the order of their names, in which
/// numbers count as such: `2026-11-21-10-…` comes after `2026-11-21-9-…`.
///
/// A file is one transaction, unless its first line is `-- no transaction`; then it has to be repeatable, since a
/// crash may leave it half done. Several migrators take turns under an advisory lock.
package struct Migrator: Sendable {
    /// One file in migrations/, e.g. `2026-11-21-1-roles.sql`.
    package struct Migration: Sendable, Hashable {
        package let name: String
        fileprivate let checksum: [UInt8]
        fileprivate let text: String

        var isTransactional: Bool { !text.hasPrefix("-- no transaction") }
    }

    package struct Status: Sendable, Hashable {
        package let name: String
        /// Nil while it is still to be applied.
        package let appliedAt: Date?
    }

    package let migrations: [Migration]
    private let database: Database
    private let logger: Logger

    /// "mochi" in ASCII.
    private static let lock: Int64 = 0x6D_6F_63_68_69

    /// Reads the files of `directory`. `database` logs in as the owner.
    package init(directory: String, database: Database, logger: Logger) throws {
        self.database = database
        self.logger = logger
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        migrations = try names.filter { $0.hasSuffix(".sql") }.sorted(by: Migrator.precedes).map { name in
            guard let data = FileManager.default.contents(atPath: directory + "/" + name),
                let text = String(validating: data, as: UTF8.self)
            else { throw MigrationError("The migration \(name) in \(directory) cannot be read.") }
            return Migration(name: name, checksum: Array(SHA256.hash(data: data)), text: text)
        }
        if migrations.isEmpty { throw MigrationError("There are no migrations in \(directory).") }
    }

    /// Applies what is missing; answers the names of what it applied.
    package func migrate() async throws -> [String] {
        try await database.withConnection { connection in
            try connection.execute("SET statement_timeout = 0")
            defer { _ = try? connection.execute("RESET statement_timeout") }
            if try !connection.one("SELECT pg_try_advisory_lock(\(Migrator.lock))") as Bool {
                logger.notice("Another process is migrating this database; waiting for it.")
                try connection.execute("SELECT pg_advisory_lock(\(Migrator.lock))")
            }
            defer { _ = try? connection.execute("SELECT pg_advisory_unlock(\(Migrator.lock))") }
            try connection.execute(
                """
                CREATE TABLE IF NOT EXISTS migrations (
                    name text PRIMARY KEY, checksum bytea NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())
                """)
            let missing = try compare(with: applied(connection))
            for migration in missing {
                try apply(migration, connection)
                logger.notice("migrated", metadata: ["migration": "\(migration.name)"])
            }
            return missing.map(\.name)
        }
    }

    /// Every migration and when it was applied. Throws as ``migrate()`` would where program and database disagree.
    package func status() async throws -> [Status] {
        try await database.withConnection { connection in
            let exists: Bool = try connection.one("SELECT to_regclass('migrations') IS NOT NULL")
            let applied = exists ? try applied(connection) : []
            _ = try compare(with: applied)
            let times = Dictionary(uniqueKeysWithValues: applied.map { ($0.name, $0.at) })
            return migrations.map { Status(name: $0.name, appliedAt: times[$0.name]) }
        }
    }

    private static func precedes(_ one: String, _ other: String) -> Bool {
        func parts(_ name: String) -> [(number: Int, text: Substring)] {
            name.split(separator: "-").map { (Int($0) ?? .max, $0) }
        }
        return parts(one).lexicographicallyPrecedes(parts(other)) { $0 < $1 }
    }

    private typealias Applied = (name: String, checksum: [UInt8], at: Date)

    private func applied(_ connection: Connection) throws -> [Applied] {
        try connection.rows("SELECT name, checksum, applied_at FROM migrations") { row in
            (try row["name"], try row["checksum"], try row["applied_at"])
        }.sorted { Migrator.precedes($0.name, $1.name) }
    }

    /// What is still missing, if the rest agrees.
    private func compare(with applied: [Applied]) throws -> [Migration] {
        let known = Dictionary(uniqueKeysWithValues: migrations.map { ($0.name, $0) })
        for row in applied {
            guard let migration = known[row.name] else {
                throw MigrationError(
                    "The database is newer than this program: it has the migration \(row.name); run a newer mochi."
                )
            }
            guard migration.checksum == row.checksum else {
                throw MigrationError(
                    "The migration \(row.name) was changed after it was applied; restore the file, and put the change into a new one."
                )
            }
        }
        let done = Set(applied.map(\.name))
        let missing = migrations.filter { !done.contains($0.name) }
        if let last = applied.last, let early = missing.first,
            Migrator.precedes(early.name, last.name)
        {
            throw MigrationError(
                "The migration \(early.name) is older than \(last.name), which is applied already; give it a later name."
            )
        }
        return missing
    }

    private func apply(_ migration: Migration, _ connection: Connection) throws {
        do {
            if migration.isTransactional { try connection.runScript("BEGIN") }
            try connection.runScript(migration.text)
            try connection.execute(
                "INSERT INTO migrations (name, checksum) VALUES (\(migration.name), \(migration.checksum))")
            if migration.isTransactional { try connection.runScript("COMMIT") }
        } catch let error as PostgresError {
            if !connection.isIdle { try? connection.runScript("ROLLBACK") }
            throw MigrationError(
                "The migration \(migration.name) failed: \(error.message) (\(error.sqlState)).")
        }
    }
}

/// Why a database cannot be migrated, in one sentence.
package struct MigrationError: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}
