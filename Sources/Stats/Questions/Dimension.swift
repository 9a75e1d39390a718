/// What figures are broken down by, and filtered with. To add one, add a row to ``all``.
///
/// A value is a text; "" says that nothing is known.
package struct Dimension: Sendable, Hashable, Identifiable {
    package enum Kind: Sendable, Hashable {
        /// A text of an event or of a visit.
        case column(Column)
        /// The page of a visit's first, or last, page view; "" when it has none.
        case entryPage
        case exitPage
        /// The hostname of that page view.
        case entryHostname
        case exitHostname
        /// Each of the question's goals that an event reaches; an event may reach several, or none.
        case goal
        /// A property of events; one that lacks it has no value, and stands in no row.
        case property(String)
        /// When the event happened, by the site's clock.
        case time(Interval)
    }

    /// The pieces that time is cut into. Their values: `2026-11-21 14:15`, `2026-11-21 14:00`, `2026-11-21`, the week's
    /// Monday, the month's first day.
    package enum Interval: String, Sendable, Hashable, CaseIterable {
        case quarter
        case hour
        case day
        case week
        case month
    }

    package let id: String
    package let title: String
    package let kind: Kind
    /// How "" is shown; nil where a row for it would say nothing: then there is none.
    package let unknown: String?

    package init(id: String, title: String, kind: Kind, unknown: String?) {
        self.id = id
        self.title = title
        self.kind = kind
        self.unknown = unknown
    }

    private static func column(_ id: String, _ title: String, _ column: Column, _ unknown: String?)
        -> Dimension
    {
        Dimension(id: id, title: title, kind: .column(column), unknown: unknown)
    }

    package static let page = column("page", "Page", .page, "Unknown")
    package static let entryPage = Dimension(
        id: "entry_page", title: "Entry page", kind: .entryPage, unknown: nil)
    package static let exitPage = Dimension(
        id: "exit_page", title: "Exit page", kind: .exitPage, unknown: nil)
    package static let entryHostname = Dimension(
        id: "entry_hostname", title: "Entry hostname", kind: .entryHostname, unknown: nil)
    package static let exitHostname = Dimension(
        id: "exit_hostname", title: "Exit hostname", kind: .exitHostname, unknown: nil)
    package static let pageTitle = column("title", "Title", .title, nil)
    package static let hostname = column("hostname", "Hostname", .hostname, "Unknown")
    package static let source = column("source", "Source", .source, "Direct or unknown")
    package static let referrer = column("referrer", "Referrer", .referrer, "Direct or unknown")
    package static let channel = column("channel", "Channel", .channel, "Unknown")
    package static let utmSource = column("utm_source", "Campaign source", .utmSource, nil)
    package static let utmMedium = column("utm_medium", "Campaign medium", .utmMedium, nil)
    package static let utmCampaign = column("utm_campaign", "Campaign", .utmCampaign, nil)
    package static let utmContent = column("utm_content", "Campaign content", .utmContent, nil)
    package static let utmTerm = column("utm_term", "Campaign term", .utmTerm, nil)
    package static let country = column("country", "Country", .country, "Unknown")
    package static let region = column("region", "Region", .region, nil)
    package static let city = column("city", "City", .city, nil)
    package static let language = column("language", "Language", .language, "Unknown")
    package static let browser = column("browser", "Browser", .browser, "Unknown")
    package static let browserVersion = column(
        "browser_version", "Browser version", .browserVersion, "Unknown")
    package static let system = column("os", "System", .os, "Unknown")
    package static let systemVersion = column("os_version", "System version", .osVersion, "Unknown")
    package static let device = column("device", "Device", .device, "Unknown")
    package static let viewport = column("viewport", "Window", .viewport, "Unknown")
    package static let event = column("event", "Event", .name, "Unknown")
    package static let goal = Dimension(id: "goal", title: "Goal", kind: .goal, unknown: nil)
    package static let quarter = Dimension(
        id: "minute15", title: "Quarter of an hour", kind: .time(.quarter), unknown: nil)
    package static let hour = Dimension(id: "hour", title: "Hour", kind: .time(.hour), unknown: nil)
    package static let day = Dimension(id: "day", title: "Day", kind: .time(.day), unknown: nil)
    package static let week = Dimension(id: "week", title: "Week", kind: .time(.week), unknown: nil)
    package static let month = Dimension(id: "month", title: "Month", kind: .time(.month), unknown: nil)

    package static func time(_ interval: Interval) -> Dimension {
        switch interval {
        case .quarter: quarter
        case .hour: hour
        case .day: day
        case .week: week
        case .month: month
        }
    }

    package static func property(_ key: String) -> Dimension {
        Dimension(id: "prop:" + key, title: key, kind: .property(key), unknown: "Empty")
    }

    package static let all = [
        page, entryPage, exitPage, entryHostname, exitHostname, pageTitle, hostname, source, referrer,
        channel, utmSource, utmMedium,
        utmCampaign, utmContent, utmTerm, country, region, city, language, browser, browserVersion, system,
        systemVersion, device, viewport, event, goal, quarter, hour, day, week, month,
    ]

    private static let byID = Dictionary(uniqueKeysWithValues: all.map { ($0.id, $0) })

    /// A row of ``all``, or `prop:` and a key of a property.
    package static func named(_ id: String) -> Dimension? {
        if let dimension = byID[id] { return dimension }
        guard id.hasPrefix("prop:"), id.utf8.count > 5, id.utf8.count <= 305 else { return nil }
        return property(String(id.dropFirst(5)))
    }

    /// All events of a visit have the same value.
    package var isOfVisit: Bool {
        switch kind {
        case .column(let column): column.isOfVisit
        case .entryPage, .exitPage, .entryHostname, .exitHostname: true
        case .goal, .property, .time: false
        }
    }

    package var interval: Interval? {
        if case .time(let interval) = kind { interval } else { nil }
    }

    /// What of a block has to be there to answer for it.
    package var group: ColumnGroup {
        switch kind {
        case .column(let column): column.needed
        case .property: [.properties, .times]
        case .entryHostname, .exitHostname: Column.hostname.needed
        case .time(.quarter), .time(.hour): .times
        case .entryPage, .exitPage, .goal, .time: .core
        }
    }
}
