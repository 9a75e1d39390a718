import Days
import Stats

/// A part of a site-day as plain values. Blocks are made of it, and the plain reference reads it.
struct PlainDay {
    struct Event {
        var name = "pageview"
        /// Seconds after the day's start.
        var time = 0
        var texts: [Column: String] = [:]
        /// Nil: nothing was told.
        var engagement: Int?
        var depth: Int?
        var money: (currency: String, amount: Int64)?
        var properties: [String: String] = [:]

        var isPageView: Bool { name == "pageview" }

        subscript(_ column: Column) -> String { column == .name ? name : texts[column] ?? "" }
    }

    struct Visit {
        /// Ascending, dense from 0.
        var visitor: Int
        var texts: [Column: String] = [:]
        var duration = 0
        var bounced = false
        var events: [Event]

        var entryPage: String? { events.first(where: \.isPageView)?[.page] }
        var exitPage: String? { events.last(where: \.isPageView)?[.page] }
        var entryHostname: String? { events.first(where: \.isPageView)?[.hostname] }
        var exitHostname: String? { events.last(where: \.isPageView)?[.hostname] }
    }

    var day: Day
    var visits: [Visit]
    var excluded: Set<Int> = []

    var visitorCount: Int { (visits.last?.visitor ?? -1) + 1 }

    func block(_ clock: DayClock) -> Block {
        var block = Block(day: day, start: clock.start)
        block.visitorCount = visitorCount
        let events = visits.flatMap(\.events)
        for column in Column.allCases {
            let values =
                switch column {
                case .currency: events.compactMap { $0.money?.currency }
                case _ where column.isOfVisit: visits.map { $0.texts[column] ?? "" }
                default: events.map { $0[column] }
                }
            let (texts, numbers) = PlainDay.dictionary(values)
            block.dictionaries[Int(column.rawValue)] = texts
            if column != .currency {
                block.columns[Int(column.rawValue)] = values.map { numbers[Array($0.utf8)]! }
            }
        }
        let pages = PlainDay.dictionary(events.map { $0[.page] }).numbers
        block.visitor = visits.map { UInt32($0.visitor) }
        block.duration = visits.map { UInt32($0.duration) }
        block.bounced = visits.map { $0.bounced ? 1 : 0 }
        block.pageViews = visits.map { UInt32($0.events.count(where: \.isPageView)) }
        block.entryPage = visits.map { $0.entryPage.map { pages[Array($0.utf8)]! } ?? Block.none }
        block.exitPage = visits.map { $0.exitPage.map { pages[Array($0.utf8)]! } ?? Block.none }
        for visit in visits {
            block.firstEvent.append(block.firstEvent.last! + UInt32(visit.events.count))
            let exit = visit.events.lastIndex(where: \.isPageView)
            for (index, event) in visit.events.enumerated() {
                var kinds: Block.Kinds = event.isPageView ? .pageView : []
                if index == exit { kinds.insert(.exit) }
                if event.engagement != nil { kinds.insert(.engaged) }
                block.kinds.append(kinds)
            }
        }
        block.time = events.map { UInt32($0.time) }
        block.engagement = events.map { UInt32($0.engagement ?? 0) }
        block.depth = events.map { $0.depth.map { UInt8($0) } ?? Block.unknownDepth }
        let currencies = PlainDay.dictionary(events.compactMap { $0.money?.currency }).numbers
        block.revenues = events.enumerated().compactMap { index, event in
            event.money.map {
                .init(event: UInt32(index), currency: currencies[Array($0.currency.utf8)]!, amount: $0.amount)
            }
        }
        let keys = Set(events.flatMap { $0.properties.keys.map { Array($0.utf8) } })
        for key in keys.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            let having = events.enumerated().compactMap { index, event in
                event.properties.first { Array($0.key.utf8) == key }.map { (event: index, value: $0.value) }
            }
            let (texts, numbers) = PlainDay.dictionary(having.map(\.value))
            block.properties.append(
                .init(
                    key: String(decoding: key, as: UTF8.self), events: having.map { UInt32($0.event) },
                    values: having.map { numbers[Array($0.value.utf8)]! }, dictionary: texts))
        }
        return block
    }

    private static func dictionary(_ values: [String]) -> (texts: [String], numbers: [[UInt8]: UInt16]) {
        let texts = Set(values.map { Array($0.utf8) }).sorted { $0.lexicographicallyPrecedes($1) }
        return (
            texts.map { String(decoding: $0, as: UTF8.self) },
            Dictionary(uniqueKeysWithValues: texts.enumerated().map { ($1, UInt16($0)) })
        )
    }
}
