import Auth
import FoundationEssentials
import Ingest
import Outbound
import Postgres

/// Moves a site with everything that was ever counted to another account, in one transaction: it is in the one or in the
/// other. Collecting goes on: what waits in spools knows its site alone, and finds the account when it is loaded.
enum Transferring {
    @Sendable static func run(_ job: Job, _ context: JobKind.Context) async throws {
        let move: SiteJobs.Transfer
        do {
            move = try job.decodeArguments(as: SiteJobs.Transfer.self)
        } catch {
            throw GiveUp("the arguments are not a transfer")
        }
        try await context.system.transaction { connection in
            try connection.execute("SET LOCAL statement_timeout = '30min'")
            try connection.execute("SET LOCAL lock_timeout = '60s'")
            // No batch that knows the old account is under way, and none begins.
            try connection.execute("SELECT pg_advisory_xact_lock(\(LoadBatch.partitionLock))")
            guard try claim(move, connection) else { return }
            try connection.execute("SET CONSTRAINTS ALL DEFERRED")
            // First the states: whoever seals a day of the site is through then, and nobody begins.
            for table in ["aggregation_state"]
                + (try tables(connection)).filter({ $0 != "aggregation_state" })
            {
                let moved = try connection.execute(
                    """
                    UPDATE \(identifier: table) SET account_id = \(move.to)
                    WHERE account_id = \(move.from) AND site_id = \(move.site)
                    """)
                try Jobs.note(job, done: Int64(moved), of: 0, table, in: connection)
            }
            try hand(move, connection)
        }
    }

    /// Whether the site is still where it was, and who wanted it may still give and take it.
    private static func claim(_ move: SiteJobs.Transfer, _ connection: Connection) throws -> Bool {
        let account: Int64? = try connection.first(
            "SELECT account_id FROM sites WHERE id = \(move.site) FOR UPDATE")
        if account == move.to { return false }
        guard account == move.from else { throw GiveUp("the site is somewhere else by now") }
        let rights: Int64 = try connection.one(
            """
            SELECT count(*) FROM memberships
            WHERE user_id = \(move.user) AND account_id = \(move.from) AND role = 'owner'
                OR user_id = \(move.receiver ?? move.user) AND account_id = \(move.to) AND role IN ('owner', 'admin')
            """)
        guard rights == 2 else { throw GiveUp("who gives or takes it may not do it any more") }
        return true
    }

    /// Tables of sites that do not follow the site's key by themselves. Read from the catalogue, so that none is
    /// forgotten.
    private static func tables(_ connection: Connection) throws -> [String] {
        try connection.rows(
            """
            SELECT c.relname::text FROM pg_class c
            WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace
                AND 2 = (SELECT count(*) FROM pg_attribute a
                    WHERE a.attrelid = c.oid AND a.attname IN ('account_id', 'site_id') AND NOT a.attisdropped)
                AND NOT EXISTS (SELECT FROM pg_constraint f
                    WHERE f.conrelid = c.oid AND f.contype = 'f' AND f.confrelid = 'sites'::regclass)
            ORDER BY 1
            """)
    }

    /// The site itself. What was promised to people of the old account ends: guests, invitations, offers,
    /// links, private segments.
    private static func hand(_ move: SiteJobs.Transfer, _ connection: Connection) throws {
        for table in ["share_links", "site_guests", "invitations", "site_offers"] {
            try connection.execute(
                """
                DELETE FROM \(identifier: table) WHERE account_id = \(move.from) AND site_id = \(move.site)
                """)
        }
        try connection.execute(
            """
            DELETE FROM segments WHERE account_id = \(move.from) AND site_id = \(move.site) AND owner IS NOT NULL
                AND owner NOT IN (SELECT user_id FROM memberships WHERE account_id = \(move.to))
            """)
        try connection.execute("UPDATE sites SET account_id = \(move.to) WHERE id = \(move.site)")
        let domain: String = try connection.one("SELECT domain FROM sites WHERE id = \(move.site)")
        // Each account's log names its own people.
        for (action, account, user) in [
            ("site.given_away", move.from, move.user),
            ("site.received", move.to, move.receiver ?? move.user),
        ] {
            try connection.execute(
                """
                INSERT INTO audit_log (account_id, user_id, action, subject)
                VALUES (\(account), \(user), \(action), \(domain))
                """)
        }
    }
}
