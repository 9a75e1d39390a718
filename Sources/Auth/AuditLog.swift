import FoundationEssentials
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
