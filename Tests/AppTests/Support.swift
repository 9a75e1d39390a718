import Auth
import Days
import FoundationEssentials
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Operations
import Postgres
import Synchronization
import TestSupport

@testable import App

extension Configuration {
    static func test(baseURL: String = "http://localhost:8080", signUp: String = "open", admins: String = "")
        throws
        -> Configuration
    {
        try Configuration(
            environment: [
                "MOCHI_DATA": "/nonexistent", "MOCHI_SECRET_KEY": String(repeating: "5a", count: 32),
                "MOCHI_RESOURCES": repository, "MOCHI_APP_PORT": "0", "MOCHI_BASE_URL": baseURL,
                "MOCHI_INGEST_URL": "https://in.example.net", "MOCHI_SIGNUP": signUp,
            ].merging(admins.isEmpty ? [:] : ["MOCHI_ADMIN_EMAILS": admins]) { $1 })
    }
}

extension TestDatabase {
    func web(
        _ configuration: Configuration? = nil, keyLimit: Int = 1_000_000, live: LiveCounts = LiveCounts(),
        now: @escaping @Sendable () -> Date = { Date() }
    ) throws -> Web {
        try Web(
            configuration: configuration ?? .test(), app: app, system: system, passwords: testPasswords,
            health: Health(process: "app"),
            keyRates: KeyRates(perKey: keyLimit, perStranger: 1_000_000), live: live, pace: .atOnce, now: now)
    }

    /// Some days of made-up events, the same for the same count, as the loader would have written them: pages, sources,
    /// campaigns, countries, custom events, properties, money, and gaps in all of them.
    func traffic(_ site: Site, events: Int, until now: Date = Date()) async throws {
        try await owner.transaction { connection in
            try connection.execute(
                """
                INSERT INTO events SELECT (t AT TIME ZONE \(site.timeZone))::date, \(site.account), 1, n, \(site.id), t,
                    n * 7919 % 83,
                    CASE WHEN n % 7 = 0 THEN 'Signup' WHEN n % 11 = 0 THEN 'Purchase' ELSE 'pageview' END,
                    (ARRAY['example.com', 'www.example.com'])[1 + n % 2],
                    (ARRAY['/', '/docs', '/Docs/install', '/pricing', '/blog/a', '/blog/b', '/日本'])[1 + n * 13 % 7],
                    '', '', (ARRAY['', 'Google', 'DuckDuckGo', 'opensource.com'])[1 + n * 7919 % 83 % 4],
                    (ARRAY['Direct', 'Organic Search', 'Referral'])[1 + n * 7919 % 83 % 3],
                    (ARRAY['', 'newsletter'])[1 + n * 7919 % 83 % 2], (ARRAY['', 'email'])[1 + n * 7919 % 83 % 2],
                    (ARRAY['', '', 'spring'])[1 + n * 7919 % 83 % 3], '', '', '',
                    (ARRAY['DE', 'EE', 'US', 'BR', ''])[1 + n * 7919 % 83 % 5], '',
                    (ARRAY['Berlin', 'Tallinn', '', 'São Paulo', ''])[1 + n * 7919 % 83 % 5], 'en',
                    (ARRAY['Firefox', 'Chrome', 'Safari'])[1 + n * 7919 % 83 % 3], '140',
                    (ARRAY['GNU/Linux', 'Mac', 'Windows'])[1 + n * 7919 % 83 % 3], '',
                    (ARRAY['Desktop', 'Mobile'])[1 + n * 7919 % 83 % 2], '', true, n % 9 * 1000,
                    CASE WHEN n % 3 = 0 THEN n % 100 END,
                    CASE WHEN n % 7 <> 0 AND n % 11 = 0 THEN n::bigint * 10000 END,
                    CASE WHEN n % 7 <> 0 AND n % 11 = 0 THEN (ARRAY['USD', 'EUR'])[1 + n % 2] ELSE '' END,
                    CASE WHEN n % 4 = 0 THEN '{"is_customer": "true"}' WHEN n % 4 = 1 THEN '{"is_customer": "false"}'
                        ELSE '{}' END::jsonb
                FROM (SELECT n, date_trunc('second', \(now)::timestamptz) - n * 37 % 2800 * interval '1 minute' AS t
                    FROM generate_series(1, \(events)) AS n) AS made
                """)
            try connection.execute(
                """
                INSERT INTO aggregation_state (account_id, site_id, day)
                SELECT DISTINCT account_id, site_id, day FROM events WHERE site_id = \(site.id)
                """)
            try connection.execute(
                """
                INSERT INTO ingest_positions (stream, collector, sequence, loaded_through)
                VALUES (1, gen_random_uuid(), \(events), now())
                """)
        }
    }

