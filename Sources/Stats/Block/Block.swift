package import Days

/// A part of a site-day in memory: visits sorted by visitor, events grouped by visit, in columns.
///
/// It links nobody: visitors are numbers 0, 1, 2 … of that part, in the order of their first event. What a
/// block holds has been checked when it was decoded (see ``BlockFile``): every number is below what it
/// counts, so scans need no checks of their own. Two parts of a day have no visitor in common; they add.
///
/// Units: times are whole seconds after ``start``; durations whole seconds; engagement milliseconds; money
/// millionths of a currency's unit.
package struct Block: Sendable, Equatable {
    package var day: Day
    /// The first instant of the site's day, seconds since 1970.
    package var start: Int64
    package var visitorCount: Int
    /// What is here. Columns, times and durations of a group that is not are empty.
    package var groups: ColumnGroup

    // Of each visit; `visitCount` long.

    /// Ascending, dense from 0: equal or one more than the visit's before.
    package var visitor: [UInt32]
    /// Where its events begin; one more at the end: `eventCount`. Every visit has an event.
    package var firstEvent: [UInt32]
    /// Seconds from its first sign of life to its last, engagement included, cut to whole seconds.
    package var duration: [UInt32]
    /// 1 if it was a bounce.
    package var bounced: [UInt8]
    /// How many of its events are page views.
    package var pageViews: [UInt32]
    /// Pages (numbers of the dictionary of ``Column/page``) of its first and last page view; ``none`` without
    /// any.
    package var entryPage: [UInt16]
    package var exitPage: [UInt16]
    /// By ``Column``: numbers of its dictionary, one a visit for columns of visits, one an event for those of
    /// events. Empty for a column of a group that is not here. ``Column/currency`` has none: see
    /// ``revenues``.
    package var columns: [[UInt16]]
    /// By ``Column``: the texts. Distinct; at most ``Fold/Limits/values`` and one ("(other)").
    package var dictionaries: [[String]]

    // Of each event; `eventCount` long, in the order in which they happened in their visit.

    package var time: [UInt32]
    package var kinds: [Kinds]
    /// Milliseconds of engagement with a page view; 0 where none was told (see ``Kinds/engaged``).
    package var engagement: [UInt32]
    /// How far down a page view was read, 0 to 100; ``unknownDepth`` where nothing was told.
    package var depth: [UInt8]
    /// Events that brought money, ascending by event.
    package var revenues: [Revenue]
    /// One for each key, ordered by key.
    package var properties: [Property]

    package static let none = UInt16.max
    package static let unknownDepth = UInt8.max
    package static let other = "(other)"

    package struct Kinds: OptionSet, Sendable, Hashable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }
        package static let pageView = Kinds(rawValue: 1)
        /// The last page view of its visit.
        package static let exit = Kinds(rawValue: 2)
        /// A page view whose engagement was told.
        package static let engaged = Kinds(rawValue: 4)
    }

    package struct Revenue: Sendable, Hashable {
        package var event: UInt32
        /// A number of the dictionary of ``Column/currency``.
        package var currency: UInt16
        package var amount: Int64

        package init(event: UInt32, currency: UInt16, amount: Int64) {
            self.event = event
            self.currency = currency
            self.amount = amount
        }
    }

    package struct Property: Sendable, Hashable {
        package var key: String
        /// Events that have it, ascending; `values` stands beside.
        package var events: [UInt32]
        /// Numbers of `dictionary`.
        package var values: [UInt16]
        package var dictionary: [String]

        package init(key: String, events: [UInt32], values: [UInt16], dictionary: [String]) {
            self.key = key
            self.events = events
            self.values = values
            self.dictionary = dictionary
        }
    }

    package var visitCount: Int { visitor.count }
    package var eventCount: Int { kinds.count }

    /// A block of nobody.
    package init(day: Day, start: Int64) {
        self.day = day
        self.start = start
        visitorCount = 0
        groups = .all
        visitor = []
        firstEvent = [0]
        duration = []
        bounced = []
        pageViews = []
        entryPage = []
        exitPage = []
        columns = Column.allCases.map { _ in [] }
        dictionaries = Column.allCases.map { _ in [] }
        time = []
        kinds = []
        engagement = []
        depth = []
        revenues = []
        properties = []
    }
}
