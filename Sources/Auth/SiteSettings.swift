import Days
package import FoundationEssentials
import Operations
import Postgres

/// What an owner has set for a site, besides what a ``Site`` says.
package struct SiteSettings: Sendable, Hashable {
    package let hostnames: [String]
    /// Seconds.
    package let duplicateWindow: Int
    package let keptParameters: [String]
    package let personalPatterns: [String]
    package let trackerFeatures: [String]
    /// Days of statistics that are kept; nil keeps all.
    package let retentionDays: Int?
    package let exclusions: [SiteExclusion]
    /// The zone that holds until a change of it takes effect; nil when none is on its way.
    package let zoneUntilMidnight: String?

    /// What a script can do besides counting; without a choice it does all of it.
    package static let allFeatures = [
        "engagement", "retry", "tagged", "outbound", "downloads", "forms", "notfound", "optout",
    ]
    package static let mostRetentionDays = 36_500
}

/// Whom or what an owner keeps out of a site's statistics.
package struct SiteExclusion: Sendable, Hashable {
    package enum Kind: String, Sendable, CaseIterable, PostgresValue {
        /// An address, or a range of them.
        case address
        /// ISO 3166, two capital letters.
        case country
        /// A path; `*` stands for any text.
        case page
        case hostname
    }

    package let kind: Kind
    package let value: String

    package static let mostOfSite = 200

    /// - Throws: ``FormError`` for what excludes nothing.
    package init(_ kind: Kind, _ text: String) throws {
        let text = FormText.trimmed(text)
        guard !text.isEmpty, text.utf8.count <= 2_000, !FormText.hasControls(text) else {
            throw FormError("exclusions", "Each entry has 1 to 2,000 characters on one line.")
        }
        self.kind = kind
        switch kind {
        case .address:
            guard let range = CIDR(text) else {
                throw FormError(
                    "exclusions", "“\(text.prefix(60))” is no address such as 203.0.113.7 or 2001:db8::/32.")
            }
            // Never everybody at once.
            guard range.prefixLength >= 8 else {
                throw FormError(
                    "exclusions", "“\(text.prefix(60))” is too wide: use a range of /8 or narrower.")
            }
            value = text.lowercased()
        case .country:
            guard text.utf8.count == 2, text.uppercased().utf8.allSatisfy({ (65...90).contains($0) }) else {
                throw FormError("exclusions", "A country has two letters, such as DE.")
            }
            value = text.uppercased()
        case .page:
            guard text.hasPrefix("/") || text.hasPrefix("*") else {
                throw FormError("exclusions", "A page begins with a slash, such as /admin/*.")
            }
            value = text
        case .hostname:
            guard !text.unicodeScalars.contains(where: { $0.properties.isWhitespace || $0 == "/" }) else {
                throw FormError("exclusions", "A hostname is something like staging.example.com.")
            }
            value = text.lowercased()
        }
    }

    fileprivate init(row: Row) throws {
        kind = try row["kind"]
        value = try row["value"]
    }
}

extension Sites {
    package func settings(of access: SiteAccess, now: Date = Date()) async throws -> SiteSettings {
        try await app.transaction(access, readOnly: true) { connection in
            let key: SQL = "account_id = \(access.site.account) AND site_id = \(access.site.id)"
            let exclusions = try connection.rows(
                "SELECT kind, value FROM exclusions WHERE \(key) ORDER BY kind, value COLLATE \"C\""
            ) { try SiteExclusion(row: $0) }
            let current = try Sites.zone(of: access.site, at: now, connection)
            return try connection.rows(
                """
                SELECT hostnames, duplicate_window, kept_parameters, personal_patterns, tracker_features, retention_days
                FROM sites WHERE id = \(access.site.id)
                """
            ) { row in
                let features: [String]? = try row["tracker_features"]
                let window: Int16 = try row["duplicate_window"]
                let retention: Int32? = try row["retention_days"]
                return SiteSettings(
                    hostnames: try row["hostnames"], duplicateWindow: Int(window),
                    keptParameters: try row["kept_parameters"],
                    personalPatterns: try row["personal_patterns"],
                    trackerFeatures: features ?? SiteSettings.allFeatures,
                    retentionDays: retention.map { Int($0) }, exclusions: exclusions,
                    zoneUntilMidnight: current.zone == access.site.timeZone ? nil : current.zone)
            }[0]
        }
    }

    // MARK: Changing

    /// The zone of the site's day, and that day.
    static func zone(
        of site: Site, at now: Date, _ connection: Connection
    ) throws -> (zone: String, today: Day) {
        let eras: [(Day, String)] = try connection.rows(
            """
            SELECT from_day, zone FROM site_zones WHERE account_id = \(site.account) AND site_id = \(site.id)
            ORDER BY from_day
            """)
        let history =
            ZoneHistory(eras.map { (from: $0.0, zone: Zone.named($0.1) ?? .utc) }) ?? ZoneHistory(.utc)
        let today = history.localDay(at: Int64(now.timeIntervalSince1970.rounded(.down))).day
        return (eras.last { $0.0 <= today }?.1 ?? "UTC", today)
    }

    /// A change of zone takes effect when the site's day is over, so that each instant is in exactly one of its days.
    static func changeZone(
        to zone: String, of site: Site, now: Date, _ connection: Connection
    ) throws {
        let current = try self.zone(of: site, at: now, connection)
        try connection.execute(
            """
            DELETE FROM site_zones
            WHERE account_id = \(site.account) AND site_id = \(site.id) AND from_day > \(current.today)
            """)
        if current.zone == zone { return }
        try connection.execute(
            """
            INSERT INTO site_zones (account_id, site_id, from_day, zone)
            VALUES (\(site.account), \(site.id), \(current.today.advanced(by: 1)), \(zone))
            """)
    }

    static func exclude(_ exclusions: [SiteExclusion], of site: Site, _ connection: Connection) throws {
        try connection.execute(
            "DELETE FROM exclusions WHERE account_id = \(site.account) AND site_id = \(site.id)")
        try connection.execute(
            """
            INSERT INTO exclusions (account_id, site_id, kind, value)
            SELECT \(site.account), \(site.id), kind, value
            FROM unnest(\(exclusions.map(\.kind.rawValue)), \(exclusions.map(\.value))) AS e (kind, value)
            ON CONFLICT DO NOTHING
            """)
    }
}
