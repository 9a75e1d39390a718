import Auth
import Days
import Hummingbird
import Stats

/// What is kept of a dashboard from the dashboard itself: segments and notes. Each leads back to where it was sent from.
enum SegmentPages {
    static func create(_ request: Request, _ context: SiteContext, _ web: Web) async throws -> Response {
        let state = try context.dashboardState()
        guard state.isFiltered else {
            throw FormError("name", "Set a filter first: a segment is filters with a name.")
        }
        let saved = SavedQuestions(
            goals: try await web.goals.list(of: context.site),
            segments: try await web.goals.segments(of: context.site))
        let filter = try state.filter(saved)
        try filter.check()
        let segment = try await web.goals.createSegment(
            context.form["name"], filter, isOwn: context.form["own"] == "yes", of: context.site)
        let chosen = state.unfiltered.selecting(String(segment.id), of: FilterTerm.segment)
        throw Redirect(to: Audience(context.site).base + chosen.query)
    }

    static func delete(_ request: Request, _ context: SiteContext, _ web: Web) async throws -> Response {
        guard let id = context.parameters.get("id").flatMap({ Int64($0) }),
            try await web.goals.delete(segment: id, of: context.site)
        else { throw HTTPError(.notFound) }
        let state = try context.dashboardState().with { state in
            func isOfSegment(_ term: FilterTerm) -> Bool {
                term.key == FilterTerm.segment && term.values.contains(String(id))
            }
            state.terms.removeAll(where: isOfSegment)
            state.further.removeAll(where: isOfSegment)
        }
        throw Redirect(to: Audience(context.site).base + state.query)
    }
}

enum AnnotationPages {
    static func create(_ request: Request, _ context: SiteContext, _ web: Web) async throws -> Response {
        guard let day = Day(context.form["day"]) else { throw FormError("day", "Choose a day.") }
        try await web.annotations.create(context.form["text"], on: day, of: context.site)
        throw Redirect(to: Audience(context.site).base + (try context.dashboardState().query))
    }

    static func delete(_ request: Request, _ context: SiteContext, _ web: Web) async throws -> Response {
        guard let id = context.parameters.get("id").flatMap({ Int64($0) }),
            try await web.annotations.delete(id, of: context.site)
        else { throw HTTPError(.notFound) }
        throw Redirect(to: Audience(context.site).base + (try context.dashboardState().query))
    }
}

extension SiteContext {
    /// The dashboard that a form was on: `back` is its query. Read and written again, so that nothing else gets into the
    /// address.
    func dashboardState() throws -> BoardState {
        let query = form["back"]
        return try BoardState(try Fields(encoded: query.drop { $0 == "?" }.utf8))
    }
}
