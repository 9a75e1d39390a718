package import FoundationEssentials
package import Postgres

/// A site that its owner wants to give to somebody else's account, and nobody has taken yet.
package struct SiteOffer: Sendable, Hashable {
    package let site: SiteID
    package let domain: String
    package let account: AccountID
    /// To whom the link was mailed.
    package let email: String
    package let offeredBy: UserID
    /// Name or address of who offers it.
    package let offerer: String
    package let expiresAt: Date
}

/// Giving a site to somebody else, by mail: a link for seven days, good once, and only as long as who made it owns the
/// site's account. Who follows it chooses which of their own accounts gets the site.
package struct SiteOffers: Sendable {
    package static let lifetime: TimeInterval = 7 * 86_400

    /// An offer and the text of its link, which is mailed and kept nowhere.
    package struct Made: Sendable {
        package let offer: SiteOffer
        package let token: Token
    }

    /// Puts the move of a site into the queue, in the transaction that accepts it.
    package typealias Enqueue =
        @Sendable (Connection, SiteOffer, _ to: AccountID, _ receiver: UserID) throws -> Void

    let app: Database
    let system: Database
    let now: @Sendable () -> Date

    package init(app: Database, system: Database, now: @escaping @Sendable () -> Date = { Date() }) {
        self.app = app
        self.system = system
        self.now = now
    }

    /// Offers a site; an offer that was made before is worth nothing any more. Whether the address has an account here is
    /// not told.
    ///
    /// - Parameter also: work in the same transaction, such as the mail.
    /// - Throws: ``FormError`` for what was entered, and for who may not offer.
    package func offer(
        _ site: SiteAccess, to email: String, by user: User,
        also: @escaping @Sendable (Connection, Made) throws -> Void
    ) async throws {
        let email = try EmailAddress.normalized(email)
        let account = site.account
        guard account.role == .owner, account.user == user.id else {
            throw FormError("email", "Only an owner may do that.")
        }
        guard user.emailConfirmedAt != nil else {
            throw FormError("email", "Confirm your own address first: it stands in the mail.")
        }
        let token = Token.random()
        let offer = SiteOffer(
            site: site.site.id, domain: site.site.domain, account: account.account, email: email,
            offeredBy: user.id, offerer: user.name.isEmpty ? user.email : user.name,
            expiresAt: now().addingTimeInterval(SiteOffers.lifetime))
        try await app.transaction(site) { [now] connection in
            try connection.execute(
                """
                INSERT INTO site_offers (account_id, site_id, email, token_hash, offered_by, created_at, expires_at)
                VALUES (\(offer.account), \(offer.site), \(email), \(token.hash), \(user.id), \(now()),
                    \(offer.expiresAt))
                ON CONFLICT (account_id, site_id) DO UPDATE SET email = excluded.email,
                    token_hash = excluded.token_hash, offered_by = excluded.offered_by,
                    created_at = excluded.created_at, expires_at = excluded.expires_at
                """)
            try AuditLog.record(
                "site.offered", subject: offer.domain, detail: JSON(#"{"to": "\#(email)"}"#), by: account,
                connection)
            try also(connection, Made(offer: offer, token: token))
        }
    }

    /// The offer of a site that waits; nil when there is none that could still be taken.
    package func pending(of site: SiteAccess) async throws -> SiteOffer? {
        try await system.transaction(readOnly: true) { [now] connection in
            try SiteOffers.select(
                "o.account_id = \(site.account.account) AND o.site_id = \(site.site.id)", now: now(),
                connection)
        }
    }

    /// False when there is none.
    package func withdraw(_ site: SiteAccess) async throws -> Bool {
        try await app.transaction(site) { connection in
            let gone = try connection.execute(
                """
                DELETE FROM site_offers WHERE account_id = \(site.account.account) AND site_id = \(site.site.id)
                """)
            guard gone == 1 else { return false }
            try AuditLog.record(
                "site.offer_withdrawn", subject: site.site.domain, by: site.account, connection)
            return true
        }
    }

    // MARK: Following

    /// What a link offers; nil when it was followed, withdrawn, replaced, is too old, or its maker does not own the site's
    /// account any more.
    package func offer(_ text: String) async throws -> SiteOffer? {
        guard let token = Token(text) else { return nil }
        return try await system.transaction(readOnly: true) { [now] connection in
            try SiteOffers.select("o.token_hash = \(token.hash)", now: now(), connection)
        }
    }

    /// Takes the site into an account. False when the link is none (any more).
    ///
    /// - Throws: ``FormError`` for an account that cannot take it.
    package func accept(_ text: String, into target: AccountAccess, enqueue: @escaping Enqueue) async throws
        -> Bool
    {
        guard let token = Token(text) else { return false }
        guard target.role >= .admin, let receiver = target.user else {
            throw FormError("account", "This account cannot take the site.")
        }
        return try await system.transaction { [now] connection in
            let found = try SiteOffers.select("o.token_hash = \(token.hash)", now: now(), connection)
            guard let offer = found else { return false }
            guard target.account != offer.account else {
                throw FormError("account", "The site is in this account already.")
            }
            // Of two who follow it at once, one gets it.
            let taken = try connection.execute("DELETE FROM site_offers WHERE token_hash = \(token.hash)")
            guard taken == 1 else { return false }
            try enqueue(connection, offer, target.account, receiver)
            try AuditLog.record("site.offer_accepted", subject: offer.domain, by: target, connection)
            try connection.execute(
                "UPDATE sessions SET chosen_account = \(target.account) WHERE id = \(target.sessionID)")
            return true
        }
    }

    private static func select(_ condition: SQL, now: Date, _ connection: Connection) throws -> SiteOffer? {
        try connection.rows(
            """
            SELECT o.site_id, s.domain, o.account_id, o.email, o.offered_by, o.expires_at,
                coalesce(nullif(u.name, ''), u.email) AS offerer
            FROM site_offers o JOIN users u ON u.id = o.offered_by
            JOIN sites s ON s.account_id = o.account_id AND s.id = o.site_id
            JOIN memberships m ON m.account_id = o.account_id AND m.user_id = o.offered_by AND m.role = 'owner'
            WHERE \(condition) AND o.expires_at > \(now)
            """
        ) { row in
            SiteOffer(
                site: try row["site_id"], domain: try row["domain"], account: try row["account_id"],
                email: try row["email"], offeredBy: try row["offered_by"], offerer: try row["offerer"],
                expiresAt: try row["expires_at"])
        }.first
    }
}

extension SiteOffers {
    /// Those that nobody followed in time.
    package static func removeExpired(_ connection: Connection, now: Date) throws {
        try connection.execute("DELETE FROM site_offers WHERE expires_at <= \(now)")
    }
}
