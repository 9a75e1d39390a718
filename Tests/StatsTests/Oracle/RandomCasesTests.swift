import Days
import FoundationEssentials
import Stats
import TestSupport
import Testing

/// Random events and random questions must be answered by everything that answers as the oracle does.
struct RandomCasesTests {
    /// Sites of so many seeds, each asked so many questions.
    private static let questions = 5
    private static let sites = ProcessInfo.processInfo.environment["MOCHI_TEST_LONG"] == nil ? 80 : 2_400
    /// Seeds are the same in every run, unless a first one is given.
    private static let first =
        ProcessInfo.processInfo.environment["MOCHI_TEST_SEED"].flatMap { UInt64($0) } ?? 1
    private static let lanes = 2

    @Test(arguments: 0..<lanes)
    func `random questions about random events are answered as the oracle answers them`(lane: Int)
        async throws
    {
        try await withTestDatabase { database in
            let (oracle, answerers) = (Answerer.oracle(database.owner), Answerer.all(database))
            for offset in stride(from: lane, to: Self.sites, by: Self.lanes) {
                let seed = Self.first + UInt64(offset)
                for (found, answerer) in try await differences(seed, answerers, oracle).prefix(1) {
                    Issue.record(await report(found, answerer, oracle))
                    return
                }
            }
        }
    }

    @Test func `a difference is found, and shrunk to the few events that make it`() async throws {
        try await withEmptyDatabase { database in
            let oracle = Answerer.oracle(database.owner)
            let forgetful = Answerer(name: "takes what was told twice for two") { site, questions, seed in
                var site = site
                for index in site.events.indices { site.events[index].sequence = Int64(index) }
                return try await oracle.answers(site, questions, seed)
            }
            var found: Case?
            var seed: UInt64 = 0
            while found == nil {
                seed += 1
                found = try await differences(seed, [forgetful], oracle).first?.found
            }
            let smallest = await shrunk(try #require(found), forgetful, oracle)
            #expect(smallest.site.events.count == 2)
            #expect(smallest.site.events[0] == smallest.site.events[1])
            #expect(smallest.question.filter == .everything)
            #expect(smallest.question.metrics.count + smallest.question.dimensions.count <= 2)
        }
    }

    private func differences(
        _ seed: UInt64, _ answerers: [Answerer], _ oracle: Answerer
    ) async throws -> [(found: Case, answerer: Answerer)] {
        var drawing = SiteDrawing(dice: Dice(seed: seed))
        let site = drawing.site()
        var questions = QuestionDrawing(dice: drawing.dice, site: site)
        let asked = (0..<Self.questions).map { _ in questions.question() }
        let expected = try await oracle.answers(site, asked, seed)
        var found: [(Case, Answerer)] = []
        for answerer in answerers {
            let answers = try await answerer.answers(site, asked, seed)
            for (index, question) in asked.enumerated() where !answers[index].isIdentical(to: expected[index])
            {
                found.append((Case(site: site, question: question, seed: seed), answerer))
            }
        }
        return found
    }

    private func both(
        _ one: Case, _ answerer: Answerer, _ oracle: Answerer
    ) async -> (expected: Figures?, answered: Figures?) {
        let expected = try? await oracle.answers(one.site, [one.question], one.seed)
        let answered = try? await answerer.answers(one.site, [one.question], one.seed)
        return (expected?.first, answered?.first)
    }

    private func shrunk(_ found: Case, _ answerer: Answerer, _ oracle: Answerer) async -> Case {
        await found.shrunk { smaller in
            guard case (let expected?, let answered) = await both(smaller, answerer, oracle) else {
                return false
            }
            return answered?.isIdentical(to: expected) != true
        }
    }

    private func report(_ found: Case, _ answerer: Answerer, _ oracle: Answerer) async -> Comment {
        let smallest = await shrunk(found, answerer, oracle)
        let (expected, answered) = await both(smallest, answerer, oracle)
        return """
            \(answerer.name) differs from the oracle; if not so with this question alone, then with all of the seed.
            \(smallest)
            oracle: \(expected?.lines ?? "an error")
            \(answerer.name): \(answered?.lines ?? "an error")
            """
    }
}
