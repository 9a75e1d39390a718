import Auth
import Hummingbird
import Stats

/// `/sites/{domain}/funnels`: goals one after the other.
enum FunnelsPage {
    static let steps = 8

    struct Content: Page {
        static let template = "funnels"
        let domain: String
        let goals: [SiteGoals.Saved]
        let funnels: [SiteGoals.SavedFunnel]
        var name = ""
        var scope = Funnel.Scope.visit
        var chosen: [Int64] = []
        var editing: Int64?
        var error: FormError?

        var title: String { "Funnels of \(domain) · Mochi" }
        var place: Place? { .sites }
        var model: Model {
            [
                "domain": domain, "any": !funnels.isEmpty, "possible": goals.count > 1,
                "funnels": funnels.map { saved in
                    [
                        "id": String(saved.id), "name": saved.name,
                        "what": saved.funnel.steps.map(\.name).joined(separator: " → "),
                    ] as Model
                },
                "problem": error?.message ?? false, "isEditing": editing != nil,
                "action": "/sites/\(domain)/funnels" + (editing.map { "/\($0)" } ?? ""),
                "heading": editing == nil ? "New funnel" : "Change the funnel",
                "submit": editing == nil ? "Add funnel" : "Save",
                "name": name, "isOfDay": scope == .day,
                "steps": (0..<FunnelsPage.steps).map(step),
            ]
        }

        private func step(_ index: Int) -> Model {
            let goal: Int64? = index < chosen.count ? chosen[index] : nil
            let options = goals.map { saved in
                [
                    "value": String(saved.goal.id), "label": saved.goal.name,
                    "selected": saved.goal.id == goal,
                ] as Model
            }
            return ["number": String(index), "place": String(index + 1), "options": options]
        }
    }

    static func show(_ request: Request, _ context: SiteContext, _ web: Web) async throws -> Response {
        var page = try await content(context.site, web)
        if let id = Int64(try Fields(query: request)["edit"]),
            let saved = page.funnels.first(where: { $0.id == id })
        {
            (page.editing, page.name, page.scope) = (id, saved.name, saved.funnel.scope)
            page.chosen = saved.funnel.steps.map(\.id)
        }
        return web.page(page, for: request, context)
    }

    private static func content(_ site: SiteAccess, _ web: Web) async throws -> Content {
        async let goals = web.goals.list(of: site)
        async let funnels = web.goals.funnels(of: site)
        return Content(domain: site.site.domain, goals: try await goals, funnels: try await funnels)
    }

    static func create(_ request: Request, _ context: SiteContext, _ web: Web) async throws -> Response {
        try await submit(request, context, web, editing: nil)
    }

    static func change(_ request: Request, _ context: SiteContext, _ web: Web) async throws -> Response {
        guard let id = context.parameters.get("id").flatMap({ Int64($0) }) else { throw HTTPError(.notFound) }
        return try await submit(request, context, web, editing: id)
    }

    private static func submit(
        _ request: Request, _ context: SiteContext, _ web: Web, editing: Int64?
    ) async throws -> Response {
        let form = context.form
        let chosen = (0..<steps).compactMap { Int64(form["step\($0)"]) }
        let scope = Funnel.Scope(rawValue: form["scope"]) ?? .visit
        do {
            if let editing {
                guard
                    try await web.goals.change(
                        funnel: editing, form["name"], steps: chosen, scope: scope, of: context.site)
                else { throw HTTPError(.notFound) }
            } else {
                _ = try await web.goals.createFunnel(
                    form["name"], steps: chosen, scope: scope, of: context.site)
            }
        } catch let error as FormError {
            var page = try await content(context.site, web)
            (page.name, page.scope, page.chosen) = (form["name"], scope, chosen)
            (page.error, page.editing) = (error, editing)
            return web.page(page, for: request, context, status: error.isTaken ? .conflict : .badRequest)
        }
        throw Redirect(to: "/sites/\(context.site.site.domain)/funnels")
    }

    static func delete(_ request: Request, _ context: SiteContext, _ web: Web) async throws -> Response {
        guard let id = context.parameters.get("id").flatMap({ Int64($0) }),
            try await web.goals.delete(funnel: id, of: context.site)
        else { throw HTTPError(.notFound) }
        throw Redirect(to: "/sites/\(context.site.site.domain)/funnels")
    }
}
