import Auth
import HTTPTypes
import Postgres
import Stats
import TestSupport

@testable import App

/// A program with a key, and a site with made-up traffic that it asks about.
struct Program: Sendable {
    let tab: Tab
    let key: String
    let site: SiteAccess
    let web: Web
    let database: TestDatabase

    struct Answer: Sendable {
        let status: Int
        let text: String
        let headers: HTTPFields

        /// `.null` for what is no JSON.
        var json: JSONValue { (try? JSONValue(parsing: Array(text.utf8))) ?? .null }
        /// Of `{"error": "…"}`.
        var error: String? { if case .text(let text) = json["error"] { text } else { nil } }
    }

    func send(_ method: HTTPRequest.Method, _ uri: String, body: String? = nil) async throws -> Answer {
        let page = try await tab.another().send(
            method, uri, headers: [.authorization: "Bearer \(key)"], body: body)
        return Answer(status: page.status, text: page.text, headers: page.headers)
    }

    func query(_ query: JSONValue) async throws -> Answer {
        try await send(.post, "/api/v2/query", body: String(decoding: query.bytes, as: UTF8.self))
    }

    static func withSite<R: Sendable>(
        _ domain: String = "dummy.site", timeZone: String = "UTC", events: Int = 0, keyLimit: Int = 1_000_000,
        scopes: [Scope] = Scope.allCases, _ body: @Sendable (Program) async throws -> R
    ) async throws -> R {
        try await withApplication(keyLimit: keyLimit) { tab, database, web in
            let site = try await database.site(domain: domain, timeZone: timeZone)
            if events > 0 { try await database.traffic(site.site, events: events) }
            let key = try await web.keys.create(name: "Test", scopes: scopes, in: site.account).text
            return try await body(Program(tab: tab, key: key, site: site, web: web, database: database))
        }
    }

    /// Goals and a segment, as the published examples name them.
    func addGoals() async throws {
        let goals = web.goals
        for name in ["Signup", "PurchaseUSD", "PurchaseEUR"] {
            _ = try await goals.create(name, .event(name == "Signup" ? name : "Purchase"), of: site)
        }
        _ = try await goals.create("Visit /pricing", .page("/pricing"), of: site)
        let known = try await goals.list(of: site).map(\.goal)
        let filter = try Filter(
            json: #"["and",[["has_not_done",["is","goal",["Signup"]]],["is","source",["opensource.com"]]]]"#,
            goals: known)
        for name in ["First", "Second"] {
            _ = try await goals.createSegment(name, filter, isOwn: false, of: site)
        }
    }
}

extension JSONValue {
    subscript(_ name: String) -> JSONValue {
        if case .object(let members) = self { members[name] ?? .null } else { .null }
    }

    subscript(_ index: Int) -> JSONValue {
        if case .list(let items) = self, items.indices.contains(index) { items[index] } else { .null }
    }

    var items: [JSONValue] { if case .list(let items) = self { items } else { [] } }

    var members: [String: JSONValue] { if case .object(let members) = self { members } else { [:] } }
}

/// The same draws for the same seed (SplitMix64).
struct Draws: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
