import Days
import FoundationEssentials
import Postgres
import Stats
import TestSupport
import Testing

/// Funnels lead as many through each step as plain SQL finds.
struct FunnelCasesTests {
    private static let sites = ProcessInfo.processInfo.environment["MOCHI_TEST_LONG"] == nil ? 60 : 1_500

    @Test func `random funnels are answered as the oracle answers them`() async throws {
        try await withEmptyDatabase { database in
            for seed in 1...UInt64(Self.sites) {
                var drawing = SiteDrawing(dice: Dice(seed: seed))
                let site = drawing.site()
                var questions = QuestionDrawing(dice: drawing.dice, site: site)
                let funnels = (0..<4).map { _ in questions.funnel() }
                let expected = try await database.owner.withConnection { connection in
                    let table = try OracleTable(site, on: connection)
                    return try funnels.map { try table.answer($0) }
                }
                let engine = try Engine(questions: [], funnels: funnels, history: site.history)
                let dictionaries = SiteDictionaries()
                var partial = engine.partial()
                for part in try site.stored(parts: 3, dice: &questions.dice) {
                    try engine.scan(.block(try part.loaded(.all, dictionaries)), into: &partial)
                }
                let answers = engine.funnelAnswers(partial)
                guard answers == expected else {
                    let index = answers.indices.first { answers[$0] != expected[$0] }!
                    Issue.record(
                        """
                        seed \(seed): \(funnels[index])
                        oracle: \(expected[index])
                        engine: \(answers[index])
                        """)
                    return
                }
            }
        }
    }
}
