import Days
import Stats
import Testing

struct PeriodTests {
    private let today = Day("2026-03-01")!

    @Test(arguments: [
        ("today", "2026-03-01", "2026-03-01"), ("day", "2026-03-01", "2026-03-01"),
        ("yesterday", "2026-02-28", "2026-02-28"), ("7d", "2026-02-23", "2026-03-01"),
        ("30d", "2026-01-31", "2026-03-01"),
    ])
    func `a period is a range of the site's days`(text: String, first: String, last: String) {
        #expect(Period(text)?.days(today: today) == Day(first)!...Day(last)!)
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

    @Test(arguments: [
        ("2026-02-30", "2026-03-01"), ("2026-03-01", "2026-02-01"), ("", ""), ("0001-01-01", "9999-12-31"),
    ])
    func `a custom period must be one`(from: String, to: String) {
        #expect(Period("custom", from: from, to: to) == nil)
    }

    @Test func `every offered period is read back from its id`() {
        for period in Period.offered { #expect(Period(period.id) == period) }
    }
}
