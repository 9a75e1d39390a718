/// Finds all words of a fixed set in one pass over a text, regardless of the case of ASCII letters.
///
/// The algorithm is Aho's and Corasick's (Efficient string matching, CACM 18:6, 1975) with the failure links folded
/// into a dense table: one load per byte, however many words there are. A loop of `contains` over four hundred
/// words takes a thousand times as long.
///
/// A word is written as it stands in the text, in lower case, between these marks:
///
/// | mark | where | means |
/// |---|---|---|
/// | `^` | first | the text begins with it |
/// | `<` | first | no letter or digit stands before it |
/// | `>` | last | no letter stands after it |
/// | `$` | last | the text ends with it |
/// | `!` | first | an exception: hides shorter words that end where it ends (`!cubot` hides `bot`) |
final class WordAutomaton: Sendable {
    private struct Word {
        var atStart = false
        var startsWord = false
        var endsWord = false
        var atEnd = false
        var isException = false
        var length = 0
    }

    /// Set in an entry of ``next`` whose state ends at least one word.
    private static let ends: UInt16 = 0x8000

    // Written once, and then read without the counting of references and the checks of bounds that arrays have:
    // every offset in them was made here.
    nonisolated(unsafe) private let words: UnsafeMutableBufferPointer<Word>
    /// A byte's column in ``next``; 0 for bytes that are in no word.
    nonisolated(unsafe) private let columns: UnsafeMutableBufferPointer<UInt8>
    /// The state after a state and a column, of which there are two to the power of ``shift``.
    nonisolated(unsafe) private let next: UnsafeMutableBufferPointer<UInt16>
    private let shift: Int
    /// Where in ``found`` a state's words begin; they end where the next state's begin.
    nonisolated(unsafe) private let firsts: UnsafeMutableBufferPointer<UInt32>
    nonisolated(unsafe) private let found: UnsafeMutableBufferPointer<UInt16>

    init(_ patterns: [String]) {
        var words: [Word] = []
        var columns = Array(repeating: UInt8(0), count: 256)
        var firsts: [UInt32] = []
        var found: [UInt16] = []
        var texts: [[UInt8]] = []
        for pattern in patterns {
            var text = Array(pattern.utf8)[...]
            var word = Word()
            if text.first == UInt8(ascii: "!") { (word.isException, text) = (true, text.dropFirst()) }
            if text.first == UInt8(ascii: "^") { (word.atStart, text) = (true, text.dropFirst()) }
            if text.first == UInt8(ascii: "<") { (word.startsWord, text) = (true, text.dropFirst()) }
            if text.last == UInt8(ascii: ">") { (word.endsWord, text) = (true, text.dropLast()) }
            if text.last == UInt8(ascii: "$") { (word.atEnd, text) = (true, text.dropLast()) }
            precondition(
                !text.isEmpty && text.allSatisfy { !(65...90).contains($0) }, "\(pattern) is no word")
            word.length = text.count
            words.append(word)
            texts.append(Array(text))
        }
        var width: UInt8 = 1
        for byte in texts.joined() where columns[Int(byte)] == 0 {
            columns[Int(byte)] = width
            width += 1
        }
        for letter in 97...122 { columns[letter - 32] = columns[letter] }
        var shift = 0
        while 1 << shift < Int(width) { shift += 1 }

        // The trie; state 0 is the root, and 0 in it stands for "no child".
        var next = Array(repeating: UInt16(0), count: 1 << shift)
        var ending: [[UInt16]] = [[]]
        for (index, text) in texts.enumerated() {
            var state = 0
            for byte in text {
                let slot = state << shift + Int(columns[Int(byte)])
                if next[slot] == 0 {
                    next[slot] = UInt16(ending.count)
                    next += Array(repeating: 0, count: 1 << shift)
                    ending.append([])
                }
                state = Int(next[slot])
            }
            ending[state].append(UInt16(index))
        }
        precondition(ending.count < Int(WordAutomaton.ends), "more states than an entry can tell")

        // Breadth first: a state's failure state is shallower, and complete.
        var failures = Array(repeating: 0, count: ending.count)
        var queue = (0..<1 << shift).map { Int(next[$0]) }.filter { $0 != 0 }
        var head = 0
        while head < queue.count {
            let state = queue[head]
            head += 1
            let isException = ending[state].contains { words[Int($0)].isException }
            if !isException { ending[state] += ending[failures[state]] }
            for column in 0..<1 << shift {
                let slot = state << shift + column
                let fallback = next[failures[state] << shift + column]
                if next[slot] == 0 {
                    next[slot] = fallback
                } else {
                    failures[Int(next[slot])] = Int(fallback)
                    queue.append(Int(next[slot]))
                }
            }
        }
        for state in ending.indices {
            firsts.append(UInt32(found.count))
            found += ending[state].filter { !words[Int($0)].isException }
        }
        firsts.append(UInt32(found.count))
        for slot in next.indices where firsts[Int(next[slot])] < firsts[Int(next[slot]) + 1] {
            next[slot] |= WordAutomaton.ends
        }
        self.words = .copy(of: words)
        self.columns = .copy(of: columns)
        self.next = .copy(of: next)
        self.shift = shift
        self.firsts = .copy(of: firsts)
        self.found = .copy(of: found)
    }

    deinit {
        words.deallocate()
        columns.deallocate()
        next.deallocate()
        firsts.deallocate()
        found.deallocate()
    }

    /// Calls with the number of each word that is found and the offset after it, in the order of the ends.
    @inline(__always)
    func scan(_ text: UnsafeBufferPointer<UInt8>, _ found: (_ word: Int, _ end: Int) -> Void) {
        var state = 0
        for index in 0..<text.count {
            let entry = next[state << shift + Int(columns[Int(text[index])])]
            state = Int(entry & ~WordAutomaton.ends)
            if entry >= WordAutomaton.ends { report(state, index + 1, text, found) }
        }
    }

    @inline(__always)
    private func report(
        _ state: Int, _ end: Int, _ text: UnsafeBufferPointer<UInt8>,
        _ report: (_ word: Int, _ end: Int) -> Void
    ) {
        for place in Int(firsts[state])..<Int(firsts[state + 1]) {
            let number = Int(found[place])
            let word = words[number]
            let start = end - word.length
            if word.atStart, start != 0 { continue }
            if word.startsWord, start > 0, text[start - 1].isLetterOrDigit { continue }
            if word.endsWord, end < text.count, text[end].isLetter { continue }
            if word.atEnd, end < text.count { continue }
            report(number, end)
        }
    }
}

extension UnsafeMutableBufferPointer {
    fileprivate static func copy(of array: [Element]) -> Self {
        let copy = allocate(capacity: array.count)
        _ = copy.initialize(from: array)
        return copy
    }
}

extension UInt8 {
    /// ASCII only.
    @inline(__always)
    var isLetter: Bool { (self | 0x20) &- 97 < 26 }

    @inline(__always)
    var isDigit: Bool { self &- 48 < 10 }

    @inline(__always)
    var isLetterOrDigit: Bool { isLetter || isDigit }

    @inline(__always)
    var lowerCased: UInt8 { self &- 65 < 26 ? self | 0x20 : self }
}

extension StringProtocol {
    /// The bytes of a text, without a copy where it has them in one piece.
    @inline(__always)
    func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        if let result = utf8.withContiguousStorageIfAvailable(body) { return result }
        return Array(utf8).withUnsafeBufferPointer(body)
    }
}
