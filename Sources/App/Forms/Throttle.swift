import Crypto
import Synchronization

/// How often an address may try. Counts live in this process's memory, under a key that dies with it: no
/// address is kept, and none can be found from what is kept.
final class Throttle: Sendable {
    struct Limit: Sendable, Equatable {
        let name: String
        let attempts: Int
        let window: Duration

        static let signUp = Limit(name: "sign-up", attempts: 20, window: .seconds(3_600))
        static let logIn = Limit(name: "login", attempts: 20, window: .seconds(300))
    }

    private struct Window {
        let end: ContinuousClock.Instant
        var attempts: Int
    }

    private static let mostWindows = 50_000

    private let key = SymmetricKey(size: .bits256)
    private let windows = Mutex<[UInt64: Window]>([:])

    /// Nil if the attempt is allowed, else after how many seconds the next one is.
    func take(_ limit: Limit, by address: [UInt8], now: ContinuousClock.Instant = .now) -> Int? {
        let who = identifier(limit, address)
        return windows.withLock { windows in
            if let window = windows[who], window.end > now {
                guard window.attempts < limit.attempts else {
                    return max(1, Int(now.duration(to: window.end).components.seconds) + 1)
                }
                windows[who]?.attempts += 1
                return nil
            }
            if windows.count >= Throttle.mostWindows { windows = windows.filter { $0.value.end > now } }
            // Still full: somebody has very many addresses. Forgetting all costs less than refusing
            // everybody.
            if windows.count >= Throttle.mostWindows { windows = [:] }
            windows[who] = Window(end: now + limit.window, attempts: 1)
            return nil
        }
    }

    /// One household or server is one IPv4 address, or one /64 of IPv6.
    private func identifier(_ limit: Limit, _ address: [UInt8]) -> UInt64 {
        let network = address.count == 16 ? address[..<8] : address[...]
        let code = HMAC<SHA256>.authenticationCode(for: Array(limit.name.utf8) + [0] + network, using: key)
        return code.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
