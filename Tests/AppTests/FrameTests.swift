import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Operations
import Postgres
import TestSupport
import Testing

@testable import App

@Suite struct FrameTests {
    private static let always: [String: String] = [
        "Content-Security-Policy":
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
            + "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "Permissions-Policy":
            "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    ]

    private func headers(_ page: Tab.Page) -> [String: String] {
        Self.always.keys.reduce(into: [:]) { $0[$1] = page.headers[HTTPField.Name($1)!] }
    }

    @Test func `security headers are on every answer`() async throws {
        try await withApplication { tab, _, web in
            let asset = web.assets.urls["mochi_css"]!
            for path in ["/", "/login", "/sites", "/nothing", asset, "/api/sites", "/healthz", "/robots.txt"]
            {
                let page = try await tab.get(path)
                #expect(headers(page) == Self.always, "\(path)")
                #expect(page.headers[.strictTransportSecurity] == nil)
                #expect(page.headers[HTTPField.Name("X-Request-ID")!]?.count == 16)
            }
            let refused = try await tab.post("/login", ["csrf": "wrong"])
            #expect(headers(refused) == Self.always)
        }
    }

    @Test func `behind https cookies belong to the host alone, and browsers are told to stay`() async throws {
        try await withApplication(try .test(baseURL: "https://mochi.example")) { tab, _, _ in
            let page = try await tab.get("/login")
            #expect(page.headers[.strictTransportSecurity] == "max-age=31536000; includeSubDomains")
            try await tab.signUp()
            #expect(Set(tab.cookies.keys) == ["__Host-mochi", "__Host-mochi-form", "__Host-mochi-device"])
            let cookies = try await tab.another().get("/login").headers[values: .setCookie]
            #expect(cookies.allSatisfy { $0.hasSuffix("; Path=/; HttpOnly; SameSite=Lax; Secure") })
        }
    }

    @Test func `no page has a script or a style inside`() async throws {
        try await withApplication { tab, _, _ in
            try await tab.signUp()
            try await tab.addSite()
            for path in ["/", "/docs", "/sites", "/sites/new", "/sites/example.com", "/settings/profile"] {
                let text = try await tab.get(path).text
                #expect(!text.contains("<style") && !text.contains(" style=") && !text.contains(" onclick="))
                // Each has a file, and nothing in it.
                #expect(text.contains("<script "))
                #expect(
                    text.matches(of: /<script/).count
                        == text.matches(of: /<script src="[^"]+" defer><\/script>/).count)
            }
        }
    }

    @Test func `errors are pages for people and JSON for programs`() async throws {
        try await withApplication { tab, _, _ in
            let page = try await tab.get("/nothing")
            #expect(page.status == 404)
            #expect(page.headers[.contentType] == "text/html; charset=utf-8")
            #expect(page.text.contains("There is nothing here"))
            let answer = try await tab.get("/api/nothing")
            #expect(answer.status == 404)
            #expect(
                answer.text
                    == #"{"error":{"code":"not_found","message":"The page has moved, or never was, or "#
                    + #"belongs to somebody else."}}"#)
            #expect(try await tab.get("/api/v2/nothing").text.hasPrefix(#"{"error":"The page"#))
        }
    }

    @Test(arguments: [
        "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/assets/..%2f..%2fPackage.swift", "/sites/%ff%fe",
        "/sites/a%00b", "//", "/sites//", "/%", "/sites/%zz",
    ])
    func `strange paths are not found`(path: String) async throws {
        try await withApplication { tab, _, _ in
            try await tab.signUp()
            #expect([200, 303, 404].contains(try await tab.get(path).status))
            #expect(try await tab.get("/sites/example.com?period=%ff").status == 404)
        }
    }

    @Test func `a query that is not UTF-8 is refused`() async throws {
        try await withApplication { tab, _, _ in
            try await tab.signUp()
            try await tab.addSite()
            #expect(try await tab.get("/sites/example.com?period=%ff%fe").status == 400)
            #expect(try await tab.get("/sites/example.com?period=nonsense&&=&a").status == 200)
        }
    }

    @Test func `a form that is too large is refused`() async throws {
        try await withApplication { tab, _, _ in
            _ = try await tab.get("/login")
            let page = try await tab.post("/login", ["email": String(repeating: "a", count: 70_000)])
            #expect(page.status == 413)
            #expect(page.text.contains("That is too much"))
        }
    }

    @Test func `HEAD is GET without a body`() async throws {
        try await withApplication { tab, _, web in
            for path in ["/", "/login", web.assets.urls["mochi_css"]!] {
                let head = try await tab.send(.head, path)
                #expect(head.status == 200)
                #expect(head.text == "")
                #expect(head.headers[.contentType] == (try await tab.get(path)).headers[.contentType])
            }
        }
    }

    @Test func `files are kept for ever, compressed, and not sent twice`() async throws {
        try await withApplication { tab, _, web in
            for url in web.assets.urls.values {
                let file = try await tab.get(url)
                #expect(file.status == 200)
                #expect(file.headers[.cacheControl] == "public, max-age=31536000, immutable")
                let again = try await tab.send(.get, url, headers: [.ifNoneMatch: file.headers[.eTag]!])
                #expect(again.status == 304)
                #expect(again.text == "")
            }
            let css = web.assets.urls["mochi_css"]!
            let small = try await tab.client.execute(
                uri: css, method: .get, headers: [.acceptEncoding: "br, gzip"])
            #expect(small.headers[.contentEncoding] == "gzip")
            #expect(
                small.body.readableBytes < web.assets.files[String(css.dropFirst(8))]!.body.readableBytes / 3)
        }
    }

    @Test func `pages are compressed for those who take it`() async throws {
        try await withApplication { tab, _, _ in
            let page = try await tab.client.execute(
                uri: "/", method: .get, headers: [.acceptEncoding: "gzip"])
            #expect(page.headers[.contentEncoding] == "gzip")
            #expect(page.body.getBytes(at: 0, length: 2) == [0x1f, 0x8b])
            let plain = try await tab.send(.get, "/", headers: [.acceptEncoding: "gzip;q=0"])
            #expect(plain.headers[.contentEncoding] == nil)
        }
    }

    @Test func `without its database the start page stays, and the others say what is wrong`() async throws {
        let away = Database(
            .init(url: "host=/nonexistent dbname=none", role: nil, waitTimeout: .seconds(1)),
            logger: quietLogger)
        try await withApplication { tab, database, _ in
            try await tab.signUp()
            let web = try Web(
                configuration: .test(), app: away, system: away, passwords: testPasswords,
                health: .init(process: "app"))
            let cookies: HTTPFields = [.cookie: tab.cookies.map { "\($0)=\($1)" }.joined(separator: "; ")]
            try await WebApplication.application(web, logger: quietLogger).test(.router) { client in
                let home = try await client.execute(uri: "/", method: .get, headers: cookies)
                #expect(home.status == .ok)
                let sites = try await client.execute(uri: "/sites", method: .get, headers: cookies)
                #expect(sites.status == .serviceUnavailable)
                #expect(sites.headers[.retryAfter] == "5")
                #expect(String(buffer: sites.body).contains("The database is away"))
            }
        }
        await away.close()
    }
}
