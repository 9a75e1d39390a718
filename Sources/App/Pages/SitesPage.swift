import Auth
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Outbound
import Stats

/// `/sites`: what somebody looks after, at a glance.
enum SitesPage {
    /// On one page.
    static let size = 100

    struct Entry: Sendable {
        let site: Site
        let overview: SiteOverview
        let isPinned: Bool
    }

    enum Order: String, CaseIterable, Sendable {
        case name, visitors, added

        var title: String {
            switch self {
            case .name: "Name"
            case .visitors: "Visitors"
            case .added: "Newest"
            }
        }

        func precedes(_ one: Entry, _ other: Entry) -> Bool {
            switch self {
            case .visitors where one.overview.week != other.overview.week:
                return one.overview.week > other.overview.week
            case .added where one.site.createdAt != other.site.createdAt:
                return one.site.createdAt > other.site.createdAt
            default: return one.site.domain < other.site.domain
            }
        }
    }

    struct Content: Page {
        static let template = "sites"
        let entries: [Entry]
        let mayAdd: Bool
        var search = ""
        var order = Order.name
        /// From 1.
        var page = 1
        /// What is being removed or begun anew.
        var jobs: [Jobs.Status] = []

        var title: String { "Sites · Mochi" }
        var place: Place? { .sites }

        private var found: [Entry] {
            let search = search.lowercased()
            let found = entries.filter { entry in
                search.isEmpty || entry.site.domain.contains(search)
                    || entry.site.name.lowercased().contains(search)
            }
            return found.sorted { one, other in
                one.isPinned != other.isPinned ? one.isPinned : order.precedes(one, other)
            }
        }

        var model: Model {
            let found = found
            let last = max(1, (found.count + SitesPage.size - 1) / SitesPage.size)
            let page = min(max(page, 1), last)
            let shown = found.dropFirst((page - 1) * SitesPage.size).prefix(SitesPage.size)
            return [
                "any": !entries.isEmpty, "several": entries.count > 1, "mayAdd": mayAdd, "search": search,
                "order": order.rawValue, "none": !entries.isEmpty && found.isEmpty,
                "orders": Order.allCases.map {
                    ["label": $0.title, "current": $0 == order, "address": address(page: 1, order: $0)]
                        as Model
                },
                "sites": shown.map { SiteCard(entry: $0).model },
                "pages": last > 1, "page": page, "last": last,
                "before": page > 1 ? address(page: page - 1, order: order) : false,
                "after": page < last ? address(page: page + 1, order: order) : false,
                "jobs": jobs.map { JobText.model($0, cancel: nil) },
            ]
        }

        private func address(page: Int, order: Order) -> String {
            var parts = ["order=\(order.rawValue)"]
            if !search.isEmpty { parts.append("q=\(Fields.percentEncoded(search))") }
            if page > 1 { parts.append("page=\(page)") }
            return "/sites?" + parts.joined(separator: "&")
        }
    }

    static func show(_ request: Request, _ context: MemberContext, _ web: Web) async throws -> Response {
        let query = try Fields(query: request)
        var entries: [Entry] = []
        var jobs: [Jobs.Status] = []
        if let account = context.session.account, account.role >= .viewer {
            async let sites = web.sites.list(in: account)
            async let pinned = web.sites.pinned(in: account)
            let overviews = try await web.overviews.overviews(in: account, now: web.now())
            let pins = try await pinned
            entries += try await sites.map { site in
                Entry(
                    site: site, overview: overviews[site.id] ?? SiteOverview(),
                    isPinned: pins.contains(site.id))
            }
            if account.role >= .admin { jobs += try await web.jobsUnderWay(in: account) }
        }
        for guest in context.session.guestSites {
            guard let found = try await web.sites.find(guest) else { continue }
            let overviews = try await web.overviews.overviews(in: found.account, now: web.now())
            entries.append(
                Entry(
                    site: found.site, overview: overviews[found.site.id] ?? SiteOverview(),
                    isPinned: try await web.sites.pinned(in: found.account).contains(found.site.id)))
        }
        let page = Content(
            entries: entries, mayAdd: context.session.account.map { $0.role >= .admin } ?? false,
            search: String(query["q"].prefix(200)), order: Order(rawValue: query["order"]) ?? .name,
            page: Int(query["page"]) ?? 1, jobs: jobs)
        return web.page(page, for: request, context)
    }

