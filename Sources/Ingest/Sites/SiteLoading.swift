import Days
import FoundationEssentials
import Postgres

extension SiteEntry {
    /// Reads sites from the database: all, or those with certain ids.
    static func load(_ ids: Set<UUID>?, _ connection: Connection, salts: Salts) throws -> [SiteEntry] {
        let list = ids.map(Array.init)
        let ofSite: SQL = if let list { "WHERE site_id = ANY (\(list))" } else { "" }
        var keys: [UUID: [Key]] = [:]
        try connection.stream(
            "SELECT site_id, key, revoked_at IS NOT NULL AS is_revoked FROM tracking_keys \(ofSite)"
        ) {
            keys[try $0["site_id"], default: []].append(
                Key(key: try $0["key"], isRevoked: try $0["is_revoked"]))
        }
        var zones: [UUID: [Era]] = [:]
        try connection.stream("SELECT site_id, from_day, zone FROM site_zones \(ofSite) ORDER BY from_day") {
            zones[try $0["site_id"], default: []].append(Era(from: try $0["from_day"], zone: try $0["zone"]))
        }
        var exclusions: [UUID: Exclusions] = [:]
        try connection.stream("SELECT site_id, kind, value FROM exclusions \(ofSite)") {
            if let kind = Exclusions.Kind(rawValue: try $0["kind"]) {
                exclusions[try $0["site_id"], default: Exclusions()].add(kind, try $0["value"])
            }
        }
        var sites: [SiteEntry] = []
        let byID: SQL = if let list { "WHERE id = ANY (\(list))" } else { "" }
        try connection.stream(
            """
            SELECT id, account_id, domain, hostnames, duplicate_window, kept_parameters, personal_patterns,
                tracker_features
            FROM sites \(byID)
            """
        ) { row in
            let id: UUID = try row["id"]
            sites.append(
                SiteEntry(
                    id: id, account: try row["account_id"], domain: try row["domain"],
                    hostnames: try row["hostnames"],
                    duplicateWindow: Int(try row["duplicate_window"] as Int16), keys: keys[id] ?? [],
                    zones: zones[id] ?? [], exclusions: exclusions[id] ?? Exclusions(),
                    keptParameters: try row["kept_parameters"],
                    personalPatterns: PersonalPatterns(try row["personal_patterns"]),
                    trackerFeatures: TrackerFeature.named(try row["tracker_features"]), salts: salts))
        }
        return sites
    }
}
