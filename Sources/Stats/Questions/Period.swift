package import Days

/// A stretch of a site's own time, as people name it.
package enum Period: Sendable, Hashable {
    case today
    case yesterday
    /// The last thirty minutes.
    case realtime
    /// The last 24 hours, from the beginning of the clock's hour.
    case lastDay
    /// The last so many days, today included.
    case last(days: Int)
    /// The calendar month, or year, of a day; nil is today's. It ends today if it is not over.
    case month(Day?)
    case year(Day?)
    /// From the first of the month eleven months ago until today.
    case twelveMonths
    /// From the first day that anything is known of.
    case all
    case custom(ClosedRange<Day>)

    /// The ones that the dashboard offers, in order.
    package static let offered: [Period] = [
        .today, .yesterday, .last(days: 7), .last(days: 30), .last(days: 91), .twelveMonths, .all,
    ]

    package static let standard = Period.last(days: 30)

    /// A range longer than this is refused: no site is older.
    package static let mostDays = 36_525

    /// As it stands in the URL: `?period=7d`, `?period=month&date=2026-01-01`, or
    /// `?period=custom&from=2026-01-01&to=2026-01-31`. Nil if it is none.
    package init?(_ text: String, from: String? = nil, to: String? = nil, date: String? = nil) {
        let date = date.flatMap { $0.isEmpty ? nil : $0 }
        guard date == nil || Day(date!) != nil else { return nil }
        switch text {
        case "today", "day":
            if let day = date.flatMap({ Day($0) }) { self = .custom(day...day) } else { self = .today }
        case "yesterday": self = .yesterday
        case "realtime": self = .realtime
        case "24h": self = .lastDay
        case "month": self = .month(date.flatMap { Day($0) })
        case "mtd": self = .month(nil)
        case "year": self = .year(date.flatMap { Day($0) })
        case "12mo": self = .twelveMonths
        case "all": self = .all
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
        case .realtime: "realtime"
        case .lastDay: "24h"
        case .last(let days): "\(days)d"
        case .month: "month"
        case .year: "year"
        case .twelveMonths: "12mo"
        case .all: "all"
        case .custom: "custom"
        }
    }

    package var title: String {
        switch self {
        case .today: "Today"
        case .yesterday: "Yesterday"
        case .realtime: "Last 30 minutes"
        case .lastDay: "Last 24 hours"
        case .last(let days): "Last \(days) days"
        case .month(nil): "This month"
        case .month(let day?): "\(day.description.prefix(7))"
        case .year(nil): "This year"
        case .year(let day?): "\(day.year)"
        case .twelveMonths: "Last 12 months"
        case .all: "All time"
        case .custom(let days):
            days.lowerBound == days.upperBound
                ? days.lowerBound.description : "\(days.lowerBound) to \(days.upperBound)"
        }
    }

    /// Whether it takes the site's first day to know what it is.
    package var needsFirstDay: Bool { self == .all }

    /// The days that it touches, for a site where it is `today` and whose first day is `first`.
    package func days(today: Day, first: Day? = nil) -> ClosedRange<Day> {
        switch self {
        case .today: return today...today
        case .yesterday: return today.advanced(by: -1)...today.advanced(by: -1)
        case .realtime, .lastDay: return today.advanced(by: -1)...today
        case .last(let days): return today.advanced(by: 1 - days)...today
        case .month(let day):
            let day = day ?? today
            let first = day.firstOfMonth
            return first...max(first, min(first.advanced(months: 1).advanced(by: -1), max(today, first)))
        case .year(let day):
            let first = Day(year: (day ?? today).year, month: 1, day: 1) ?? today
            return first...max(first, min(first.advanced(months: 12).advanced(by: -1), max(today, first)))
        case .twelveMonths: return today.firstOfMonth.advanced(months: -11)...today
        case .all:
            let first = max(first ?? today, today.advanced(by: 1 - Period.mostDays))
            return min(first, today)...today
        case .custom(let days): return days
        }
    }

    /// The span of it at an instant, in seconds since 1970.
    package func span(at now: Int64, history: ZoneHistory, first: Day? = nil) -> Span {
        let today = history.localDay(at: now).day
        let window: Range<Int64>
        switch self {
        case .realtime:
            window = now - 1_800 + 1..<now + 1
        case .lastDay:
            // What the clock shows now may have begun in the hour before the last change of it: whole hours of UTC
            // would split the hours of zones with a half.
            let clock = history.clock(of: today)
            let intoHour = Int64(clock.shown(after: Int(now - clock.start)) % 3_600)
            window = now - intoHour - 23 * 3_600..<now + 1
        default:
            return Span(days: days(today: today, first: first))
        }
        return Span(days: history.localDay(at: window.lowerBound).day...today, window: window)
    }

    /// The piece of time that a chart of it is cut into.
    package func interval(for days: ClosedRange<Day>) -> Dimension.Interval {
        switch self {
        case .realtime: return .quarter
        case .lastDay: return .hour
        default:
            switch days.lowerBound.distance(to: days.upperBound) + 1 {
            case 1: return .hour
            case ...100: return .day
            case ...400: return .week
            default: return .month
            }
        }
    }
}

