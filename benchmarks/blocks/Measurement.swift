import Days
import Glibc
import Stats

/// Days of one site, each step over all of them several times; the least processor time counts: others use
/// the machine too.
struct Measurement {
    private static let repetitions = 7

    private let days: [(clock: DayClock, raw: RawEvents)]

    init(events: Int, days count: Int) {
        var traffic = Traffic(seed: 5)
        let zone = ZoneHistory(Zone.utc)
        days = (0..<count).map { number in
            let clock = zone.clock(of: Day("2026-03-01")!.advanced(by: number))
            return (clock, traffic.day(clock, events: events))
        }
    }

    func run() throws {
        var blocks: [Block] = []
        let folding = least { blocks = days.map { Fold.fold($0.raw, clock: $0.clock).block } }
        var encoded: [EncodedBlock] = []
        let writing = try least {
            encoded = try zip(days, blocks).map { try BlockFile.encode($1, clock: $0.clock) }
        }
        let raw = days.reduce(0) { $0 + $1.raw.count }
        let events = blocks.reduce(0) { $0 + $1.eventCount }
        let visits = blocks.reduce(0) { $0 + $1.visitCount }
        print("\(days.count) days, \(raw) rows, \(events) events, \(visits) visits")
        let pages = blocks[0].dictionaries[Int(Column.page.rawValue)].count
        let cities = blocks[0].dictionaries[Int(Column.city.rawValue)].count
        print("the first day: \(pages) pages, \(cities) cities\n")

        let sizes: [(String, (EncodedBlock) -> Int)] = [
            ("summary", { $0.summary.count }), ("core", { $0.core.count }), ("detail", { $0.detail.count }),
            ("properties", { $0.properties.count }),
            ("together", { $0.summary.count + $0.core.count + $0.detail.count + $0.properties.count }),
        ]
        print(row("stored", "bytes/event"))
        for (name, size) in sizes {
            print(row(name, decimal(Double(encoded.reduce(0) { $0 + size($1) }) / Double(events))))
        }

        print("\n" + row("step", "ns/event", "million/s"))
        func report(_ name: String, _ seconds: Double) {
            print(row(name, decimal(seconds / Double(events) * 1e9), decimal(Double(events) / seconds / 1e6)))
        }
        report("fold", folding)
        report("write", writing)
        report(
            "of which summarize",
            least { for (day, block) in zip(days, blocks) { _ = Summary(of: block, clock: day.clock) } })
        report("fold and write", folding + writing)
        report("read core", try least { for block in encoded { _ = try BlockFile.block(core: block.core) } })
        report(
            "read all",
            try least {
                for block in encoded {
                    _ = try BlockFile.block(
                        core: block.core, detail: block.detail, properties: block.properties)
                }
            })
        let summaries = try least { for block in encoded { _ = try BlockFile.summary(block.summary) } }
        report("read summary", summaries)
        let keys = Set(
            Summary.Key.all.filter {
                if case .column(let column) = $0 { !column.isOfDetail } else { true }
            })
        let some = try least { for block in encoded { _ = try BlockFile.summary(block.summary, keys: keys) } }
        report("read summary, core alone", some)
        print(
            "\n365 summaries: \(decimal(summaries / Double(days.count) * 365)) s, core alone "
                + "\(decimal(some / Double(days.count) * 365)) s")
    }

    /// Seconds of processor time.
    private func least(_ body: () throws -> Void) rethrows -> Double {
        var least = Double.infinity
        for _ in 0..<Self.repetitions {
            let start = Self.processorTime()
            try body()
            least = min(least, Self.processorTime() - start)
        }
        return least
    }

    private static func processorTime() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private func decimal(_ number: Double) -> String {
        let hundredths = Int((number * 100).rounded())
        return "\(hundredths / 100)." + (hundredths % 100 < 10 ? "0" : "") + "\(hundredths % 100)"
    }

    private func row(_ name: String, _ cells: String...) -> String {
        cells.reduce(name + String(repeating: " ", count: 26 - name.count)) { row, cell in
            row + String(repeating: " ", count: max(1, 14 - cell.count)) + cell
        }
    }
}
