import Logging
import ServiceLifecycle

/// Looks every ten seconds whether the file of locations was replaced.
struct LocationFollowing: Service {
    let locations: Locations
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                follow()
                try? await Task.sleep(for: .seconds(10))
            }
        }
    }

    private func follow() {
        switch locations.reload() {
        case .none, .missing: break
        case .opened: logger.notice("Locations were loaded", metadata: ["file": "\(locations.path)"])
        case .unusable(let reason):
            logger.error(
                "Locations cannot be read", metadata: ["file": "\(locations.path)", "reason": "\(reason)"])
        }
    }
}
