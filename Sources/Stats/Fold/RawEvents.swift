/// Raw events of one site-day in columns, on their way into a block; in any order, with repeats.
///
/// Made from rows of `events`, from an access log, or from a generator. `visitor` is a keyed hash: it ends with the fold.
package struct RawEvents: Sendable {
    /// What an event has besides its texts.
    package struct Event: Sendable, Hashable {
        /// Microseconds since 1970.
        package var time: Int64
        package var visitor: Int64
        /// Together they name an event: what comes twice is the same.
        package var stream: Int64
        package var sequence: Int64
        /// False for a custom event that does not end a bounce.
        package var interactive = true
        package var engagementMilliseconds: Int32 = 0
        /// 0 to 100; more is 100.
        package var scrollDepth: Int16?
        /// Millionths; its currency is a text.
        package var revenue: Int64?

        package init(time: Int64, visitor: Int64, stream: Int64, sequence: Int64) {
            self.time = time
            self.visitor = visitor
            self.stream = stream
            self.sequence = sequence
        }
    }

    package internal(set) var events: [Event] = []
    /// By ``Column``: numbers of `texts`, one an event.
    package internal(set) var ids: [[UInt32]] = Column.allCases.map { _ in [] }
    /// By ``Column``.
    package internal(set) var texts: [TextTable] = Column.allCases.map { _ in TextTable() }
    /// Where each event's properties begin in `propertyKeys` and `propertyValues`; one more at the end.
    package internal(set) var firstProperty: [UInt32] = [0]
    package internal(set) var propertyKeys: [UInt32] = []
    package internal(set) var propertyValues: [UInt32] = []
    package internal(set) var keyTexts = TextTable()
    package internal(set) var valueTexts = TextTable()

    package init() {}

    package var count: Int { events.count }
}
