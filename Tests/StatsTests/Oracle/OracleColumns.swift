import Postgres
import Stats

/// A column of the oracle's tables for each text.
extension Column {
    var sql: SQL {
        switch self {
        case .name: "name"
        case .hostname: "hostname"
        case .page: "page"
        case .title: "title"
        case .currency: "currency"
        case .referrer: "referrer"
        case .source: "source"
        case .channel: "channel"
        case .utmSource: "utm_source"
        case .utmMedium: "utm_medium"
        case .utmCampaign: "utm_campaign"
        case .utmContent: "utm_content"
        case .utmTerm: "utm_term"
        case .country: "country"
        case .region: "region"
        case .city: "city"
        case .language: "language"
        case .browser: "browser"
        case .browserVersion: "browser_version"
        case .os: "os"
        case .osVersion: "os_version"
        case .device: "device"
        case .viewport: "viewport"
        }
    }
}

extension SQL {
    static func list(_ pieces: [SQL]) -> SQL { joined(pieces, separator: ", ") }

    /// Nothing at all never holds.
    static func anyOf(_ conditions: [SQL]) -> SQL {
        conditions.isEmpty ? "false" : "(\(joined(conditions, separator: " OR ")))"
    }

    /// Nothing at all always holds.
    static func allOf(_ conditions: [SQL]) -> SQL {
        conditions.isEmpty ? "true" : "(\(joined(conditions, separator: " AND ")))"
    }
}
