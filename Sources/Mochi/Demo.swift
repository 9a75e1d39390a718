import Auth
import FoundationEssentials
import Logging
import Operations
import Postgres
import Worker

/// What `mochi up --demo` shows: an account with three sites and ninety days of generated traffic.
struct Demo {
    let configuration: Configuration
    let logger: Logger

    static let email = "demo@example.com"
    static let days = 90
    static let seed: UInt64 = 1

    static let sites: [(domain: String, timeZone: String, events: Int)] = [
        ("inkwell.example", "Europe/Berlin", 150_000), ("fieldnotes.example", "America/New_York", 40_000),
        ("quire.example", "Asia/Tokyo", 3_000),
    ]

    /// Makes what is not there yet; answers what to tell whoever started it.
    func make() async throws -> String {
        let owner = configuration.database(for: .owner, logger: logger)
        let app = configuration.database(for: .app, logger: logger)
        let system = configuration.database(for: .system, logger: logger)
        return try await withDatabases([owner, app, system]) {
            let administration = Administration(app: app, system: system, passwords: PasswordHasher())
            var password: String?
            for site in Demo.sites {
                let (exists, isFilled) = try await Demo.look(at: site.domain, owner)
                if !exists {
                    let made = try await administration.bootstrap(
                        email: Demo.email, domain: site.domain, timeZone: site.timeZone)
                    if let new = made.password {
                        password = new
                        // At once: it is nowhere else, and what follows may be interrupted.
                        Terminal.print("Made the account \(Demo.email) with the password \(new)")
                    }
                }
                if isFilled { continue }
                var options = DemoSeeder.Options()
                (options.days, options.events, options.seed) = (Demo.days, site.events, Demo.seed)
                let report = try await DemoSeeder(database: owner).run(site: site.domain, options)
                logger.notice(
                    "Made a site with generated traffic.",
                    metadata: ["site": "\(site.domain)", "events": "\(report.events + report.eventsToday)"])
            }
            let secret = password.map { "password \($0)" } ?? "password as it was printed at the first start"
            return """
                  Demo             \(Demo.email), \(secret)
                                   \(configuration.baseURL)/sites

                """
        }
    }

    private static func look(
        at domain: String, _ owner: Database
    ) async throws -> (exists: Bool, isFilled: Bool) {
        let found: (Bool, Bool) = try await owner.transaction(readOnly: true) { connection in
            try connection.one(
                """
                SELECT EXISTS (SELECT FROM sites WHERE domain = \(domain)),
                    EXISTS (SELECT FROM site_days d JOIN sites s ON s.account_id = d.account_id AND s.id = d.site_id
                        WHERE s.domain = \(domain))
                """)
        }
        return (exists: found.0, isFilled: found.1)
    }
}
