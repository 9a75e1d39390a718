package import FoundationEssentials
package import Postgres

/// A link to a dashboard, for people without an account.
package struct ShareLink: Sendable, Hashable {
    package let id: ShareLinkID
    package let name: String
    package let slug: String
    package let hasPassword: Bool
    package let endsAt: Date?
    package let revokedAt: Date?
    /// The name of the segment that always holds.
    package let segment: String?
    package let leastVisitors: Int
    /// Who may show it in a frame.
    package let origins: [String]
    package let views: Int64
    package let createdAt: Date

    package func isOpen(at now: Date) -> Bool { revokedAt == nil && endsAt.map { $0 > now } ?? true }
}

/// What somebody asks for who makes a link.
package struct NewShareLink: Sendable, Hashable {
    package var name = ""
    /// "" is none.
    package var password = ""
    package var endsAt: Date?
    package var segment: Int64?
    package var leastVisitors = 1
    package var origins: [String] = []

    package init(name: String = "") {
        self.name = name
    }
}

/// Links to dashboards, and sites that are public. The slug is the right to look: it is found as `mochi_system`, before
/// an account is known, and what comes of it is a ``SiteAccess`` that reads, within its bounds.
package struct ShareLinks: Sendable {
    /// A link that was followed.
    package struct Opened: Sendable {
        package let link: ShareLink
        package let site: SiteAccess
        /// What a browser's proof of the password is bound to; nil without one.
        package let passwordHash: String?
    }

    private let app: Database
    private let system: Database
    private let passwords: PasswordHasher
    private let now: @Sendable () -> Date

    package init(
        app: Database, system: Database, passwords: PasswordHasher,
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.app = app
        self.system = system
        self.passwords = passwords
        self.now = now
    }

    // MARK: Keeping

    /// - Throws: ``FormError`` for what was entered.
    package func create(_ wanted: NewShareLink, of site: SiteAccess) async throws -> ShareLink {
        let name = try Identity.checkedName(wanted.name)
        guard !name.isEmpty else { throw FormError("name", "Say whom or what the link is for.") }
        guard (1...1000).contains(wanted.leastVisitors) else {
            throw FormError("least_visitors", "Use a number from 1 to 1000.")
        }
        if let end = wanted.endsAt, end <= now() { throw FormError("ends", "Choose a day to come.") }
        let origins = try ShareLinks.origins(wanted.origins)
        var hash: String?
        if !wanted.password.isEmpty {
            guard origins.isEmpty else {
                throw FormError(
                    "password", "What is shown in a frame cannot ask for a password: choose one of the two.")
            }
            try Password.check(wanted.password, email: "", words: [site.site.domain, site.site.name])
            hash = try await passwords.hash(wanted.password)
        }
        do {
            return try await app.transaction(site) { [hash] connection in
                let id: ShareLinkID = try connection.one(
                    """
                    INSERT INTO share_links (account_id, site_id, slug, name, password_hash, ends_at, segment_id,
                        least_visitors, origins, created_by)
                    VALUES (\(site.site.account), \(site.site.id), \(ShareLinks.randomSlug()), \(name), \(hash),
                        \(wanted.endsAt), \(wanted.segment), \(Int32(wanted.leastVisitors)), \(origins),
                        \(site.account.user))
                    RETURNING id
                    """)
                try AuditLog.record(
                    "share_link.created", subject: "\(name) (\(site.site.domain))", by: site.account,
                    connection)
                return try ShareLinks.rows("l.id = \(id)", connection)[0].link
            }
        } catch let error as PostgresError where error.kind == .foreignKeyViolation {
            throw FormError("segment", "There is no such segment any more.")
        }
    }

    /// The newest first, revoked ones too.
    package func list(of site: SiteAccess) async throws -> [ShareLink] {
        try await app.transaction(site, readOnly: true) { connection in
            try ShareLinks.rows("l.site_id = \(site.site.id)", connection).map(\.link)
        }
    }

    /// Effective with the next request. False when the site has no such link that is open.
    package func revoke(_ id: ShareLinkID, of site: SiteAccess) async throws -> Bool {
        try await app.transaction(site) { [now] connection in
            let name: String? = try connection.first(
                """
                UPDATE share_links SET revoked_at = \(now())
                WHERE account_id = \(site.site.account) AND site_id = \(site.site.id) AND id = \(id)
                    AND revoked_at IS NULL
                RETURNING name
                """)
            guard let name else { return false }
            try AuditLog.record(
                "share_link.revoked", subject: "\(name) (\(site.site.domain))", by: site.account, connection)
            return true
        }
    }

    /// Lets anybody look at the site's dashboard, or nobody but members and those who have a link.
    package func setPublic(_ isPublic: Bool, of site: SiteAccess) async throws {
        try await app.transaction(site) { connection in
            let changed = try connection.execute(
                """
                UPDATE sites SET is_public = \(isPublic)
                WHERE account_id = \(site.site.account) AND id = \(site.site.id) AND is_public <> \(isPublic)
                """)
            guard changed == 1 else { return }
            try AuditLog.record(
                isPublic ? "site.made_public" : "site.made_private", subject: site.site.domain,
                by: site.account, connection)
        }
    }

    // MARK: Following

    /// Nil for a slug that nobody has, or whose link is over: the two cannot be told apart.
    package func open(slug: String) async throws -> Opened? {
        guard slug.utf8.count == 26 else { return nil }
        let found = try await system.transaction(readOnly: true) { connection in
            try ShareLinks.rows("l.slug = \(slug)", connection).first
        }
        guard let found, found.link.isOpen(at: now()) else { return nil }
        let sharing = Sharing(
            link: found.link.id, leastVisitors: found.link.leastVisitors, segment: found.filter)
        let access = ShareLinks.reader(of: found.account)
        guard let site = try await Sites(app: app).find(id: found.site, in: access) else { return nil }
        return Opened(
            link: found.link, site: SiteAccess(site: site.site, account: access, sharing: sharing),
            passwordHash: found.passwordHash)
    }

    package func verify(_ password: String, of opened: Opened) async throws -> Bool {
        guard let hash = opened.passwordHash else { return true }
        return try await passwords.verify(password, against: hash)
    }

    /// Counts one look at the dashboard.
    package func countView(of opened: Opened) async throws {
        try await system.transaction { connection in
            _ = try connection.execute(
                """
                UPDATE share_links SET views = views + 1
                WHERE account_id = \(opened.site.site.account) AND id = \(opened.link.id)
                """)
        }
    }

    /// A site that its owner made public; nil for every other.
    package func publicSite(domain: String) async throws -> SiteAccess? {
        let found = try await system.transaction(readOnly: true) { connection in
            try connection.rows("SELECT account_id, id FROM sites WHERE domain = \(domain) AND is_public") {
                row in
                (account: try row["account_id"] as AccountID, site: try row["id"] as SiteID)
            }.first
        }
        guard let found else { return nil }
        let access = ShareLinks.reader(of: found.account)
        guard let site = try await Sites(app: app).find(id: found.site, in: access), site.site.isPublic else {
            return nil
        }
        return SiteAccess(site: site.site, account: access, sharing: Sharing(link: nil))
    }

    private static func reader(of account: AccountID) -> AccountAccess {
        AccountAccess(account: account, accountName: "", role: .viewer, user: nil, sessionID: nil)
    }

    // MARK: Rows

    private typealias Found = (
        link: ShareLink, account: AccountID, site: SiteID, passwordHash: String?, filter: String?
    )

    private static func rows(_ condition: SQL, _ connection: Connection) throws -> [Found] {
        try connection.rows(
            """
            SELECT l.id, l.account_id, l.site_id, l.name, l.slug, l.password_hash, l.ends_at, l.revoked_at,
                l.least_visitors, l.origins, l.views, l.created_at, s.name AS segment, s.filter::text AS filter
            FROM share_links l
            LEFT JOIN segments s ON s.account_id = l.account_id AND s.id = l.segment_id
            WHERE \(condition) ORDER BY l.id DESC
            """
        ) { row in
            let hash: String? = try row["password_hash"]
            return (
                link: ShareLink(
                    id: try row["id"], name: try row["name"], slug: try row["slug"], hasPassword: hash != nil,
                    endsAt: try row["ends_at"], revokedAt: try row["revoked_at"],
                    segment: try row["segment"],
                    leastVisitors: Int(try row["least_visitors"] as Int32), origins: try row["origins"],
                    views: try row["views"], createdAt: try row["created_at"]),
                account: try row["account_id"], site: try row["site_id"], passwordHash: hash,
                filter: try row["filter"]
            )
        }
    }

    private static func randomSlug() -> String {
        let digits = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)
        return String(decoding: Token.randomBytes(26).map { digits[Int($0 & 31)] }, as: UTF8.self)
    }

    /// Scheme, host and port, as Content-Security-Policy takes them: nothing in them can end the directive.
    private static func origins(_ texts: [String]) throws -> [String] {
        guard texts.count <= 20 else { throw FormError("origins", "Use at most 20 origins.") }
        return try texts.map { text in
            let origin = text.lowercased()
            for scheme in ["https://", "http://"] where origin.hasPrefix(scheme) {
                let host = String(origin.dropFirst(scheme.count))
                if DomainName.isValid(host) { return origin }
            }
            throw FormError("origins", "Write each as https://example.com, without a path.")
        }
    }
}
