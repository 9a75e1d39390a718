import Days
import Foundation
import Postgres
import TestSupport
import Testing

/// `SQL` has no initializer from a `String`: this file would not compile with `SQL(text)`.
struct SQLTests {
    @Test func `values come back as they were bound`() async throws {
        try await withEmptyDatabase { database in
            try await database.owner.withConnection { connection in
                let id = UUID()
                let moment = Date(timeIntervalSince1970: 1_763_700_000.123456)
                let row: (Int, Int32, Int16, Double, Bool, String, UUID, Date, Day, [UInt8]) =
                    try connection.one(
                        """
                        SELECT \(Int.min), \(Int32.max), \(Int16.min), \(0.1), \(true), \("é ' \\ 🍡"), \(id), \(moment),
                            \(Day(rawValue: -1)), \([0, 255] as [UInt8])
                        """)
                #expect(row.0 == Int.min && row.1 == Int32.max && row.2 == Int16.min && row.3 == 0.1 && row.4)
                #expect(
                    row.5 == "é ' \\ 🍡" && row.6 == id && row.8 == Day(rawValue: -1) && row.9 == [0, 255])
                #expect(abs(row.7.timeIntervalSince(moment)) < 0.000_001)
                let written: (String, String, String) = try connection.one(
                    "SELECT \(moment)::text, \(Day(rawValue: -1))::text, \(JSON(#"{"a": [1]}"#)) ->> 'a'")
                #expect(written == ("2025-11-21 04:40:00.123456+00", "1969-12-31", "[1]"))
            }
        }
    }

    @Test func `arrays and NULLs come back`() async throws {
        try await withEmptyDatabase { database in
            try await database.owner.withConnection { connection in
                let missing: Int? = nil
                let row: ([Int], [String], [Int?], [String], Int?, String?) = try connection.one(
                    "SELECT \([1, 2]), \(["a,b", "{\"}"]), \([1, nil] as [Int?]), \([] as [String]), \(missing), \(Optional("x"))"
                )
                #expect(row.0 == [1, 2] && row.1 == ["a,b", "{\"}"] && row.2 == [1, nil] && row.3 == [])
                #expect(row.4 == nil && row.5 == "x")
                let among: [Int] = try connection.rows(
                    "SELECT n FROM generate_series(1, 9) n WHERE n = ANY (\([3, 5]))")
                #expect(among == [3, 5])
            }
        }
    }

    @Test
    func `a prepared statement is parsed once, answers for each value, and outlives a change of its table`()
        async throws
    {
        try await withEmptyDatabase { database in
            try await database.owner.withConnection { connection in
                try connection.execute("CREATE TABLE heights (name text PRIMARY KEY, height integer)")
                try connection.execute("INSERT INTO heights VALUES ('a', 1), ('b', 2), ('c', NULL)")
                func height(_ name: String) throws -> [Int32?] {
                    try connection.rows(.prepared("SELECT height FROM heights WHERE name = \(name)"))
                }
                for _ in 0..<4 {
                    #expect(
                        try height("a") == [1] && height("b") == [2] && height("c") == [nil]
                            && height("d") == [])
                }
                let plans: [(String, Int64, Int64)] = try connection.rows(
                    "SELECT statement, generic_plans, custom_plans FROM pg_prepared_statements")
                #expect(plans.count == 1 && plans[0].0 == "SELECT height FROM heights WHERE name = $1")
                #expect(plans[0].1 + plans[0].2 == 16 && plans[0].1 > 0)

                try connection.execute("ALTER TABLE heights ALTER COLUMN height TYPE bigint")
                func tall(_ name: String) throws -> [Int64?] {
                    try connection.rows(.prepared("SELECT height FROM heights WHERE name = \(name)"))
                }
                #expect(throws: PostgresError.self) { try tall("a") }
                #expect(try tall("a") == [1] && tall("c") == [nil])
                try connection.execute("DEALLOCATE ALL")
                #expect(throws: PostgresError.self) { try tall("b") }
                #expect(try tall("b") == [2])
            }
        }
    }

    @Test func `a statement that cannot be prepared says why`() async throws {
        try await withEmptyDatabase { database in
            try await database.owner.withConnection { connection in
                #expect {
                    try connection.execute(.prepared("SELECT height FROM nowhere"))
                } throws: {
                    ($0 as? PostgresError)?.kind == .undefinedTable
                }
                let seven: Int32 = try connection.one(.prepared("SELECT 7"))
                #expect(seven == 7)
            }
        }
    }

    @Test func `an interpolated string is a value, whatever stands in it`() async throws {
        try await withEmptyDatabase { database in
            try await database.owner.withConnection { connection in
                let hostile = "'; DROP TABLE x; --"
                #expect(try connection.one("SELECT \(hostile)") == hostile)
                try connection.execute("CREATE TEMPORARY TABLE \(identifier: #"odd "name"; --"#) (n int)")
                #expect(try connection.one(#"SELECT count(*) FROM "odd ""name""; --""#) == 0)
            }
        }
    }

    @Test func `pieces nest and keep their values in order`() async throws {
        try await withEmptyDatabase { database in
            try await database.owner.withConnection { connection in
                let conditions: [SQL] = ["n > \(2)", "n < \(6)", "n <> \(4)"]
                let all = SQL.joined(conditions, separator: " AND ")
                let rows: [Int] = try connection.rows(
                    "SELECT n FROM generate_series(\(0), 9) n WHERE \(all) ORDER BY n DESC LIMIT \(2)")
                #expect(rows == [5, 3])
            }
        }
    }

    @Test(
        arguments: [
            ("SELECT NULL::int AS age", "column age is NULL"),
            ("SELECT 'x'::text AS age", "column age: type 25 is not read as Int"),
            ("SELECT 1 AS years", "there is no column age"),
        ] as [(SQL, String)])
    func `an error of reading names the column`(sql: SQL, message: String) async throws {
        try await withEmptyDatabase { database in
            try await database.owner.withConnection { connection in
                let error = #expect(throws: UnexpectedResult.self) {
                    _ = try connection.rows(sql) { row in try row["age"] as Int }
                }
                #expect(error?.description == message)
            }
        }
    }

    @Test func `errors carry their state, kind and constraint`() async throws {
        try await withEmptyDatabase { database in
            try await database.owner.withConnection { connection in
                try connection.execute("CREATE TABLE t (n int CONSTRAINT one_of_each UNIQUE)")
                try connection.execute("INSERT INTO t VALUES (1)")
                let error = #expect(throws: PostgresError.self) {
                    try connection.execute("INSERT INTO t VALUES (1)")
                }
                #expect(error?.kind == .uniqueViolation)
                #expect(error?.sqlState == "23505")
                #expect(error?.constraint == "one_of_each")
                #expect(try connection.one("SELECT count(*) FROM t") == 1)
            }
        }
    }

    @Test func `a large result is streamed row by row, and may be left early`() async throws {
        struct Enough: Error {}
        try await withEmptyDatabase { database in
            try await database.owner.withConnection { connection in
                var sum = 0
                try connection.stream("SELECT n FROM generate_series(1, 10000) n") { row in
                    sum += try row[0] as Int
                }
                #expect(sum == 50_005_000)
                #expect(throws: Enough.self) {
                    try connection.stream("SELECT n FROM generate_series(1, 100000000) n") { _ in
                        throw Enough()
                    }
                }
                #expect(try connection.one("SELECT 1") == 1)
            }
        }
    }

    @Test func `COPY writes what the columns hold, or nothing`() async throws {
        struct Enough: Error {}
        try await withEmptyDatabase { database in
            try await database.owner.withConnection { connection in
                try connection.execute(
                    "CREATE TABLE t (a bigint, b text, c jsonb, d date, e timestamptz, f uuid, g boolean, h smallint, i bytea)"
                )
                let id = UUID()
                let copied = try connection.copy(into: "t") { rows in
                    for n in 0..<5_000 as Range<Int64> {
                        try rows.row(columns: 9)
                        rows.write(n)
                        rows.write("ü\(n)")
                        Array(#"{"n": 1}"#.utf8).withUnsafeBytes { rows.write(json: $0) }
                        rows.write(Day(rawValue: 0))
                        rows.write(microseconds: 1_000_000)
                        rows.write(id)
                        rows.write(true)
                        rows.write(Int16(-3))
                        rows.writeNull()
                    }
                }
                #expect(copied == 5_000)
                // Rows larger than what is sent at a time.
                let large = String(repeating: "x", count: 300_000)
                try connection.copy(into: "t (b, a)") { rows in
                    for n in -3..<0 as Range<Int64> {
                        try rows.row(columns: 2)
                        rows.write(large)
                        rows.write(n)
                    }
                }
                #expect(try connection.one("SELECT count(*) FROM t WHERE a < 0 AND length(b) = 300000") == 3)
                try connection.execute("DELETE FROM t WHERE a < 0")
                let last: (Int, String, String, Day, Date, UUID, Bool, Int, [UInt8]?) = try connection.one(
                    "SELECT a, b, c ->> 'n', d, e, f, g, h, i FROM t WHERE a = 4999")
                #expect(last.0 == 4_999 && last.1 == "ü4999" && last.2 == "1" && last.3 == Day(rawValue: 0))
                #expect(last.4 == Date(timeIntervalSince1970: 1) && last.5 == id && last.6 && last.7 == -3)
                #expect(last.8 == nil)
                #expect(throws: Enough.self) {
                    try connection.copy(into: "t (a)") { rows in
                        try rows.row(columns: 1)
                        rows.write(Int64(1))
                        throw Enough()
                    }
                }
                #expect(try connection.one("SELECT count(*) FROM t") == 5_000)
            }
        }
    }
}
