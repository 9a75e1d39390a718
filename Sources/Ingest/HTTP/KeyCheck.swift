import Auth
import Synchronization

/// Checks API keys, and knows for a minute what it found, so that a server which sends one batch after another does
/// not ask the database each time.
final class KeyCheck: Sendable {
    enum Finding: Sendable, Equatable {
        case account(Int64)
        case wrong
        /// The database is away and the key is not remembered.
        case unknown
    }

    private struct Known: Sendable {
        var finding: Finding
        var until: ContinuousClock.Instant
    }

    private static let memory: Duration = .seconds(60)
    private static let capacity = 1_000

    private let authenticate: @Sendable (String, Scope) async throws -> Int64?
    private let known = Mutex<[String: Known]>([:])

    /// `authenticate` answers the account that a key opens.
    init(_ authenticate: @escaping @Sendable (String, Scope) async throws -> Int64?) {
        self.authenticate = authenticate
    }

    func find(_ authorization: String?, scope: Scope) async -> Finding {
        guard let authorization, authorization.prefix(7).lowercased() == "bearer " else { return .wrong }
        let key = String(authorization.dropFirst(7))
        let name = "\(scope.rawValue) \(key)"
        if let known = known.withLock({ $0[name] }), known.until > .now { return known.finding }
        do {
            let finding = try await authenticate(key, scope).map { Finding.account($0) } ?? .wrong
            known.withLock { known in
                if known.count >= KeyCheck.capacity { known.removeAll() }
                known[name] = Known(finding: finding, until: .now + KeyCheck.memory)
            }
            return finding
        } catch {
            return .unknown
        }
    }
}