    /// `POST /sites/{domain}/pin`, and back to the list.
    static func pin(_ request: Request, _ context: SiteContext, _ web: Web) async throws -> Response {
        try await web.sites.pin(context.site, context.form["pinned"] == "yes")
        let order = Order(rawValue: context.form["order"]) ?? .name
        let search = context.form["q"].prefix(200)
        throw Redirect(
            to: "/sites?order=\(order.rawValue)"
                + (search.isEmpty ? "" : "&q=\(Fields.percentEncoded(String(search)))"))
    }
}

/// A site in the list.
struct SiteCard: Sendable {
    let entry: SitesPage.Entry

    var model: Model {
        let (site, overview) = (entry.site, entry.overview)
        return [
            "domain": site.domain, "name": site.name == site.domain ? false : site.name,
            "visitors": Numbers.whole(overview.lastDay),
            "visitorsWord": overview.lastDay == 1 ? "visitor" : "visitors",
            "week": Numbers.whole(overview.week),
            "dayChange": Change(from: overview.dayBefore, to: overview.lastDay).model,
            "weekChange": Change(from: overview.weekBefore, to: overview.week).model,
            "live": overview.live > 0 ? Numbers.whole(overview.live) : false,
            "pinned": entry.isPinned, "spark": Sparkline(values: overview.days).model,
        ]
    }
}

/// How much more or less it is than before.
struct Change: Sendable, Equatable {
    let from: Int
    let to: Int

    /// False where there was nothing to compare with.
    var model: any Sendable {
        guard from > 0 else { return false }
        let percent = Int((Double(to - from) / Double(from) * 100).rounded())
        return [
            "text": percent == 0
                ? "±0%" : percent > 0 ? "+\(Numbers.whole(percent))%" : "\(Numbers.whole(percent))%",
            "look": percent == 0 ? "same" : percent > 0 ? "up" : "down",
            "before": Numbers.whole(from),
        ] as Model
    }
}

/// A line of a few numbers, in a box of 100 by 24. The last is not over yet.
struct Sparkline: Sendable {
    let values: [Int]

    /// `line` up to the last but one, `rest` from there, and the `area` under both.
    var model: Model {
        guard values.count > 1 else { return ["line": "", "rest": "", "area": ""] }
        let top = Double(max(values.max() ?? 0, 1))
        let points = values.enumerated().map { index, value in
            let x = Double(index) / Double(values.count - 1) * 100
            return "\(Sparkline.tenths(x)) \(Sparkline.tenths(23 - Double(value) / top * 22))"
        }
        return [
            "line": "M" + points.dropLast().joined(separator: "L"),
            "rest": "M" + points.suffix(2).joined(separator: "L"),
            "area": "M" + points.joined(separator: "L") + "L100 24L0 24Z",
        ]
    }

    private static func tenths(_ number: Double) -> String {
        let tenths = Int((number * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    }
}

/// Work that is under way, as people read it.
enum JobText {
    private static let titles = [
        SiteJobs.reset: "Statistics begin anew", SiteJobs.erase: "A site is being erased",
        SiteJobs.retention: "Old days are being removed",
    ]

    /// - Parameter cancel: where it is cancelled; nil where it cannot be.
    static func model(_ job: Jobs.Status, cancel: String?) -> Model {
        let progress =
            job.total > 0
            ? "\(Numbers.whole(Int(job.done))) of \(Numbers.whole(Int(job.total)))\(job.text.isEmpty ? "" : ", " + job.text)"
            : "waiting for its turn"
        let address = !job.isCancelling && job.mayBeCancelled ? cancel : nil
        return [
            "job": String(job.id), "title": titles[job.kind] ?? job.kind, "progress": progress,
            "done": String(job.total > 0 ? min(job.done, job.total) : 0), "total": String(max(job.total, 1)),
            "cancelling": job.isCancelling,
            "cancel": address ?? false,
        ]
    }
}

extension Web {
    func jobsUnderWay(in account: AccountAccess, site: SiteID? = nil) async throws -> [Jobs.Status] {
        try await app.transaction(account, readOnly: true) { connection in
            try SiteJobs.underWay(account: account.account.rawValue, site: site?.rawValue, in: connection)
        }
    }
}
