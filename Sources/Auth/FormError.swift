/// What somebody entered cannot be taken: which field, and a sentence that helps.
package struct FormError: Error, Sendable, Hashable {
    package let field: String
    package let message: String
    /// What was entered is well-formed, and somebody else's already.
    package let isTaken: Bool

    package init(_ field: String, _ message: String, isTaken: Bool = false) {
        self.field = field
        self.message = message
        self.isTaken = isTaken
    }
}
