extension Fold {
    /// The events that are kept, cut into visits, with what engagements say about them.
    struct Visits {
        /// Indices of raw events, visit by visit.
        private(set) var rows: [UInt32] = []
        private(set) var times: [UInt32] = []
        private(set) var kinds: [Block.Kinds] = []
        private(set) var engagement: [UInt32] = []
        private(set) var depth: [UInt8] = []
        /// Where each visit begins in `rows`; one more at the end.
        private(set) var starts: [UInt32] = []
        private(set) var visitors: [UInt32] = []
        private(set) var visitorCount = 0
        private(set) var durations: [UInt32] = []
        private(set) var bounced: [UInt8] = []
        private(set) var pageViews: [UInt32] = []
        /// Engagements that belonged nowhere.
        private(set) var dropped = 0

        /// What is known of the visit that is open.
        private struct Open {
            /// Its first row's index in `rows`.
            var start: Int
            var first: Int64
            /// The last sign of life.
            var last: Int64
            var pageViews: UInt32 = 0
            var interactions = 0
            var lastPageView: Int?
            var views = Views()
        }

        init(_ raw: RawEvents, _ visitors: Visitors, start: Int64) {
            reserve(visitors.rows.count)
            let names = raw.texts[Int(Column.name.rawValue)]
            let (engagement, pageView) = (names.known(Fold.engagement), names.known(Fold.pageView))
            raw.events.withUnsafeBufferPointer { events in
                raw.ids.withUnsafeBufferPointer { ids in
                    for visitor in 0..<visitors.count {
                        var open: Open?
                        var before: Int?
                        for index in visitors.starts[visitor]..<visitors.starts[visitor + 1] {
                            let row = Int(visitors.rows[index])
                            let event = events[row]
                            if let before, event.stream == events[before].stream,
                                event.sequence == events[before].sequence
                            {
                                continue
                            }
                            before = row
                            let texts = UnsafeBufferPointer(
                                rebasing: ids[row * RawEvents.width..<(row + 1) * RawEvents.width])
                            if let visit = open, Self.hasEnded(visit, at: event.time) {
                                close(visit)
                                open = nil
                            }
                            let name = texts[Int(Column.name.rawValue)]
                            if name == engagement {
                                engage(&open, event, Views.Place(texts), ids)
                                continue
                            }
                            if open == nil {
                                open = Open(start: rows.count, first: event.time, last: event.time)
                                starts.append(UInt32(rows.count))
                                self.visitors.append(UInt32(visitorCount))
                            }
                            rows.append(UInt32(row))
                            times.append(Self.seconds(event.time, after: start))
                            add(event, isPageView: name == pageView, to: &open!)
                        }
                        if let open { close(open) }
                        if self.visitors.last == UInt32(visitorCount) { visitorCount += 1 }
                    }
                }
            }
            starts.append(UInt32(rows.count))
        }

        func write(to block: inout Block) {
            block.visitorCount = visitorCount
            block.visitor = visitors
            block.firstEvent = starts
            block.duration = durations
            block.bounced = bounced
            block.pageViews = pageViews
            block.time = times
            block.kinds = kinds
            block.engagement = engagement
            block.depth = depth
        }

        private mutating func reserve(_ count: Int) {
            rows.reserveCapacity(count)
            times.reserveCapacity(count)
            kinds.reserveCapacity(count)
            engagement.reserveCapacity(count)
            depth.reserveCapacity(count)
        }

        /// Times of a visitor ascend, so that a difference without its sign cannot overflow.
        private static func hasEnded(_ visit: Open, at time: Int64) -> Bool {
            UInt64(bitPattern: time &- visit.last) > UInt64(Fold.silence)
        }

        private static func seconds(_ time: Int64, after start: Int64) -> UInt32 {
            let floored = time / 1_000_000 - (time % 1_000_000 < 0 ? 1 : 0)
            return UInt32(clamping: floored.subtractingReportingOverflow(start).partialValue)
        }

        private mutating func add(_ event: RawEvents.Event, isPageView: Bool, to open: inout Open) {
            open.last = event.time
            guard isPageView else {
                kinds.append([])
                engagement.append(0)
                depth.append(Block.unknownDepth)
                if event.interactive { open.interactions += 1 }
                return
            }
            open.pageViews += 1
            open.lastPageView = rows.count - 1
            kinds.append(.pageView)
            engagement.append(0)
            depth.append(Block.unknownDepth)
            tell(event, rows.count - 1)
        }

        private mutating func engage(
            _ open: inout Open?, _ event: RawEvents.Event, _ place: Views.Place,
            _ ids: UnsafeBufferPointer<UInt32>
        ) {
            guard open != nil else {
                dropped += 1
                return
            }
            open!.last = event.time
            if let view = open!.views.latest(of: place, from: open!.start, rows, kinds, ids) {
                tell(event, view)
            } else {
                dropped += 1
            }
        }

        /// Adds what an event tells of a page view.
        private mutating func tell(_ event: RawEvents.Event, _ view: Int) {
            if event.engagementMilliseconds > 0 {
                let (sum, overflow) = engagement[view].addingReportingOverflow(
                    UInt32(event.engagementMilliseconds))
                engagement[view] = overflow ? .max : sum
                kinds[view].insert(.engaged)
            }
            if let told = event.scrollDepth, told >= 0 {
                let known = depth[view] == Block.unknownDepth ? 0 : depth[view]
                depth[view] = max(known, UInt8(min(told, 100)))
            }
        }

        private mutating func close(_ visit: Open) {
            durations.append(UInt32(clamping: UInt64(bitPattern: visit.last &- visit.first) / 1_000_000))
            bounced.append(Int(visit.pageViews) + visit.interactions <= 1 ? 1 : 0)
            pageViews.append(visit.pageViews)
            if let last = visit.lastPageView { kinds[last].insert(.exit) }
        }
    }
}
