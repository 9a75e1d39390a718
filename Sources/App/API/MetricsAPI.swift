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
        let days = try await days(of: request, site, web)
        let span = Span(days: days)
        let answers = try await web.statistics.answer(
            [
                Question(span: span, metrics: [.pageViews, .visitors, .visits, .bounceRate, .visitDuration]),
                Question(span: span, metrics: [.pageViews, .visitors], dimensions: [.day]),
            ], of: site)
        let total = answers[0].rows[0].figures.map { $0.number ?? 0 }
        return .json(
            Overview(
                siteId: site.site.id.rawValue.uuidString.lowercased(), from: days.lowerBound.description,
                to: days.upperBound.description,
                totals: .init(
                    pageViews: Int(total[0]), uniqueVisitors: Int(total[1]), visits: Int(total[2]),
                    bounceRate: rounded(total[3]), visitDuration: rounded(total[4])),
                days: answers[1].rows.map { row in
                    .init(
                        date: row.values[0], pageViews: Int(row.figures[0].number ?? 0),
                        uniqueVisitors: Int(row.figures[1].number ?? 0))
                }))
    }

    static func topPages(_ request: Request, _ context: SiteKeyContext, _ web: Web) async throws -> Response {
        let site = context.site
        let days = try await days(of: request, site, web)
        let limit = try number("limit", of: request, standard: 10, in: 1...1_000)
        let answer = try await web.statistics.answer(
            Question(
                span: Span(days: days), metrics: [.visitors, .pageViews], dimensions: [.page], limit: limit),
            of: site)
        return .json(
            TopPages(
                siteId: site.site.id.rawValue.uuidString.lowercased(), from: days.lowerBound.description,
                to: days.upperBound.description,
                pages: answer.rows.map { row in
                    .init(
                        path: row.values[0], pageViews: Int(row.figures[1].number ?? 0),
                        uniqueVisitors: Int(row.figures[0].number ?? 0))
                }))
    }

    /// The last `days` days, today included.
    private static func days(
        of request: Request, _ site: SiteAccess, _ web: Web
    ) async throws -> ClosedRange<Day> {
        let count = try number("days", of: request, standard: 30, in: 1...3_660)
        return Period.last(days: count).days(
            today: try await web.statistics.calendar(site).today(at: web.now()))
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
