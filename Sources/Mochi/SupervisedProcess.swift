import Glibc
import Logging
import Operations
import ServiceLifecycle
import Subprocess
import SystemPackage

/// Runs one of our own processes as a child, and runs it again when it dies.
struct SupervisedProcess: Service {
    let name: String
    /// As the child is to see it, ``ParentWatch/variable`` included.
    let environment: [String: String]
    let haste: Haste
    let logger: Logger

    func run() async throws {
        try await repeatUntilShutdown { _ in
            let status = try await live()
            if Task.isCancelled { return }
            logger.error(
                "A process ended: starting it again.",
                metadata: ["child": "\(name)", "status": "\(status)"])
        }
    }

    private func live() async throws -> TerminationStatus {
        var options = PlatformOptions()
        // So that Ctrl-C reaches the supervisor alone, who ends its children in order.
        options.processGroupID = 0
        options.teardownSequence = [.send(signal: .terminate, allowedDurationToNextStep: .seconds(30))]
        let result = try await Subprocess.run(
            // The running program itself, even when its file has been replaced meanwhile.
            .path("/proc/self/exe"),
            arguments: Arguments(executablePathOverride: "mochi", remainingValues: [name]),
            environment: .custom(
                Dictionary(uniqueKeysWithValues: environment.map { (Environment.Key(stringLiteral: $0), $1) })
            ),
            platformOptions: options, input: .none, output: .currentStandardOutput,
            error: .currentStandardError
        ) { execution in
            haste.entered(execution.processIdentifier.value, last: SIGKILL)
            logger.info(
                "Started.", metadata: ["child": "\(name)", "pid": "\(execution.processIdentifier.value)"])
        }
        haste.left(result.processIdentifier.value)
        return result.terminationStatus
    }
}

/// Repeats `body`, which is told whether it is the first time, with pauses in between, until the shutdown begins,
/// which cancels it, or it throws.
func repeatUntilShutdown(_ body: @escaping @Sendable (_ isFirst: Bool) async throws -> Void) async throws {
    try await cancelWhenGracefulShutdown {
        var backoff = Backoff()
        var isFirst = true
        while !Task.isCancelled {
            let start = ContinuousClock.now
            try await body(isFirst)
            isFirst = false
            try? await Task.sleep(for: backoff.pause(afterLiving: start.duration(to: .now)))
        }
    }
}
