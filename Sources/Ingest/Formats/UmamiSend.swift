import FoundationEssentials
import NIOCore

/// `POST /api/send` and `/api/batch`: Umami's. What `identify` tells of a person is not kept, nor are timings.
enum UmamiSend {
    /// What one message is answered with.
    enum Reply {
        case taken
        /// Umami's way of telling a bot that it is one.
        case ignored
        case refused(Answer.Status, code: String, message: String)
    }

    static func send(_ exchange: inout Exchange) -> Answer {
        let body = exchange.request.body
        return body.withUnsafeReadableBytes { bytes in
            guard let object = try? JSONObject(bytes) else {
                return refusal(.badRequest, "bad-request", "Bad request").answer
            }
            switch take(object, &exchange) {
            case .taken: return .json(.ok, writeSession)
            case .ignored: return .json(.ok) { $0.member("beep", "boop") }
            case let refused: return refused.answer
            }
        }
    }

    static func batch(_ exchange: inout Exchange) -> Answer {
        let body = exchange.request.body
        return body.withUnsafeReadableBytes { bytes in
            var scanner = JSONScanner(bytes)
            guard case .array(let range)? = try? scanner.value(), (try? scanner.finish()) != nil,
                let elements = JSONObject.elements(of: scanner.at(range)), elements.count <= 1_000
            else { return refusal(.badRequest, "bad-request", "Bad request").answer }
            var errors: [(index: Int, reply: Reply)] = []
            for (index, element) in elements.enumerated() {
                let reply =
                    JSONObject(element, of: scanner).map { take($0, &exchange) }
                    ?? refusal(.badRequest, "bad-request", "Bad request")
                if case .refused = reply { errors.append((index, reply)) }
            }
            return .json(.ok) { json in
                json.member("size", elements.count)
                json.member("processed", elements.count - errors.count)
                json.member("errors", errors.count)
                json.key("details")
                json.array { json in
                    for (index, reply) in errors {
                        json.object { json in
                            json.member("index", index)
                            json.key("response")
                            json.object { reply.write(to: &$0) }
                        }
                    }
                }
                json.member("cache", UUID().uuidString)
            }
        }
    }

    private static func take(_ message: JSONObject, _ exchange: inout Exchange) -> Reply {
        let type = message.text("type") ?? "event"
        guard let payload = message.object("payload"), ["event", "identify", "performance"].contains(type)
        else {
            return refusal(.badRequest, "bad-request", "Bad request")
        }
        guard let website = payload.text("website") else {
            return refusal(.badRequest, "bad-request", "One of website, link or pixel is required.")
        }
        var hit = Hit(target: .id(website))
        let url = payload.text("url") ?? "/"
        hit.page = PageURL(
            url.isEmpty ? "/" : url, host: payload.text("hostname") ?? exchange.request.sendingHost)
        if hit.page == nil, url.utf8.first == UInt8(ascii: "/") { hit.path = url }
        guard hit.page != nil || hit.path != nil || url.isEmpty, url.utf8.count <= Hit.maximumURL else {
            return refusal(.badRequest, "bad-request", "Invalid url")
        }
        hit.referrer = payload.text("referrer") ?? ""
        hit.title = (payload.text("title") ?? "").cut(toBytes: Hit.maximumTitle)
        hit.language = payload.text("language")
        hit.viewportWidth = payload.text("screen").flatMap { Int($0.prefix { $0 != "x" }) }.flatMap {
            (1...32_767).contains($0) ? $0 : nil
        }
        if let name = payload.text("name"), !name.isBlank { hit.name = name.cut(toBytes: Hit.maximumName) }
        if type != "event" { hit.unsupported = type }
        if case .object(let range)? = payload["data"] {
            do throws(Props.TooLong) { try hit.props.add(objectAt: payload.scanner.at(range)) } catch {
                return refusal(.badRequest, "bad-request", "Invalid data")
            }
        }
        switch exchange.take(hit)?.reason {
        case .unknownSite: return refusal(.badRequest, "bad-request", "Website not found.")
        case .bot: return .ignored
        case .excluded: return refusal(.forbidden, "forbidden", "Forbidden")
        default: return .taken
        }
    }

    private static func refusal(_ status: Answer.Status, _ code: String, _ message: String) -> Reply {
        .refused(status, code: code, message: message)
    }

    /// Umami's clients send these back; here they mean nothing and are new each time.
    private static func writeSession(_ json: inout JSONWriter) {
        json.member("cache", UUID().uuidString)
        json.member("sessionId", UUID().uuidString.lowercased())
        json.member("visitId", UUID().uuidString.lowercased())
    }
}

extension UmamiSend.Reply {
    fileprivate var answer: Answer {
        guard case .refused(let status, _, _) = self else { return Answer(.ok) }
        return .json(status) { write(to: &$0) }
    }

    fileprivate func write(to json: inout JSONWriter) {
        guard case .refused(let status, let code, let message) = self else { return }
        json.key("error")
        json.object { json in
            json.member("message", message)
            json.member("code", code)
            json.member("status", Int(status.rawValue.prefix(3)))
        }
    }
}
