import Auth
import FoundationEssentials
import HTTPTypes
import Postgres
import TestSupport
import Testing

@testable import App

/// Who may be asking. The account is the one that example.com belongs to.
private enum Identity: String, CaseIterable {
    case stranger, guest, billing, viewer, editor, admin, owner
    /// Owns another account.
    case outsider
    /// Runs the instance, and has an account of their own.
    case administrator
    /// A program with a key that may do everything, made by the owner.
    case program
}

private enum Answer: Equatable {
    /// The handler was reached: whatever it says of an empty form.
    case reached
    case toLogin
    case toSites
    case status(Int)
}

private let roles: [Identity: Role] = [
    .billing: .billing, .viewer: .viewer, .editor: .editor, .admin: .admin, .owner: .owner,
]

/// What the table of routes promises, said once more and in other words.
private func promised(_ route: Route, to identity: Identity) -> Answer {
    let isSignedIn = identity != .stranger && identity != .program
    let isJSON = route.path.hasPrefix("/api/") || route.path.hasSuffix("/status")
    let isPage = route.method == .get
    let unknown: Answer = isJSON ? .status(401) : .toLogin
    switch route.rule {
    case .stateless, .anyone:
        return .reached
    case .visitor where route.path == "/login/code" && !isSignedIn:
        // Nobody's password was right here.
        return .toLogin
    case .visitor:
        return isSignedIn ? .toSites : .reached
    case .administrator:
        guard isSignedIn else { return unknown }
        return identity == .administrator ? .reached : .status(404)
    case .member:
        return isSignedIn ? .reached : unknown
    case .account(let least):
        guard isSignedIn else { return unknown }
        // Outsiders reach their own account; guests have none.
        if identity == .outsider || identity == .administrator { return .reached }
        guard let role = roles[identity] else { return .status(404) }
        return role >= least ? .reached : .status(403)
    case .site(let least):
        guard isSignedIn else { return unknown }
        if identity == .outsider || identity == .administrator { return .status(404) }
        return (roles[identity] ?? .viewer) >= least ? .reached : .status(403)
    case .reader:
        guard isSignedIn else { return unknown }
        if identity == .outsider || identity == .administrator { return .status(404) }
        return identity == .billing ? .status(403) : .reached
    case .shared, .embedded:
        return .status(404)
    case .key, .siteKey:
        _ = isPage
        return identity == .program ? .reached : .status(401)
    }
}

/// What would end the identity that asks.
private let last = ["/logout", "/account/leave", "/settings/sessions/end-others"]

