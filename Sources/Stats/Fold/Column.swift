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

    /// Each is read only when it is asked for, but for those without which nothing else can be read.
    package var group: ColumnGroup {
        switch self {
        case .name, .page, .currency: .core
        default: ColumnGroup(rawValue: 8 << UInt32(rawValue))
        }
    }

    /// Columns that most dashboards never ask for do not even come out of the database.
    package var isOfDetail: Bool {
        switch self {
        case .title, .hostname, .referrer, .utmContent, .utmTerm, .region, .city, .browserVersion, .osVersion,
            .viewport, .language:
            true
        default: false
        }
    }

    /// What has to be read for it: itself, and what it is written with (see ``layout``). The detail leans on all of its
    /// core.
    package var needed: ColumnGroup {
        let itself = isOfDetail ? group.union(.ofCore) : group
        return if case .given(let parent) = layout { itself.union(parent.needed) } else { itself }
    }
}

/// What of a block is read together.
package struct ColumnGroup: OptionSet, Sendable, Hashable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// What all else leans on: visits and events, their names and pages, engagement and money.
    package static let core = ColumnGroup(rawValue: 1)
    /// Properties of events. What tells whether they are those of the core are its ``times``.
    package static let properties = ColumnGroup(rawValue: 2)
    /// When events happened, and how long visits lasted.
    package static let times = ColumnGroup(rawValue: 4)
    /// All that is stored in a block's core.
    package static let ofCore = Column.allCases.reduce(into: [.core, .times] as ColumnGroup) {
        groups, column in
        if !column.isOfDetail { groups.formUnion(column.group) }
    }
    /// All that is stored in its detail.
    package static let detail = Column.allCases.reduce(into: [] as ColumnGroup) { groups, column in
        if column.isOfDetail { groups.formUnion(column.group) }
    }
    package static let all: ColumnGroup = [.ofCore, .detail, .properties]

    /// With what each of its columns needs (``Column/needed``).
    var complete: ColumnGroup {
        Column.allCases.reduce(into: self) { groups, column in
            if contains(column.group) { groups.formUnion(column.needed) }
        }
    }
}
