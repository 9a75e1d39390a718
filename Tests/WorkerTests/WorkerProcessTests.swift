import Days
import FoundationEssentials
import Logging
import Operations
import ServiceLifecycle
import TestSupport
import Testing
import Worker

struct WorkerProcessTests {
    @Test func `a worker makes a fresh database ready, and stops when it is told`() async throws {
        try await withTestDatabase { database in
            let configuration = try Configuration(environment: [
                "DATABASE_URL": database.url, "MOCHI_WORKER_PORT": "0", "MOCHI_RESOURCES": repository,
                "MOCHI_DATA": "/tmp/mochi-test-worker",
            ])
            let health = Health(process: "worker")
            let services = try await WorkerProcess.services(
                configuration: configuration, health: health, logger: database.logger)
            let group = ServiceGroup(services: services, logger: database.logger)
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.run() }
                let today = Zone.utc.day(at: Int64(Date().timeIntervalSince1970))
                let last = "events_" + today.advanced(by: 8).description.filter { $0 != "-" }
                while try await !ScheduleTests.partitions(of: "events", database).contains(last) {
                    try await Task.sleep(for: .milliseconds(50))
                }
                #expect(
                    await health.answer(path: "/readyz")?.body
                        == #"{"status":"ok","process":"worker","checks":{"database":"ok","partitions":"ok"}}"#
                        + "\n")
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
            }
        }
    }
}
