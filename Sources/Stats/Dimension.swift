/// What figures are broken down by. To add one, add a row to ``all`` and its column to ``Statistics``.
package struct Dimension: Sendable, Hashable, Identifiable {
    package enum Scope: Sendable {
        /// Each event has its own value.
        case event
        /// A visit has one, that of its first event: what comes later is ignored.
        case visit
        case time
    }

    package let id: String
    package let title: String
    package let scope: Scope
    /// What stands where nothing is known.
    package let unknown: String

    package static let page = Dimension(id: "page", title: "Page", scope: .event, unknown: "Unknown")
    package static let source = Dimension(
        id: "source", title: "Source", scope: .visit, unknown: "Direct or unknown")
    package static let channel = Dimension(id: "channel", title: "Channel", scope: .visit, unknown: "Unknown")
    package static let country = Dimension(id: "country", title: "Country", scope: .visit, unknown: "Unknown")
    package static let browser = Dimension(id: "browser", title: "Browser", scope: .visit, unknown: "Unknown")
    package static let system = Dimension(id: "os", title: "System", scope: .visit, unknown: "Unknown")
    package static let device = Dimension(id: "device", title: "Device", scope: .visit, unknown: "Unknown")
    package static let day = Dimension(id: "day", title: "Day", scope: .time, unknown: "")
    package static let hour = Dimension(id: "hour", title: "Hour", scope: .time, unknown: "")

    package static let all = [page, source, channel, country, browser, system, device, day, hour]

    package static func named(_ id: String) -> Dimension? { all.first { $0.id == id } }
}
