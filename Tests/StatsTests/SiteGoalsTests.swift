import Auth
import Postgres
import Stats
import TestSupport
import Testing

struct SiteGoalsTests {
    @Test func `goals come back as they were made`() async throws {
        try await withTestDatabase { database in
            let site = try await database.site()
            let goals = SiteGoals(app: database.app)
            let condition = Filter.match(.init(.property("plan"), .equals, ["pro"]))
            let bought = try await goals.create(
                " Bought ", .event("purchase"), condition: condition, currency: "EUR", of: site)
            let read = try await goals.create("Read", .scroll(page: "/blog/**", depth: 80), of: site)
            let thanks = try await goals.create("Thanks", .page("/thanks"), of: site)
            let list = try await goals.list(of: site)
            #expect(list.map(\.goal) == [bought, read, thanks])
            #expect(list.map(\.currency) == ["EUR", nil, nil])
            #expect(
                list[0].goal
                    == Goal(id: bought.id, name: "Bought", kind: .event("purchase"), condition: condition))
            #expect(try await goals.delete(goal: read.id, of: site))
            #expect(try await goals.delete(goal: read.id, of: site) == false)
            #expect(try await goals.list(of: site).count == 2)
        }
    }

    @Test func `what cannot be a goal is refused`() async throws {
        try await withTestDatabase { database in
            let site = try await database.site()
            let goals = SiteGoals(app: database.app)
            let first = try await goals.create("First", .event("first"), of: site)
            func refusal(
                _ name: String, _ kind: Goal.Kind, _ condition: Filter? = nil, _ currency: String? = nil
            ) async -> String? {
                await #expect(throws: FormError.self) {
                    try await goals.create(name, kind, condition: condition, currency: currency, of: site)
                }?.field
            }
            #expect(await refusal(" ", .event("x")) == "name")
            #expect(await refusal("First", .event("x")) == "name")
            #expect(await refusal("x", .event("")) == "event_name")
            #expect(await refusal("x", .event("pageview")) == "event_name")
            #expect(await refusal("x", .page("thanks")) == "page_pattern")
            #expect(await refusal("x", .scroll(page: "/", depth: 101)) == "scroll_depth")
            #expect(await refusal("x", .event("x"), .not(.goal(first))) == "conditions")
            #expect(await refusal("x", .event("x"), nil, "euro") == "currency")
            #expect(await refusal("x", .page("/x"), nil, "EUR") == "currency")
        }
    }

    @Test func `a funnel keeps the order of its goals, and its goals`() async throws {
        try await withTestDatabase { database in
            let site = try await database.site()
            let goals = SiteGoals(app: database.app)
            let one = try await goals.create("One", .page("/one"), of: site)
            let two = try await goals.create("Two", .page("/two"), of: site)
            let funnel = try await goals.createFunnel(
                "Way", steps: [two.id, one.id, two.id], scope: .day, of: site)
            #expect(funnel.funnel == Funnel(steps: [two, one, two], scope: .day))
            #expect(try await goals.funnels(of: site) == [funnel])
            await #expect(throws: FormError.self) { try await goals.delete(goal: one.id, of: site) }
            await #expect(throws: FormError.self) {
                try await goals.createFunnel("Short", steps: [one.id], scope: .visit, of: site)
            }
            await #expect(throws: FormError.self) {
                try await goals.createFunnel("Unknown", steps: [one.id, 4_711], scope: .visit, of: site)
            }
            #expect(try await goals.delete(funnel: funnel.id, of: site))
            #expect(try await goals.delete(goal: one.id, of: site))
        }
    }

    @Test func `segments are everybody's or one's own, and nobody else's`() async throws {
        try await withTestDatabase { database in
            let site = try await database.site()
            let other = try await database.site(domain: "other.example")
            let goals = SiteGoals(app: database.app)
            let goal = try await goals.create("Goal", .event("done"), of: site)
            let filter = Filter.all([.goal(goal), .match(.init(.country, .equals, ["DE"]))])
            let mine = try await goals.createSegment("Mine", filter, isOwn: true, of: site)
            let ours = try await goals.createSegment("Ours", .everything, isOwn: false, of: site)
            // The same name as one's own.
            _ = try await goals.createSegment("Mine", .everything, isOwn: false, of: site)
            await #expect(throws: FormError.self) {
                try await goals.createSegment("Mine", .everything, isOwn: true, of: site)
            }
            #expect(try await goals.segments(of: site).map(\.name) == ["Mine", "Mine", "Ours"])
            #expect(try await goals.segments(of: site).first { $0.id == mine.id } == mine)
            #expect(try await goals.segments(of: other) == [])
            #expect(try await goals.delete(segment: ours.id, of: other) == false)
            #expect(try await goals.delete(segment: ours.id, of: site))
            // Its goal is gone: it is still there, and says nothing.
            #expect(try await goals.delete(goal: goal.id, of: site))
            #expect(try await goals.segments(of: site).first { $0.id == mine.id }?.filter == nil)
        }
    }
}
