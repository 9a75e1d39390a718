import Days
import FoundationEssentials
import Stats

/// `date_range`: one of the words, two days, or two instants.
struct QueryRange: Sendable {
    let span: Span
    let interval: Dimension.Interval

    static let words = [
        "day", "24h", "7d", "28d", "30d", "91d", "month", "6mo", "12mo", "year", "all", "realtime",
    ]

    /// Days that can be asked for.
    private static let days = Day("1970-01-01")!...Day("2999-12-31")!

    init(_ period: Period, _ calendar: SiteCalendar, now: Date) {
        span = calendar.span(of: period, at: now)
        interval = period.interval(for: span.days)
    }

    init(_ place: JSONPlace, _ calendar: SiteCalendar, now: Date) throws {
        if case .text(let word) = place.value {
            guard let period = QueryRange.period(word, today: calendar.today(at: now)) else {
                throw place.refusal(
                    "“\(word.prefix(50))” is no date range; there are \(QueryRange.words.joined(separator: ", ")), "
                        + "other numbers of days (“14d”), and lists of two days or two times.")
            }
            self.init(period, calendar, now: now)
            return
        }
        guard case .list = place.value else {
            throw place.refusal("A text or a list of two is expected here.")
        }
        let ends = try place.list(2...2, of: "days or times")
        let (from, to) = (try ends[0].text("A day or a time"), try ends[1].text("A day or a time"))
        if let first = Day(from), let last = Day(to) {
            try self.init(first, last, place, calendar, now: now)
            return
        }
        guard let first = Instant.seconds(from) else { throw ends[0].refusal(Instant.hint) }
        guard let last = Instant.seconds(to) else { throw ends[1].refusal(Instant.hint) }
        guard first <= last else { throw place.refusal("The range ends before it begins.") }
        let days = calendar.history.localDay(at: first).day...calendar.history.localDay(at: last).day
        try self.init(days.lowerBound, days.upperBound, place, calendar, now: now, window: first..<last + 1)
    }

    private init(
        _ first: Day, _ last: Day, _ place: JSONPlace, _ calendar: SiteCalendar, now: Date,
        window: Range<Int64>? = nil
    ) throws {
        guard first <= last else { throw place.refusal("The range ends before it begins.") }
        guard QueryRange.days.contains(first), QueryRange.days.contains(last),
            first.distance(to: last) < Period.mostDays
        else { throw place.refusal("A range has at most \(Period.mostDays) days, from 1970 on.") }
        span = Span(days: first...last, window: window)
        interval = Period.custom(first...last).interval(for: first...last)
    }

    static func period(_ word: String, today: Day) -> Period? {
        switch word {
        case "6mo": .custom(today.firstOfMonth.advanced(months: -5)...today)
        case "custom", "today", "yesterday", "mtd": nil
        default: Period(word)
        }
    }

    /// The two instants that it reaches from and to, as the site's clock shows them: `2026-11-21T00:00:00+01:00`.
    static func json(_ span: Span, _ history: ZoneHistory) -> JSONValue {
        let window =
            span.window ?? history.start(of: span.days.lowerBound)..<history.end(of: span.days.upperBound)
        return [
            .text(Instant.text(window.lowerBound, history.zone(of: span.days.lowerBound))),
            .text(Instant.text(window.upperBound - 1, history.zone(of: span.days.upperBound))),
        ]
    }
}

/// Instants as ISO 8601 has them.
enum Instant {
    static let hint =
        "Two days (2026-11-21) or two times with their zones (2026-11-21T14:00:00+01:00) are expected here."

    /// Seconds since 1970; nil for what is none.
    static func seconds(_ text: String) -> Int64? {
        guard
            let match = text.wholeMatch(
                of: #/(\d{4}-\d\d-\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d{1,9})?(Z|[+-]\d\d:?\d\d)/#
                    .asciiOnlyDigits()),
            let day = Day(match.1), let hour = Int64(match.2), hour < 24, let minute = Int64(match.3),
            minute < 60,
            let second = Int64(match.4), second < 60
        else { return nil }
        let digits = match.5.filter { $0 != ":" && $0 != "Z" }
        guard let zone = digits.isEmpty ? 0 : Int64(digits), abs(zone) <= 1_400, abs(zone) % 100 < 60 else {
            return nil
        }
        let offset = (zone / 100 * 60 + zone % 100) * 60
        return Int64(day.rawValue) * 86_400 + hour * 3_600 + minute * 60 + second - offset
    }

    static func text(_ instant: Int64, _ zone: Zone) -> String {
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let offset = Int64(zone.offset(at: instant))
        let second = ((instant + offset) % 86_400 + 86_400) % 86_400
        let day = Day(rawValue: Int32(clamping: (instant + offset - second) / 86_400))
        let (sign, size) = (offset < 0 ? "-" : "+", abs(offset))
        return "\(day)T\(two(second / 3_600)):\(two(second / 60 % 60)):\(two(second % 60))"
            + "\(sign)\(two(size / 3_600)):\(two(size / 60 % 60))"
    }
}
