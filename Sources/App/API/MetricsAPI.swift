import Auth
import Days
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Stats

/// `/api/sites/{id}/metrics/…`.
enum MetricsAPI {
    private struct Overview: Encodable {
        struct Totals: Encodable {
            let pageViews: Int
            let uniqueVisitors: Int
            let visits: Int
            let bounceRate: Double
            let visitDuration: Double
        }
        struct OneDay: Encodable {
            let date: String
            let pageViews: Int
            let uniqueVisitors: Int
        }
        let siteId: String
        let from: String
        let to: String
        let totals: Totals
        let days: [OneDay]
    }

    private struct TopPages: Encodable {
        struct OnePage: Encodable {
            let path: String
            let pageViews: Int
            let uniqueVisitors: Int
        }
        let siteId: String
        let from: String
        let to: String
        let pages: [OnePage]
    }

    static func overview(_ request: Request, _ context: SiteKeyContext, _ web: Web) async throws -> Response {
        let site = context.site
        let days = try days(of: request, site, web)
        async let totals = web.statistics.answer(
            Query(
                site: site, days: days,
                metrics: [.pageViews, .visitors, .visits, .bounceRate, .visitDuration]))
        async let byDay = web.statistics.answer(
            Query(site: site, days: days, metrics: [.pageViews, .visitors], dimension: .day))
        let total = try await totals.rows[0].figures
        return .json(
            Overview(
                siteId: site.site.id.rawValue.uuidString.lowercased(), from: days.lowerBound.description,
                to: days.upperBound.description,
                totals: .init(
                    pageViews: Int(total[0]), uniqueVisitors: Int(total[1]), visits: Int(total[2]),
                    bounceRate: rounded(total[3]), visitDuration: rounded(total[4])),
                days: try await byDay.rows.map { row in
                    .init(
                        date: row.value, pageViews: Int(row.figures[0]), uniqueVisitors: Int(row.figures[1]))
                }))
    }

    static func topPages(_ request: Request, _ context: SiteKeyContext, _ web: Web) async throws -> Response {
        let site = context.site
        let days = try days(of: request, site, web)
        let limit = try number("limit", of: request, standard: 10, in: 1...1_000)
        let answer = try await web.statistics.answer(
            Query(
                site: site, days: days, metrics: [.visitors, .pageViews], dimension: .page, limit: limit))
        return .json(
            TopPages(
                siteId: site.site.id.rawValue.uuidString.lowercased(), from: days.lowerBound.description,
                to: days.upperBound.description,
                pages: answer.rows.map { row in
                    .init(
                        path: row.value, pageViews: Int(row.figures[1]), uniqueVisitors: Int(row.figures[0]))
                }))
    }

    /// The last `days` days, today included.
    private static func days(of request: Request, _ site: SiteAccess, _ web: Web) throws -> ClosedRange<Day> {
        let count = try number("days", of: request, standard: 30, in: 1...3_660)
        return Period.last(days: count).days(today: Board.today(site.site, web.now()))
    }

    private static func number(
        _ name: String, of request: Request, standard: Int, in range: ClosedRange<Int>
    ) throws -> Int {
        let text = try Fields(query: request)[name]
        if text.isEmpty { return standard }
        guard let number = Int(text), range.contains(number) else {
            throw APIError(
                .badRequest, "invalid",
                "\(name) is a whole number from \(range.lowerBound) to \(range.upperBound).", field: name)
        }
        return number
    }

    private static func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }
}
