import Auth
import Days
import FoundationEssentials
import Postgres
import Stats

/// One dashboard, answered again and again: `cold` with nothing in memory, `warm` with what the answer before left.
struct Measure {
    struct Result: Encodable {
        let site: String
        let days: Int
        let filters: Int
        /// Milliseconds, ascending.
        let cold: [Double]
        let warm: [Double]
        /// Rows of each panel: values, then figures; rounded to millionths.
        let panels: [String: [[String]]]
    }

    let site: SiteAccess
    let app: Database

    func dashboard(_ days: ClosedRange<Day>, filters: Int, cold: Int, warm: Int) async throws -> Result {
        let questions = Dashboard.questions(days, filters: filters)
        var coldTimes: [Double] = []
        var statistics = Statistics(app: app)
        for _ in 0..<cold {
            statistics = Statistics(app: app)
            coldTimes.append(try await milliseconds { _ = try await statistics.answer(questions, of: site) })
        }
        var warmTimes: [Double] = []
        for _ in 0..<warm {
            warmTimes.append(try await milliseconds { _ = try await statistics.answer(questions, of: site) })
        }
        let answers = try await statistics.answer(questions, of: site)
        let names = ["headline", "day"] + Dashboard.panels.map(\.name)
        return Result(
            site: site.site.domain, days: Int(days.upperBound.rawValue - days.lowerBound.rawValue) + 1,
            filters: filters, cold: coldTimes.sorted(),
            warm: warmTimes.sorted(),
            panels: Dictionary(uniqueKeysWithValues: zip(names, answers.map(rows))))
    }

    private func rows(_ figures: Figures) -> [[String]] {
        figures.rows.map { row in
            row.values + row.figures.map { "\((($0.number ?? 0) * 1e6).rounded() / 1e6)" }
        }
    }
}

func milliseconds(_ body: () async throws -> Void) async rethrows -> Double {
    let clock = ContinuousClock()
    let start = clock.now
    try await body()
    return (clock.now - start) / Duration.milliseconds(1)
}
