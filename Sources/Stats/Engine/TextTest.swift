import FoundationEssentials

/// A condition on a text, made ready. Texts are compared by bytes.
struct TextTest: Sendable {
    private enum Kind: Sendable {
        case equals([[UInt8]])
        case contains([[UInt8]])
        case matches([Expression])
        case pattern(StarPattern)
    }

    private let kind: Kind
    private let isNegated: Bool
    private let isCaseSensitive: Bool

    init(_ match: Filter.Match) throws(QuestionError) {
        isNegated = match.isNegated
        // A regular expression says itself what it distinguishes: (?i).
        isCaseSensitive = match.isCaseSensitive || match.comparison == .matches
        let isCaseSensitive = isCaseSensitive
        var values: [[UInt8]] {
            match.values.map { Array((isCaseSensitive ? $0 : $0.lowercased()).utf8) }
        }
        switch match.comparison {
        case .equals: kind = .equals(values)
        case .contains: kind = .contains(values)
        case .matches:
            var expressions: [Expression] = []
            for value in match.values { expressions.append(try Expression(value)) }
            kind = .matches(expressions)
        }
    }

    init(equals text: String) {
        (kind, isNegated, isCaseSensitive) = (.equals([Array(text.utf8)]), false, true)
    }

    init(pattern: String) {
        (kind, isNegated, isCaseSensitive) = (.pattern(StarPattern(pattern)), false, true)
    }

    /// What is said of an event that has no such text at all.
    var holdsOfNothing: Bool { isNegated }

    func holds(_ text: UnsafeRawBufferPointer) -> Bool {
        if isCaseSensitive { return isMet(text) != isNegated }
        return Array(String(decoding: text, as: UTF8.self).lowercased().utf8)
            .withUnsafeBytes { isMet($0) } != isNegated
    }

    private func isMet(_ text: UnsafeRawBufferPointer) -> Bool {
        switch kind {
        case .equals(let values): values.contains { $0.count == text.count && $0.elementsEqual(text) }
        case .contains(let values): values.contains { TextTest.contains(text, $0) }
        case .matches(let expressions): expressions.contains { $0.isFound(in: text) }
        case .pattern(let pattern): pattern.matches(text)
        }
    }

    private static func contains(_ text: UnsafeRawBufferPointer, _ part: [UInt8]) -> Bool {
        guard let first = part.first else { return true }
        guard text.count >= part.count else { return false }
        return part.withUnsafeBytes { part in
            for start in 0...(text.count - part.count) where text[start] == first {
                if UnsafeRawBufferPointer(rebasing: text[start..<start + part.count]).elementsEqual(part) {
                    return true
                }
            }
            return false
        }
    }
}

extension Filter.Match {
    /// Whether it holds for a text, whatever its dimension is.
    ///
    /// - Throws: ``QuestionError`` for what is no regular expression.
    package func holds(for text: String) throws(QuestionError) -> Bool {
        let test = try TextTest(self)
        var text = text
        return text.withUTF8 { test.holds(UnsafeRawBufferPointer($0)) }
    }
}
