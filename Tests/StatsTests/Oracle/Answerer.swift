import Days
import Postgres
import Stats
import TestSupport

/// A way to answer questions about a site. What the oracle says, every other way has to say too, to the last digit.
struct Answerer: Sendable {
    let name: String
    /// One answer for each question; `seed` draws whatever must not make a difference.
    let answers:
        @Sendable (_ site: RecordedSite, _ questions: [Question], _ seed: UInt64) async throws -> [Figures]

    /// The same in plain SQL over a table of raw events.
    static func oracle(_ database: Database, limits: OracleLimits? = nil) -> Answerer {
        Answerer(name: "oracle") { site, questions, _ in
            try await database.withConnection { connection in
                let table = try OracleTable(site, limits: limits, on: connection)
                return try questions.map { try table.answer($0) }
            }
        }
    }
}

extension Figures {
    /// The same to the last bit: texts by their bytes, numbers by theirs.
    func isIdentical(to other: Figures) -> Bool {
        total == other.total && rows.count == other.rows.count
            && zip(rows, other.rows).allSatisfy { left, right in
                left.values.map { Array($0.utf8) } == right.values.map { Array($0.utf8) }
                    && left.figures.count == right.figures.count
                    && zip(left.figures, right.figures).allSatisfy { $0.isIdentical(to: $1) }
            }
    }
}

extension Figure {
    func isIdentical(to other: Figure) -> Bool {
        switch (self, other) {
        case (.none, .none): true
        case (.number(let left), .number(let right)): left == right
        case (.money(let left), .money(let right)):
            left.count == right.count
                && zip(left, right).allSatisfy {
                    Array($0.currency.utf8) == Array($1.currency.utf8) && $0.amount == $1.amount
                }
        default: false
        }
    }
}

extension Answerer {
    /// All that has to answer as the oracle does. To hold another way against it, add a row.
    static func all(_ database: TestDatabase) -> [Answerer] {
        [
            .blocks("blocks of whole days", parts: 1, summaries: false),
            .blocks("blocks in parts", parts: 4, summaries: false),
            .blocks("summaries where they suffice", parts: 2, summaries: true),
            .returning,
            .statistics(database),
        ]
    }

    /// From raw events to blocks and their stored form, back into memory, and through the engine.
    ///
    /// - Parameters:
    ///   - parts: into how many a day is cut at most, its visitors divided by a hash; they come in random order, and are
    ///     counted in two heaps that are merged.
    ///   - summaries: leaves aside what columns the engine says that it does not need.
    static func blocks(_ name: String, parts: Int, summaries: Bool) -> Answerer {
        Answerer(name: name) { site, questions, seed in
            var dice = Dice(seed: seed)
            let engine = try Engine(questions: questions, history: site.history)
            let dictionaries = SiteDictionaries()
            var heaps = [engine.partial(), engine.partial()]
            for part in try site.stored(parts: parts, dice: &dice) {
                let source: Engine.Source
                if summaries {
                    let summary = LoadedSummary(
                        try BlockFile.summary(part.encoded.summary), dictionaries: dictionaries)
                    let columns = engine.needsColumns(
                        of: part.clock.day, hasRevenue: summary.summary.hasRevenue)
                    source =
                        try columns.map { .block(try part.loaded($0, dictionaries), summary: summary) }
                        ?? .summary(summary)
                } else {
                    source = .block(try part.loaded(.all, dictionaries), excluded: nil)
                }
                try engine.scan(source, into: &heaps[parts == 1 ? 0 : dice.number(0...1)])
            }
            try engine.merge(heaps[1], into: &heaps[0])
            return try engine.answers(heaps[0])
        }
    }

    /// A block of all visitors, some of whom count in another: as those do who come back today.
    static let returning = Answerer(name: "visitors who came back") { site, questions, seed in
        var dice = Dice(seed: seed)
        let engine = try Engine(questions: questions, history: site.history)
        let dictionaries = SiteDictionaries()
        var partial = engine.partial()
        for part in try site.stored(parts: 1, dice: &dice) {
            let visitors = part.visitors
            let back = visitors.map { _ in UInt8(dice.number(0...1)) }
            let whole = try part.loaded(.all, dictionaries)
            try engine.scan(.block(whole, excluded: back), into: &partial)
            let young = zip(visitors, back).filter { $0.1 == 1 }.map(\.0)
            let rows = part.events.indices.filter { young.contains(part.events[$0].visitor) }.map {
                UInt32($0)
            }
            let (block, _) = Fold.fold(RawEvents(part.events), rows: rows, clock: part.clock)
            try engine.scan(
                .block(LoadedBlock(block, clock: part.clock, dictionaries: dictionaries)), into: &partial)
        }
        return try engine.answers(partial)
    }
}
