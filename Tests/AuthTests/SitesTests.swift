import Auth
import Postgres
import TestSupport
import Testing

struct SitesTests {
    @Test(arguments: [
        ("example.com", "example.com"), (" HTTPS://www.Example.com/a?b#c ", "example.com"),
        ("blog.example.co.uk.", "blog.example.co.uk"), ("www.com", "www.com"),
        ("localhost:8000", "localhost:8000"),
        ("https://user:secret@example.com/", "example.com"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
    ])
    func `a domain is made of what people paste`(text: String, domain: String) throws {
        #expect(try DomainName.normalized(text) == domain)
    }

    @Test(arguments: [
        "", " ", "https://", "a b.com", "-a.com", "a-.com", "a..com", ".com", "bücher.example", "a.com:0",
        "a.com:x",
        "a_$.com", "example.com,other.com", String(repeating: "a", count: 64) + ".com",
        "[::1]", "<script>", "a.com\u{0}",
    ])
    func `what is no domain is refused`(text: String) {
        #expect(throws: FormError.self) { try DomainName.normalized(text) }
    }

    @Test func `a site has a key, a zone and an entry in the audit log`() async throws {
        try await withTestDatabase { database in
            let access = try await database.account()
            let site = try await database.sites.create(
                domain: "https://www.example.com/", timeZone: "Asia/Tokyo", in: access)
            #expect(
                site.domain == "example.com" && site.name == "example.com" && site.timeZone == "Asia/Tokyo")
            #expect(site.trackingKey.utf8.count == 14)
            #expect(try await database.sites.find(domain: "example.com", in: access)?.site == site)
            #expect(try await database.sites.find(id: site.id, in: access)?.site == site)
            #expect(try await database.sites.list(in: access) == [site])
            let actions: [(String, String)] = try await database.app.transaction(access) {
                try $0.rows("SELECT action, subject FROM audit_log ORDER BY id")
            }
            #expect(actions.map(\.0) == ["account.created", "site.created"])
            #expect(actions.map(\.1) == ["", "example.com"])
        }
    }

    @Test func `a domain belongs to one site; somebody else's is not found`() async throws {
        try await withTestDatabase { database in
            let first = try await database.site(domain: "example.com")
            let other = try await database.account(email: "other@example.org")
            let error = await #expect(throws: FormError.self) {
                try await database.sites.create(domain: "www.example.com", timeZone: "UTC", in: other)
            }
            #expect(error?.field == "domain")
            #expect(try await database.sites.find(domain: "example.com", in: other) == nil)
            #expect(try await database.sites.find(id: first.site.id, in: other) == nil)
            #expect(try await database.sites.list(in: other) == [])
        }
    }

    @Test func `a zone must be one of tzdata's`() async throws {
        try await withTestDatabase { database in
            let access = try await database.account()
            for zone in ["", "Mars/Olympus", "../../etc/passwd", "Europe/"] {
                let error = await #expect(throws: FormError.self) {
                    try await database.sites.create(domain: "example.com", timeZone: zone, in: access)
                }
                #expect(error?.field == "time_zone")
            }
        }
    }

    @Test func `bootstrap makes what is missing, and a key each time`() async throws {
        try await withTestDatabase { database in
            let administration = Administration(
                app: database.app, system: database.system, passwords: testPasswords)
            let first = try await administration.bootstrap(
                email: "a@example.com", domain: "one.example", timeZone: "UTC")
            let again = try await administration.bootstrap(
                email: "a@example.com", domain: "one.example", timeZone: "UTC")
            #expect(again.site == first.site && again.user == first.user && again.account == first.account)
            #expect(first.password != nil && again.password == nil && first.apiKey != again.apiKey)
            let login = try await database.identity().logIn(email: "a@example.com", password: first.password!)
            #expect(login?.user.id == first.user)
            await #expect(throws: FormError.self) {
                try await administration.bootstrap(
                    email: "b@example.com", domain: "one.example", timeZone: "UTC")
            }
        }
    }
}
