package import Auth
import FoundationEssentials

/// Filters as JSON: nested arrays, as Plausible's API has them, with the names of ``Dimension``.
///
/// ```
/// ["and", [["is", "country", ["DE", "JP"]], ["not", ["contains", "page", ["/shop"], {"case_sensitive": false}]]]]
/// ["has_not_done", ["is", "goal", ["Sign up"]]]
/// ```
///
/// - `["and", […]]`, `["or", […]]`, `["not", f]`, `["has_done", f]`, `["has_not_done", f]`
/// - `[operator, dimension, [value, …]]` with `is`, `contains`, `matches`, and each of them with `_not`
/// - `["is", "goal", [name, …]]`, and `is_not`
///
/// What is not exactly that is refused with a sentence; so is what is larger than any person would write.
extension Filter {
    /// - Parameter goals: which goals there are, for those that are named.
    package init(json: String, goals: [Goal] = []) throws(FormError) {
        guard json.utf8.count <= FilterReader.maximumBytes else {
            throw FilterReader.refusal("It is too long.")
        }
        let tree: JSONTree
        do {
            tree = try JSONDecoder().decode(JSONTree.self, from: Data(json.utf8))
        } catch {
            throw FilterReader.refusal("It is not JSON of lists and texts.")
        }
        var reader = FilterReader(goals: goals)
        self = try reader.filter(tree, depth: 0)
    }

    /// The same for equal filters.
    package var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Texts, lists and truths can always be written.
        guard let data = try? encoder.encode(tree) else { return "" }
        return String(decoding: data, as: UTF8.self)
    }

    private var tree: JSONTree {
        switch self {
        case .all(let filters): .list([.text("and"), .list(filters.map(\.tree))])
        case .any(let filters): .list([.text("or"), .list(filters.map(\.tree))])
        case .not(.hasDone(let filter)): .list([.text("has_not_done"), filter.tree])
        case .not(let filter): .list([.text("not"), filter.tree])
        case .hasDone(let filter): .list([.text("has_done"), filter.tree])
        case .match(let match):
            .list(
                [
                    .text(match.comparison.rawValue + (match.isNegated ? "_not" : "")),
                    .text(match.dimension.id),
                    .list(match.values.map { .text($0) }),
                ] + (match.isCaseSensitive ? [] : [.object(["case_sensitive": .truth(false)])]))
        case .goal(let goal): .list([.text("is"), .text("goal"), .list([.text(goal.name)])])
        }
    }
}

/// Of JSON, what filters are made of.
private enum JSONTree: Codable {
    case text(String)
    case truth(Bool)
    case list([JSONTree])
    case object([String: JSONTree])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let truth = try? container.decode(Bool.self) {
            self = .truth(truth)
        } else if let list = try? container.decode([JSONTree].self) {
            self = .list(list)
        } else {
            self = .object(try container.decode([String: JSONTree].self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .text(let text): try container.encode(text)
        case .truth(let truth): try container.encode(truth)
        case .list(let list): try container.encode(list)
        case .object(let object): try container.encode(object)
        }
    }
}

private struct FilterReader {
    static let maximumBytes = 100_000
    static let maximumDepth = 10
    static let maximumConditions = 100
    static let maximumValues = 300
    static let maximumText = 2_000

    let goals: [Goal]
    private var conditions = 0

    init(goals: [Goal]) {
        self.goals = goals
    }

    static func refusal(_ sentence: String) -> FormError { FormError("filter", sentence) }

    mutating func filter(_ tree: JSONTree, depth: Int) throws(FormError) -> Filter {
        guard depth <= Self.maximumDepth else { throw Self.refusal("It is nested too deeply.") }
        conditions += 1
        guard conditions <= Self.maximumConditions else {
            throw Self.refusal("It has more than \(Self.maximumConditions) conditions.")
        }
        guard case .list(let items) = tree, case .text(let word)? = items.first else {
            throw Self.refusal("A condition is a list that begins with a word.")
        }
        switch (word, items.count) {
        case ("and", 2): return .all(try filters(items[1], depth))
        case ("or", 2): return .any(try filters(items[1], depth))
        case ("not", 2): return .not(try filter(items[1], depth: depth + 1))
        case ("has_done", 2): return .hasDone(try filter(items[1], depth: depth + 1))
        case ("has_not_done", 2): return .not(.hasDone(try filter(items[1], depth: depth + 1)))
        case (_, 3...4): return try match(word, items)
        default: throw Self.refusal("“\(word.prefix(50))” is no condition of this length.")
        }
    }

    private mutating func filters(_ tree: JSONTree, _ depth: Int) throws(FormError) -> [Filter] {
        guard case .list(let items) = tree else {
            throw Self.refusal("“and” and “or” have a list of conditions.")
        }
        var filters: [Filter] = []
        for item in items { filters.append(try filter(item, depth: depth + 1)) }
        return filters
    }

    private func match(_ word: String, _ items: [JSONTree]) throws(FormError) -> Filter {
        let isNegated = word.hasSuffix("_not")
        guard let comparison = Filter.Comparison(rawValue: isNegated ? String(word.dropLast(4)) : word) else {
            throw Self.refusal("“\(word.prefix(50))” is no operator.")
        }
        guard case .text(let id) = items[1], case .list(let list) = items[2] else {
            throw Self.refusal("An operator is followed by a dimension and a list of values.")
        }
        let values = try texts(list)
        let isCaseSensitive = try isCaseSensitive(items.count == 4 ? items[3] : .object([:]))
        if id == Dimension.goal.id {
            guard comparison == .equals, isCaseSensitive else {
                throw Self.refusal("Goals are chosen by their name, with “is” or “is_not”.")
            }
            var chosen: [Filter] = []
            for value in values {
                guard let goal = goals.first(where: { $0.name == value }) else {
                    throw Self.refusal("There is no goal “\(value.prefix(200))”.")
                }
                chosen.append(.goal(goal))
            }
            let filter = chosen.count == 1 ? chosen[0] : .any(chosen)
            return isNegated ? .not(filter) : filter
        }
        guard let dimension = Dimension.named(id), dimension.interval == nil else {
            throw Self.refusal("“\(id.prefix(100))” is nothing that can be filtered by.")
        }
        guard comparison != .matches || isCaseSensitive else {
            throw Self.refusal("A regular expression says (?i) itself.")
        }
        return .match(
            Filter.Match(
                dimension, comparison, values, isNegated: isNegated, isCaseSensitive: isCaseSensitive))
    }

    private func texts(_ list: [JSONTree]) throws(FormError) -> [String] {
        guard (1...Self.maximumValues).contains(list.count) else {
            throw Self.refusal("Give 1 to \(Self.maximumValues) values.")
        }
        var texts: [String] = []
        for item in list {
            guard case .text(let text) = item else { throw Self.refusal("A value is a text.") }
            guard text.utf8.count <= Self.maximumText else { throw Self.refusal("A value is too long.") }
            texts.append(text)
        }
        return texts
    }

    private func isCaseSensitive(_ options: JSONTree) throws(FormError) -> Bool {
        guard case .object(let members) = options else { throw Self.refusal("Options are an object.") }
        var isCaseSensitive = true
        for (name, value) in members {
            guard name == "case_sensitive", case .truth(let truth) = value else {
                throw Self.refusal("“\(name.prefix(50))” is no option, or has another value.")
            }
            isCaseSensitive = truth
        }
        return isCaseSensitive
    }
}
