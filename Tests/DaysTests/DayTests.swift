import Testing

@testable import Days

@Suite struct DayTests {
    @Test(arguments: [
        (0, "1970-01-01", 4), (-1, "1969-12-31", 3), (59, "1970-03-01", 7), (11_016, "2000-02-29", 2),
        (20_778, "2026-11-21", 6), (24_836, "2037-12-31", 4), (47_541, "2100-03-01", 1),
        (-719_162, "0001-01-01", 1),
        (2_932_896, "9999-12-31", 5),
    ])
    func `a day is a count from 1970 and reads as ISO 8601`(number: Int32, text: String, weekday: Int) {
        let day = Day(rawValue: number)
        #expect(day.description == text)
        #expect(Day(text) == day)
        #expect(day.weekday == weekday)
    }

    @Test(arguments: [
        "", "2026-11-2", "2026-11-211", "2026-11-31", "2025-02-29", "2026-00-10", "2026-13-01", "26-11-21-1",
        "2026/11/21", "0000-01-01", "2026-11-2a", "٢٠٢٦-11-21", " 2026-11-21", "-026-11-21",
    ])
    func `what is not a date of ten characters is refused`(text: String) {
        #expect(Day(text) == nil)
    }

    @Test func `every day of four hundred years survives the way to a date and back`() {
        for number in Int32(-146_097)...146_097 {
            let day = Day(rawValue: number)
            let date = day.date
            guard Day(year: date.year, month: date.month, day: date.day) == day else {
                Issue.record("\(number) reads as \(date)")
                return
            }
        }
    }

    @Test func `days are counted and compared`() {
        let day = Day(year: 2024, month: 2, day: 28)!
        #expect(day.advanced(by: 2) == Day("2024-03-01"))
        #expect(day.distance(to: Day("2025-02-28")!) == 366)
        #expect(day < day.advanced(by: 1))
    }
}
