/// A text of an event that is kept as a number of a dictionary, in raw events and in blocks.
///
/// To add one: a case here, its column in ``RawEvents``' readers, and a row in ``Dimension``.
package enum Column: UInt8, CaseIterable, Sendable, Hashable {
    // Of each event.
    case name
    case hostname
    case page
    case title
    case currency
    // Of a visit: what its first event says.
    case referrer
    case source
    case channel
    case utmSource
    case utmMedium
    case utmCampaign
    case utmContent
    case utmTerm
    case country
    case region
    case city
    case language
    case browser
    case browserVersion
    case os
    case osVersion
    case device
    case viewport

    package var isOfVisit: Bool { rawValue >= Column.referrer.rawValue }

    /// Columns that most dashboards never ask for are stored apart and fetched only when asked for.
    package var group: ColumnGroup {
        switch self {
        case .title, .hostname, .referrer, .utmContent, .utmTerm, .region, .city, .browserVersion, .osVersion,
            .viewport, .language:
            .detail
        default: .core
        }
    }
}

/// What of a block is fetched together.
package struct ColumnGroup: OptionSet, Sendable, Hashable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// What nearly every dashboard needs: visits and events with their times, pages, sources, countries, devices.
    package static let core = ColumnGroup(rawValue: 1)
    package static let detail = ColumnGroup(rawValue: 2)
    /// Properties of events.
    package static let properties = ColumnGroup(rawValue: 4)
    package static let all: ColumnGroup = [.core, .detail, .properties]
}
