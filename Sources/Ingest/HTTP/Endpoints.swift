import Auth
import NIOCore
import NIOHTTP1

/// The endpoints that collect: which path and method leads to which payload format.
///
/// To add one, add a case to ``find(_:)`` and a file to Formats.
struct Endpoint {
    /// Largest body, in bytes.
    var bodyLimit = 16 << 10
    /// The request needs an API key with this scope.
    var scope: Scope?
    /// Answers a whole request, whose hits go through the exchange.
    var answer: (inout Exchange) -> Answer

    static let batchLimit = 1 << 20

    enum Found {
        case endpoint(Endpoint)
        /// The path exists for these methods.
        case otherMethods(String)
        case none
    }

    static func find(_ method: HTTPMethod, _ path: Substring) -> Found {
        switch path {
        case "/api/event": return post(method, Endpoint(answer: plausibleEvent))
        case "/api/track": return post(method, Endpoint(answer: track))
        case "/api/send": return post(method, Endpoint(answer: UmamiSend.send))
        case "/api/batch": return post(method, Endpoint(bodyLimit: batchLimit, answer: UmamiSend.batch))
        case "/api/events":
            return post(method, Endpoint(bodyLimit: batchLimit, scope: .writeEvents, answer: EventBatch.take))
        case "/pixel.gif": return image(method, Endpoint(answer: Pixel.show))
        case "/count": return image(method, Endpoint { GoatCounterCount.count(&$0, key: nil) })
        default: return findWithKey(method, path)
        }
    }

    /// `/{tracking_key}/count` and `/{tracking_key}/api/v0/count`
    private static func findWithKey(_ method: HTTPMethod, _ path: Substring) -> Found {
        guard path.utf8.last == UInt8(ascii: "t") else { return .none }
        let parts = path.split(separator: "/", maxSplits: 5, omittingEmptySubsequences: false)
        guard parts.count >= 3, parts[0].isEmpty, !parts[1].isEmpty else { return .none }
        let key = parts[1]
        switch parts.dropFirst(2) {
        case ["count"]: return image(method, Endpoint { GoatCounterCount.count(&$0, key: key) })
        case ["api", "v0", "count"]:
            return post(
                method,
                Endpoint(bodyLimit: batchLimit, scope: .writeEvents) { GoatCounterBatch.take(&$0, key: key) })
        default: return .none
        }
    }

    private static func image(_ method: HTTPMethod, _ endpoint: Endpoint) -> Found {
        method == .GET || method == .POST ? .endpoint(endpoint) : .otherMethods("GET, POST, OPTIONS")
    }

    private static func track(_ exchange: inout Exchange) -> Answer {
        let request = exchange.request
        do throws(Refusal) {
            let hit = try request.body.withUnsafeReadableBytes { bytes throws(Refusal) in
                try Track.hit(bytes, now: request.receivedAt)
            }
            return Answer.noContent.dropping(exchange.take(hit).map { [$0] } ?? [])
        } catch {
            return error.answer
        }
    }

    private static func post(_ method: HTTPMethod, _ endpoint: Endpoint) -> Found {
        method == .POST ? .endpoint(endpoint) : .otherMethods("POST, OPTIONS")
    }

    private static func plausibleEvent(_ exchange: inout Exchange) -> Answer {
        do throws(PlausibleEvent.Invalid) {
            var hits = try exchange.request.body.withUnsafeReadableBytes {
                bytes throws(PlausibleEvent.Invalid) in
                try PlausibleEvent.hits(bytes)
            }
            if hits.count == 1 {
                if let drop = exchange.take(hits.removeLast()) { return Answer.accepted.dropping([drop]) }
                return .accepted
            }
            return Answer.accepted.dropping(hits.compactMap { exchange.take($0) })
        } catch {
            return error.answer
        }
    }
}

extension Endpoint {
    /// What a browser wants to know before it sends JSON to another origin.
    static let preflight = Answer.noContent
        .with("Access-Control-Allow-Methods", "GET, POST, OPTIONS")
        .with(
            "Access-Control-Allow-Headers",
            "Content-Type, Authorization, X-Debug-Request, X-Umami-Cache, Cache-Control"
        )
        .with("Access-Control-Max-Age", "86400")
}
