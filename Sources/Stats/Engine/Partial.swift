extension Engine {
    /// Of nothing yet.
    package func partial() -> Partial { Partial(self) }

    /// Both are of this engine, and of the same site's dictionaries. Partials may be merged in any order.
    ///
    /// - Throws: ``QuestionError/tooLarge``.
    package func merge(_ other: Partial, into whole: inout Partial) throws(QuestionError) {
        try whole.merge(other)
    }

    /// What some parts of the span's days add up to.
    package struct Partial: Sendable {
        /// The dictionaries that its numbers are of; nil before the first part.
        var dictionaries: SiteDictionaries?
        /// One for each plan.
        var tallies: [Tally]
        /// One for each funnel.
        var funnels: [FunnelFigures]
        /// What each test said of a text, by the site's number: 0 unknown, 1 no, 2 yes.
        var outcomes: [[UInt8]]
        private let limit: Int

        fileprivate init(_ engine: Engine) {
            tallies = engine.plans.map { Tally($0) }
            funnels = engine.funnels.map {
                FunnelFigures(selected: 0, steps: $0.steps.map { _ in 0 })
            }
            outcomes = engine.tests.map { _ in [] }
            limit = engine.limits.rows
        }

        fileprivate mutating func merge(_ other: Partial) throws(QuestionError) {
            dictionaries = dictionaries ?? other.dictionaries
            for index in tallies.indices {
                tallies[index].merge(other.tallies[index])
                try check(index)
            }
            for index in funnels.indices {
                funnels[index].selected += other.funnels[index].selected
                for step in funnels[index].steps.indices {
                    funnels[index].steps[step] += other.funnels[index].steps[step]
                }
            }
        }

        /// That a plan's rows are not too many.
        func check(_ plan: Int) throws(QuestionError) {
            let tally = tallies[plan]
            guard (tally.table?.count ?? 0) <= limit, tally.money.count <= limit else { throw .tooLarge }
        }
    }
}
