import Days
import FoundationEssentials
import Stats
import TestSupport
import Testing

/// Cases of what a visit is that were collected from another product's rules.
struct SharedSessionsTests {
    private struct File: Decodable {
        var cases: [Told]
    }

    private struct Told: Decodable {
        struct Event: Decodable {
            var t: Int64
            var name: String
            var path: String
            var interactive: Bool?
            var referrer: String?
            var e: Int32?
            var sd: Int16?
        }

        struct Visit: Decodable {
            var bounce: Bool?
            var duration: Double?
            var pageviews: Double?
            var events: Double?
            var entry: String?
            var exit: String?
            var source: String?
        }

        var name: String
        var events: [Event]
        var expect: [Visit]
    }

    private static let day = Day("2026-05-04")!

    @Test func `visits are what the collected cases say`() async throws {
        guard let json = shared("cases/sessions.json") else { return }
        let cases = try JSONDecoder().decode(File.self, from: json).cases
        #expect(cases.count >= 7)
        try await withTestDatabase { database in
            for told in cases {
                let site = site(told)
                for answerer in [.oracle(database.owner)] + Answerer.all(database) {
                    let answers = try await answerer.answers(site, questions, 1)
                    check(told, answers, "\(answerer.name): \(told.name)")
                }
            }
        }
    }

    private func site(_ told: Told) -> RecordedSite {
        let noon = Int64(Self.day.rawValue) * 86_400 + 43_200
        let events = told.events.enumerated().map { index, event in
            var recorded = RecordedEvent(
                time: (noon + event.t) * 1_000_000, visitor: 1, sequence: Int64(index),
                texts: [.name: event.name, .page: event.path])
            recorded.interactive = event.interactive ?? true
            recorded.milliseconds = event.e ?? 0
            recorded.depth = event.sd
            let host = event.referrer.flatMap { URL(string: $0)?.host }
            recorded[.source] = host == "www.google.com" ? "Google" : host ?? ""
            return recorded
        }
        return RecordedSite(zone: "UTC", events: events)
    }

    private var questions: [Question] {
        let span = Span(days: Self.day...Self.day)
        let totals: [Metric] = [.visits, .bounceRate, .visitDuration, .pageViews, .events]
        return [Question(span: span, metrics: totals)]
            + [Dimension.entryPage, .exitPage, .source].map {
                Question(span: span, metrics: [.visits], dimensions: [$0])
            }
    }

    /// None of the cases has more than one visit.
    private func check(_ told: Told, _ answers: [Figures], _ title: Comment) {
        let totals = answers[0].rows[0].figures
        #expect(totals[0] == .number(Double(told.expect.count)), title)
        guard let visit = told.expect.first else { return }
        if let bounce = visit.bounce { #expect(totals[1] == .number(bounce ? 100 : 0), title) }
        if let duration = visit.duration { #expect(totals[2] == .number(duration), title) }
        if let views = visit.pageviews { #expect(totals[3] == .number(views), title) }
        if let events = visit.events { #expect(totals[4] == .number(events), title) }
        for (answer, value) in zip(answers.dropFirst(), [visit.entry, visit.exit, visit.source]) {
            if let value { #expect(answer.rows.map(\.values) == [[value]], title) }
        }
    }
}
