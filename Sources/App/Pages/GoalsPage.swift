import Auth
import Hummingbird
import Stats

/// `/sites/{domain}/goals`: what the owner wants visitors to do, with suggestions from what they did.
enum GoalsPage {
    struct Content: Page {
        static let template = "goals"
        let domain: String
        let goals: [SiteGoals.Saved]
        /// Custom events that were seen and are no goal.
        let suggestions: [String]
        let pages: [String]
        var entered = Fields()
        /// The goal that is changed; nil for a new one.
        var editing: SiteGoals.Saved?
        var error: FormError?

        var title: String { "Goals of \(domain) · Mochi" }
        var place: Place? { .sites }
        var model: Model {
            let kind = entered["kind"].isEmpty ? "event" : entered["kind"]
            return [
                "domain": domain, "any": !goals.isEmpty,
                "goals": goals.map { saved in
                    [
                        "id": String(saved.goal.id), "name": saved.goal.name, "what": GoalsPage.text(saved),
                        "current": saved.goal.id == editing?.goal.id,
                    ] as Model
                },
                "suggestions": suggestions, "hasSuggestions": !suggestions.isEmpty, "pages": pages,
                "problem": error?.message ?? false,
                "action": "/sites/\(domain)/goals" + (editing.map { "/\($0.goal.id)" } ?? ""),
                "heading": editing.map { "Change “\($0.goal.name)”" } ?? "New goal",
                "submit": editing == nil ? "Add goal" : "Save", "isEditing": editing != nil,
                "kinds": GoalsPage.kinds.map { id, label in
                    ["value": id, "label": label, "selected": id == kind] as Model
                },
                "name": entered["name"], "what": entered["what"],
                "depth": entered["depth"], "currency": entered["currency"],
            ]
        }
    }

    static let kinds = [
        ("event", "Custom event"), ("page", "Visit of a page"), ("scroll", "Read a page down to"),
    ]

    static func text(_ saved: SiteGoals.Saved) -> String {
        switch saved.goal.kind {
        case .event(let name): "Event \(name)" + (saved.currency.map { ", in \($0)" } ?? "")
        case .page(let pattern): "Visit of \(pattern)"
        case .scroll(let page, let depth): "\(depth)% of \(page)"
        }
    }

    static func show(_ request: Request, _ context: SiteContext, _ web: Web) async throws -> Response {
        let query = try Fields(query: request)
        var page = try await content(context.site, web)
        if let id = Int64(query["edit"]), let saved = page.goals.first(where: { $0.goal.id == id }) {
            page.editing = saved
            page.entered = entered(saved)
        }
        return web.page(page, for: request, context)
    }

    private static func entered(_ saved: SiteGoals.Saved) -> Fields {
        var fields = Fields()
        fields.set("name", saved.goal.name)
        switch saved.goal.kind {
        case .event(let name):
            fields.set("kind", "event")
            fields.set("what", name)
        case .page(let pattern):
            fields.set("kind", "page")
            fields.set("what", pattern)
        case .scroll(let pattern, let depth):
            fields.set("kind", "scroll")
            fields.set("what", pattern)
            fields.set("depth", String(depth))
        }
        fields.set("currency", saved.currency ?? "")
        return fields
    }

    private static func content(_ site: SiteAccess, _ web: Web) async throws -> Content {
        let goals = try await web.goals.list(of: site)
        var suggestions: [String] = []
        var pages: [String] = []
        let calendar = try await web.statistics.calendar(site)
        if calendar.firstDay != nil {
            let span = calendar.span(of: .last(days: 91), at: web.now())
            let seen = try await web.statistics.answer(
                [
                    Question(span: span, metrics: [.visitors], dimensions: [.event], limit: 30),
                    Question(span: span, metrics: [.visitors], dimensions: [.page], limit: 30),
                ], of: site)
            let known = Set(
                goals.compactMap { if case .event(let name) = $0.goal.kind { name } else { nil } })
            suggestions = seen[0].rows.map { $0.values[0] }.filter { name in
                !name.isEmpty && name != "pageview" && !known.contains(name)
                    && name.unicodeScalars.count <= 200
            }
            pages = seen[1].rows.map { $0.values[0] }.filter { $0.utf8.count < 200 }
        }
        return Content(
            domain: site.site.domain, goals: goals, suggestions: Array(suggestions.prefix(8)), pages: pages)
    }

