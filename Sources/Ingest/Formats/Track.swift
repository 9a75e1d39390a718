/// `POST /api/track`: `{"trackingKey", "path", "referrer", "timestamp"}`. The timestamp must be one, and about now;
/// the time of receipt is what counts.
enum Track {
    static func hit(_ body: UnsafeRawBufferPointer, now: Int64) throws(Refusal) -> Hit {
        let object: JSONObject
        do throws(JSONError) { object = try JSONObject(body) } catch {
            throw Refusal(field: nil, message: "The body must be a JSON object.")
        }
        guard let key = object.text("trackingKey"), !key.isEmpty else {
            throw Refusal(field: "trackingKey", message: "The tracking key is missing.")
        }
        guard let path = object.text("path"), path.utf8.first == UInt8(ascii: "/"),
            path.utf8.count <= Hit.maximumURL
        else {
            throw Refusal(field: "path", message: "The path must begin with / and have at most 2000 bytes.")
        }
        switch object["timestamp"] {
        case nil, .null?: break
        case let value:
            guard let timestamp = Timestamp.microseconds(value), abs(timestamp - now) <= 86_400_000_000 else {
                throw Refusal(
                    field: "timestamp", message: "The timestamp must be ISO 8601 and within a day of now.")
            }
        }
        var hit = Hit(target: .key(key))
        hit.path = path
        hit.referrer = object.text("referrer") ?? ""
        return hit
    }
}

/// A body that is not what an endpoint takes.
struct Refusal: Error, Equatable {
    var field: String?
    var message: String

    var answer: Answer { .error(.badRequest, code: "invalid", message, field: field) }
}
