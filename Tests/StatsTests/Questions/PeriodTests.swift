import Days
import Stats
import Testing

struct PeriodTests {
    private let today = Day("2026-03-01")!

    @Test(arguments: [
        ("today", "2026-03-01", "2026-03-01"), ("day", "2026-03-01", "2026-03-01"),
        ("yesterday", "2026-02-28", "2026-02-28"), ("7d", "2026-02-23", "2026-03-01"),
        ("30d", "2026-01-31", "2026-03-01"), ("month", "2026-03-01", "2026-03-01"),
        ("mtd", "2026-03-01", "2026-03-01"), ("year", "2026-01-01", "2026-03-01"),
        ("12mo", "2025-04-01", "2026-03-01"), ("all", "2024-02-29", "2026-03-01"),
    ])
    func `a period is a range of the site's days`(text: String, first: String, last: String) {
        #expect(
            Period(text)?.days(today: today, first: Day("2024-02-29")!) == Day(first)!...Day(last)!)
    }

    @Test(arguments: [
        ("month", "2026-02-14", "2026-02-01", "2026-02-28"),
        ("month", "2024-02-29", "2024-02-01", "2024-02-29"),
        ("year", "2025-07-01", "2025-01-01", "2025-12-31"), ("day", "2025-07-01", "2025-07-01", "2025-07-01"),
        ("month", "2026-04-02", "2026-04-01", "2026-04-01"),
    ])
    func `a period may be that of another date, and ends today at the latest`(
        text: String, date: String, first: String, last: String
    ) {
        #expect(Period(text, date: date)?.days(today: today) == Day(first)!...Day(last)!)
    }

    @Test func `a custom period names its days`() {
        let period = Period("custom", from: "2026-01-01", to: "2026-01-31")
        #expect(period?.days(today: today) == Day("2026-01-01")!...Day("2026-01-31")!)
    }

    @Test(arguments: [
        "", "d", "0d", "-1d", "+7d", "07d", "7", "99999999999999999999d", "36526d", "week", "custom",
    ])
    func `what is no period is none`(text: String) {
        #expect(Period(text) == nil)
    }

    @Test func `a period of a date that does not exist is none`() {
        #expect(Period("month", date: "2026-02-30") == nil)
    }

    @Test(arguments: [
        ("2026-02-30", "2026-03-01"), ("2026-03-01", "2026-02-01"), ("", ""), ("0001-01-01", "9999-12-31"),
    ])
    func `a custom period must be one`(from: String, to: String) {
        #expect(Period("custom", from: from, to: to) == nil)
    }

    @Test func `every offered period is read back from its id`() {
        for period in Period.offered { #expect(Period(period.id) == period) }
    }

    // MARK: Instants

    private let utc = ZoneHistory(.utc)
    /// 2026-03-01 14:20:30 UTC
    private let now: Int64 = 1_772_374_830

    @Test func `realtime is the last thirty minutes, over midnight too`() {
        #expect(
            Period.realtime.span(at: now, history: utc)
                == Span(days: today...today, window: now - 1_799..<now + 1))
        let early = utc.start(of: today) + 60
        #expect(
            Period.realtime.span(at: early, history: utc)
                == Span(days: today.advanced(by: -1)...today, window: early - 1_799..<early + 1))
    }

    @Test func `the last 24 hours begin with an hour of the site's clock`() {
        // Kathmandu is 5:45 ahead: its hours begin at a quarter past.
        let kathmandu = ZoneHistory(Zone.named("Asia/Kathmandu")!)
        let span = Period.lastDay.span(at: now, history: kathmandu)
        let clock = kathmandu.clock(of: span.days.lowerBound)
        #expect(clock.shown(after: Int(span.window!.lowerBound - clock.start)) % 3_600 == 0)
        #expect(span.window!.upperBound == now + 1)
        #expect((23 * 3_600..<24 * 3_600).contains(Int(now - span.window!.lowerBound)))
    }

    // MARK: Comparisons

    private func days(_ first: String, _ last: String) -> ClosedRange<Day> { Day(first)!...Day(last)! }

    @Test(arguments: [
        (Comparison.previousPeriod, false, "2026-01-25", "2026-01-31"),
        (.previousPeriod, true, "2026-01-25", "2026-01-31"),
        (.previousYear, false, "2025-02-01", "2025-02-07"),
        (.previousYear, true, "2025-02-02", "2025-02-08"),
    ])
    func `a comparison has as many days, on the same weekdays if wanted`(
        comparison: Comparison, aligned: Bool, first: String, last: String
    ) {
        let span = Span(days: days("2026-02-01", "2026-02-07"))
        #expect(
            comparison.span(for: span, at: now, history: utc, matchingWeekdays: aligned)
                == Span(days: days(first, last)))
    }

    @Test
    func `thirty days are compared with those five weeks earlier, if Mondays are to stand beside Mondays`() {
        let span = Span(days: days("2026-01-01", "2026-01-30"))
        #expect(
            Comparison.previousPeriod.span(for: span, at: now, history: utc, matchingWeekdays: true).days
                == days("2025-11-27", "2025-12-26"))
    }

    @Test func `29 February is compared with 28 February`() {
        let span = Span(days: days("2024-02-29", "2024-02-29"))
        #expect(
            Comparison.previousYear.span(for: span, at: now, history: utc).days
                == days("2023-02-28", "2023-02-28"))
    }

    @Test func `a period that includes today is compared up to the same time of day`() {
        let start = utc.start(of: today)
        let elapsed = now - start + 1
        #expect(
            Comparison.previousPeriod.span(for: Span(days: today...today), at: now, history: utc)
                == Span(
                    days: days("2026-02-28", "2026-02-28"),
                    window: start - 86_400..<start - 86_400 + elapsed))
    }

    @Test func `a stretch of time is compared with the one just before`() {
        let span = Period.realtime.span(at: now, history: utc)
        let compared = Comparison.previousPeriod.span(for: span, at: now, history: utc)
        #expect(compared.window == now - 3_599..<now - 1_799)
        #expect(compared.days == today...today)
    }
}
