import Foundation

/// A PostgreSQL of the tests' own, started by the first test that needs one and gone with the process, however that
/// ends: a shell beside it waits for the end of its standard input.
package struct TestServer: Sendable {
    /// A libpq connection string, without the database's name.
    package let connection: String

    private static let shared = Task { try TestServer() }

    package static func running() async throws -> TestServer {
        try await shared.value
    }

    private struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private init() throws {
        let folder =
            FileManager.default.temporaryDirectory.path + "/mochi-test-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let programs = try TestServer.programs()
        // PostgreSQL refuses root.
        let asUser =
            getuid() == 0 ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"] : []
        if getuid() == 0 { try TestServer.run(["chown", "postgres", folder]) }
        try TestServer.run(
            asUser + [
                "\(programs)/initdb", "--pgdata=\(folder)/data", "--username=owner", "--auth=trust",
                "--encoding=UTF8", "--locale=C", "--no-sync",
            ])
        let settings = [
            "listen_addresses=", "unix_socket_directories=\(folder)", "fsync=off", "synchronous_commit=off",
            "full_page_writes=off", "max_connections=400", "shared_buffers=128MB",
            "max_locks_per_transaction=512",
            "autovacuum=off", "jit=off",
        ]
        let server = Process()
        server.executableURL = URL(fileURLWithPath: "/bin/sh")
        // The watcher must not wait for the server: it may have inherited a mask without SIGCHLD.
        let script = """
            folder=$1; shift; exec 3<&0
            (read -r _ <&3; kill -QUIT $$; until rm -rf "$folder"; do sleep 0.1; done) &
            exec "$@" >"$folder/log" 2>&1 </dev/null 3<&-
            """
        server.arguments =
            ["-c", script, "sh", folder] + asUser + ["\(programs)/postgres", "-D", "\(folder)/data"]
            + settings.flatMap { ["-c", $0] }
        let input = Pipe()
        server.standardInput = input
        server.standardOutput = FileHandle.nullDevice
        server.standardError = FileHandle.nullDevice
        try server.run()
        // Kept open for as long as this process lives.
        _ = Unmanaged.passRetained(input)
        connection = "host=\(folder) user=owner"
        try TestServer.run(
            ["\(programs)/pg_isready", "--quiet", "--host=\(folder)", "--timeout=30"], attempts: 300)
    }

    private static func programs() throws -> String {
        let root = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        guard let newest = versions.compactMap(Int.init).max() else {
            throw Failure(description: "PostgreSQL is not installed under \(root)")
        }
        return "\(root)/\(newest)/bin"
    }

    private static func run(_ command: [String], attempts: Int = 1) throws {
        for attempt in 1...attempts {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = command
            process.standardOutput = FileHandle.nullDevice
            try process.run()
            process.waitUntilExit()
            if process.terminationStatus == 0 { return }
            if attempt == attempts { throw Failure(description: "failed: \(command.joined(separator: " "))") }
            Thread.sleep(forTimeInterval: 0.05)
        }
    }
}
