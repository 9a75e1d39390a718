import Days
package import FoundationEssentials
package import Postgres

/// What an owner changes of a site; nil leaves a thing as it is.
package struct SiteChanges: Sendable, Hashable {
    package var name: String?
    package var domain: String?
    /// Takes effect when the site's day is over.
    package var timeZone: String?
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
    /// Days of statistics that are kept; `.some(nil)` keeps all.
    package var retentionDays: Int??
    /// All of them: what is not here is no longer excluded.
    package var exclusions: [SiteExclusion]?

    package init() {}

    /// What changes, in the words of the API.
    fileprivate var names: [String] {
        let changes: [(String, Bool)] = [
            ("name", name != nil), ("domain", domain != nil), ("time_zone", timeZone != nil),
            ("hostnames", hostnames != nil), ("duplicate_window", duplicateWindow != nil),
            ("kept_parameters", keptParameters != nil), ("personal_patterns", personalPatterns != nil),
            ("tracker_features", trackerFeatures != nil), ("retention_days", retentionDays != nil),
            ("exclusions", exclusions != nil),
        ]
        return changes.filter(\.1).map(\.0)
    }
}

extension Sites {
    /// Changes a site and notes it; answers it as it is now.
    ///
    /// - Parameter also: work in the same transaction.
    /// - Throws: ``FormError`` for what cannot be taken.
    package func change(
        _ access: SiteAccess, _ changes: SiteChanges, now: Date = Date(),
        also: @escaping @Sendable (Connection) throws -> Void = { _ in }
    ) async throws -> Site {
        let changes = try Sites.checked(changes)
        do {
            try await app.transaction(access) { connection in
                try Sites.write(changes, of: access.site, connection)
                if let zone = changes.timeZone {
                    try Sites.changeZone(to: zone, of: access.site, now: now, connection)
                }
                if let exclusions = changes.exclusions {
                    try Sites.exclude(exclusions, of: access.site, connection)
                }
                try also(connection)
                try AuditLog.record(
                    "site.changed", subject: access.site.domain,
                    detail: JSON(
                        #"{"changed":["# + changes.names.map { "\"\($0)\"" }.joined(separator: ",") + "]}"),
                    by: access.account, connection)
            }
        } catch let error as PostgresError where error.constraint == "sites_tracker_features_check" {
            throw FormError("tracker_features", "The script has no such feature.")
        } catch let error as PostgresError where error.constraint == "sites_domain_key" {
            throw FormError(
                "domain", "This domain has been added already, by you or by somebody else here.",
                isTaken: true)
        }
        guard let changed = try await find(id: access.site.id, in: access.account) else { return access.site }
        return changed.site
    }

    private static func checked(_ changes: SiteChanges) throws -> SiteChanges {
        var changes = changes
        changes.name = try changes.name.map(Identity.checkedName)
        if changes.name == "" { throw FormError("name", "Give the site a name.") }
        changes.domain = try changes.domain.map(DomainName.normalized)
        if let zone = changes.timeZone, Zone.named(zone) == nil {
            throw FormError("time_zone", "Choose a time zone from the list.")
        }
        try check(changes.hostnames, "hostnames")
        try check(changes.keptParameters, "kept_parameters")
        try check(changes.personalPatterns, "personal_patterns")
        if let seconds = changes.duplicateWindow, !(0...60).contains(seconds) {
            throw FormError("duplicate_window", "Use 0 to 60 seconds.")
        }
        if let days = changes.retentionDays ?? nil, !(1...SiteSettings.mostRetentionDays).contains(days) {
            throw FormError("retention_days", "Use 1 to \(SiteSettings.mostRetentionDays) days.")
        }
        guard (changes.exclusions ?? []).count <= SiteExclusion.mostOfSite else {
            throw FormError("exclusions", "Use at most \(SiteExclusion.mostOfSite) entries.")
        }
        return changes
    }

    private static func write(_ changes: SiteChanges, of site: Site, _ connection: Connection) throws {
        let retention: SQL =
            changes.retentionDays.map { days -> SQL in "\(days.map { Int32($0) })" } ?? "retention_days"
        try connection.execute(
            """
            UPDATE sites SET name = coalesce(\(changes.name), name), domain = coalesce(\(changes.domain), domain),
                hostnames = coalesce(\(changes.hostnames), hostnames),
                duplicate_window = coalesce(\(changes.duplicateWindow), duplicate_window),
                kept_parameters = coalesce(\(changes.keptParameters), kept_parameters),
                personal_patterns = coalesce(\(changes.personalPatterns), personal_patterns),
                tracker_features = coalesce(\(changes.trackerFeatures), tracker_features),
                retention_days = \(retention)
            WHERE id = \(site.id)
            """)
    }

    private static func check(_ list: [String]?, _ field: String) throws {
        for text in list ?? [] where text.isEmpty || text.utf8.count > 200 || FormText.hasControls(text) {
            throw FormError(field, "Each entry has 1 to 200 characters on one line.")
        }
        guard (list ?? []).count <= 50 else { throw FormError(field, "Use at most 50 entries.") }
    }
}
