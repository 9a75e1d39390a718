/// A box on the dashboard: one dimension, ranked by visitors. To add a panel, add a row to ``all``.
package struct Panel: Sendable, Hashable, Identifiable {
    package let id: String
    package let title: String
    package let dimension: Dimension
    package let metrics: [Metric]

    package static let all = [
        Panel(id: "sources", title: "Sources", dimension: .source, metrics: [.visitors]),
        Panel(id: "pages", title: "Pages", dimension: .page, metrics: [.visitors, .pageViews]),
        Panel(id: "countries", title: "Countries", dimension: .country, metrics: [.visitors]),
        Panel(id: "channels", title: "Channels", dimension: .channel, metrics: [.visitors]),
        Panel(id: "browsers", title: "Browsers", dimension: .browser, metrics: [.visitors]),
        Panel(id: "devices", title: "Devices", dimension: .device, metrics: [.visitors]),
    ]

    package static func named(_ id: String) -> Panel? { all.first { $0.id == id } }

    /// The panel's rows in a span.
    package func question(_ span: Span, filter: Filter = .everything, limit: Int = 10, offset: Int = 0)
        -> Question
    {
        Question(
            span: span, filter: filter, metrics: metrics, dimensions: [dimension], limit: limit,
            offset: offset)
    }
}
