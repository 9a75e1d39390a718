/// Why a question is not answered, in a sentence for whoever asked.
package struct QuestionError: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }

    package static let tooSlow = QuestionError(
        "This takes too long to work out: ask for fewer days or a simpler filter.")
    /// Too many rows, before they are cut to a page.
    package static let tooLarge = QuestionError(
        "This has more rows than can be worked out at once: ask for fewer days or fewer dimensions, or filter it."
    )
}
