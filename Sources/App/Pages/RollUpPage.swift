import Auth
import Days
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Stats

/// `/sites/roll-up?site=a.example&site=b.example&days=30`: several sites added up.
enum RollUpPage {
    static let periods = [7, 30, 90, 365]
    static let mostSites = 1_000

    struct Content: Page {
        static let template = "roll-up"
        let sites: [Site]
        let chosen: Set<SiteID>
        let days: Int
        let sums: [SiteID: SiteSums]

        var title: String { "Several sites · Mochi" }
        var place: Place? { .sites }

        private var selected: [Site] { sites.filter { chosen.contains($0.id) } }

        var model: Model {
            let total = selected.reduce(into: SiteSums(days: days)) {
                $0 += sums[$1.id] ?? SiteSums(days: days)
            }
            let ranked = selected.sorted { one, other in
                let (left, right) = (sums[one.id]?.visitors ?? 0, sums[other.id]?.visitors ?? 0)
                return left != right ? left > right : one.domain < other.domain
            }
            return [
                "any": !selected.isEmpty, "count": selected.count, "days": String(days),
                "figures": Content.figures(total),
                "spark": Sparkline(values: total.byDay).model,
                "most": Numbers.whole(total.byDay.max() ?? 0),
                "periods": RollUpPage.periods.map {
                    ["label": "\($0) days", "current": $0 == days, "address": address($0)] as Model
                },
                "rows": ranked.map { site in
                    let its = sums[site.id] ?? SiteSums(days: days)
                    return [
                        "domain": site.domain, "visitors": Numbers.whole(its.visitors),
                        "visits": Numbers.whole(its.visits), "pageViews": Numbers.whole(its.pageViews),
                        "siteSpark": Sparkline(values: its.byDay).model,
                    ] as Model
                },
                "choices": sites.map {
                    ["domain": $0.domain, "checked": chosen.contains($0.id)] as Model
                },
            ]
        }

        private static func figures(_ total: SiteSums) -> [Model] {
            func rate(_ part: Int, _ metric: Metric) -> String {
                let visits = Double(total.visits)
                return FigureText.long(visits == 0 ? .none : .number(Double(part) / visits), metric)
            }
            return [
                ("Visitors, added", Numbers.whole(total.visitors)), ("Visits", Numbers.whole(total.visits)),
                ("Page views", Numbers.whole(total.pageViews)),
                ("Bounce rate", rate(100 * total.bounces, .bounceRate)),
                ("Visit duration", rate(total.seconds, .visitDuration)),
            ].map { ["label": $0.0, "value": $0.1] as Model }
        }

        private func address(_ days: Int) -> String {
            // All of them need no naming.
            let named =
                chosen.count == sites.count
                ? [] : selected.map { "&site=\(Fields.percentEncoded($0.domain))" }
            return "/sites/roll-up?days=\(days)" + named.joined()
        }
    }

    static func show(_ request: Request, _ context: MemberContext, _ web: Web) async throws -> Response {
        let query = Array((request.uri.query ?? "").split(separator: "&").prefix(mostSites + 1))
        func values(_ name: String) -> [String] {
            query.filter { $0.hasPrefix(name + "=") }
                .compactMap { Fields.percentDecoded($0.dropFirst(name.count + 1)) }
        }
        let days = values("days").first.flatMap { Int($0) }.flatMap { periods.contains($0) ? $0 : nil } ?? 30
        var sites: [Site] = []
        var sums: [SiteID: SiteSums] = [:]
        for account in context.session.accounts where account.role >= .viewer {
            sites += try await web.sites.list(in: account)
            sums.merge(try await web.overviews.sums(days: days, in: account, now: web.now())) { one, _ in one
            }
        }
        let named = Set(values("site"))
        let chosen = sites.filter { named.isEmpty || named.contains($0.domain) }.map(\.id)
        return web.page(
            Content(sites: sites, chosen: Set(chosen), days: days, sums: sums), for: request, context)
    }
}
