import Postgres

extension Sites {
    /// The sites that whoever has this access wants first.
    package func pinned(in access: AccountAccess) async throws -> Set<SiteID> {
        guard let user = access.user else { return [] }
        return try await app.transaction(access, readOnly: true) { connection in
            Set(
                try connection.rows(
                    """
                    SELECT site_id FROM pinned_sites WHERE account_id = \(access.account) AND user_id = \(user)
                    """) as [SiteID])
        }
    }

    package func pin(_ access: SiteAccess, _ isPinned: Bool) async throws {
        guard let user = access.account.user else { return }
        try await app.transaction(access) { connection in
            if isPinned {
                _ = try connection.execute(
                    """
                    INSERT INTO pinned_sites (account_id, user_id, site_id)
                    VALUES (\(access.site.account), \(user), \(access.site.id)) ON CONFLICT DO NOTHING
                    """)
            } else {
                _ = try connection.execute(
                    """
                    DELETE FROM pinned_sites
                    WHERE account_id = \(access.site.account) AND user_id = \(user) AND site_id = \(access.site.id)
                    """)
            }
        }
    }
}
