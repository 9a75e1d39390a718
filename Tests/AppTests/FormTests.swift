import FoundationEssentials
import HTTPTypes
import Postgres
import TestSupport
import Testing

@testable import App

@Suite struct FormTests {
    @Test func `a form without its token, with another's, or with none at all is refused`() async throws {
        try await withApplication { tab, _, _ in
            _ = try await tab.get("/login")
            let other = tab.another()
            _ = try await other.get("/login")
            let form = ["email": "ada@example.org", "password": "rice cake steam"]
            for token in ["", "wrong", other.csrf, String(tab.csrf.dropLast()), tab.csrf + "A"] {
                let page = try await tab.post("/login", form.merging(["csrf": token]) { $1 })
                #expect(page.status == 403)
                #expect(page.text.contains("This form has expired"))
            }
            #expect(try await tab.post("/login", form).status == 422)
        }
    }

    @Test func `a token ends with the session that it was made for`() async throws {
        try await withApplication { tab, _, _ in
            _ = try await tab.get("/signup")
            let before = tab.csrf
            try await tab.signUp()
            _ = try await tab.get("/sites/new")
            #expect(try await tab.post("/sites/new", ["csrf": before, "domain": "a.example"]).status == 403)
            #expect(
                try await tab.post("/sites/new", ["domain": "a.example", "time_zone": "UTC"]).status == 303)
        }
    }

    @Test(arguments: [
        ("Sec-Fetch-Site", "cross-site", 403), ("Sec-Fetch-Site", "same-site", 403),
        ("Sec-Fetch-Site", "same-origin", 422), ("Sec-Fetch-Site", "none", 422),
        ("Origin", "https://evil.example", 403), ("Origin", "null", 403),
        ("Origin", "http://localhost:8080", 422), ("Origin", "http://localhost", 422),
    ])
    func `a form from another site is refused, whatever its token`(name: String, value: String, status: Int)
        async throws
    {
        try await withApplication { tab, _, _ in
            _ = try await tab.get("/login")
            let page = try await tab.post(
                "/login", ["email": "a@example.org", "password": "x"], headers: [HTTPField.Name(name)!: value]
            )
            #expect(page.status == status)
        }
    }

    @Test func `tokens are masked anew in every answer`() {
        let csrf = CSRF(secret: [1, 2, 3], origin: "https://mochi.example")
        let one = csrf.token(for: "secret")
        let other = csrf.token(for: "secret")
        #expect(one != other)
        #expect(csrf.isValid(one, for: "secret") && csrf.isValid(other, for: "secret"))
        #expect(!csrf.isValid(one, for: "other") && !csrf.isValid(one, for: nil))
        #expect(!CSRF(secret: [1, 2, 4], origin: "").isValid(one, for: "secret"))
    }

    @Test func `only a form's own content type is taken`() async throws {
        try await withApplication { tab, _, _ in
            _ = try await tab.get("/login")
            let page = try await tab.send(
                .post, "/login", headers: [.contentType: "text/plain"],
                body: "csrf=\(tab.csrf)&email=a&password=b")
            #expect(page.status == 415)
        }
    }

    @Test func `what cannot be taken is said at its field`() async throws {
        try await withApplication { tab, _, _ in
            _ = try await tab.get("/signup")
            let page = try await tab.post("/signup", ["email": "nobody", "password": "rice cake steam"])
            #expect(page.status == 422)
            #expect(page.text.contains(#"value="nobody" autocomplete="username""#))
            #expect(
                page.text.contains(#"aria-describedby="email-error" aria-invalid="true" autofocus required"#))
            #expect(page.text.contains(#"<p class="error" id="email-error">Enter an e-mail address"#))
            #expect(!page.text.contains("rice cake steam"))
        }
    }

    @Test func `a domain that is taken is said at its field`() async throws {
        try await withApplication { tab, _, _ in
            try await tab.signUp()
            try await tab.addSite()
            _ = try await tab.get("/sites/new")
            let page = try await tab.post(
                "/sites/new", ["domain": "HTTPS://www.Example.com/x", "time_zone": "UTC"])
            #expect(page.status == 422)
            #expect(page.text.contains("This domain has been added already"))
        }
    }

    @Test func `what people enter is shown as text`() async throws {
        try await withApplication { tab, _, _ in
            _ = try await tab.get("/signup")
            let page = try await tab.post(
                "/signup", ["email": #""><script>alert(1)</script>"#, "password": "x"])
            #expect(page.text.contains("&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"))
            #expect(!page.text.contains("<script>alert"))
        }
    }

    @Test func `too many attempts from one address are turned away for a while`() async throws {
        try await withApplication { tab, _, _ in
            _ = try await tab.get("/login")
            for _ in 0..<Throttle.Limit.logIn.attempts { _ = try await tab.post("/login", ["csrf": "x"]) }
            let page = try await tab.post("/login", ["email": "a@example.org", "password": "x"])
            #expect(page.status == 429)
            #expect((1...301).contains(Int(page.headers[.retryAfter] ?? "") ?? 0))
            #expect(page.text.contains("Too many attempts"))
        }
    }

    @Test func `a throttle counts for all processes, outlives a restart, and forgets`() async throws {
        try await withTestDatabase { database in
            let limit = Throttle.Limit(name: "test", attempts: 2, window: 60)
            let start = Date(timeIntervalSince1970: 1_800_000_000)
            func take(_ who: [UInt8], after seconds: Double = 0) async throws -> Int? {
                // Each time another process, with nothing in its memory.
                try await Throttle(system: database.system, secret: [1])
                    .take(limit, by: who, now: start.addingTimeInterval(seconds))
            }
            #expect(try await take([192, 0, 2, 1]) == nil)
            #expect(try await take([192, 0, 2, 1], after: 10) == nil)
            #expect(try await take([192, 0, 2, 1], after: 20) == 40)
            #expect(try await take([192, 0, 2, 2], after: 20) == nil)
            #expect(try await take([192, 0, 2, 1], after: 60) == nil)
            let kept: [[UInt8]] = try await database.owner.withConnection {
                try $0.rows("SELECT who FROM throttles")
            }
            #expect(kept.count == 2 && kept.allSatisfy { $0.count == 16 })
        }
    }

    @Test func `an IPv6 network is one address`() {
        let network: [UInt8] = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 1]
        #expect(Throttle.network(network + [0, 0, 0, 0, 0, 0, 0, 1]) == network)
        #expect(Throttle.network([192, 0, 2, 1]) == [192, 0, 2, 1])
    }

    @Test func `fields are percent-encoded UTF-8`() throws {
        let fields = try Fields(encoded: "a=1+2%2B3&b=%E2%82%AC&a=again&c&=d&e=%zz%4".utf8)
        #expect(fields["a"] == "1 2+3")
        #expect(fields["b"] == "€")
        #expect(fields["c"] == "")
        #expect(fields["e"] == "%zz%4")
        #expect(fields["missing"] == "")
        #expect(Fields.percentEncoded("a b/€?") == "a%20b/%E2%82%AC%3F")
    }

    @Test(arguments: ["a=%ff", "%c3=1", "a=%00", String(repeating: "a=1&", count: 101)])
    func `fields that are no text, or too many, are refused`(encoded: String) {
        #expect(throws: Fields.Malformed.self) { try Fields(encoded: encoded.utf8) }
    }
}
