import Auth
import Days
import FoundationEssentials
import Stats

/// Everything that a dashboard shows of one site, as its address asks for it.
struct Board: Sendable {
    let state: BoardState
    let audience: Audience
    let domain: String
    let timeZone: String
    let days: ClosedRange<Day>
    let comparedDays: ClosedRange<Day>?
    let headline: [HeadlineFigure]
    let chart: Chart
    let intervals: [Dimension.Interval]
    let boxes: [PanelBox]
    let conduct: ConductBox?
    /// Visitors of the last five minutes.
    let live: Int
    let saved: SavedQuestions
    let annotations: [Annotations.Annotation]
    /// What a reader should know about the figures.
    let notes: [String]
    let today: Day

    /// Nil as long as nothing has ever arrived.
    ///
    /// - Throws: ``FormError`` for a filter that names what is not there, ``QuestionError`` for what cannot be asked.
    static func load(
        _ site: SiteAccess, _ state: BoardState, for audience: Audience, _ web: Web
    ) async throws -> Board? {
        guard let selection = try await Selection.load(site, state, web) else { return nil }
        async let annotations = web.annotations.list(selection.span.days, of: site)
        let plan = BoardPlan(selection, hasCampaignsFrom: site)
        let keys =
            plan.opensProperties
            ? try await web.statistics.propertyKeys(in: selection.span, of: site) : []
        let asked = plan.questions(propertyKeys: keys)
        let answers = try await web.statistics.asked(asked.questions, funnels: asked.funnels, of: site)
        return try await plan.board(
            asked, answers.figures, answers.funnels, audience: audience, site: site.site,
            annotations: annotations,
            inexact: answers.inexactDays.filter { selection.span.days.contains($0) })
    }
}

/// What the address of a dashboard selects: its filter and its spans.
struct Selection: Sendable {
    let state: BoardState
    let saved: SavedQuestions
    let filter: Filter
    let calendar: SiteCalendar
    let now: Date
    let span: Span
    let compared: Span?

    static func load(_ site: SiteAccess, _ state: BoardState, _ web: Web) async throws -> Selection? {
        async let calendarNow = web.statistics.calendar(site)
        let everything = try await web.goals.everything(of: site)
        let saved = SavedQuestions(
            goals: everything.goals,
            // Steps of few, or of others than the segment's, are no part of what is shared within bounds.
            funnels: site.sharing?.isBounded == true ? [] : everything.funnels, segments: everything.segments)
        let filter = try state.filter(saved)
        let calendar = try await calendarNow
        guard calendar.firstDay != nil else { return nil }
        let now = web.now()
        let span = calendar.span(of: state.period, at: now)
        let seconds = Int64(now.timeIntervalSince1970.rounded(.down))
        let compared = state.comparison.map {
            $0.span(
                for: span, at: seconds, history: calendar.history, matchingWeekdays: state.matchesWeekdays)
        }
        return Selection(
            state: state, saved: saved, filter: filter, calendar: calendar, now: now, span: span,
            compared: compared)
    }

    /// Something of it is about single events, not about whole visits.
    var selectsEvents: Bool { Selection.selectsEvents(filter) }

    /// Only some pages are looked at.
    var selectsPages: Bool {
        state.allTerms.contains { $0.key == Dimension.page.id || $0.key == Dimension.pageTitle.id }
    }

    private static func selectsEvents(_ filter: Filter) -> Bool {
        switch filter {
        case .all(let filters), .any(let filters): filters.contains(where: selectsEvents)
        case .not(let filter): selectsEvents(filter)
        case .hasDone: false
        case .match(let match): !match.dimension.isOfVisit
        case .goal: true
        }
    }
}
