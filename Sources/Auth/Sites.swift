import Days
package import FoundationEssentials
package import Postgres

/// A web site whose visitors are counted.
package struct Site: Sendable, Hashable {
    package let id: SiteID
    package let account: AccountID
    package let domain: String
    package let name: String
    /// The zone of its days, as tzdata names it.
    package let timeZone: String
    /// The oldest of its keys that is not revoked; "" when all are.
    package let trackingKey: String
    package let createdAt: Date
    /// Anybody may look at its dashboard.
    package var isPublic = false
}

/// The sites of an account.
package struct Sites: Sendable {
    let app: Database

    package init(app: Database) {
        self.app = app
    }

    /// - Throws: ``FormError`` for what was entered, a domain that is taken included.
    package func create(
        domain: String, name: String = "", timeZone: String, in access: AccountAccess
    ) async throws -> Site {
        let domain = try DomainName.normalized(domain)
        let name = try Identity.checkedName(name)
        guard Zone.named(timeZone) != nil else {
            throw FormError("time_zone", "Choose a time zone from the list.")
        }
        do {
            return try await app.transaction(access) { connection in
                let id: SiteID = try connection.one(
                    """
                    INSERT INTO sites (account_id, domain, name)
                    VALUES (\(access.account), \(domain), \(name.isEmpty ? domain : name)) RETURNING id
                    """)
                try connection.execute(
                    """
                    INSERT INTO site_zones (account_id, site_id, from_day, zone)
                    VALUES (\(access.account), \(id), '1970-01-01', \(timeZone))
                    """)
                try connection.execute(
                    """
                    INSERT INTO tracking_keys (key, account_id, site_id, name)
                    VALUES (\(TrackingKey.random()), \(access.account), \(id), 'First key')
                    """)
                try AuditLog.record("site.created", subject: domain, by: access, connection)
                return try Sites.select("s.id = \(id)", connection)[0]
            }
        } catch let error as PostgresError where error.constraint == "sites_domain_key" {
            throw FormError(
                "domain", "This domain has been added already, by you or by somebody else here.",
                isTaken: true)
        }
    }

    /// Asks for a site to be moved with its history to another account of the same person; a worker does it.
    ///
    /// - Parameter enqueue: puts the work into the queue, in the transaction that notes it.
    package func transfer(
        _ site: SiteAccess, to target: AccountAccess,
        enqueue:
            @escaping @Sendable (Connection, _ from: Int64, _ to: Int64, _ site: UUID, _ user: Int64) throws
            -> Void
    ) async throws {
        guard let user = site.account.user, user == target.user, site.account.role == .owner,
            target.role >= .admin, target.account != site.account.account
        else { throw FormError("account", "This account cannot take the site.") }
        try await app.transaction(site) { connection in
            try enqueue(
                connection, site.account.account.rawValue, target.account.rawValue, site.site.id.rawValue,
                user.rawValue)
            try AuditLog.record(
                "site.transfer_wanted", subject: site.site.domain, by: site.account, connection)
        }
    }

    /// By domain.
    package func list(in access: AccountAccess) async throws -> [Site] {
        try await app.transaction(access, readOnly: true) { connection in
            try Sites.select("true", connection)
        }
    }

    /// Nil when the account has no such site, whether or not another has.
    package func find(domain: String, in access: AccountAccess) async throws -> SiteAccess? {
        try await find("s.domain = \(domain)", in: access)
    }

    package func find(id: SiteID, in access: AccountAccess) async throws -> SiteAccess? {
        try await find("s.id = \(id)", in: access)
    }

    /// Those of the account, of some ids.
    package func access(to ids: [SiteID], in access: AccountAccess) async throws -> [SiteAccess] {
        if ids.isEmpty { return [] }
        return try await app.transaction(access, readOnly: true) { connection in
            try Sites.select("s.id = ANY (\(ids))", connection).map { SiteAccess(site: $0, account: access) }
        }
    }

    /// The site that somebody is a guest of.
    package func find(_ guest: GuestSite) async throws -> SiteAccess? {
        try await find(id: guest.site, in: guest.account)
    }

    private func find(_ condition: SQL, in access: AccountAccess) async throws -> SiteAccess? {
        try await app.transaction(access, readOnly: true) { connection in
            try Sites.select(condition, connection).first.map { SiteAccess(site: $0, account: access) }
        }
    }

    /// Row-level security leaves only the account's own.
    private static func select(_ condition: SQL, _ connection: Connection) throws -> [Site] {
        try connection.rows(
            .prepared(
                """
                SELECT s.id, s.account_id, s.domain, s.name, s.created_at, s.is_public, z.zone, coalesce(k.key, '') AS key
                FROM sites s
                JOIN LATERAL (
                    SELECT zone FROM site_zones WHERE account_id = s.account_id AND site_id = s.id
                    ORDER BY from_day DESC LIMIT 1) z ON true
                LEFT JOIN LATERAL (
                    SELECT key FROM tracking_keys
                    WHERE account_id = s.account_id AND site_id = s.id AND revoked_at IS NULL
                    ORDER BY created_at, key LIMIT 1) k ON true
                WHERE \(condition) ORDER BY s.domain
                """)
        ) { row in
            Site(
                id: try row["id"], account: try row["account_id"], domain: try row["domain"],
                name: try row["name"],
                timeZone: try row["zone"], trackingKey: try row["key"], createdAt: try row["created_at"],
                isPublic: try row["is_public"])
        }
    }
}

/// The key in a site's snippet: public, but not to be guessed, so that nobody counts for a site unseen.
package enum TrackingKey {
    /// Fourteen characters of a–z and 2–7: 70 random bits.
    package static func random() -> String {
        let digits = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)
        return String(decoding: Token.randomBytes(14).map { digits[Int($0 & 31)] }, as: UTF8.self)
    }
}
