import CArgon2
import NIOPosix
import Synchronization

/// Argon2id (RFC 9106) on threads of its own: it takes a tenth of a second of a core and tens of megabytes, and
/// would delay every request by half a second on the cooperative pool.
package final class PasswordHasher: Sendable {
    package struct Cost: Sendable, Equatable {
        /// KiB of memory, passes over it, lanes.
        package let memory: UInt32
        package let passes: UInt32
        package let lanes: UInt32

        package init(memory: UInt32, passes: UInt32, lanes: UInt32) {
            self.memory = memory
            self.passes = passes
            self.lanes = lanes
        }

        /// OWASP's floor is 19 MiB and two passes; this is RFC 9106's second recommendation with one lane.
        package static let standard = Cost(memory: 65_536, passes: 3, lanes: 1)
        /// For tests, where passwords protect nothing.
        package static let least = Cost(memory: 64, passes: 1, lanes: 1)
    }

    /// Too many are waiting.
    package struct Busy: Error {}

    package let cost: Cost
    private let threads: NIOThreadPool
    private let waiting = Mutex(0)
    private let mostWaiting = 64

    package init(cost: Cost = .standard, threads count: Int = 2) {
        self.cost = cost
        threads = NIOThreadPool(numberOfThreads: count)
        threads.start()
    }

    package func shutdown() async {
        try? await threads.shutdownGracefully()
    }

    /// The encoded hash, with its parameters and a random salt (the PHC string format).
    package func hash(_ password: String) async throws -> String {
        try await onThread { [cost] in try PasswordHasher.encode(password, Token.randomBytes(16), cost) }
    }

    /// Whether `password` belongs to `encoded`; nil, when there is none, takes as long and is false.
    package func verify(_ password: String, against encoded: String?) async throws -> Bool {
        try await onThread { [cost] in
            guard let encoded else {
                _ = try PasswordHasher.encode(password, Token.randomBytes(16), cost)
                return false
            }
            return argon2id_verify(encoded, password, password.utf8.count) == ARGON2_OK.rawValue
        }
    }

    /// Whether a hash was made with other parameters than today's.
    package func isOutdated(_ encoded: String) -> Bool {
        !encoded.hasPrefix("$argon2id$v=19$m=\(cost.memory),t=\(cost.passes),p=\(cost.lanes)$")
    }

    private func onThread<R: Sendable>(_ body: @escaping @Sendable () throws -> R) async throws -> R {
        try waiting.withLock { waiting in
            guard waiting < mostWaiting else { throw Busy() }
            waiting += 1
        }
        defer { waiting.withLock { $0 -= 1 } }
        return try await threads.runIfActive(body)
    }

    private struct Failure: Error {
        let code: Int32
    }

    private static func encode(_ password: String, _ salt: [UInt8], _ cost: Cost) throws -> String {
        var encoded = [CChar](
            repeating: 0,
            count: argon2_encodedlen(
                cost.passes, cost.memory, cost.lanes, UInt32(salt.count), 32, Argon2_id))
        let code = argon2id_hash_encoded(
            cost.passes, cost.memory, cost.lanes, password, password.utf8.count, salt, salt.count, 32,
            &encoded,
            encoded.count)
        guard code == ARGON2_OK.rawValue else { throw Failure(code: code) }
        return String(decoding: encoded.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
