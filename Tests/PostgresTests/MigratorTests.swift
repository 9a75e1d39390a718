import Foundation
import Postgres
import TestSupport
import Testing

struct MigratorTests {
    /// A folder of migrations for one test.
    private func folder(_ files: [String: String]) throws -> String {
        let path = FileManager.default.temporaryDirectory.path + "/migrations-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        for (name, text) in files { try Data(text.utf8).write(to: URL(fileURLWithPath: "\(path)/\(name)")) }
        return path
    }

    private func migrator(_ files: [String: String], _ database: TestDatabase) throws -> Migrator {
        try Migrator(directory: try folder(files), database: database.owner, logger: quietLogger)
    }

    private let files = [
        "1-a.sql": "CREATE TABLE a (n int)", "2-b.sql": "CREATE TABLE b (n int); CREATE TABLE c (n int)",
    ]

    @Test func `each file is applied once, in order`() async throws {
        try await withEmptyDatabase { database in
            let before = try await migrator(files, database).status()
            #expect(before.map(\.appliedAt) == [nil, nil])
            #expect(try await migrator(files, database).migrate() == ["1-a.sql", "2-b.sql"])
            #expect(try await migrator(files, database).migrate() == [])
            var more = files
            more["3-c.sql"] = "ALTER TABLE c ADD m int"
            #expect(try await migrator(more, database).migrate() == ["3-c.sql"])
            #expect(try await migrator(more, database).status().allSatisfy { $0.appliedAt != nil })
        }
    }

    @Test func `numbers in names count as such`() async throws {
        try await withEmptyDatabase { database in
            let two = [
                "2026-11-21-2-a.sql": "CREATE TABLE a (n int)",
                "2026-11-21-9-b.sql": "ALTER TABLE a ADD b int",
            ]
            _ = try await migrator(two, database).migrate()
            var three = two
            three["2026-11-21-10-c.sql"] = "ALTER TABLE a DROP b"
            #expect(try await migrator(three, database).migrate() == ["2026-11-21-10-c.sql"])
            #expect(try await migrator(three, database).status().map(\.name).last == "2026-11-21-10-c.sql")
            #expect(try await migrator(three, database).migrate() == [])
        }
    }

    @Test func `several at once take turns`() async throws {
        try await withEmptyDatabase { database in
            let applied = try await withThrowingTaskGroup(of: [String].self) { group in
                for _ in 0..<4 { group.addTask { try await migrator(files, database).migrate() } }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(applied.sorted() == ["1-a.sql", "2-b.sql"])
        }
    }

    @Test func `a file that fails leaves nothing of itself`() async throws {
        try await withEmptyDatabase { database in
            var broken = files
            broken["2-b.sql"] = "CREATE TABLE b (n int); CREATE TABLE b (n int)"
            let failing = try migrator(broken, database)
            let error = await #expect(throws: MigrationError.self) { try await failing.migrate() }
            #expect(
                error?.description == #"The migration 2-b.sql failed: relation "b" already exists (42P07)."#)
            #expect(try await migrator(files, database).migrate() == ["2-b.sql"])
        }
    }

    @Test(
        arguments: [
            (["1-a.sql": "SELECT 1", "2-b.sql": nil], "was changed after it was applied"),
            (["1-a.sql": nil], "The database is newer than this program: it has the migration 2-b.sql"),
            (["1-a.sql": nil, "1-b.sql": "SELECT 1", "2-b.sql": nil], "1-b.sql is older than 2-b.sql"),
        ] as [([String: String?], String)])
    func `where program and database disagree, one sentence says how`(
        changed: [String: String?], sentence: String
    ) async throws {
        try await withEmptyDatabase { database in
            _ = try await migrator(files, database).migrate()
            let now = Dictionary(uniqueKeysWithValues: changed.map { ($0.key, $0.value ?? files[$0.key]!) })
            let other = try migrator(now, database)
            let migrating = await #expect(throws: MigrationError.self) { try await other.migrate() }
            #expect(migrating?.description.contains(sentence) == true)
            let asking = await #expect(throws: MigrationError.self) { try await other.status() }
            #expect(asking?.description == migrating?.description)
        }
    }

    @Test func `a statement that cannot be in a transaction says so in its first line`() async throws {
        try await withEmptyDatabase { database in
            let applied = try await migrator(
                [
                    "1.sql": "CREATE TABLE a (n int)",
                    "2.sql": "-- no transaction\nCREATE INDEX CONCURRENTLY IF NOT EXISTS a_n ON a (n)",
                ], database
            ).migrate()
            #expect(applied == ["1.sql", "2.sql"])
        }
    }
}
