import Postgres

/// What an owner changes of a site; nil leaves a thing as it is.
package struct SiteChanges: Sendable, Hashable {
    package var name: String?
    /// Hostnames that may send besides the domain; none lets any.
    package var hostnames: [String]?
    /// Seconds, 0 to 60, within which a page view without an id that repeats is a duplicate.
    package var duplicateWindow: Int?
    /// Parameters of a page's query that belong to the page and are kept.
    package var keptParameters: [String]?
    /// What is personal in this site's addresses and texts, besides what is always masked.
    package var personalPatterns: [String]?
    /// What its script does besides counting.
    package var trackerFeatures: [String]?

    package init() {}
}

extension Sites {
    /// Changes a site and notes it; answers it as it is now.
    ///
    /// - Throws: ``FormError`` for what cannot be taken.
    package func change(_ access: SiteAccess, _ changes: SiteChanges) async throws -> Site {
        let name = try changes.name.map(Identity.checkedName)
        if name == "" { throw FormError("name", "Give the site a name.") }
        try Sites.check(changes.hostnames, "hostnames")
        try Sites.check(changes.keptParameters, "kept_parameters")
        try Sites.check(changes.personalPatterns, "personal_patterns")
        if let seconds = changes.duplicateWindow, !(0...60).contains(seconds) {
            throw FormError("duplicate_window", "Use 0 to 60 seconds.")
        }
        do {
            try await app.transaction(access) { connection in
                try connection.execute(
                    """
                    UPDATE sites SET name = coalesce(\(name), name), hostnames = coalesce(\(changes.hostnames), hostnames),
                        duplicate_window = coalesce(\(changes.duplicateWindow), duplicate_window),
                        kept_parameters = coalesce(\(changes.keptParameters), kept_parameters),
                        personal_patterns = coalesce(\(changes.personalPatterns), personal_patterns),
                        tracker_features = coalesce(\(changes.trackerFeatures), tracker_features)
                    WHERE id = \(access.site.id)
                    """)
                try AuditLog.record(
                    "site.changed", subject: access.site.domain, by: access.account, connection)
            }
        } catch let error as PostgresError where error.constraint == "sites_tracker_features_check" {
            throw FormError("tracker_features", "The script has no such feature.")
        }
        guard let changed = try await find(id: access.site.id, in: access.account) else { return access.site }
        return changed.site
    }

    private static func check(_ list: [String]?, _ field: String) throws {
        for text in list ?? [] where text.isEmpty || text.utf8.count > 200 || FormText.hasControls(text) {
            throw FormError(field, "Each entry has 1 to 200 characters on one line.")
        }
        guard (list ?? []).count <= 50 else { throw FormError(field, "Use at most 50 entries.") }
    }
}
