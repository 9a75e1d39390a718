import Glibc
import Logging
import Operations
import ServiceLifecycle
import Subprocess
import Synchronization
import SystemPackage

/// Runs the private PostgreSQL, and runs it again when it dies.
struct PostgresServer: Service {
    let cluster: PostgresCluster
    let haste: Haste
    let logger: Logger
    /// Of the server that we started; what stands in the data directory may be an earlier one's.
    private let isReady = Flag()

    init(cluster: PostgresCluster, haste: Haste, logger: Logger) {
        self.cluster = cluster
        self.haste = haste
        self.logger = logger
    }

    private var processes: PostgresProcesses { PostgresProcesses(data: cluster.data) }

    func run() async throws {
        try await repeatUntilShutdown { isFirst in
            try await processes.clear(sockets: cluster.sockets)
            let ending = try await serve()
            if Task.isCancelled { return }
            // What cannot even start will not be better for being tried again, and somebody is watching.
            if isFirst && !ending.becameReady {
                throw Failure("PostgreSQL ended at once: \(lastWords(ending.errors))")
            }
            logger.error("PostgreSQL ended: starting it again.", metadata: ["status": "\(ending.status)"])
        }
    }

    private struct Ending {
        let status: TerminationStatus
        let errors: String
        let becameReady: Bool
    }

    private func serve() async throws -> Ending {
        var options = Tool.options(for: cluster.user)
        options.processGroupID = 0
        options.teardownSequence = [
            // Fast shutdown, then immediate, which recovers at the next start.
            .send(signal: .interrupt, allowedDurationToNextStep: .seconds(60)),
            .send(signal: .quit, allowedDurationToNextStep: .seconds(5)),
        ]
        let result = try await Subprocess.run(
            .name("postgres"), arguments: ["-D", cluster.data],
            environment: Tool.environment(first: cluster.installation.programs),
            workingDirectory: "/", platformOptions: options, input: .none, output: .discarded,
            // Only what is said before the log file is open; the server closes its end then.
            error: .string(limit: 1 << 16)
        ) { execution in
            haste.entered(execution.processIdentifier.value, last: SIGQUIT)
            return try await becomesReady(execution.processIdentifier.value)
        }
        isReady.set(false)
        haste.left(result.processIdentifier.value)
        return Ending(
            status: result.terminationStatus, errors: result.standardError, becameReady: result.closureResult)
    }

    /// Watches until the server takes connections; false if it ends before.
    private func becomesReady(_ id: pid_t) async throws -> Bool {
        while kill(id, 0) == 0, !isZombie(id) {
            if let server = processes.server, server.id == id, server.isReady {
                isReady.set(true)
                return true
            }
            try? await Task.sleep(for: .milliseconds(20))
            if Task.isCancelled { return false }
        }
        return false
    }

    /// Ended, and not yet waited for.
    private func isZombie(_ id: pid_t) -> Bool {
        guard let stat = try? Files.read("/proc/\(id)/stat") else { return true }
        let text = String(decoding: stat, as: UTF8.self)
        guard let end = text.lastIndex(of: ")") else { return true }
        return text[end...].dropFirst(2).first == "Z"
    }

    /// Why it ended: the last fatal line of its log, or what it said before it had one.
    private func lastWords(_ errors: String) -> String {
        let names = ((try? Files.list(cluster.logs)) ?? []).filter { $0.hasSuffix(".log") }
        let newest = names.max { modified("\(cluster.logs)/\($0)") < modified("\(cluster.logs)/\($1)") }
        let log = newest.flatMap { try? Files.tail("\(cluster.logs)/\($0)", bytes: 16_384) }
        let text = errors + "\n" + (log.map { String(decoding: $0, as: UTF8.self) } ?? "")
        for severity in ["PANIC:", "FATAL:", "ERROR:"] {
            for line in text.split(separator: "\n").reversed() {
                guard let words = line.firstRange(of: severity) else { continue }
                return String(line[words.upperBound...].drop { $0 == " " }) + " (logs in \(cluster.logs))"
            }
        }
        return "see the logs in \(cluster.logs)."
    }

    private func modified(_ path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mtim.tv_sec : 0
    }

    /// Waits until it takes connections.
    func ready() async throws {
        while !isReady.isSet { try await Task.sleep(for: .milliseconds(20)) }
    }
}

private final class Flag: Sendable {
    private let value = Atomic(false)

    var isSet: Bool { value.load(ordering: .acquiring) }

    func set(_ new: Bool) { value.store(new, ordering: .releasing) }
}
