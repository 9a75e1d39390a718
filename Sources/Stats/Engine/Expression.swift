import CRE2

/// A regular expression of RE2's syntax. Finding takes time that grows with the text alone.
final class Expression: Sendable {
    /// Never changes after it was made; RE2 allows several threads at once.
    private nonisolated(unsafe) let handle: OpaquePointer

    /// Throws why it is none.
    init(_ pattern: String) throws(QuestionError) {
        var reason = [CChar](repeating: 0, count: 200)
        var pattern = pattern
        let made = pattern.withUTF8 { utf8 in
            utf8.withMemoryRebound(to: CChar.self) { bytes in
                mochi_re2_new(bytes.baseAddress, bytes.count, &reason, reason.count)
            }
        }
        guard let made else {
            let reason = String(
                decoding: reason.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            throw QuestionError("“\(pattern)” is not a regular expression: \(reason).")
        }
        handle = made
    }

    deinit { mochi_re2_delete(handle) }

    /// Whether it is found anywhere in the text.
    func isFound(in text: UnsafeRawBufferPointer) -> Bool {
        mochi_re2_matches(handle, text.assumingMemoryBound(to: CChar.self).baseAddress, text.count)
    }
}
