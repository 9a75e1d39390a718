import Auth
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
        /// Nobody has signed up yet.
        let isNew: Bool

        var title: String { "Mochi · Web analytics that respects your visitors" }
        var description: String? {
            "Visits counted with one line of script and shown on one calm page. No cookies, nothing kept about "
                + "a person."
        }
        var model: Model {
            ["inviting": !isMember && isSignUpOpen, "isNew": isNew, "example": Example.model]
        }
    }

    static func show(_ request: Request, _ context: PublicContext, _ web: Web) async throws -> Response {
        let page = Content(
            isMember: context.browser.session != nil, isSignUpOpen: web.configuration.signUp == .open,
            isNew: (try? await web.identity.isNew()) ?? false)
        return web.page(page, for: request, context)
    }

    /// Thirty days of a site that does not exist.
    enum Example {
        private static let visitors = [
            182, 214, 231, 208, 196, 121, 109, 203, 247, 262, 239, 218, 138, 117, 226, 271, 412, 355, 287,
            164, 139,
            251, 294, 303, 276, 258, 171, 148, 289, 174,
        ]

        static let model: Model = {
            let last = Day(year: 2026, month: 6, day: 30)!
            let buckets = visitors.indices.map { index in
                Chart.Bucket(
                    value: last.advanced(by: index - 29).description, figure: Double(visitors[index]),
                    compared: (
                        last.advanced(by: index - 59).description,
                        Double(visitors[(index + 23) % 30] * (80 + index * 5 % 17) / 100)
                    ), isPartial: index == 29)
            }
            let total = Double(visitors.reduce(0, +))
            let figures: [(Metric, Double, Double)] = [
                (.visitors, total, total * 0.87), (.visits, total * 1.16, total * 1.05),
                (.pageViews, total * 2.2, total * 1.86), (.bounceRate, 47, 49), (.visitDuration, 98, 91),
            ]
            return [
                "figures": figures.map { metric, now, before in
                    HeadlineFigure(
                        metric: metric, title: metric.title, figure: .number(now), compared: .number(before)
                    ).model(isChosen: metric == .visitors, href: nil, showsCompared: false)
                },
                "chart": Chart(.visitors, .day, buckets: buckets).model(),
            ]
        }()
    }
}
