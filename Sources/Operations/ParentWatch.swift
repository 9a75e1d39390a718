import Glibc
package import Logging
import ServiceLifecycle

/// Ends the process gracefully when the supervisor that started it is gone: nobody would restart or stop it,
/// and the next supervisor would find its port taken.
///
/// `run()` returns when that happens; the service group has to treat it as the wish to stop.
package struct ParentWatch: Service {
    /// Holds the supervisor's process id in the children's environment.
    package static let variable = "MOCHI_SUPERVISED"

    private let supervisor: Int32?
    private let logger: Logger

    package init(environment: [String: String], logger: Logger) {
        self.supervisor = environment[ParentWatch.variable].flatMap { Int32($0) }
        self.logger = logger
    }

    package var isSupervised: Bool { supervisor != nil }

    package func run() async throws {
        guard let supervisor else {
            try await gracefulShutdown()
            return
        }
        // PR_SET_PDEATHSIG would be quicker, but is sent when the *thread* that forked ends.
        await cancelWhenGracefulShutdown {
            while getppid() == supervisor {
                try? await Task.sleep(for: .milliseconds(500))
                if Task.isCancelled { return }
            }
            logger.warning("The supervisor is gone: stopping.")
        }
    }
}
