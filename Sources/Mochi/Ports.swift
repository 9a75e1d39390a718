import Glibc
import Operations

/// The three ports, looked at before anything is started.
enum Ports {
    static func table(_ configuration: Configuration) -> [(variable: String, port: Int)] {
        [
            ("MOCHI_APP_PORT", configuration.appPort), ("MOCHI_INGEST_PORT", configuration.ingestPort),
            ("MOCHI_WORKER_PORT", configuration.workerPort),
        ]
    }

    /// Throws one sentence naming every port that cannot be listened on. `patience` is for the processes of a
    /// supervisor that was killed: they notice within half a second, and finish what they do.
    static func check(_ configuration: Configuration, patience: Duration) async throws {
        let deadline = ContinuousClock.now + patience
        while true {
            let complaints = table(configuration).compactMap {
                complaint(configuration.bind, $0.port, $0.variable)
            }
            if complaints.isEmpty { return }
            if ContinuousClock.now >= deadline { throw Failure(complaints.joined(separator: " ")) }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    private static func complaint(_ host: String, _ port: Int, _ variable: String) -> String? {
        guard port != 0 else { return "\(variable): 0 is not a port that others could find." }
        guard let obstacle = Probe.obstacle(toListeningOn: host, port: port) else { return nil }
        return switch obstacle.code {
        case EADDRINUSE: "Port \(port) is taken by another program; stop it, or set \(variable)."
        case EACCES:
            "Port \(port) (\(variable)) needs privileges that this user does not have; set \(variable)."
        case EADDRNOTAVAIL: "This machine has no address \(host) to listen on; set MOCHI_BIND."
        default: "Cannot listen on \(host), port \(port) (\(variable)): \(obstacle)."
        }
    }

    /// Where to reach a process of ours from this machine.
    static func localHost(_ configuration: Configuration) -> String {
        switch configuration.bind {
        case "0.0.0.0": "127.0.0.1"
        case "::": "::1"
        default: configuration.bind
        }
    }
}
