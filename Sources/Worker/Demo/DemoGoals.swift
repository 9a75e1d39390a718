import FoundationEssentials
import Postgres

/// What the owner of the made-up site wants of its visitors.
struct DemoGoals {
    let account: Int64
    let site: UUID
    let connection: Connection

    private struct Goal {
        var name: String
        var kind: String
        var event: String?
        var page: String?
        var depth: Int16?
        var currency: String?
    }

    private static let goals: [Goal] = [
        Goal(name: "Signup", kind: "event", event: "Signup"),
        Goal(name: "Purchase", kind: "event", event: "Purchase", currency: "EUR"),
        Goal(name: "Download", kind: "event", event: "File Download"),
        Goal(name: "Outbound link", kind: "event", event: "Outbound Link: Click"),
        Goal(name: "Saw the prices", kind: "page", page: "/pricing"),
        Goal(name: "Began to sign up", kind: "page", page: "/signup"),
        Goal(name: "Looked at a product", kind: "page", page: "/shop/*"),
        Goal(name: "Filled the cart", kind: "page", page: "/cart"),
        Goal(name: "Went to the checkout", kind: "page", page: "/checkout"),
        Goal(name: "Read a post to its end", kind: "scroll", page: "/blog/*", depth: 90),
    ]

    private static let funnels: [(name: String, scope: String, steps: [String])] = [
        ("Signing up", "visit", ["Saw the prices", "Began to sign up", "Signup"]),
        ("Buying", "visit", ["Looked at a product", "Filled the cart", "Went to the checkout", "Purchase"]),
    ]

    /// Makes those whose names are not there yet; answers how many goals and funnels.
    func make() throws -> (goals: Int, funnels: Int) {
        var goals = 0
        for goal in DemoGoals.goals {
            goals += try connection.execute(
                """
                INSERT INTO goals (account_id, site_id, name, kind, event_name, page_pattern, scroll_depth, currency)
                VALUES (\(account), \(site), \(goal.name), \(goal.kind), \(goal.event), \(goal.page), \(goal.depth),
                    \(goal.currency))
                ON CONFLICT (account_id, site_id, name) DO NOTHING
                """)
        }
        var funnels = 0
        for funnel in DemoGoals.funnels {
            let id: Int64? = try connection.first(
                """
                INSERT INTO funnels (account_id, site_id, name, scope)
                VALUES (\(account), \(site), \(funnel.name), \(funnel.scope))
                ON CONFLICT (account_id, site_id, name) DO NOTHING RETURNING id
                """)
            guard let id else { continue }
            funnels += 1
            try connection.execute(
                """
                INSERT INTO funnel_steps (account_id, funnel_id, position, goal_id)
                SELECT \(account), \(id), step.position - 1, g.id
                FROM unnest(\(funnel.steps)) WITH ORDINALITY AS step (name, position)
                JOIN goals g ON g.account_id = \(account) AND g.site_id = \(site) AND g.name = step.name
                """)
        }
        return (goals, funnels)
    }
}
