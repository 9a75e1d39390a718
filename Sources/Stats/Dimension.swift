/// What figures are broken down by. To add one, add a row to ``all`` and its column to ``Statistics``.
package struct Dimension: Sendable, Hashable, Identifiable {
    package let id: String
    package let title: String

    package static let page = Dimension(id: "page", title: "Page")
    package static let country = Dimension(id: "country", title: "Country")
    package static let day = Dimension(id: "day", title: "Day")
    package static let hour = Dimension(id: "hour", title: "Hour")

    package static let all = [page, country, day, hour]

    package static func named(_ id: String) -> Dimension? { all.first { $0.id == id } }
}
