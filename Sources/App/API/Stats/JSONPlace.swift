import Hummingbird

/// A value in a request's body and the path to it, which every complaint about it begins with: `#/filters/0/2: …`.
struct JSONPlace: Sendable {
    let value: JSONValue
    /// The whole body is `#`, or "" where fields are called by their names alone.
    let path: String

    init(_ value: JSONValue, path: String = "#") {
        self.value = value
        self.path = path
    }

    private func inside(_ name: String) -> String { path.isEmpty ? name : "\(path)/\(name)" }

    func refusal(_ sentence: String) -> APIError { JSONPlace.refusal(path, sentence) }

    static func refusal(_ path: String, _ sentence: String) -> APIError {
        path.isEmpty
            ? APIError(.badRequest, "invalid", sentence)
            : APIError(.badRequest, "invalid", "\(path): \(sentence)", field: path)
    }

    /// The members of an object that has no others than these.
    func object(of names: [String]) throws -> [String: JSONPlace] {
        guard case .object(let members) = value else { throw refusal("An object is expected here.") }
        for name in members.keys.sorted() where !names.contains(name) {
            throw refusal(
                "“\(name.prefix(100))” is not known here; known are \(names.joined(separator: ", ")).")
        }
        return members.reduce(into: [:]) { places, member in
            places[member.key] = JSONPlace(member.value, path: inside(member.key))
        }
    }

    func list(_ counts: ClosedRange<Int> = 0...Int.max, of things: String) throws -> [JSONPlace] {
        guard case .list(let items) = value else { throw refusal("A list of \(things) is expected here.") }
        guard counts.contains(items.count) else {
            throw refusal(
                items.count < counts.lowerBound
                    ? "At least \(counts.lowerBound) of \(things) belong here."
                    : "At most \(counts.upperBound) of \(things) belong here.")
        }
        return items.enumerated().map { JSONPlace($1, path: inside("\($0)")) }
    }

    func text(_ thing: String) throws -> String {
        guard case .text(let text) = value else { throw refusal("\(thing) is expected here, as a text.") }
        return text
    }

    func truth() throws -> Bool {
        guard case .truth(let truth) = value else { throw refusal("true or false is expected here.") }
        return truth
    }

    func whole(in range: ClosedRange<Int>) throws -> Int {
        guard case .whole(let number) = value, range.contains(number) else {
            throw refusal("A whole number from \(range.lowerBound) to \(range.upperBound) is expected here.")
        }
        return number
    }

    /// One of some words, such as `asc` and `desc`.
    func choice<Choice>(_ choices: KeyValuePairs<String, Choice>) throws -> Choice {
        if case .text(let word) = value, let found = choices.first(where: { $0.key == word }) {
            return found.value
        }
        throw refusal("One of \(choices.map(\.key).joined(separator: ", ")) is expected here.")
    }
}
