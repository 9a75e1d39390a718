import Days
import Hummingbird
import Operations
import Stats

/// `/`: what Mochi is, with a dashboard to look at.
enum HomePage {
    struct Content: Page {
        static let template = "home"
        let isMember: Bool
        let isSignUpOpen: Bool

        var title: String { "Mochi · Web analytics that respects your visitors" }
        var description: String? {
            "Visits counted with one line of script and shown on one calm page. No cookies, nothing kept about "
                + "a person."
        }
        var model: Model { ["inviting": !isMember && isSignUpOpen, "example": Example.board.model] }
    }

    static func show(_ request: Request, _ context: PublicContext, _ web: Web) async throws -> Response {
        let page = Content(
            isMember: context.browser.session != nil, isSignUpOpen: web.configuration.signUp == .open)
        return web.page(page, for: request, context)
    }

    /// Thirty days of a site that does not exist.
    enum Example {
        private static let visitors = [
            182, 214, 231, 208, 196, 121, 109, 203, 247, 262, 239, 218, 138, 117, 226, 271, 412, 355, 287,
            164, 139,
            251, 294, 303, 276, 258, 171, 148, 289, 174,
        ]

        static let board: Board = {
            let last = Day(year: 2026, month: 6, day: 30)!
            let pageViews = visitors.enumerated().map { $1 * (19 + ($0 * 7) % 6) / 10 }
            let buckets = visitors.indices.map { index in
                Chart.Bucket(
                    label: DayText.short(last.advanced(by: index - 29)), visitors: visitors[index],
                    pageViews: pageViews[index], isUnfinished: index == 29)
            }
            let total = Double(visitors.reduce(0, +))
            return Board(
                period: .last(days: 30), days: last.advanced(by: -29)...last,
                totals: [total, (total * 1.16).rounded(), Double(pageViews.reduce(0, +)), 47, 98],
                chart: Chart(buckets: buckets, interval: .day), panels: [])
        }()
    }
}
