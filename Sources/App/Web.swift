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
    let shares: ShareLinks
    let team: Team
    let offers: SiteOffers
    let twoFactor: TwoFactor
    /// What an administrator of the instance may do; nil for everybody else.
    let instance: @Sendable (Session) -> Instance?
    /// What was sent last, for ``SentMailPage`` alone.
    let lastMails: @Sendable () async throws -> [(to: String, subject: String, text: String)]
    let takeout: @Sendable (AccountAccess) -> Takeout
    let noteTakeout: @Sendable (AccountAccess) async throws -> Void
    /// An account's log: before which row, and how many.
    let auditLog: @Sendable (AccountAccess, Int64?, Int) async throws -> [AuditLog.Entry]
    let statistics: Statistics
    let overviews: SiteOverviews
    let goals: SiteGoals
    let annotations: Annotations
    let live: LiveCounts
    let templates: Templates
    let assets: Assets
    let cookies: Cookies
    let csrf: CSRF
    let proofs: Proofs
    let throttle: Throttle
    let keyRates: KeyRates
    let letters: Letters
    let pace: Pace
    let health: Health
    let now: @Sendable () -> Date

    init(
        configuration: Configuration, app: Database, system: Database, passwords: PasswordHasher,
        health: Health, keyRates: KeyRates = KeyRates(), live: LiveCounts = LiveCounts(),
        pace: Pace = .standard,
        now: @escaping @Sendable () -> Date = { Date() }
    ) throws {
        self.configuration = configuration
        self.app = app
        identity = Identity(system: system, passwords: passwords, now: now)
        sites = Sites(app: app)
        keys = ApiKeys(app: app, system: system, now: now)
        team = Team(app: app, system: system, now: now)
        offers = SiteOffers(app: app, system: system, now: now)
        takeout = { Takeout(app: app, access: $0) }
        noteTakeout = { access in
            try await app.transaction(access) { connection in
                try AuditLog.record("account.downloaded", by: access, connection)
            }
        }
        instance = { Instance($0, administrators: configuration.adminEmails, system: system) }
        lastMails = {
            try await system.transaction(readOnly: true) { connection in
                try connection.rows(
                    """
                    SELECT arguments -> 'to' ->> 'address', arguments ->> 'subject', arguments ->> 'text'
                    FROM jobs WHERE kind = 'mail' ORDER BY id DESC LIMIT 50
                    """
                ) { row in (to: try row[0], subject: try row[1], text: try row[2]) }
            }
        }
        auditLog = { try await AuditLog.list(in: $0, before: $1, limit: $2, system: system) }
        shares = ShareLinks(app: app, system: system, passwords: passwords, now: now)
        statistics = Statistics(app: app)
        overviews = SiteOverviews(app: app, statistics: statistics)
        goals = SiteGoals(app: app)
        annotations = Annotations(app: app)
        self.live = live
        templates = try Templates(directory: configuration.resources + "/templates")
        assets = try Assets(directory: configuration.resources + "/public")
        cookies = Cookies(isSecure: configuration.baseURL.hasPrefix("https://"))
        self.keyRates = keyRates
        let secret = try configuration.loadSecretKey()
        csrf = CSRF(secret: secret, origin: configuration.baseURL)
        proofs = Proofs(secret: secret)
        twoFactor = TwoFactor(system: system, box: SecretBox(secret: secret), now: now)
        throttle = Throttle(system: system, secret: secret)
        letters = Letters(baseURL: configuration.baseURL)
        self.pace = pace
        self.health = health
        self.now = now
    }
}
