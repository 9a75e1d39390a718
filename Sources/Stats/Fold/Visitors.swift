extension Fold {
    /// Raw events grouped by visitor, visitors in the order of their first event that opens a visit.
    ///
    /// Rows are spread by a counting sort over visitors that a hash table has numbered; then each visitor's
    /// few rows, which mostly came in order, are sorted: 42 ns a row. One sort of all rows by visitor and
    /// time took 960.
    struct Visitors {
        /// Indices of raw events, by visitor, then by time, stream and sequence; repeats stand side by side.
        private(set) var rows: [UInt32]
        /// Where each visitor's rows begin; one more at the end.
        private(set) var starts: [Int]

        var count: Int { starts.count - 1 }

        init(_ raw: RawEvents, rows selected: [UInt32]?) {
            let number = selected?.count ?? raw.count
            (rows, starts) = raw.events.withUnsafeBufferPointer { events in
                let all = selected ?? Array(0..<UInt32(number))
                let (visitors, firsts) = Self.numbered(raw, events, all)
                let ranks = Self.ranks(firsts, events)
                var starts = [Int](repeating: 0, count: firsts.count + 1)
                for visitor in visitors { starts[Int(ranks[Int(visitor)]) + 1] += 1 }
                for rank in 0..<firsts.count { starts[rank + 1] += starts[rank] }
                var next = starts
                var rows = [UInt32](repeating: 0, count: number)
                for (row, visitor) in zip(all, visitors) {
                    let rank = Int(ranks[Int(visitor)])
                    rows[next[rank]] = row
                    next[rank] += 1
                }
                rows.withUnsafeMutableBufferPointer { rows in
                    for rank in 0..<firsts.count {
                        Self.sort(
                            UnsafeMutableBufferPointer(rebasing: rows[starts[rank]..<starts[rank + 1]]),
                            events)
                    }
                }
                return (rows, starts)
            }
        }

        /// Each row's visitor as a number, in the order of appearance, and each visitor's first event that is
        /// no engagement; `UInt32.max` without one.
        private static func numbered(
            _ raw: RawEvents, _ events: UnsafeBufferPointer<RawEvents.Event>, _ rows: [UInt32]
        ) -> (visitors: [UInt32], firsts: [UInt32]) {
            var table = NumberTable()
            var visitors: [UInt32] = []
            visitors.reserveCapacity(rows.count)
            var firsts: [UInt32] = []
            let engagement = raw.texts[Int(Column.name.rawValue)].known(Fold.engagement)
            for row in rows {
                let visitor = Int(table.id(of: UInt64(bitPattern: events[Int(row)].visitor)))
                visitors.append(UInt32(visitor))
                if visitor == firsts.count { firsts.append(.max) }
                if raw.ids[Int(row) * RawEvents.width + Int(Column.name.rawValue)] == engagement { continue }
                if firsts[visitor] == .max || precedes(events[Int(row)], events[Int(firsts[visitor])]) {
                    firsts[visitor] = row
                }
            }
            return (visitors, firsts)
        }

        /// Each visitor's place by the first event; last come those without one, who will have no visit.
        private static func ranks(_ firsts: [UInt32], _ events: UnsafeBufferPointer<RawEvents.Event>)
            -> [UInt32]
        {
            var order = firsts.indices.filter { firsts[$0] != .max }.map { visitor in
                (time: events[Int(firsts[visitor])].time, visitor: UInt32(visitor))
            }
            order.sort { left, right in
                left.time != right.time
                    ? left.time < right.time
                    : precedes(
                        events[Int(firsts[Int(left.visitor)])], events[Int(firsts[Int(right.visitor)])])
            }
            var ranks = [UInt32](repeating: .max, count: firsts.count)
            for (rank, entry) in order.enumerated() { ranks[Int(entry.visitor)] = UInt32(rank) }
            var next = UInt32(order.count)
            for visitor in firsts.indices where firsts[visitor] == .max {
                ranks[visitor] = next
                next += 1
            }
            return ranks
        }

        private static func sort(
            _ sorted: UnsafeMutableBufferPointer<UInt32>, _ events: UnsafeBufferPointer<RawEvents.Event>
        ) {
            var rows = sorted
            if rows.count > 32 {
                rows.sort { precedes(events[Int($0)], events[Int($1)]) }
                return
            }
            for end in rows.indices.dropFirst() {
                let row = rows[end]
                var at = end
                while at > 0, precedes(events[Int(row)], events[Int(rows[at - 1])]) {
                    rows[at] = rows[at - 1]
                    at -= 1
                }
                rows[at] = row
            }
        }

        @inline(__always)
        private static func precedes(_ left: RawEvents.Event, _ right: RawEvents.Event) -> Bool {
            if left.time != right.time { return left.time < right.time }
            if left.stream != right.stream { return left.stream < right.stream }
            return left.sequence < right.sequence
        }
    }
}
