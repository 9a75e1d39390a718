import Days
import Stats

/// What a dashboard of fifteen panels asks: headline figures, a chart by day, and thirteen rankings of ten rows.
enum Dashboard {
    static let headline: [Metric] = [.visitors, .visits, .pageViews, .bounceRate, .visitDuration]

    /// By the names that the other engines' columns have.
    static let panels: [(name: String, dimension: Dimension, metrics: [Metric])] = [
        ("channel", .channel, [.visitors]),
        ("source", .source, [.visitors]),
        ("referrer", .referrer, [.visitors]),
        ("utm_campaign", .utmCampaign, [.visitors]),
        ("page", .page, [.visitors, .pageViews]),
        ("entry_page", .entryPage, [.visitors]),
        ("exit_page", .exitPage, [.visitors]),
        ("country", .country, [.visitors]),
        ("region", .region, [.visitors]),
        ("city", .city, [.visitors]),
        ("browser", .browser, [.visitors]),
        ("os", .system, [.visitors]),
        ("device", .device, [.visitors]),
    ]

    /// By how many filters there are.
    static func filter(_ count: Int) -> Filter {
        let country = Filter.match(Filter.Match(.country, .equals, ["DE"]))
        let page = Filter.match(Filter.Match(.page, .contains, ["/blog"]))
        return .all(Array([country, page].prefix(count)))
    }

    static func questions(_ days: ClosedRange<Day>, filters: Int) -> [Question] {
        let span = Span(days: days)
        let filter = filter(filters)
        return [
            Question(span: span, filter: filter, metrics: headline),
            Question(
                span: span, filter: filter, metrics: [.visitors, .pageViews], dimensions: [.time(.day)]),
        ]
            + panels.map {
                Question(span: span, filter: filter, metrics: $0.metrics, dimensions: [$0.dimension])
            }
    }
}
