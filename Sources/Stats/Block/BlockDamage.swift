/// Bytes that are no block, or no longer one.
package struct BlockDamage: Error, Sendable, Hashable, CustomStringConvertible {
    /// A sentence that says what is wrong.
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}
