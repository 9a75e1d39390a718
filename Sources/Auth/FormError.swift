/// What somebody entered cannot be taken: which field, and a sentence that helps.
package struct FormError: Error, Sendable, Hashable {
    package let field: String
    package let message: String

    package init(_ field: String, _ message: String) {
        self.field = field
        self.message = message
    }
}