/// What a period is compared with.
package enum Comparison: Sendable, Hashable {
    /// As many days, just before.
    case previousPeriod
    case previousYear
    case custom(ClosedRange<Day>)

    /// The value of `?compare=`; nil if it is none.
    package init?(_ text: String, from: String? = nil, to: String? = nil) {
        switch text {
        case "previous": self = .previousPeriod
        case "year": self = .previousYear
        case "custom":
            guard case .custom(let days)? = Period("custom", from: from, to: to) else { return nil }
            self = .custom(days)
        default: return nil
        }
    }

    package var id: String {
        switch self {
        case .previousPeriod: "previous"
        case .previousYear: "year"
        case .custom: "custom"
        }
    }

    package var title: String {
        switch self {
        case .previousPeriod: "Previous period"
        case .previousYear: "Same period last year"
        case .custom: "Custom period"
        }
    }

    /// The span that `span` is compared with.
    ///
    /// A period that includes today is compared up to the same time of day. With `matchingWeekdays` it is moved by whole
    /// weeks, so that Mondays stand beside Mondays.
    package func span(
        for span: Span, at now: Int64, history: ZoneHistory, matchingWeekdays: Bool = false
    ) -> Span {
        let length = span.days.lowerBound.distance(to: span.days.upperBound) + 1
        if let window = span.window, self == .previousPeriod {
            let size = window.upperBound - window.lowerBound
            let back = matchingWeekdays ? (size + 604_799) / 604_800 * 604_800 : size
            let moved = window.lowerBound - back..<window.upperBound - back
            return Span(
                days: history.localDay(at: moved.lowerBound)
                    .day...history.localDay(at: moved.upperBound - 1).day,
                window: moved)
        }
        let days: ClosedRange<Day>
        switch self {
        case .previousPeriod:
            let back = matchingWeekdays ? (length + 6) / 7 * 7 : length
            days = span.days.lowerBound.advanced(by: -back)...span.days.upperBound.advanced(by: -back)
        case .previousYear:
            let first =
                matchingWeekdays
                ? span.days.lowerBound.advanced(by: -364) : span.days.lowerBound.advanced(months: -12)
            days = first...first.advanced(by: length - 1)
        case .custom(let other):
            return Span(days: other)
        }
        let shift = days.lowerBound.distance(to: span.days.lowerBound)
        if let window = span.window {
            return Span(
                days: days,
                window: window.lowerBound - Int64(shift) * 86_400..<window.upperBound - Int64(shift) * 86_400)
        }
        let today = history.localDay(at: now).day
        guard span.days.contains(today) else { return Span(days: days) }
        let elapsed = now - history.start(of: today) + 1
        let last = today.advanced(by: -shift)
        let end = min(history.start(of: last) + elapsed, history.end(of: last))
        return Span(days: days.lowerBound...last, window: history.start(of: days.lowerBound)..<end)
    }
}
