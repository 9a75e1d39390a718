package import FoundationEssentials
package import Postgres

/// Somebody who was asked to join, and has not answered yet.
package struct Invitation: Sendable, Hashable {
    package let id: Int64
    package let account: AccountID
    package let accountName: String
    package let email: String
    package let role: Role
    /// The domain of the only site that it is for; nil for the whole account.
    package let site: String?
    package let inviter: String
    package let expiresAt: Date
}

/// Asking people to join an account, by mail: a link for seven days, good once, and only as long as who made it could
/// still give that role.
extension Team {
    package static let lifetime: TimeInterval = 7 * 86_400
    /// So many wait at once for one account.
    package static let mostPending = 100

    /// An invitation and the text of its link, which is mailed and kept nowhere.
    package struct Invited: Sendable {
        package let invitation: Invitation
        package let token: Token
    }

    /// Asks somebody. Whether they have an account here is not told.
    ///
    /// - Parameters:
    ///   - site: they see this site alone.
    ///   - also: work in the same transaction, such as the mail.
    /// - Throws: ``FormError`` for what was entered, and for who may not ask.
    package func invite(
        email: String, role: Role, site: SiteAccess? = nil, by user: User, in access: AccountAccess,
        also: @escaping @Sendable (Connection, Invited) throws -> Void
    ) async throws {
        let email = try EmailAddress.normalized(email)
        try Team.require(access.role, over: role)
        guard user.emailConfirmedAt != nil else {
            throw FormError("email", "Confirm your own address first: it stands in the invitation.")
        }
        guard site == nil || role == .viewer || role == .editor else {
            throw FormError("role", "Guests of a site are viewers or editors.")
        }
        if site == nil {
            let isMember = try await members(in: access).contains { $0.email == email }
            if isMember { throw FormError("email", "Somebody with this address belongs to the account.") }
        }
        let now = now()
        do {
            try await app.transaction(access) { connection in
                let pending: Int64 = try connection.one(
                    "SELECT count(*) FROM invitations WHERE accepted_at IS NULL AND revoked_at IS NULL")
                guard pending < Team.mostPending else {
                    throw FormError("email", "Too many invitations are waiting. Revoke some first.")
                }
                let token = Token.random()
                let expires = now.addingTimeInterval(Team.lifetime)
                let id: Int64 = try connection.one(
                    """
                    INSERT INTO invitations (account_id, email, role, site_id, token_hash, invited_by, created_at,
                        expires_at)
                    VALUES (\(access.account), \(email), \(role), \(site?.site.id), \(token.hash), \(user.id), \(now),
                        \(expires))
                    RETURNING id
                    """)
                try AuditLog.record(
                    "member.invited", subject: email, detail: JSON(#"{"role": "\#(role.rawValue)"}"#),
                    by: access, connection)
                try also(
                    connection,
                    Invited(
                        invitation: Invitation(
                            id: id, account: access.account, accountName: access.accountName, email: email,
                            role: role, site: site?.site.domain,
                            inviter: user.name.isEmpty ? user.email : user.name, expiresAt: expires),
                        token: token))
            }
        } catch let error as PostgresError where error.constraint == "invitations_pending" {
            throw FormError("email", "This address has an invitation already. Send it again instead.")
        }
    }

    /// Those that wait, the newest first; also those that are too old, which can be sent again.
    package func invitations(in access: AccountAccess) async throws -> [Invitation] {
        try await system.transaction(readOnly: true) { connection in
            try Team.rows(
                "i.account_id = \(access.account) AND i.accepted_at IS NULL AND i.revoked_at IS NULL",
                connection)
        }
    }

    /// Another link for seven days; the one before is worth nothing. False when no such invitation waits.
    package func resend(
        _ id: Int64, by user: User, in access: AccountAccess,
        also: @escaping @Sendable (Connection, Invited) throws -> Void
    ) async throws -> Bool {
        guard let invitation = try await invitations(in: access).first(where: { $0.id == id }) else {
            return false
        }
        try Team.require(access.role, over: invitation.role)
        return try await app.transaction(access) { [now] connection in
            let token = Token.random()
            let changed = try connection.execute(
                """
                UPDATE invitations SET token_hash = \(token.hash), invited_by = \(user.id),
                    expires_at = \(now().addingTimeInterval(Team.lifetime))
                WHERE account_id = \(access.account) AND id = \(id) AND accepted_at IS NULL AND revoked_at IS NULL
                """)
            guard changed == 1 else { return false }
            try also(connection, Invited(invitation: invitation, token: token))
            return true
        }
    }

    /// False when no such invitation waits.
    package func revoke(_ id: Int64, in access: AccountAccess) async throws -> Bool {
        try await app.transaction(access) { [now] connection in
            let email: String? = try connection.first(
                """
                UPDATE invitations SET revoked_at = \(now())
                WHERE account_id = \(access.account) AND id = \(id) AND accepted_at IS NULL AND revoked_at IS NULL
                RETURNING email
                """)
            guard let email else { return false }
            try AuditLog.record("invitation.revoked", subject: email, by: access, connection)
            return true
        }
    }

    // MARK: Following

    /// What a link invites to; nil when it was followed, revoked, replaced, is too old, or its maker could not give that
    /// role any more.
    package func invitation(_ text: String) async throws -> Invitation? {
        guard let token = Token(text) else { return nil }
        return try await system.transaction(readOnly: true) { [now] connection in
            try Team.open(token, now: now(), connection)
        }
    }

    /// Whether somebody has confirmed the address of an invitation: they log in, others sign up.
    package func isKnown(_ invitation: Invitation) async throws -> Bool {
        try await system.transaction(readOnly: true) { try Identity.isConfirmed(invitation.email, $0) }
    }

    /// Makes who is signed in a member, or a guest. False when the link is none (any more).
    package func accept(_ text: String, in session: Session) async throws -> Bool {
        guard let token = Token(text) else { return false }
        return try await system.transaction { [now] connection in
            guard let invitation = try Team.use(token, now: now(), connection) else { return false }
            try Team.join(session.user.id, invitation, session: session.id, connection)
            try connection.execute(
                "UPDATE sessions SET chosen_account = \(invitation.account) WHERE id = \(session.id)")
            return true
        }
    }

    /// Signs up who was invited. Their address is confirmed: the link was mailed there. They get no account of their own.
    ///
    /// - Throws: ``FormError`` for what was entered. Nil when the link is none (any more).
    package func signUp(
        _ text: String, password: String, name: String, timeZone: String, device: Device, identity: Identity
    ) async throws -> SignedIn? {
        guard let token = Token(text), let invitation = try await invitation(text) else { return nil }
        let name = try Identity.checkedName(name)
        try Password.check(
            password, email: invitation.email,
            words: [name, invitation.accountName, invitation.site ?? ""])
        let hash = try await identity.passwords.hash(password)
        do {
            return try await system.transaction { [now] connection in
                guard let invitation = try Team.use(token, now: now(), connection) else { return nil }
                let inserted = try Identity.insertUser(
                    email: invitation.email, hash: hash, name: name, timeZone: timeZone, connection)
                let user = try connection.rows(
                    """
                    UPDATE users SET email_confirmed_at = \(now()) WHERE id = \(inserted.id)
                    RETURNING \(Identity.columns)
                    """, Identity.user)[0]
                try Team.join(user.id, invitation, session: nil, connection)
                return try Identity.beginSession(user, device: device, now: now(), connection)
            }
        } catch let error as PostgresError where error.constraint == "users_confirmed_email" {
            throw FormError("password", "There is an account with this address by now: log in instead.")
        }
    }

    private static func join(
        _ user: UserID, _ invitation: Invitation, session: UUID?, _ connection: Connection
    ) throws {
        if let domain = invitation.site {
            try connection.execute(
                """
                INSERT INTO site_guests (account_id, site_id, user_id, role)
                SELECT account_id, id, \(user), \(invitation.role) FROM sites
                WHERE account_id = \(invitation.account) AND domain = \(domain)
                ON CONFLICT (account_id, site_id, user_id) DO UPDATE SET role = excluded.role
                """)
        } else {
            try connection.execute(
                """
                INSERT INTO memberships (account_id, user_id, role)
                VALUES (\(invitation.account), \(user), \(invitation.role)) ON CONFLICT DO NOTHING
                """)
        }
        try AuditLog.record(
            invitation.site == nil ? "member.joined" : "guest.joined", subject: invitation.email,
            detail: JSON(#"{"role": "\#(invitation.role.rawValue)"}"#), account: invitation.account,
            user: user, session: session, connection)
    }

    // MARK: Rows

    private static func use(_ token: Token, now: Date, _ connection: Connection) throws -> Invitation? {
        guard let invitation = try open(token, now: now, connection) else { return nil }
        let taken = try connection.execute(
            """
            UPDATE invitations SET accepted_at = \(now)
            WHERE account_id = \(invitation.account) AND id = \(invitation.id) AND token_hash = \(token.hash)
                AND accepted_at IS NULL AND revoked_at IS NULL
            """)
        return taken == 1 ? invitation : nil
    }

    private static func open(_ token: Token, now: Date, _ connection: Connection) throws -> Invitation? {
        try rows(
            """
            i.token_hash = \(token.hash) AND i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > \(now)
                AND (m.role = 'owner' OR m.role = 'admin' AND i.role <> 'owner')
            """, connection
        ).first
    }

    private static func rows(_ condition: SQL, _ connection: Connection) throws -> [Invitation] {
        try connection.rows(
            """
            SELECT i.id, i.account_id, a.name AS account, i.email, i.role, s.domain, i.expires_at,
                coalesce(nullif(u.name, ''), u.email) AS inviter
            FROM invitations i JOIN accounts a ON a.id = i.account_id JOIN users u ON u.id = i.invited_by
            LEFT JOIN memberships m ON m.account_id = i.account_id AND m.user_id = i.invited_by
            LEFT JOIN sites s ON s.account_id = i.account_id AND s.id = i.site_id
            WHERE \(condition) ORDER BY i.id DESC
            """
        ) { row in
            Invitation(
                id: try row["id"], account: try row["account_id"], accountName: try row["account"],
                email: try row["email"], role: try row["role"], site: try row["domain"],
                inviter: try row["inviter"], expiresAt: try row["expires_at"])
        }
    }
}
