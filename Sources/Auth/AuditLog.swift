package import FoundationEssentials
package import Postgres

/// Who did what in an account, and when. Rows are only ever added.
package enum AuditLog {
    /// Notes an action in the transaction that does it.
    ///
    /// - Parameters:
    ///   - action: what was done to what kind of thing, such as "site.created".
    ///   - subject: which one, by a name that its owners know.
    package static func record(
        _ action: String, subject: String = "", detail: JSON = "{}", by access: AccountAccess,
        _ connection: Connection
    ) throws {
        try record(
            action, subject: subject, detail: detail, account: access.account, user: access.user,
            session: access.sessionID, connection)
    }

    static func record(
        _ action: String, subject: String = "", detail: JSON = "{}", account: AccountID, user: UserID?,
        session: UUID?, _ connection: Connection
    ) throws {
        try connection.execute(
            """
            INSERT INTO audit_log (account_id, user_id, session_id, action, subject, detail)
            VALUES (\(account), \(user), \(session), \(action), \(subject), \(detail))
            """)
    }
}

extension AuditLog {
    /// A row, as an account's owners read it.
    package struct Entry: Sendable, Hashable {
        package let id: Int64
        package let at: Date
        /// The address of who did it; nil when the program did, or they are gone.
        package let who: String?
        package let session: UUID?
        package let action: String
        package let subject: String
        package let detail: JSON
    }

    /// What happened in an account, the newest first. People's addresses are read as `mochi_system`, of this account's
    /// rows alone.
    ///
    /// - Parameter before: only rows with a smaller id, to turn pages.
    package static func list(
        in access: AccountAccess, before: Int64? = nil, limit: Int = 100, system: Database
    ) async throws -> [Entry] {
        try await system.transaction(readOnly: true) { connection in
            try connection.rows(
                """
                SELECT l.id, l.at, u.email, l.session_id, l.action, l.subject, l.detail
                FROM audit_log l LEFT JOIN users u ON u.id = l.user_id
                WHERE l.account_id = \(access.account) AND (\(before)::bigint IS NULL OR l.id < \(before))
                ORDER BY l.id DESC LIMIT \(Int64(limit))
                """
            ) { row in
                Entry(
                    id: try row["id"], at: try row["at"], who: try row["email"],
                    session: try row["session_id"], action: try row["action"], subject: try row["subject"],
                    detail: try row["detail"])
            }
        }
    }
}
