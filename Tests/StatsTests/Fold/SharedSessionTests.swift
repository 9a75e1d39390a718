import Foundation
import TestSupport
import Testing

@testable import Stats

/// Cases that lie beside the repository; where they do not, the report says so.
struct SharedSessionTests {
    private struct Case: Decodable {
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
            var duration: Int?
            var pageviews: Int?
            var events: Int?
            var entry: String?
            var exit: String?
            var source: String?
        }

        var name: String
        var events: [Event]
        var expect: [Visit]
    }

    private struct Cases: Decodable {
        var cases: [Case]
    }

    /// Whom the cases' referrers stand for; sources are found when an event comes in, long before the fold.
    private static let sources = [
        "https://www.google.com/": "Google", "https://checkout.stripe.com/": "Stripe",
    ]

    @Test func `visits are those of the shared cases`() throws {
        guard let data = shared("cases/sessions.json") else {
            print("cases/sessions.json is not here: skipped")
            return
        }
        for example in try JSONDecoder().decode(Cases.self, from: data).cases {
            let events = example.events.map { event in
                Happening(event.name, event.path, at: event.t).changed { raw in
                    raw.interactive = event.interactive ?? true
                    raw.engagementMilliseconds = event.e ?? 0
                    raw.scrollDepth = event.sd
                }.with([.source: event.referrer.flatMap { Self.sources[$0] } ?? ""])
            }
            let (block, _) = Fold.fold(RawEvents(events), clock: Happening.clock)
            let told = block.told
            #expect(told.count == example.expect.count, "\(example.name)")
            for (visit, (told, expected)) in zip(told, example.expect).enumerated() {
                let views = told.events.count { $0.name == "pageview" }
                #expect(expected.bounce ?? told.bounced == told.bounced, "\(example.name)")
                #expect(expected.duration ?? told.seconds == told.seconds, "\(example.name)")
                #expect(expected.pageviews ?? views == views, "\(example.name)")
                #expect(expected.events ?? told.events.count == told.events.count, "\(example.name)")
                #expect(expected.entry ?? told.entry == told.entry, "\(example.name)")
                #expect(expected.exit ?? told.exit == told.exit, "\(example.name)")
                #expect(
                    expected.source ?? block.text(.source, visit) == block.text(.source, visit),
                    "\(example.name)")
            }
        }
    }
}
