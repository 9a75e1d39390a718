import Auth
import FoundationEssentials
import Operations
import Postgres
import Stats

/// What handlers work with: one value, made at the start, shared by all requests.
struct Web: Sendable {
    let configuration: Configuration
    let app: Database
    let identity: Identity
    let sites: Sites
    let keys: ApiKeys
    let statistics: Statistics
    let overviews: SiteOverviews
    let goals: SiteGoals
    let annotations: Annotations
    let live: LiveCounts
    let templates: Templates
    let assets: Assets
    let cookies: Cookies
    let csrf: CSRF
    let throttle: Throttle
    let keyRates: KeyRates
    let health: Health
    let now: @Sendable () -> Date

    init(
        configuration: Configuration, app: Database, system: Database, passwords: PasswordHasher,
        health: Health, keyRates: KeyRates = KeyRates(),
        now: @escaping @Sendable () -> Date = { Date() }
    ) throws {
        self.configuration = configuration
        self.app = app
        identity = Identity(system: system, passwords: passwords, now: now)
        sites = Sites(app: app)
        keys = ApiKeys(app: app, system: system, now: now)
        statistics = Statistics(app: app)
        overviews = SiteOverviews(app: app, statistics: statistics)
        goals = SiteGoals(app: app)
        annotations = Annotations(app: app)
        live = LiveCounts()
        templates = try Templates(directory: configuration.resources + "/templates")
        assets = try Assets(directory: configuration.resources + "/public")
        cookies = Cookies(isSecure: configuration.baseURL.hasPrefix("https://"))
        csrf = CSRF(secret: try configuration.loadSecretKey(), origin: configuration.baseURL)
        throttle = Throttle()
        self.keyRates = keyRates
        self.health = health
        self.now = now
    }
}