    static func create(_ request: Request, _ context: SiteContext, _ web: Web) async throws -> Response {
        try await submit(request, context, web) { name, kind, currency in
            _ = try await web.goals.create(name, kind, currency: currency, of: context.site)
        }
    }

    static func change(_ request: Request, _ context: SiteContext, _ web: Web) async throws -> Response {
        let goals = try await web.goals.list(of: context.site)
        guard let id = context.parameters.get("id").flatMap({ Int64($0) }),
            let saved = goals.first(where: { $0.goal.id == id })
        else { throw HTTPError(.notFound) }
        return try await submit(request, context, web, editing: saved) { name, kind, currency in
            guard
                try await web.goals.change(
                    goal: id, name, kind, condition: saved.goal.condition, currency: currency,
                    of: context.site)
            else { throw HTTPError(.notFound) }
        }
    }

    private static func submit(
        _ request: Request, _ context: SiteContext, _ web: Web, editing: SiteGoals.Saved? = nil,
        _ save: (String, Goal.Kind, String?) async throws -> Void
    ) async throws -> Response {
        let form = context.form
        do {
            let (name, kind) = try goal(form)
            let currency = form["currency"].filter { !$0.isWhitespace }.uppercased()
            try await save(name, kind, currency.isEmpty ? nil : currency)
        } catch let error as FormError {
            var page = try await content(context.site, web)
            (page.entered, page.error, page.editing) = (form, error, editing)
            return web.page(page, for: request, context, status: error.isTaken ? .conflict : .badRequest)
        }
        throw Redirect(to: "/sites/\(context.site.site.domain)/goals")
    }

    /// A goal without a name is called what it asks for.
    private static func goal(_ form: Fields) throws(FormError) -> (name: String, kind: Goal.Kind) {
        let what = form["what"].trimmingBlanks
        guard !what.isEmpty else { throw FormError("what", "Say which event or which page.") }
        switch form["kind"] {
        case "event": return (form["name"].isBlank ? what : form["name"], .event(what))
        case "page": return (form["name"].isBlank ? "Visit of \(what)" : form["name"], .page(what))
        case "scroll":
            guard let depth = Int(form["depth"]) else {
                throw FormError("scroll_depth", "Use 1 to 100 per cent.")
            }
            return (
                form["name"].isBlank ? "Read \(what) to \(depth)%" : form["name"],
                .scroll(page: what, depth: depth)
            )
        default: throw FormError("kind", "Choose what kind of goal it is.")
        }
    }

    static func delete(_ request: Request, _ context: SiteContext, _ web: Web) async throws -> Response {
        guard let id = context.parameters.get("id").flatMap({ Int64($0) }) else { throw HTTPError(.notFound) }
        do {
            guard try await web.goals.delete(goal: id, of: context.site) else { throw HTTPError(.notFound) }
        } catch let error as FormError {
            var page = try await content(context.site, web)
            page.error = error
            return web.page(page, for: request, context, status: .conflict)
        }
        throw Redirect(to: "/sites/\(context.site.site.domain)/goals")
    }
}

extension String {
    var trimmingBlanks: String {
        let front = drop(while: \.isWhitespace)
        return String(
            front[
                ..<(front.lastIndex { !$0.isWhitespace }.map { front.index(after: $0) } ?? front.startIndex)])
    }

    var isBlank: Bool { allSatisfy(\.isWhitespace) }
}
