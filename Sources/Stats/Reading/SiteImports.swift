package import Auth
package import Days
import Postgres

extension SiteGoals {
    /// Whether days of a site hold what was read from files.
    package func hasImports(in days: ClosedRange<Day>, of site: SiteAccess) async throws -> Bool {
        try await app.transaction(site, readOnly: true) { connection in
            try connection.one(
                """
                SELECT EXISTS (SELECT FROM imports
                    WHERE account_id = \(site.site.account) AND site_id = \(site.site.id)
                        AND from_day <= \(days.upperBound) AND to_day >= \(days.lowerBound))
                """)
        }
    }
}
