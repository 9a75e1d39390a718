import Glibc
import Operations
import Subprocess
import Testing

/// One database, several lives of `mochi up` on it: making it takes longest.
@Suite(.timeLimit(.minutes(10))) struct UpTests {
    @Test func `up starts everything, restarts what is killed, survives being killed, and stops in order`()
        async throws
    {
        try await withDirectory { directory in
            var environment = try Program.freePorts()
            environment["MOCHI_DATA"] = directory + "/data"
            let ports = ["app", "ingest", "worker"].map {
                Int(environment["MOCHI_\($0.uppercased())_PORT"]!)!
            }

            let first = try await withUp(environment) { up in
                try await up.says("Mochi is up.")
                try await expectReady(ports)

                let second = try await Program.run(["up"], environment)
                #expect(second.status == .exited(1))
                #expect(
                    second.errors
                        == "mochi: Another `mochi up` (process \(up.id)) is running on \(directory)/data;"
                        + " stop it, or set MOCHI_DATA.\n")

                for name in ["app", "ingest", "worker"] {
                    let killed = try #require(up.children[name])
                    kill(killed, SIGKILL)
                    try await up.says("child=\(name) status=signaled(9)")
                    try await up.says("msg=Started. child=\(name)")
                    #expect(up.children[name] != killed)
                }
                let postgres = try #require(try serverID(directory + "/data/postgres"))
                kill(postgres, SIGKILL)
                try await up.says("PostgreSQL ended: starting it again.")
                // Nobody announces the new one to us.
                while [nil, postgres].contains(try serverID(directory + "/data/postgres")) {
                    try await Task.sleep(for: .milliseconds(20))
                }
                try await untilReady(ports)
            }
            #expect(first == .exited(0))
            #expect(try serverID(directory + "/data/postgres") == nil)

            // Killed, it leaves PostgreSQL behind, and children that notice.
            let killed = try await withUp(environment) { up in
                try await up.says("Mochi is up.")
                kill(up.id, SIGKILL)
                // The end of its output is the end of the last child that holds it.
                try await up.saysTheRest()
            }
            #expect(killed == .signaled(SIGKILL))
            #expect(try serverID(directory + "/data/postgres") != nil)

            // The next one takes over.
            let last = try await withUp(environment) { up in
                try await up.says("A PostgreSQL of an earlier start is still running: stopping it.")
                try await up.says("Mochi is up.")
                kill(up.id, SIGINT)
                try await up.saysTheRest()
                let stops = up.said.filter { $0.contains("msg=Stopped.") }.compactMap { line in
                    ["app", "ingest", "worker"].first { line.contains("process=\($0) ") }
                }
                #expect(stops == ["app", "ingest", "worker"])
                #expect(up.said.last == "Stopped.")
            }
            #expect(last == .exited(0))
            #expect(try serverID(directory + "/data/postgres") == nil)
        }
    }

    @Test func `a database that was only half made is made again`() async throws {
        try await withDirectory { directory in
            var environment = try Program.freePorts()
            environment["MOCHI_DATA"] = directory
            try Files.makeDirectory(directory + "/postgres.new/base")
            let status = try await withUp(environment) { up in
                try await up.says("An earlier start did not finish making the database: making it again.")
                try await up.says("Mochi is up.")
            }
            #expect(status == .exited(0))
        }
    }

    // MARK: What there is

    private func serverID(_ data: String) throws -> pid_t? {
        guard let content = try? Files.read(data + "/postmaster.pid") else { return nil }
        return String(decoding: content, as: UTF8.self).split(separator: "\n").first.flatMap { pid_t($0) }
    }

    private func expectReady(_ ports: [Int]) async throws {
        for port in ports {
            #expect(try await Probe.get(host: "127.0.0.1", port: port, path: "/readyz").status == 200)
        }
    }

    /// Asks until each says that it serves: nothing announces that to others.
    private func untilReady(_ ports: [Int]) async throws {
        for port in ports {
            while (try? await Probe.get(host: "127.0.0.1", port: port, path: "/readyz").status) != 200 {
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }
}
