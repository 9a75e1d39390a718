package import Auth
package import Days
import FoundationEssentials
package import Postgres

/// Notes on a site's days: what happened there that the figures do not say.
package struct Annotations: Sendable {
    package struct Annotation: Sendable, Hashable, Identifiable {
        package let id: Int64
        package let day: Day
        package let text: String

        package init(id: Int64, day: Day, text: String) {
            (self.id, self.day, self.text) = (id, day, text)
        }
    }

    /// Of a site.
    package static let most = 500

    private let app: Database

    package init(app: Database) {
        self.app = app
    }

    /// By day.
    package func list(_ days: ClosedRange<Day>, of site: SiteAccess) async throws -> [Annotation] {
        try await app.transaction(site, readOnly: true) { connection in
            try connection.rows(
                .prepared(
                    """
                    SELECT id, day, text FROM annotations
                    WHERE account_id = \(site.site.account) AND site_id = \(site.site.id)
                        AND day BETWEEN \(days.lowerBound) AND \(days.upperBound)
                    ORDER BY day, id LIMIT \(Annotations.most)
                    """)
            ) { row in Annotation(id: try row["id"], day: try row["day"], text: try row["text"]) }
        }
    }

    /// - Throws: ``FormError`` for what was entered.
    @discardableResult
    package func create(_ text: String, on day: Day, of site: SiteAccess) async throws -> Int64 {
        let text = try SavedName.checked(text, field: "text")
        return try await app.transaction(site) { connection in
            let count: Int64 = try connection.one(
                """
                SELECT count(*) FROM annotations
                WHERE account_id = \(site.site.account) AND site_id = \(site.site.id)
                """)
            guard count < Annotations.most else {
                throw FormError("text", "A site may have \(Annotations.most) notes.")
            }
            let id: Int64 = try connection.one(
                """
                INSERT INTO annotations (account_id, site_id, day, text)
                VALUES (\(site.site.account), \(site.site.id), \(day), \(text)) RETURNING id
                """)
            try AuditLog.record("annotation.created", subject: text, by: site.account, connection)
            return id
        }
    }

    /// False when the site has no such note.
    @discardableResult
    package func delete(_ id: Int64, of site: SiteAccess) async throws -> Bool {
        try await app.transaction(site) { connection in
            let text: String? = try connection.first(
                """
                DELETE FROM annotations WHERE account_id = \(site.site.account) AND site_id = \(site.site.id)
                    AND id = \(id) RETURNING text
                """)
            guard let text else { return false }
            try AuditLog.record("annotation.deleted", subject: text, by: site.account, connection)
            return true
        }
    }
}
