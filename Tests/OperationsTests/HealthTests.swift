import Glibc
import Logging
import Operations
import Testing

@Suite struct HealthTests {
    @Test func `a process that misses something lives and is not ready, and says what it misses`() async {
        let health = Health(process: "app")
        health.register("database") { .ok }
        health.register("disk") { .failing("2 MB \"left\"") }
        #expect(await health.answer(path: "/healthz")?.status == 200)
        #expect(
            await health.answer(path: "/readyz")
                == StatusAnswer(
                    status: 503, contentType: "application/json",
                    body:
                        #"{"status":"failing","process":"app","checks":{"database":"ok","disk":"2 MB \"left\""}}"#
                        + "\n"))
    }

    @Test func `a check that does not answer is a check that fails`() async {
        let health = Health(process: "app")
        health.register("slow") {
            try? await Task.sleep(for: .seconds(600))
            return .ok
        }
        let answer = await health.answer(path: "/readyz")
        #expect(answer?.status == 503)
        #expect(answer?.body.contains("no answer within 2 s") == true)
    }

    @Test func `a check registered again replaces the earlier one`() async {
        let health = Health(process: "app")
        health.register("database") { .failing("down") }
        #expect(await health.answer(path: "/readyz")?.status == 503)
        health.register("database") { .ok }
        #expect(await health.answer(path: "/readyz")?.status == 200)
    }

    @Test func `a process that stops is not ready`() async {
        let health = Health(process: "app")
        #expect(await health.answer(path: "/readyz")?.status == 200)
        health.stopping()
        #expect(await health.answer(path: "/readyz")?.status == 503)
    }

    @Test func `other paths are somebody else's`() async {
        #expect(await Health(process: "app").answer(path: "/readyz/") == nil)
    }

    // MARK: Served

    func withServer(_ body: (Int) async throws -> Void) async throws {
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let server = StatusServer(
            host: "127.0.0.1", port: 0, health: Health(process: "worker"), logger: Logger(label: "test"),
            onListening: { port.yield($0) })
        try await withThrowingTaskGroup { group in
            group.addTask { try await server.run() }
            for await port in ports {
                try await body(port)
                break
            }
            group.cancelAll()
        }
    }

    @Test func `the worker's port answers the three questions and no other`() async throws {
        try await withServer { port in
            var statuses: [Int] = []
            for path in ["/healthz", "/readyz?x=1", "/metrics", "/", "/../etc/passwd"] {
                statuses.append(try await Probe.get(host: "127.0.0.1", port: port, path: path).status)
            }
            #expect(statuses == [200, 200, 200, 404, 404])
            #expect(
                try await Probe.get(host: "127.0.0.1", port: port, path: "/metrics").body
                    .contains("# TYPE process_resident_memory_bytes gauge"))
        }
    }

    @Test func `a port that is taken says so before anything listens`() async throws {
        try await withServer { port in
            #expect(Probe.obstacle(toListeningOn: "127.0.0.1", port: port)?.code == EADDRINUSE)
        }
    }
}
