package import Days

/// Makes a block of raw events: a pure function, the same for any order of arrival, any grouping and any
/// repeats.
///
/// - An event is named by stream and sequence: what comes twice counts once.
/// - A visit is open while its visitor's silence has lasted no longer than ``silence``, engagement included.
///   An engagement alone never opens one. What a visit has (``Column/isOfVisit``) is what its first event
///   says.
/// - An engagement is no event of the block. Its milliseconds and its depth belong to the latest page view
///   before it in the visit that has the same hostname and page. Without a visit, or such a page view, they
///   are dropped and counted.
/// - A visit bounced if its page views and interactive custom events are at most one.
/// - Times are clamped to the day's start. Visitors are numbered by their first event that is kept.
/// - A dimension keeps its most frequent values of the day, see ``Limits``.
package enum Fold {
    /// What of a day is kept of each; nothing here depends on the order of arrival.
    package struct Limits: Sendable, Hashable {
        /// Values of a dimension, most frequent first (a visit's column: by visits; an event's: by events; a
        /// property: by events with that key; currencies: by events with money), then by bytes. The rest
        /// becomes ``Block/other``.
        package var values: Int
        /// Keys of properties, by events with them, then by bytes. The rest is left out.
        package var keys: Int

        package init(values: Int = 10_000, keys: Int = 300) {
            precondition(0...60_000 ~= values)
            self.values = values
            self.keys = keys
        }
    }

    /// Microseconds. A visit still goes on after a silence of exactly that.
    package static let silence: Int64 = 1_800_000_000
    package static let engagement = "engagement"
    package static let pageView = "pageview"

    /// - Parameter rows: which of `raw` to fold, by index; nil for all.
    /// - Returns: the block, and how many engagements found no visit or no page view of their own.
    package static func fold(
        _ raw: RawEvents, rows: [UInt32]? = nil, clock: DayClock, limits: Limits = Limits()
    ) -> (block: Block, dropped: Int) {
        fold(raw, rows: rows, day: clock.day, start: clock.start, limits: limits)
    }

    /// - Parameter start: the first instant of the site's day, in seconds since 1970.
    package static func fold(
        _ raw: RawEvents, rows: [UInt32]? = nil, day: Day, start: Int64, limits: Limits = Limits()
    ) -> (block: Block, dropped: Int) {
        var block = Block(day: day, start: start)
        let visitors = Visitors(raw, rows: rows)
        let visits = Visits(raw, visitors, start: start)
        visits.write(to: &block)
        writeColumns(of: raw, visits, limits: limits, to: &block)
        writeRevenues(of: raw, visits, limits: limits, to: &block)
        writeProperties(of: raw, visits, limits: limits, to: &block)
        return (block, visits.dropped)
    }
}
