import Days
import Testing

@testable import Stats

/// The engine and straight loops over the same plain values say the same.
struct RandomQuestionsTests {
    @Test(arguments: 1...200 as ClosedRange<UInt64>)
    func `random questions about random sites are answered as plain loops answer them`(seed: UInt64) throws {
        var drawing = PlainDrawing(seed: seed)
        let site = drawing.site()
        let questions = (0..<8).map { _ in drawing.question() }
        let funnels = (0..<3).map { _ in drawing.funnel() }
        let plain = PlainAnswer(history: drawing.history, days: site, expressions: PlainDrawing.expressions)
        let engine = try Engine(questions: questions, funnels: funnels, history: drawing.history)
        // Threads, the order of days and what is known of a day make no difference.
        let dictionaries = SiteDictionaries()
        var partials = (0..<drawing.dice.number(1...3)).map { _ in engine.partial() }
        for part in site.shuffled(using: &drawing.dice) {
            let source = source(part, engine, drawing.history, dictionaries, &drawing.dice)
            try engine.scan(source, into: &partials[drawing.dice.number(0...partials.count - 1)])
        }
        var whole = engine.partial()
        for partial in partials.shuffled(using: &drawing.dice) { try engine.merge(partial, into: &whole) }
        let answers = try engine.answers(whole)
        for (question, answer) in zip(questions, answers) {
            let expected = plain.figures(question)
            #expect(answer.bytes == expected.bytes, "\(question)")
            // Alone as in company.
            let alone = try Engine(questions: [question], history: drawing.history)
            var partial = alone.partial()
            for part in site {
                try alone.scan(
                    source(part, alone, drawing.history, dictionaries, &drawing.dice), into: &partial)
            }
            #expect(try alone.answers(partial)[0].bytes == expected.bytes)
        }
        #expect(engine.funnelAnswers(whole) == funnels.map { plain.figures($0) })
    }

    /// Goals and money of a whole block are looked for once.
    @Test(arguments: 201...260 as ClosedRange<UInt64>)
    func `a block that was asked before answers as one that was not`(seed: UInt64) throws {
        var drawing = PlainDrawing(seed: seed)
        let site = drawing.site()
        let plain = PlainAnswer(history: drawing.history, days: site, expressions: PlainDrawing.expressions)
        let dictionaries = SiteDictionaries()
        let sources = site.map { part in
            let clock = drawing.history.clock(of: part.day)
            let mask = (0..<part.visitorCount).map { part.excluded.contains($0) ? 1 : 0 as UInt8 }
            return Engine.Source.block(
                LoadedBlock(part.block(clock), clock: clock, dictionaries: dictionaries),
                excluded: part.excluded.isEmpty ? nil : mask)
        }
        var questions = (0..<8).map { _ in drawing.question() }
        // Whatever they filter by, they are asked without it, too: that is what is kept.
        questions += questions.map { question in
            var question = question
            question.filter = .everything
            let asked = question
            question.metrics.removeAll { $0.objection(asked) != nil }
            question.order = []
            if question.metrics.isEmpty { question.metrics = [.visitors] }
            return question
        }
        for question in questions + questions.reversed() {
            let engine = try Engine(questions: [question], history: drawing.history)
            var partial = engine.partial()
            for source in sources { try engine.scan(source, into: &partial) }
            #expect(try engine.answers(partial)[0].bytes == plain.figures(question).bytes, "\(question)")
        }
    }

    private func source(
        _ part: PlainDay, _ engine: Engine, _ history: ZoneHistory, _ dictionaries: SiteDictionaries,
        _ dice: inout Dice
    ) -> Engine.Source {
        let clock = history.clock(of: part.day)
        let block = part.block(clock)
        let mask = (0..<part.visitorCount).map { part.excluded.contains($0) ? 1 : 0 as UInt8 }
        let excluded = part.excluded.isEmpty && dice.chance(70) ? nil : mask
        var summary: LoadedSummary?
        if dice.chance(60) {
            summary = LoadedSummary(Summary(of: block, clock: clock), dictionaries: dictionaries)
        }
        if excluded != nil || summary == nil {
            let loaded = LoadedBlock(block, clock: clock, dictionaries: dictionaries)
            return .block(loaded, summary: summary, excluded: excluded)
        }
        guard let groups = engine.needsColumns(of: part.day, hasRevenue: !block.revenues.isEmpty) else {
            return .summary(summary!)
        }
        return .block(
            LoadedBlock(block.with(groups), clock: clock, dictionaries: dictionaries), summary: summary)
    }
}

extension Block {
    /// Without the columns of other groups.
    func with(_ groups: ColumnGroup) -> Block {
        var block = self
        block.groups = groups
        for column in Column.allCases where !groups.contains(column.group) {
            block.columns[Int(column.rawValue)] = []
            block.dictionaries[Int(column.rawValue)] = []
        }
        if !groups.contains(.properties) { block.properties = [] }
        if !groups.contains(.times) { (block.time, block.duration) = ([], []) }
        return block
    }
}

extension Figures {
    /// Texts by their bytes: Swift holds more of them for equal.
    var bytes: [String] {
        ["\(total)"] + rows.map { row in "\(row.values.map { Array($0.utf8) }) \(row.figures)" }
    }
}
