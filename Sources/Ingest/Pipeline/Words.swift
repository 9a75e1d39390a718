// Comparing bytes with what a program knows, without making a text of them first.

extension UnsafeBufferPointer<UInt8> {
    /// Whether these are the bytes of a word.
    @inline(__always)
    func isExactly(_ word: StaticString) -> Bool {
        guard count == word.utf8CodeUnitCount else { return false }
        for index in 0..<count where self[index] != word.utf8Start[index] { return false }
        return true
    }

    /// The same for a word in lower case, regardless of the case of ASCII letters.
    @inline(__always)
    func isWord(_ word: StaticString) -> Bool {
        guard count == word.utf8CodeUnitCount else { return false }
        for index in 0..<count where self[index].lowerCased != word.utf8Start[index] { return false }
        return true
    }
}
