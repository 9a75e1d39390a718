package import Days

/// A range of a site's own days, as people name it.
package enum Period: Sendable, Hashable {
    case today
    case yesterday
    /// The last so many days, today included.
    case last(days: Int)
    case custom(ClosedRange<Day>)

    /// The ones that the dashboard offers, in order.
    package static let offered: [Period] = [
        .today, .yesterday, .last(days: 7), .last(days: 28), .last(days: 30), .last(days: 91),
    ]

    package static let standard = Period.last(days: 30)

    /// A range longer than this is refused: no site is older.
    package static let mostDays = 36_525

    /// As it stands in the URL: `?period=7d`, or `?period=custom&from=2026-01-01&to=2026-01-31`. Nil if it is none.
    package init?(_ text: String, from: String? = nil, to: String? = nil) {
        switch text {
        case "today", "day": self = .today
        case "yesterday": self = .yesterday
        case "custom":
            guard let from = from.flatMap({ Day($0) }), let to = to.flatMap({ Day($0) }), from <= to,
                from.distance(to: to) < Period.mostDays
            else { return nil }
            self = .custom(from...to)
        default:
            guard text.last == "d", let days = Int(text.dropLast()), (1...Period.mostDays).contains(days),
                text == "\(days)d"
            else { return nil }
            self = .last(days: days)
        }
    }

    /// The value of `?period=`.
    package var id: String {
        switch self {
        case .today: "today"
        case .yesterday: "yesterday"
        case .last(let days): "\(days)d"
        case .custom: "custom"
        }
    }

    package var title: String {
        switch self {
        case .today: "Today"
        case .yesterday: "Yesterday"
        case .last(let days): "Last \(days) days"
        case .custom(let days):
            days.lowerBound == days.upperBound
                ? days.lowerBound.description : "\(days.lowerBound) to \(days.upperBound)"
        }
    }

    /// The days themselves, for a site where it is `today`.
    package func days(today: Day) -> ClosedRange<Day> {
        switch self {
        case .today: today...today
        case .yesterday: today.advanced(by: -1)...today.advanced(by: -1)
        case .last(let days): today.advanced(by: 1 - days)...today
        case .custom(let days): days
        }
    }
}
