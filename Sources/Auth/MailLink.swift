package import FoundationEssentials
package import Postgres

/// A link that was sent to an address: who has it reads that mail. Good for one thing, once, for a while.
package struct MailLink: Sendable, Hashable {
    package enum Purpose: String, Sendable, CaseIterable, PostgresValue {
        /// Makes the address that somebody signed up with theirs.
        case confirm
        /// Lets them choose a new password.
        case reset
        /// Makes another address theirs.
        case change
        /// Goes back to the address that they had before.
        case undo

        var lifetime: TimeInterval {
            switch self {
            case .confirm, .undo: 7 * 86_400
            case .reset: 3_600
            case .change: 86_400
            }
        }
    }

    package let purpose: Purpose
    package let email: String
    package let user: UserID

    static func make(
        _ purpose: Purpose, for user: User, email: String, now: Date, _ connection: Connection
    ) throws -> Token {
        let token = Token.random()
        // A newer link of a kind ends the older ones; the way back stays open as long as it was said to.
        if purpose != .undo {
            try connection.execute(
                "DELETE FROM mail_links WHERE user_id = \(user.id) AND purpose = \(purpose)")
        }
        try connection.execute(
            """
            INSERT INTO mail_links (token_hash, user_id, purpose, email, created_at, expires_at)
            VALUES (\(token.hash), \(user.id), \(purpose), \(email), \(now), \(now.addingTimeInterval(purpose.lifetime)))
            """)
        return token
    }

    static func find(_ token: Token, now: Date, _ connection: Connection) throws -> MailLink? {
        try connection.rows(
            "SELECT purpose, email, user_id FROM mail_links WHERE token_hash = \(token.hash) AND expires_at > \(now)"
        ) { row in MailLink(purpose: try row["purpose"], email: try row["email"], user: try row["user_id"]) }
        .first
    }

    /// Takes a link out of the world: of two who follow it at once, one gets it.
    static func use(_ token: Token, _ purpose: Purpose, now: Date, _ connection: Connection) throws
        -> MailLink?
    {
        try connection.rows(
            """
            DELETE FROM mail_links WHERE token_hash = \(token.hash) AND purpose = \(purpose) AND expires_at > \(now)
            RETURNING purpose, email, user_id
            """
        ) { row in MailLink(purpose: try row["purpose"], email: try row["email"], user: try row["user_id"]) }
        .first
    }

    /// Those that nobody followed in time.
    package static func removeExpired(_ connection: Connection, now: Date) throws {
        try connection.execute("DELETE FROM mail_links WHERE expires_at <= \(now)")
    }
}
