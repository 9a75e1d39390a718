import NIOCore

/// `POST /api/events`: up to a thousand events of a server's visitors, by an API key. Each is an event of
/// `/api/event`, and may say whose it is (`ip`, `user_agent`) and when it was (`timestamp`: of the site's day, or of
/// the one before while that day's salt lives, which is an hour).
enum EventBatch {
    static let maximumCount = 1_000

    static func take(_ exchange: inout Exchange) -> Answer {
        let body = exchange.request.body
        return body.withUnsafeReadableBytes { bytes in
            guard let object = try? JSONObject(bytes), let events = object.array("events") else {
                return Refusal(field: "events", message: "The body must be {\"events\": […]}.").answer
            }
            guard events.count <= maximumCount else {
                return Refusal(field: "events", message: "At most 1000 events at once.").answer
            }
            let results = events.map { result(of: $0, object.scanner, &exchange) }
            return .json(.accepted) { json in
                json.key("results")
                json.array { json in
                    for result in results { json.object { result.write(to: &$0) } }
                }
            }
        }
    }

    private enum Result {
        case accepted
        case dropped(Drop)
        case invalid(PlausibleEvent.Invalid)

        func write(to json: inout JSONWriter) {
            switch self {
            case .accepted: json.member("status", "accepted")
            case .dropped(let drop):
                json.member("status", "dropped")
                json.member("reason", drop.reason.rawValue)
                if !drop.detail.isEmpty { json.member("detail", drop.detail) }
            case .invalid(let invalid):
                json.member("status", "invalid")
                invalid.write(to: &json)
            }
        }
    }

    private static func result(
        of element: JSONValue, _ scanner: JSONScanner, _ exchange: inout Exchange
    ) -> Result {
        do throws(PlausibleEvent.Invalid) {
            guard case .object(let range) = element, let object = JSONObject(element, of: scanner) else {
                throw PlausibleEvent.Invalid(errors: ["event": "is not an object"])
            }
            var hits = try PlausibleEvent.hits(scanner.at(range))
            guard hits.count == 1 else { throw PlausibleEvent.Invalid(errors: ["domain": "must be one"]) }
            hits[0].address = Address(high: 0, low: 0)
            if let ip = object.text("ip") {
                guard let address = Address(ip) else {
                    throw PlausibleEvent.Invalid(errors: ["ip": "is not an address"])
                }
                hits[0].address = address
            }
            hits[0].userAgent = object.text("user_agent")?.cut(toBytes: 1_000)
            switch object["timestamp"] {
            case nil, .null?: break
            case let value:
                guard let timestamp = Timestamp.microseconds(value),
                    timestamp <= exchange.request.receivedAt + Hit.clockTolerance
                else { throw PlausibleEvent.Invalid(errors: ["timestamp": "is not an instant up to now"]) }
                hits[0].timestamp = min(timestamp, exchange.request.receivedAt)
            }
            return exchange.take(hits[0]).map { .dropped($0) } ?? .accepted
        } catch {
            return .invalid(error)
        }
    }
}
