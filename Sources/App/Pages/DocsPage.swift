import Hummingbird
import Operations
import Stats

/// `/docs`.
enum DocsPage {
    struct Content: Page {
        static let template = "docs"
        let configuration: Configuration

        var title: String { "Documentation · Mochi" }
        var description: String? {
            "How to put Mochi on a site, what it counts, and how programs read the numbers."
        }
        var place: Place? { .docs }
        var model: Model {
            [
                "snippet": InstallPage.snippet(key: "your-tracking-key", configuration),
                "baseURL": configuration.baseURL,
                "definitions": Metric.all.map { ["label": $0.title, "meaning": $0.definition] as Model },
                "endpoints": Content.endpoints.map {
                    ["request": $0.request, "meaning": $0.meaning] as Model
                },
            ]
        }

        private static let endpoints = [
            ("GET /api/sites", "your sites"),
            ("POST /api/sites", "adds a site: {\"domain\", \"name\", \"time_zone\"}"),
            ("GET /api/sites/{id}", "one site with its settings"),
            ("PATCH /api/sites/{id}", "changes them; what is not named stays as it is"),
            ("DELETE /api/sites/{id}", "removes it, and what was counted of it"),
            ("GET /api/jobs", "work that takes longer than a request, and how far it is"),
            ("GET /api/sites/{id}/metrics/overview?days=30", "totals, and visitors and page views by day"),
            ("GET /api/sites/{id}/metrics/top-pages?days=30&limit=10", "the pages with the most visitors"),
            ("POST /api/v2/query", "any question: Plausible’s Stats API"),
            ("GET /api/v1/stats/aggregate?site_id=…", "the same as its first version asks it"),
            ("GET /openapi.json", "all of this for programs"),
        ].map { (request: $0.0, meaning: $0.1) }
    }

    static func show(_ request: Request, _ context: PublicContext, _ web: Web) async throws -> Response {
        web.page(Content(configuration: web.configuration), for: request, context)
    }
}
