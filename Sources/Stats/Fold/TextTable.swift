/// Texts that are numbered in the order of their first appearance.
package struct TextTable: Sendable {
    package init() {}
}
