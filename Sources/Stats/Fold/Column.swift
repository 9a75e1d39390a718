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

    /// Columns that most dashboards never ask for are stored apart, and each is read only when asked for.
    package var group: ColumnGroup {
        switch self {
        case .title, .hostname, .referrer, .utmContent, .utmTerm, .region, .city, .browserVersion, .osVersion,
            .viewport, .language:
            ColumnGroup(rawValue: 4 << UInt32(rawValue))
        default: .core
        }
    }

    /// What has to be read for it: itself, and what it is written with (see ``layout``).
    package var needed: ColumnGroup {
        if case .given(let parent) = layout { group.union(parent.needed) } else { group }
    }
}

/// What of a block is read together: the core, each column of the detail, the properties.
package struct ColumnGroup: OptionSet, Sendable, Hashable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// What nearly every dashboard needs: visits and events with their times, pages, sources, countries, devices.
    package static let core = ColumnGroup(rawValue: 1)
    /// Properties of events.
    package static let properties = ColumnGroup(rawValue: 2)
    /// All columns that are stored apart.
    package static let detail = Column.allCases.reduce(into: ColumnGroup()) { groups, column in
        if column.group != .core { groups.formUnion(column.group) }
    }
    package static let all: ColumnGroup = [.core, .detail, .properties]
}
