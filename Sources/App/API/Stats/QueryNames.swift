import Stats

/// A metric as programs ask for it, and how its figure is told.
struct QueryMetric: Sendable, Hashable, Identifiable {
    let metric: Metric
    /// Decimals of what is not a count.
    let decimals: Int
    /// What stands for a figure that there is not: 0, as Plausible's clients expect it, or null.
    let zero: Bool
    /// A change of it is a difference in points, not a ratio.
    let isRate: Bool

    var id: String { metric.id }

    private init(_ metric: Metric, decimals: Int = 0, zero: Bool = true, isRate: Bool = false) {
        (self.metric, self.decimals, self.zero, self.isRate) = (metric, decimals, zero, isRate)
    }

    static let all = [
        QueryMetric(.visitors), QueryMetric(.visits), QueryMetric(.pageViews), QueryMetric(.events),
        QueryMetric(.viewsPerVisit, decimals: 2), QueryMetric(.bounceRate, isRate: true),
        QueryMetric(.visitDuration, zero: false), QueryMetric(.timeOnPage, zero: false),
        QueryMetric(.scrollDepth, zero: false),
        QueryMetric(.exitRate, decimals: 1, zero: false, isRate: true),
        QueryMetric(.percentage, decimals: 1, isRate: true),
        QueryMetric(.conversionRate, decimals: 2, isRate: true),
        QueryMetric(.groupConversionRate, decimals: 2, isRate: true),
        QueryMetric(.totalRevenue, decimals: 2, zero: false),
        QueryMetric(.averageRevenue, decimals: 2, zero: false),
    ]

    static func named(_ id: String) -> QueryMetric? { all.first { $0.id == id } }

    /// The figure's number, rounded; nil where there is none.
    func number(_ figure: Figure) -> Double? {
        switch figure {
        case .none: zero ? 0 : nil
        case .number(let number): QueryMetric.rounded(number, decimals)
        case .money(let money): money.count == 1 ? money[0].amount : nil
        }
    }

    func json(_ figure: Figure) -> JSONValue {
        if case .money(let money) = figure { return money.count == 1 ? MoneyText.json(money[0]) : .null }
        return number(figure).map { .number($0) } ?? .null
    }

    static func rounded(_ number: Double, _ decimals: Int) -> Double {
        let power = decimals == 0 ? 1.0 : decimals == 1 ? 10.0 : 100.0
        return (number * power).rounded() / power
    }

    /// How much more it is now, in per cent or, of a rate, in points; nil where one of both is not there.
    func change(from old: Figure, to new: Figure) -> Double? {
        guard let old = number(old), let new = number(new) else { return nil }
        if isRate { return QueryMetric.rounded(new - old, 1) }
        if old == 0 { return new == 0 ? 0 : 100 }
        return QueryMetric.rounded((new - old) / old * 100, 0)
    }
}

/// A dimension under the name that programs know it by.
struct QueryDimension: Sendable, Hashable, Identifiable {
    let id: String
    let dimension: Dimension
    /// What stands for "": it is accepted in filters too.
    let empty: String
    /// Its values are codes of countries, and programs see names.
    let isCountryName: Bool

    private init(
        _ id: String, _ dimension: Dimension, empty: String = "(not set)", isCountryName: Bool = false
    ) {
        self.id = id
        // Programs see rows of what is not known, also where the dashboard leaves them out.
        self.dimension =
            dimension.interval == nil && dimension != .goal
            ? Dimension(id: dimension.id, title: dimension.title, kind: dimension.kind, unknown: empty)
            : dimension
        self.empty = empty
        self.isCountryName = isCountryName
    }