@Suite struct RoleTests {
    @Test func `every identity reaches what the table of routes says, by every method, and nothing else`()
        async throws
    {
        try await withApplication(.test(admins: "root@example.org")) { stranger, database, web in
            var tabs: [Identity: Tab] = [.stranger: stranger, .program: stranger.another()]
            let owner = stranger.another()
            try await owner.signUpConfirmed("owner@example.org", database)
            try await owner.addSite()
            tabs[.owner] = owner
            for (identity, role) in roles where identity != .owner {
                tabs[identity] = stranger.another()
                try await tabs[identity]!.join(
                    owner, as: "\(identity)@example.org", role: role.rawValue, database)
            }
            tabs[.guest] = stranger.another()
            try await tabs[.guest]!.join(
                owner, as: "guest@example.org", role: "viewer", site: "example.com", database)
            tabs[.outsider] = stranger.another()
            try await tabs[.outsider]!.signUp("outsider@example.org")
            tabs[.administrator] = stranger.another()
            try await tabs[.administrator]!.signUpConfirmed("root@example.org", database)
            let access = try await database.identity().session(token: owner.cookies["mochi"]!)!.accounts[0]
            let key = try await web.keys.create(name: "All", scopes: Scope.allCases, in: access).text
            let site = try await web.sites.list(in: access)[0]

            func path(_ route: Route) -> String {
                route.path.replacing(":domain", with: "example.com").replacing(":panel", with: "pages")
                    .replacing(":id", with: site.id.rawValue.uuidString.lowercased())
                    .replacing(":file", with: "nothing").replacing(":slug", with: "nothing")
                    .replacing(":token", with: "nothing")
            }
            for identity in Identity.allCases {
                let tab = tabs[identity]!
                for route in Routes.all where !last.contains(route.path) {
                    _ = try await tab.get(identity == .stranger || identity == .program ? "/login" : "/sites")
                    var headers: HTTPFields = [:]
                    if identity == .program { headers[.authorization] = "Bearer \(key)" }
                    var body: String?
                    if route.method != .get {
                        headers[.contentType] = "application/x-www-form-urlencoded"
                        body = "csrf=\(tab.csrf)"
                    }
                    let page = try await tab.send(route.method, path(route), headers: headers, body: body)
                    let answer: Answer =
                        page.location?.hasPrefix("/login") == true
                        ? .toLogin : page.status == 401 ? .status(401) : .status(page.status)
                    let wanted = promised(route, to: identity)
                    let text: Comment = "\(identity): \(route.method) \(route.path): \(page.status)"
                    switch wanted {
                    case .reached:
                        let isDenied = answer == .toLogin || [401, 403, 500, 503].contains(page.status)
                        #expect(!isDenied, text)
                    case .toSites: #expect(page.location == "/sites", text)
                    case .toLogin, .status: #expect(answer == wanted, text)
                    }
                }
                // A path takes the methods of its rows and no other.
                for path in Set(Routes.all.map(\.path)) {
                    let known = Set(Routes.all.filter { $0.path == path }.map(\.method))
                    for method in [HTTPRequest.Method.put, .delete, .patch, .post, .get]
                    where !known.contains(method) {
                        let page = try await tab.send(method, path.replacing(":", with: ""))
                        #expect([404, 405].contains(page.status), "\(identity): \(method) \(path)")
                    }
                }
            }
        }
    }

    @Test
    func `every row that changes something is refused without its token, with another's, and cross-site`()
        async throws
    {
        try await withApplication { tab, database, _ in
            try await tab.signUpConfirmed("owner@example.org", database)
            try await tab.addSite()
            let other = tab.another()
            try await other.signUp("other@example.org")
            _ = try await other.get("/settings/profile")
            let before = try await database.actions()
            let site = HTTPField.Name("Sec-Fetch-Site")!
            for route in Routes.all where route.needsCSRFToken && route.rule != .visitor {
                let path = route.path.replacing(":domain", with: "example.com").replacing(":slug", with: "x")
                    .replacing(":token", with: "x")
                _ = try await tab.get("/settings/profile")
                let name: Comment = "\(route.path)"
                #expect(try await tab.post(path, ["csrf": ""]).status == 403, name)
                #expect(try await tab.post(path, ["csrf": "wrong"]).status == 403, name)
                #expect(try await tab.post(path, ["csrf": other.csrf]).status == 403, name)
                #expect(try await tab.post(path, [:], headers: [site: "cross-site"]).status == 403, name)
                #expect(try await tab.post(path, [:], headers: [site: "same-site"]).status == 403, name)
                let origin: HTTPFields = [.origin: "https://evil.example"]
                #expect(try await tab.post(path, [:], headers: origin).status == 403, name)
            }
            #expect(try await database.actions() == before)
            #expect(try await tab.get("/sites").status == 200)
        }
    }
}

@Suite struct MirroredTenantsTests {
    /// Everything of an account, as text.
    private func everything(of email: String, _ database: TestDatabase) async throws -> [String] {
        try await database.owner.withConnection { connection in
            let account: Int64 = try connection.one(
                """
                SELECT m.account_id FROM memberships m JOIN users u ON u.id = m.user_id
                WHERE u.email = \(email) AND m.role = 'owner'
                """)
            let tables: [String] = try connection.rows(
                """
                SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'account_id'
                WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace
                ORDER BY 1
                """)
            return try tables.flatMap { table in
                try connection.rows(
                    """
                    SELECT t::text FROM \(identifier: table) t WHERE account_id = \(account) ORDER BY 1
                    """) as [String]
            }
        }
    }

