package import Days

/// Answers questions about one site by scanning its days.
///
/// It is made for the questions of one page, which share what they can: what a filter selects is found once a block, and
/// equal sums are added up once. Use it like this, with as many partials as there are threads:
///
///     let engine = try Engine(questions: questions, history: history)
///     var partial = engine.partial()
///     for day in days { try engine.scan(source(day, engine.needsColumns(of: day)), into: &partial) }
///     let answers = try engine.answers(partial)
///
/// Sums wrap around at the ends of `Int64` (money might get there), so that they do not depend on the order of days.
package struct Engine: Sendable {
    /// What an answer may take.
    package struct Limits: Sendable {
        /// Rows of one question, before it is cut to its page.
        package var rows: Int

        package init(rows: Int = 1_000_000) {
            self.rows = rows
        }
    }

    /// Columns that a plan needs were not given to ``scan(_:into:isCancelled:)``: a mistake of the caller.
    package struct MissingColumns: Error {
        package let day: Day
        package let needed: ColumnGroup
    }

    /// A table that a plan needs was left out when a summary was read: a mistake of the caller.
    package struct MissingTable: Error {
        package let day: Day
        package let needed: Summary.Key
    }

    let history: ZoneHistory
    let limits: Limits
    let answering: [Answering]
    let plans: [Plan]
    let selections: [Selection]
    let tests: [TextTest]
    let funnels: [FunnelPlan]

    /// Checks the questions. Their spans may differ: a day counts for those that it is in.
    package init(
        questions: [Question], funnels: [FunnelQuestion] = [], history: ZoneHistory, limits: Limits = Limits()
    ) throws(QuestionError) {
        for question in questions { try question.check() }
        for funnel in funnels { try funnel.check() }
        self.history = history
        self.limits = limits
        var compiler = Compiler()
        var answering: [Answering] = []
        for question in questions {
            answering.append(try compiler.answering(question, history: history, limits: limits))
        }
        var funnelPlans: [FunnelPlan] = []
        for funnel in funnels { funnelPlans.append(try compiler.plan(funnel)) }
        self.answering = answering
        self.funnels = funnelPlans
        plans = compiler.plans
        selections = compiler.selections
        tests = compiler.tests
    }

    /// From the first to the last day that anything is asked about; nil without a question.
    package var days: ClosedRange<Day>? {
        let days = plans.map(\.span.days) + funnels.map(\.span.days)
        guard let first = days.map(\.lowerBound).min(), let last = days.map(\.upperBound).max() else {
            return nil
        }
        return first...last
    }

    /// Nothing is asked about that day.
    package func isIdle(on day: Day) -> Bool {
        !plans.contains { concerns($0.span, day) } && !funnels.contains { concerns($0.span, day) }
    }

    /// What of a block of that day has to be there; nil if its summary suffices for all questions.
    ///
    /// - Parameters:
    ///   - hasSummary: false if the block has none.
    ///   - hasRevenue: as its summary says. Summaries do not tell how much.
    package func needsColumns(
        of day: Day, hasSummary: Bool = true, hasRevenue: Bool = true
    ) -> ColumnGroup? {
        var groups: ColumnGroup?
        for plan in plans
        where concerns(plan.span, day)
            && !(hasSummary && summarySuffices(plan, day, hasRevenue: hasRevenue))
        {
            groups = (groups ?? []).union(plan.groups)
        }
        for funnel in funnels where concerns(funnel.span, day) {
            groups = (groups ?? []).union(funnel.groups)
        }
        return groups
    }

    /// The tables of a day's summary that questions are answered from, none for totals alone; nil if its summary is of no
    /// use to any question.
    package func needsTables(of day: Day, hasRevenue: Bool = true) -> Set<Summary.Key>? {
        var keys: Set<Summary.Key>?
        for plan in plans where concerns(plan.span, day) && summarySuffices(plan, day, hasRevenue: hasRevenue)
        {
            keys = (keys ?? []).union(tableKey(of: plan).map { [$0] } ?? [])
        }
        return keys
    }

    /// Counts what one part of a site-day has.
    ///
    /// - Parameter isCancelled: asked between questions; true ends it with a `CancellationError`, and `partial` is then of
    ///   no use.
    /// - Throws: ``QuestionError/tooLarge``, ``MissingColumns``, ``MissingTable``.
    package func scan(
        _ source: Source, into partial: inout Partial, isCancelled: () -> Bool = { false }
    ) throws {
        switch source {
        case .summary(let summary):
            partial.dictionaries = summary.dictionaries
            if let groups = needsColumns(of: summary.summary.day, hasRevenue: summary.summary.hasRevenue) {
                throw MissingColumns(day: summary.summary.day, needed: groups)
            }
            try add(
                summary, plans.indices.filter { concerns(plans[$0].span, summary.summary.day) }, to: &partial)
        case .block(let block, let summary, let excluded):
            partial.dictionaries = block.dictionaries
            let concerned = plans.indices.filter { concerns(plans[$0].span, block.block.day) }
            var fromSummary: [Int] = []
            if let summary {
                fromSummary = concerned.filter {
                    summarySuffices(plans[$0], block.block.day, hasRevenue: summary.summary.hasRevenue)
                        && (tableKey(of: plans[$0]).map { summary.summary.tables[$0] != nil } ?? true)
                }
                try add(summary, fromSummary, to: &partial)
            }
            let scan = BlockScan(self, block, counting: excluded.map { $0.map { $0 ^ 1 } })
            for index in concerned where !fromSummary.contains(index) {
                if isCancelled() { throw CancellationError() }
                try check(block, plans[index].groups)
                try scan.add(plan: index, to: &partial)
            }
            if let excluded, !fromSummary.isEmpty {
                let scan = BlockScan(self, block, counting: excluded)
                for index in fromSummary {
                    if isCancelled() { throw CancellationError() }
                    try check(block, plans[index].groups)
                    try scan.subtract(plan: index, from: &partial)
                }
            }
            for index in funnels.indices where concerns(funnels[index].span, block.block.day) {
                if isCancelled() { throw CancellationError() }
                try check(block, funnels[index].groups)
                scan.add(funnel: index, to: &partial)
            }
        }
    }

    private func check(_ block: LoadedBlock, _ groups: ColumnGroup) throws(MissingColumns) {
        guard block.block.groups.isSuperset(of: groups) else {
            throw MissingColumns(day: block.block.day, needed: groups)
        }
    }

    /// Whether anything of that day can count.
    func concerns(_ span: Span, _ day: Day) -> Bool {
        guard span.days.contains(day) else { return false }
        guard let window = span.window else { return true }
        return window.lowerBound < history.end(of: day) && window.upperBound > history.start(of: day)
    }

    /// All events of the day are in the span's window.
    func coversWhole(_ day: Day, _ span: Span) -> Bool {
        guard let window = span.window else { return true }
        return window.lowerBound <= history.start(of: day) && window.upperBound >= history.end(of: day)
    }
}
