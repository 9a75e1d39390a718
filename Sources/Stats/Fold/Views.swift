extension Fold {
    /// Finds the latest page view of a place in a visit.
    ///
    /// Nearly always it is one of the last few events. A table is made only for visits in which it is not, so
    /// that a visit of a million events with as many engagements takes no longer for each.
    struct Views {
        /// A hostname and a page, by their numbers.
        struct Place: Hashable {
            let hostname: UInt32
            let page: UInt32

            /// `texts`: those of an event, by ``Column``.
            init(_ texts: UnsafeBufferPointer<UInt32>) {
                hostname = texts[Int(Column.hostname.rawValue)]
                page = texts[Int(Column.page.rawValue)]
            }
        }

        private static let glance = 16
        /// The latest page view of each place among the events before `end`.
        private var table: [Place: Int] = [:]
        private var end = 0

        /// - Parameters:
        ///   - start: where the visit begins in `rows`; it ends with them.
        ///   - ids: the raw events'.
        mutating func latest(
            of place: Place, from start: Int, _ rows: [UInt32], _ kinds: [Block.Kinds],
            _ ids: UnsafeBufferPointer<UInt32>
        ) -> Int? {
            var at = rows.count
            while at > start {
                if at == rows.count - Self.glance { return remembered(place, from: start, rows, kinds, ids) }
                at -= 1
                if kinds[at].contains(.pageView), Self.place(rows[at], ids) == place { return at }
            }
            return nil
        }

        private mutating func remembered(
            _ place: Place, from start: Int, _ rows: [UInt32], _ kinds: [Block.Kinds],
            _ ids: UnsafeBufferPointer<UInt32>
        ) -> Int? {
            for at in max(end, start)..<rows.count where kinds[at].contains(.pageView) {
                table[Self.place(rows[at], ids)] = at
            }
            end = rows.count
            return table[place]
        }

        private static func place(_ row: UInt32, _ ids: UnsafeBufferPointer<UInt32>) -> Place {
            let first = Int(row) * RawEvents.width
            return Place(UnsafeBufferPointer(rebasing: ids[first..<first + RawEvents.width]))
        }
    }
}