    /// A page view now, as the loader would have written it.
    func pageView(_ site: Site, path: String, visitor: Int64, secondsAgo: Double = 0) async throws {
        try await owner.transaction { connection in
            try connection.execute(
                """
                INSERT INTO events SELECT
                    (now() AT TIME ZONE \(site.timeZone))::date, \(site.account), 1,
                    (SELECT count(*) + 1 FROM events), \(site.id), now() - \(secondsAgo) * interval '1 second',
                    \(visitor), 'pageview', \(site.domain), \(path), '', '', '', 'Direct', '', '', '', '', '', '',
                    'DE', '', '', 'de', 'Firefox', '140', 'Linux', '', 'Desktop', '', true, 0, NULL, NULL, '', '{}'
                """)
            try connection.execute(
                """
                INSERT INTO aggregation_state (account_id, site_id, day)
                VALUES (\(site.account), \(site.id), (now() AT TIME ZONE \(site.timeZone))::date)
                ON CONFLICT DO NOTHING
                """)
            try connection.execute(
                """
                INSERT INTO ingest_positions (stream, collector, sequence, loaded_through)
                SELECT 1, gen_random_uuid(), count(*), now() FROM events
                ON CONFLICT (stream) DO UPDATE SET sequence = excluded.sequence, updated_at = now()
                """)
        }
    }
}

/// Runs a test against the application, without a socket, on a database of its own.
func withApplication<R: Sendable>(
    _ configuration: Configuration? = nil, keyLimit: Int = 1_000_000,
    now: @escaping @Sendable () -> Date = { Date() },
    _ body: @Sendable (Tab, TestDatabase, Web) async throws -> R
) async throws -> R {
    try await withTestDatabase { database in
        let web = try database.web(configuration, keyLimit: keyLimit, now: now)
        let application = WebApplication.application(web, logger: quietLogger)
        return try await application.test(.router) { client in
            try await body(Tab(client: client), database, web)
        }
    }
}

/// A browser: keeps its cookies, and the form token of the page that it saw last.
final class Tab: Sendable {
    struct Page {
        let status: Int
        let headers: HTTPFields
        let text: String

        var location: String? { headers[.location] }

        /// Without form tokens, which are new in every answer.
        var textWithoutTokens: String {
            text.replacing(/name="csrf" value="[^"]*"/, with: "")
        }
    }

    private struct State {
        var cookies: [String: String] = [:]
        var csrf = ""
    }

    let client: any TestClientProtocol
    private let state = Mutex(State())

    init(client: any TestClientProtocol) {
        self.client = client
    }

    /// Another browser, without cookies.
    func another() -> Tab { Tab(client: client) }

    var cookies: [String: String] { state.withLock { $0.cookies } }
    var csrf: String { state.withLock { $0.csrf } }

    func send(
        _ method: HTTPRequest.Method, _ uri: String, headers: HTTPFields = [:], body: String? = nil
    ) async throws -> Page {
        var headers = headers
        let cookies = cookies.map { "\($0)=\($1)" }.joined(separator: "; ")
        if !cookies.isEmpty { headers[.cookie] = cookies }
        let response = try await client.execute(
            uri: uri, method: method, headers: headers, body: body.map { ByteBuffer(string: $0) })
        let text = String(buffer: response.body)
        state.withLock { state in
            for cookie in response.headers[values: .setCookie] {
                let pair = cookie.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1)
                state.cookies[String(pair[0])] = cookie.contains("Max-Age=0") ? nil : String(pair[1])
            }
            if let start = text.firstRange(of: #"name="csrf" value=""#)?.upperBound {
                state.csrf = String(text[start...].prefix { $0 != "\"" })
            }
        }
        return Page(status: response.status.code, headers: response.headers, text: text)
    }

    func get(_ uri: String) async throws -> Page { try await send(.get, uri) }

    /// Sends a form with the token of the last page, unless it is given another.
    func post(_ uri: String, _ fields: [String: String], headers: HTTPFields = [:]) async throws -> Page {
        var headers = headers
        headers[.contentType] = "application/x-www-form-urlencoded"
        let fields = ["csrf": csrf].merging(fields) { $1 }
        let body = fields.map { "\($0)=\(Fields.percentEncoded($1))" }.joined(separator: "&")
        return try await send(.post, uri, headers: headers, body: body)
    }

    @discardableResult
    func signUp(_ email: String = "ada@example.org") async throws -> Page {
        _ = try await get("/signup")
        return try await post(
            "/signup", ["email": email, "password": "rice cake steam", "time_zone": "Europe/Paris"])
    }

    func addSite(_ domain: String = "example.com") async throws {
        _ = try await get("/sites/new")
        _ = try await post("/sites/new", ["domain": domain, "time_zone": "UTC"])
    }
}

/// The figures above a dashboard's chart, by their names.
func figures(_ page: String) -> [String: String] {
    Dictionary(
        page.matches(of: /<dt>(?:<a [^>]*>|<span [^>]*>)([^<]+)<[^\n]*?class="big"[^>]*>([^<]+)</).map {
            (String($0.1), String($0.2))
        }
    ) { first, _ in first }
}
