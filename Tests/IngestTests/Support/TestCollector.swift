import FoundationEssentials
import Logging
import NIOPosix
import Operations
import Postgres
import ServiceLifecycle
import Synchronization
import TestSupport

@testable import Ingest

/// A whole collector on a port of its own, over a test's database.
struct TestCollector: Sendable {
    let port: Int
    let spool: Spool
    let loader: Loader
    let directory: SiteDirectory
    let salts: Salts

    struct Settings: Sendable {
        var proxies = ["127.0.0.0/8"]
        var limits = ConnectionLimits()
        var rates = Intake.Limits()
        var prefix: String?
        var disk: any Disk = RealDisk()
    }
}

/// Runs a collector for as long as the test takes.
func withCollector<R: Sendable>(
    _ database: TestDatabase, _ settings: TestCollector.Settings = .init(),
    _ body: @escaping @Sendable (TestCollector) async throws -> R
) async throws -> R {
    try await withDirectory { folder in
        var options = Spool.Options(directory: folder + "/spool")
        options.segmentSize = 1 << 18
        let spool = try Spool(options, disk: settings.disk, logger: quiet)
        let salts = Salts()
        let directory = SiteDirectory()
        let loader = Loader(spool: spool, database: database.system, collector: UUID(), logger: quiet)
        let following = SiteFollowing(
            directory: directory, salts: salts, file: SiteFile(path: folder + "/sites"),
            database: database.system,
            logger: quiet)
        try await following.loadAll()
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let context = ServerContext(
            intake: Intake(directory: directory, limits: settings.rates), spool: spool,
            health: Health(process: "test"),
            proxies: TrustedProxies(ranges: settings.proxies.map { AddressRange($0)! }),
            pathPrefix: settings.prefix,
            limits: settings.limits, scripts: Scripts(directory: repository + "/public/js"),
            keys: KeyCheck { key, _ in key == "mochi_good" ? 1 : nil })
        let server = Server(
            context: context, host: "127.0.0.1", port: 0, group: .singleton, logger: quiet,
            started: { port.yield($0) })
        let group = ServiceGroup(
            services: [
                spool, loader,
                SaltSharing(salts: salts, mirror: nil, database: database.system, logger: quiet),
                following, server,
            ], logger: quiet)
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            var bound = 0
            for await port in ports {
                bound = port
                break
            }
            let collector = TestCollector(
                port: bound, spool: spool, loader: loader, directory: directory, salts: salts)
            let result: Result<R, any Error>
            do { result = .success(try await body(collector)) } catch { result = .failure(error) }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            return try result.get()
        }
    }
}

/// Waits until something is so; nil when it does not become so within ten seconds.
func eventually<R>(_ look: () async throws -> R?) async throws -> R? {
    let end = ContinuousClock.now + .seconds(10)
    while ContinuousClock.now < end {
        if let found = try await look() { return found }
        try await Task.sleep(for: .milliseconds(20))
    }
    return nil
}