    static let all = [
        QueryDimension("event:name", .event), QueryDimension("event:page", .page),
        QueryDimension("event:hostname", .hostname), QueryDimension("event:title", .pageTitle),
        QueryDimension("event:goal", .goal),
        QueryDimension("visit:entry_page", .entryPage), QueryDimension("visit:exit_page", .exitPage),
        QueryDimension("visit:entry_page_hostname", .entryHostname),
        QueryDimension("visit:exit_page_hostname", .exitHostname),
        QueryDimension("visit:source", .source, empty: "Direct / None"),
        QueryDimension("visit:referrer", .referrer, empty: "Direct / None"),
        QueryDimension("visit:channel", .channel), QueryDimension("visit:utm_source", .utmSource),
        QueryDimension("visit:utm_medium", .utmMedium), QueryDimension("visit:utm_campaign", .utmCampaign),
        QueryDimension("visit:utm_content", .utmContent), QueryDimension("visit:utm_term", .utmTerm),
        QueryDimension("visit:device", .device), QueryDimension("visit:browser", .browser),
        QueryDimension("visit:browser_version", .browserVersion), QueryDimension("visit:os", .system),
        QueryDimension("visit:os_version", .systemVersion), QueryDimension("visit:country", .country),
        QueryDimension("visit:country_name", .country, isCountryName: true),
        QueryDimension("visit:region", .region), QueryDimension("visit:region_name", .region),
        QueryDimension("visit:city", .city), QueryDimension("visit:city_name", .city),
        QueryDimension("visit:language", .language), QueryDimension("visit:viewport", .viewport),
        QueryDimension("time:minute15", .quarter), QueryDimension("time:hour", .hour),
        QueryDimension("time:day", .day), QueryDimension("time:week", .week),
        QueryDimension("time:month", .month),
    ]

    private static let byID = Dictionary(uniqueKeysWithValues: all.map { ($0.id, $0) })

    /// A row of ``all``, a property, or `time`: the pieces that a chart of the period would have.
    static func named(_ id: String, interval: Dimension.Interval? = nil) -> QueryDimension? {
        if let dimension = byID[id] { return dimension }
        if id == "time", let interval { return QueryDimension(id, .time(interval)) }
        let prefix = "event:props:"
        guard id.hasPrefix(prefix), let property = Dimension.named("prop:" + id.dropFirst(prefix.count))
        else {
            return nil
        }
        return QueryDimension(id, property, empty: "(none)")
    }

    /// The name of one of ours.
    static func of(_ dimension: Dimension) -> QueryDimension? {
        if case .property(let key) = dimension.kind { return named("event:props:" + key) }
        return all.first { $0.dimension.kind == dimension.kind }
    }

    static let names = all.map(\.id) + ["event:props:…"]

    var isTime: Bool { dimension.interval != nil }

    /// A value as programs see it.
    ///
    /// - Parameter first: where a week, cut off by the period, begins.
    func shown(_ value: String, from first: String) -> String {
        switch dimension.interval {
        case .quarter, .hour: value + ":00"
        case .week: max(value, first)
        case .day, .month: value
        case nil: value.isEmpty ? empty : isCountryName ? Countries.name(value) : value
        }
    }
}

/// Money as Plausible's API tells it.
enum MoneyText {
    static func json(_ money: Figure.Money) -> JSONValue {
        [
            "currency": .text(money.currency), "value": .number(QueryMetric.rounded(money.amount, 2)),
            "short": .text(short(money)), "long": .text(long(money)),
        ]
    }

    private static let signs = [
        "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹", "KRW": "₩", "BRL": "R$", "CAD": "CA$",
        "AUD": "A$", "NZD": "NZ$", "CNY": "CN¥", "MXN": "MX$",
    ]
    private static let withoutCents: Set<String> = ["JPY", "KRW", "VND", "CLP", "ISK", "HUF", "PYG", "UGX"]

    private static func sign(_ currency: String) -> String { signs[currency] ?? currency + " " }

    /// $96.3M
    static func short(_ money: Figure.Money) -> String {
        let size = abs(money.amount)
        let (unit, letter) =
            size >= 1e9 ? (1e9, "B") : size >= 1e6 ? (1e6, "M") : size >= 1e3 ? (1e3, "K") : (1, "")
        let tenths = Int((size / unit * 10).rounded())
        let number = tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
        return (money.amount < 0 ? "-" : "") + sign(money.currency) + number + letter
    }

    /// $96,336,315.00
    static func long(_ money: Figure.Money) -> String {
        let cents = Int(min(abs(money.amount) * 100, 9e17).rounded())
        let whole = Numbers.whole(withoutCents.contains(money.currency) ? (cents + 50) / 100 : cents / 100)
        let rest = cents % 100
        let end = withoutCents.contains(money.currency) ? "" : ".\(rest < 10 ? "0" : "")\(rest)"
        return (money.amount < 0 ? "-" : "") + sign(money.currency) + whole + end
    }
}
