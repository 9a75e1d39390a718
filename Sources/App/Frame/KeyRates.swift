import Crypto
import HTTPTypes
import Hummingbird
import Synchronization

/// How often programs may ask: each key so many times a minute, and each address so many times with keys that are none.
///
/// Counts live in this process's memory, for a request to the API costs less than a row that says so; under a key that
/// dies with the process, so that neither keys nor addresses can be found from them.
final class KeyRates: Sendable {
    enum Subject: UInt8, Sendable {
        case key
        /// An address that sent what is no key.
        case stranger
    }

    struct Standing: Sendable, Hashable {
        let limit: Int
        let left: Int
        /// Until all is forgotten.
        let seconds: Int
    }

    private struct Window {
        let end: ContinuousClock.Instant
        var requests: Int
    }

    static let standard = 600
    private static let length = Duration.seconds(60)
    private static let mostWindows = 50_000

    private let limits: [Subject: Int]
    private let secret = SymmetricKey(size: .bits256)
    private let windows = Mutex<[UInt64: Window]>([:])

    init(perKey: Int = KeyRates.standard, perStranger: Int = 120) {
        limits = [.key: perKey, .stranger: perStranger]
    }

    /// Counts a request; false when there have been too many.
    func take(_ subject: Subject, _ bytes: [UInt8], now: ContinuousClock.Instant = .now) -> Bool {
        let who = identifier(subject, bytes)
        return windows.withLock { windows in
            if let window = windows[who], window.end > now {
                guard window.requests < limits[subject]! else { return false }
                windows[who]?.requests += 1
                return true
            }
            if windows.count >= KeyRates.mostWindows { windows = windows.filter { $0.value.end > now } }
            // Forgetting all costs less than refusing everybody.
            if windows.count >= KeyRates.mostWindows { windows = [:] }
            windows[who] = Window(end: now + KeyRates.length, requests: 1)
            return true
        }
    }

    /// Nil for who has not asked of late.
    func standing(_ subject: Subject, _ bytes: [UInt8], now: ContinuousClock.Instant = .now) -> Standing? {
        let who = identifier(subject, bytes)
        return windows.withLock { windows in
            guard let window = windows[who], window.end > now else { return nil }
            let limit = limits[subject]!
            return Standing(
                limit: limit, left: max(0, limit - window.requests),
                seconds: Int(now.duration(to: window.end).components.seconds) + 1)
        }
    }

    private func identifier(_ subject: Subject, _ bytes: [UInt8]) -> UInt64 {
        let code = HMAC<SHA256>.authenticationCode(for: [subject.rawValue] + bytes, using: secret)
        return code.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}

extension Request {
    /// The key that a program sends.
    var bearer: String? {
        guard let header = headers[.authorization], header.lowercased().hasPrefix("bearer ") else {
            return nil
        }
        return String(header.dropFirst(7))
    }
}

/// Tells programs how much they may still ask, in every answer, refusals included: `RateLimit-Limit`, `-Remaining`, and
/// `-Reset` in seconds.
struct KeyRateHeaders: RouterMiddleware {
    let web: Web

    func handle(
        _ request: Request, context: AppContext, next: (Request, AppContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        guard let standing = request.bearer.flatMap({ web.keyRates.standing(.key, Array($0.utf8)) }) else {
            return response
        }
        response.headers[.rateLimit("Limit")] = String(standing.limit)
        response.headers[.rateLimit("Remaining")] = String(standing.left)
        response.headers[.rateLimit("Reset")] = String(standing.seconds)
        return response
    }
}

extension HTTPField.Name {
    static func rateLimit(_ part: String) -> Self { Self("RateLimit-\(part)")! }
}