    @Test func `another tenant's ids answer as ids that nobody has, and do nothing`() async throws {
        try await withApplication { one, database, web in
            let other = one.another()
            for (tab, name) in [(one, "one"), (other, "other")] {
                try await tab.signUpConfirmed("\(name)@example.org", database)
                try await tab.addSite("\(name).example")
                let friend = one.another()
                try await friend.join(tab, as: "friend-of-\(name)@example.org", role: "viewer", database)
                let guest = one.another()
                try await guest.join(
                    tab, as: "guest-of-\(name)@example.org", role: "viewer", site: "\(name).example", database
                )
                _ = try await tab.submit(
                    "/account/team", to: "/account/team/invite",
                    ["email": "pending-of-\(name)@example.org", "role": "viewer"])
                _ = try await tab.submit(
                    "/sites/\(name).example/settings/sharing",
                    to: "/sites/\(name).example/settings/sharing/links", ["name": "Link"])
            }
            func number(_ query: SQL) async throws -> String {
                try await database.owner.withConnection { connection in
                    let number: Int64 = try connection.one(query)
                    return "\(number)"
                }
            }
            let ids = [
                "link": try await number("SELECT max(id) FROM share_links"),
                "invitation": try await number("SELECT max(id) FROM invitations"),
                "friend": try await database.id(of: "friend-of-other@example.org"),
                "guest": try await database.id(of: "guest-of-other@example.org"),
                "account": try await number("SELECT max(id) FROM accounts"),
            ]
            let session: String = try await database.owner.withConnection { connection in
                try connection.one(
                    "SELECT s.id::text FROM sessions s JOIN users u ON u.id = s.user_id WHERE u.email = 'other@example.org' LIMIT 1"
                )
            }
            let nobody = "4611686018427387904"
            let requests: [(path: String, field: String, theirs: String, nothing: String)] = [
                ("/sites/one.example/settings/sharing/revoke", "id", ids["link"]!, nobody),
                ("/account/team/resend", "id", ids["invitation"]!, nobody),
                ("/account/team/revoke", "id", ids["invitation"]!, nobody),
                ("/account/team/role", "user", ids["friend"]!, nobody),
                ("/account/team/remove", "user", ids["friend"]!, nobody),
                ("/account/team/guests/remove", "user", ids["guest"]!, nobody),
                ("/account/transfer", "user", ids["friend"]!, nobody),
                ("/account/switch", "account", ids["account"]!, nobody),
                ("/settings/sessions/end", "id", session, "6f9619ff-8b86-4011-b42d-00c04fc964ff"),
            ]
            let before = try await everything(of: "other@example.org", database)
            #expect(before.count > 10)
            for request in requests {
                var answers: [String] = []
                for id in [request.theirs, request.nothing] {
                    _ = try await one.get("/account/team")
                    let page = try await one.post(
                        request.path,
                        [
                            request.field: id, "account_id": ids["account"]!, "role": "owner",
                            "plan": "unlimited", "site": "other.example", "current": "rice cake steam",
                        ])
                    #expect(page.status == 404, "\(request.path)")
                    answers.append("\(page.status) \(page.textWithoutTokens)")
                }
                #expect(answers[0] == answers[1], "\(request.path)")
            }
            // Fields that nobody asked for change nothing.
            _ = try await one.submit(
                "/settings/profile",
                [
                    "name": "One", "time_zone": "UTC", "account_id": ids["account"]!,
                    "email_confirmed_at": "now",
                ])
            _ = try await one.submit(
                "/account/general", ["name": "One", "account_id": ids["account"]!, "id": ids["account"]!])
            #expect(try await everything(of: "other@example.org", database) == before)
        }
    }
}
