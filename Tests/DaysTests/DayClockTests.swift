import Days
import Testing

struct DayClockTests {
    private func clock(_ zone: String, _ day: String) -> DayClock {
        ZoneHistory(Zone.named(zone)!).clock(of: Day(day)!)
    }

    @Test func `a plain day shows each second once`() {
        let clock = clock("UTC", "2026-11-21")
        #expect(clock.end - clock.start == 86_400)
        #expect([0, 1, 86_399].map(clock.shown) == [0, 1, 86_399])
        #expect(clock.shownPieces(of: 3_600) == Array(0..<24))
        #expect(clock.shownPieces(of: 900) == Array(0..<96))
    }

    @Test func `a spring day has no 2 o'clock`() {
        let clock = clock("Europe/Berlin", "2026-03-29")
        #expect(clock.end - clock.start == 82_800)
        #expect(clock.shown(after: 7_199) == 7_199)
        #expect(clock.shown(after: 7_200) == 10_800)
        #expect(clock.shownPieces(of: 3_600) == [0, 1] + Array(3..<24))
    }

    @Test func `an autumn day shows 2 o'clock twice`() {
        let clock = clock("Europe/Berlin", "2026-10-25")
        #expect(clock.end - clock.start == 90_000)
        #expect(
            [7_200, 10_799, 10_800, 14_399, 14_400].map(clock.shown) == [
                7_200, 10_799, 7_200, 10_799, 10_800,
            ])
        #expect(clock.shownPieces(of: 3_600) == Array(0..<24))
    }

    @Test func `Lord Howe's clock changes by half an hour`() {
        let clock = clock("Australia/Lord_Howe", "2026-10-04")
        #expect(clock.end - clock.start == 84_600)
        #expect(clock.shown(after: 7_200) == 9_000)
        #expect(clock.shownPieces(of: 900).count == 94)
    }

    @Test func `a day begins at one o'clock where midnight is left out`() {
        let clock = clock("Africa/Cairo", "2026-04-24")
        #expect(clock.shown(after: 0) == 3_600)
        #expect(clock.shownPieces(of: 3_600).first == 1)
    }

    @Test func `what a prolonged day's clock shows outside of it counts as its edge`() {
        // From Auckland to Honolulu: the first day in Honolulu begins while it is still the day before there.
        let history = ZoneHistory([
            (from: Day("2026-06-01")!, zone: Zone.named("Pacific/Auckland")!),
            (from: Day("2026-06-10")!, zone: Zone.named("Pacific/Honolulu")!),
        ])!
        let clock = history.clock(of: Day("2026-06-10")!)
        #expect(clock.end - clock.start == 46 * 3_600)
        #expect([0, 22 * 3_600, 22 * 3_600 + 1, 46 * 3_600 - 1].map(clock.shown) == [0, 0, 1, 86_399])
        #expect(clock.shownPieces(of: 3_600) == Array(0..<24))
    }
}
