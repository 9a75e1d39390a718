/// Raw events of one site-day, on their way into a block; in any order, with repeats.
///
/// Made from rows of `events`, from an access log, or from a generator. `visitor` is a keyed hash: it ends
/// with the fold. Texts are numbered by column, so that each is kept once. The number of "" is 0 in every
/// column.
package struct RawEvents: Sendable {
    /// What an event has besides its texts.
    package struct Event: Sendable, Hashable {
        /// Microseconds since 1970.
        package var time: Int64
        package var visitor: Int64
        /// Together they name an event: what comes twice is the same.
        package var stream: Int64
        package var sequence: Int64
        /// Millionths; its currency is a text.
        package var revenue: Int64?
        package var engagementMilliseconds: Int32 = 0
        /// 0 to 100; more is 100. A negative one says nothing.
        package var scrollDepth: Int16?
        /// False for a custom event that does not end a bounce.
        package var interactive = true

        package init(time: Int64, visitor: Int64, stream: Int64, sequence: Int64) {
            self.time = time
            self.visitor = visitor
            self.stream = stream
            self.sequence = sequence
        }
    }

    /// A property's key and value: numbers of ``keyTexts`` and ``valueTexts``.
    package struct Property: Sendable, Hashable {
        package var key: UInt32
        package var value: UInt32

        package init(key: UInt32, value: UInt32) {
            self.key = key
            self.value = value
        }
    }

    /// How many texts an event has.
    package static let width = Column.allCases.count

    package internal(set) var events: [Event] = []
    /// Numbers of ``texts``: those of an event side by side, by ``Column``. The fold reads events in another
    /// order than they came in, and so needs two lines of the cache for each instead of ``width``.
    package internal(set) var ids: [UInt32] = []
    /// By ``Column``.
    package internal(set) var texts: [TextTable]
    /// Where each event's properties begin in `properties`; one more at the end. The last of a key counts.
    package internal(set) var firstProperty: [Int] = [0]
    package internal(set) var properties: [Property] = []
    package internal(set) var keyTexts = TextTable()
    package internal(set) var valueTexts = TextTable()

    package init() {
        texts = Column.allCases.map { _ in
            var table = TextTable()
            _ = table.id(of: "")
            return table
        }
    }

    package var count: Int { events.count }

    /// What it takes in memory, in bytes.
    package var byteCount: Int {
        events.capacity * MemoryLayout<Event>.stride + ids.capacity * 4 + firstProperty.capacity * 8
            + properties.capacity * 8 + texts.reduce(0) { $0 + $1.byteCount } + keyTexts.byteCount
            + valueTexts.byteCount
    }

    package mutating func reserveCapacity(_ count: Int) {
        events.reserveCapacity(count)
        ids.reserveCapacity(count * Self.width)
        firstProperty.reserveCapacity(count + 1)
    }
}
