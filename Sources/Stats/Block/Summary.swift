package import Days

/// What adds: the figures that every metric is made of.
///
/// Sums over several blocks are sums of sums, because visitors of different blocks are different people.
package enum Sum: Int, CaseIterable, Sendable, Hashable {
    /// Visitors with such an event.
    case visitors
    /// Visits with such an event; each once.
    case visits
    case pageViews
    /// Page views and custom events.
    case events
    /// Visits with such an event that bounced.
    case bounces
    /// Seconds of visits with such an event; each visit once.
    case duration
    /// Milliseconds, of page views that told.
    case engagement
    /// Page views that told an engagement.
    case engaged
    /// Per cent, of page views that told.
    case depth
    /// Page views that told how far they were read.
    case deep
    /// Page views that were the last of their visit.
    case exits
}

/// A block's figures with no filter at all, so that long ranges need not open its columns.
///
/// It is what the engine itself answers for the block, written down when the block is made.
package struct Summary: Sendable, Equatable {
    package struct Table: Sendable, Equatable {
        /// Numbers of the block's dictionary, or of buckets of time; ascending.
        package var values: [UInt16]
        /// By ``Sum``, each as long as `values`.
        package var sums: [[Int64]]

        package init(values: [UInt16], sums: [[Int64]]) {
            self.values = values
            self.sums = sums
        }
    }

    package var day: Day
    package var visits: Int
    package var events: Int
    /// By ``Sum``.
    package var totals: [Int64]
    /// By what the block is broken down.
    package var tables: [Key: Table]
    /// The texts of `tables`, by ``Column``.
    package var dictionaries: [[String]]
    /// Events that brought money are in the block: a question for money must open it.
    package var hasRevenue: Bool

    package enum Key: Hashable, Sendable, Comparable {
        case column(Column)
        case entryPage
        case exitPage
        /// Quarters of an hour of the local clock, 0 to 95.
        case quarter

        /// All that a summary holds.
        package static let all: [Key] =
            Column.allCases.filter { $0 != .currency }.map { .column($0) } + [
                .entryPage, .exitPage, .quarter,
            ]
    }
}

extension Column: Comparable {
    package static func < (left: Column, right: Column) -> Bool { left.rawValue < right.rawValue }
}
