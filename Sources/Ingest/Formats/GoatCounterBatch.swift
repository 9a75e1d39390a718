import FoundationEssentials
import NIOCore

/// `POST /{tracking_key}/api/v0/count`: GoatCounter's API for servers and log readers, by an API key.
///
/// Answers as GoatCounter: 202 when every hit was processed, else 400 with the faults by the index of the hit; those
/// not listed were taken. What Mochi refuses by its own rules counts as processed, and is named in headers.
enum GoatCounterBatch {
    /// GoatCounter's own limit.
    private static let maximumCount = 500

    static func take(_ exchange: inout Exchange, key: Substring) -> Answer {
        let body = exchange.request.body
        return body.withUnsafeReadableBytes { bytes in
            guard let object = try? JSONObject(bytes), let hits = object.array("hits") else {
                return refusal("the body is not a JSON object with hits")
            }
            if hits.isEmpty { return refusal("no hits") }
            if hits.count > maximumCount { return refusal("maximum amount of pageviews in one batch is 500") }
            for value in object.array("filter") ?? [] where value.text != "ip" {
                return refusal("unknown value in filter")
            }
            var isAnonymous = false
            if case .bool(true)? = object["no_sessions"] { isAnonymous = true }
            return take(hits, of: object.scanner, key: String(key), isAnonymous: isAnonymous, &exchange)
        }
    }

    private static func take(
        _ hits: [JSONValue], of scanner: JSONScanner, key: String, isAnonymous: Bool,
        _ exchange: inout Exchange
    ) -> Answer {
        var faults: [(index: Int, fault: String)] = []
        var drops: [Drop] = []
        var excluded: [Int] = []
        for (index, element) in hits.enumerated() {
            do throws(Fault) {
                let hit = try hit(
                    element, of: scanner, key: key, isAnonymous: isAnonymous,
                    now: exchange.request.receivedAt)
                guard let drop = exchange.take(hit) else { continue }
                switch drop.reason {
                case .unknownSite:
                    throw Fault(text: "the API key's account has no site with this tracking key")
                case .closedDay: throw Fault(text: "created_at is of a day that is closed: \(drop.detail)")
                case .excluded: excluded.append(index)
                default: break
                }
                drops.append(drop)
            } catch {
                faults.append((index, error.text))
            }
        }
        var answer =
            faults.isEmpty
            ? .json(.accepted) { $0.member("status", "ok") }
            : Answer.json(.badRequest) { json in
                json.key("errors")
                json.object { json in
                    for (index, fault) in faults { json.member("\(index)", fault) }
                }
            }
        if !excluded.isEmpty {
            answer = answer.with(
                "X-Goatcounter-Filter", excluded.map { String($0) }.joined(separator: ", "))
        }
        return answer.dropping(drops)
    }

    private struct Fault: Error {
        var text: String
    }

    private static func hit(
        _ element: JSONValue, of scanner: JSONScanner, key: String, isAnonymous: Bool, now: Int64
    ) throws(Fault) -> Hit {
        guard let object = JSONObject(element, of: scanner) else { throw Fault(text: "is not an object") }
        guard let path = object.text("path"), !path.isEmpty else { throw Fault(text: "path: must be set") }
        guard path.utf8.count <= GoatCounterCount.maximumPath else {
            throw Fault(text: "path: must be shorter than 2048 bytes")
        }
        var hit = Hit(target: .key(key))
        if case .bool(true)? = object["event"] {
            hit.name = path.cut(toBytes: Hit.maximumName)
        } else {
            hit.path = GoatCounterCount.normalized(path)
        }
        hit.title = (object.text("title") ?? "").cut(toBytes: Hit.maximumTitle)
        hit.referrer = object.text("ref") ?? ""
        hit.campaignQuery = object.text("query").map(GoatCounterCount.query)
        hit.language = object.text("language")
        hit.country = object.text("location").flatMap { Place.country(code: String($0.prefix(2))) }
        if let bot = object.integer("bot"), bot > 0 { hit.isSaidToBeBot = true }
        hit.viewportWidth = width(object, scanner)
        try setVisitor(of: &hit, object, isAnonymous: isAnonymous)
        switch object["created_at"] {
        case nil, .null?: break
        case let value:
            guard let timestamp = Timestamp.microseconds(value), timestamp <= now + Hit.clockTolerance else {
                throw Fault(text: "created_at: must be RFC 3339 and not in the future")
            }
            hit.timestamp = min(timestamp, now)
        }
        return hit
    }

    /// Whose hit it is: of a session of the sender's, or of an address and an agent, or of nobody who was seen before.
    private static func setVisitor(
        of hit: inout Hit, _ object: JSONObject, isAnonymous: Bool
    ) throws(Fault) {
        hit.address = Address(high: 0, low: 0)
        let agent = object.text("user_agent") ?? ""
        let ip = object.text("ip") ?? ""
        if !agent.isEmpty { hit.userAgent = agent.cut(toBytes: 1_000) }
        if !ip.isEmpty {
            guard let address = Address(ip) else { throw Fault(text: "ip: is not an address") }
            hit.address = address
        }
        if let session = object.text("session"), !session.isEmpty {
            hit.visitorName = "session \(session.cut(toBytes: 200))"
        } else if agent.isEmpty || ip.isEmpty {
            guard isAnonymous else {
                throw Fault(
                    text:
                        "session or browser/IP not set; use no_sessions if you don't want to track unique visits"
                )
            }
            hit.visitorName = UUID().uuidString
        }
    }

    /// `[1920, 1080, 1]` or `"1920,1080,1"`.
    private static func width(_ object: JSONObject, _ scanner: JSONScanner) -> Int? {
        var width: Int?
        switch object["size"] {
        case .string(let text)?: width = Int(text.prefix { $0 != "," && $0 != "." })
        case .array(let range)?:
            if case .number(_, let first?)? = JSONObject.elements(of: scanner.at(range))?.first {
                width = first
            }
        default: break
        }
        return width.flatMap { (1...32_767).contains($0) ? $0 : nil }
    }

    private static func refusal(_ text: String) -> Answer {
        .json(.badRequest) { $0.member("error", text) }
    }
}

extension JSONValue {
    fileprivate var text: String? {
        if case .string(let text) = self { return text }
        return nil
    }
}
