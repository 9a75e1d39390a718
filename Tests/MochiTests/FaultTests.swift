import Glibc
import Operations
import Subprocess
import Testing

/// What is wrong is said in a sentence, on standard error, with a status that is not zero.
@Suite(.timeLimit(.minutes(10))) struct FaultTests {
    func complaint(_ arguments: [String], _ environment: [String: String]) async throws -> String {
        let outcome = try await Program.run(arguments, environment)
        #expect(outcome.status == .exited(1))
        #expect(outcome.output == "")
        return outcome.errors
    }

    @Test(arguments: ["up", "app", "ingest", "worker", "migrate"])
    func `every command reports all faults of its settings at once`(command: String) async throws {
        let said = try await complaint(
            [command], ["MOCHI_APP_PORT": "x", "MOCHI_BIND": "y", "MOCHI_SIGNUP": "z"])
        #expect(
            said == """
                mochi: MOCHI_BIND: 'y' is not an address such as 127.0.0.1, 0.0.0.0 or ::.
                mochi: MOCHI_APP_PORT: 'x' is not a port, a number from 1 to 65535.
                mochi: MOCHI_SIGNUP: 'z' is not one of open, invite, closed.

                """)
    }

    @Test func `a flag is stronger than its variable`() async throws {
        let said = try await complaint(["up", "--app-port", "flag"], ["MOCHI_APP_PORT": "variable"])
        #expect(said == "mochi: MOCHI_APP_PORT: 'flag' is not a port, a number from 1 to 65535.\n")
    }

    @Test func `a data directory that cannot be made`() async throws {
        let said = try await complaint(["up"], ["MOCHI_DATA": "/dev/null/mochi"])
        #expect(
            said == "mochi: Cannot make the data directory /dev/null/mochi (MOCHI_DATA): Not a directory.\n")
    }

    @Test func `a port that is taken, with its variable`() async throws {
        let (file, port) = try Program.listener()
        defer { close(file) }
        try await withDirectory { directory in
            var environment = try Program.freePorts()
            environment["MOCHI_DATA"] = directory + "/data"
            environment["MOCHI_INGEST_PORT"] = "\(port)"
            let said = try await complaint(["up"], environment)
            #expect(
                said
                    == "mochi: Port \(port) is taken by another program; stop it, or set MOCHI_INGEST_PORT.\n"
            )
        }
    }

    @Test func `a data directory of PostgreSQL that is not complete`() async throws {
        try await withDirectory { directory in
            try Files.makeDirectory(directory + "/postgres")
            try Files.write(Array("15\n".utf8), to: directory + "/postgres/PG_VERSION")
            var environment = try Program.freePorts()
            environment["MOCHI_DATA"] = directory
            let said = try await complaint(["up"], environment)
            #expect(
                said
                    == "mochi: \(directory)/postgres is not a complete PostgreSQL data directory (global/pg_control"
                    + " is missing); restore it from a backup, or move it away to start with an empty database.\n"
            )
        }
    }

    @Test func `a data directory of another version of PostgreSQL`() async throws {
        try await withDirectory { directory in
            try Files.makeDirectory(directory + "/postgres/global")
            try Files.write([], to: directory + "/postgres/global/pg_control")
            try Files.write(Array("9999\n".utf8), to: directory + "/postgres/PG_VERSION")
            var environment = try Program.freePorts()
            environment["MOCHI_DATA"] = directory
            let said = try await complaint(["up"], environment)
            #expect(
                said.hasPrefix(
                    "mochi: The database in MOCHI_DATA was made by PostgreSQL 9999, and this machine"))
            #expect(said.hasSuffix("install postgresql-9999, or move the data with pg_dump.\n"))
        }
    }

    @Test func `a database that does not answer, without its password`() async throws {
        let said = try await complaint(
            ["migrate"], ["DATABASE_URL": "postgresql://mochi:hunter2@127.0.0.1:1/mochi"])
        #expect(said.contains("mochi: PostgreSQL does not answer"))
        #expect(!said.contains("hunter2"))
    }

    @Test(arguments: [["sing"], ["up", "--nonsense"], ["migrate", "extra"]])
    func `what is not a command gets the usage`(arguments: [String]) async throws {
        let outcome = try await Program.run(arguments)
        #expect(outcome.status == .exited(64))
        #expect(outcome.errors.contains("Usage: mochi"))
    }

    @Test func `the version is one line`() async throws {
        let outcome = try await Program.run(["version"])
        #expect(outcome == .init(status: .exited(0), output: "mochi \(Version.current)\n", errors: ""))
    }
}
