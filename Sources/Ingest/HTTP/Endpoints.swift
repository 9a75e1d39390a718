import NIOCore
import NIOHTTP1

/// The endpoints that collect: which path and method leads to which payload format.
///
/// To add one, add a case to ``find(_:)`` and a file to Formats.
struct Endpoint {
    /// Largest body, in bytes.
    var bodyLimit = 16 << 10
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
        default: return .none
        }
    }

    private static func post(_ method: HTTPMethod, _ endpoint: Endpoint) -> Found {
        method == .POST ? .endpoint(endpoint) : .otherMethods("POST, OPTIONS")
    }

    private static func plausibleEvent(_ exchange: inout Exchange) -> Answer {
        do throws(PlausibleEvent.Invalid) {
            let hits = try exchange.request.body.withUnsafeReadableBytes { bytes throws(PlausibleEvent.Invalid) in
                try PlausibleEvent.hits(bytes)
            }
            if hits.count == 1 {
                if let drop = exchange.take(hits[0]) { return Answer.accepted.dropping([drop]) }
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
            "Access-Control-Allow-Headers", "Content-Type, Authorization, X-Debug-Request, X-Umami-Cache, Cache-Control"
        )
        .with("Access-Control-Max-Age", "86400")
}
