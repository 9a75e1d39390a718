import Testing

@testable import Days

@Suite struct ZoneHistoryTests {
    static let berlin = Zone.named("Europe/Berlin")!
    static let newYork = Zone.named("America/New_York")!
    static let tokyo = Zone.named("Asia/Tokyo")!

    @Test(arguments: [
        // To the west: New York is still in the 9th when Berlin's 9th ends.
        (newYork, "2026-11-09T22:59:59", "2026-11-09", "Europe/Berlin"),
        (newYork, "2026-11-09T23:00:00", "2026-11-10", "America/New_York"),
        (newYork, "2026-11-11T04:59:59", "2026-11-10", "America/New_York"),
        (newYork, "2026-11-11T05:00:00", "2026-11-11", "America/New_York"),
        // To the east: Tokyo is in the 10th long before.
        (tokyo, "2026-11-09T22:59:59", "2026-11-09", "Europe/Berlin"),
        (tokyo, "2026-11-09T23:00:00", "2026-11-10", "Asia/Tokyo"),
        (tokyo, "2026-11-10T15:00:00", "2026-11-11", "Asia/Tokyo"),
    ])
    func `a change of zone takes effect when the day ends`(to: Zone, time: String, day: String, zone: String)
    {
        let history = ZoneHistory([(Day("2026-11-10")!, to), (Day("2026-01-01")!, Self.berlin)])!
        let instant = Self.instant(time)
        let localDay = LocalDay(day: Day(day)!, zone: Zone.named(zone)!)
        #expect(history.localDay(at: instant) == localDay)
        #expect(history.start(of: localDay.day) <= instant && instant < history.end(of: localDay.day))
        #expect(history.zone(of: localDay.day).name == zone)
    }

    @Test func `a move over the date line leaves a day empty, and no two days have an instant in common`() {
        let zones = ["Pacific/Pago_Pago", "Pacific/Kiritimati"].map { Zone.named($0)! }
        let history = ZoneHistory([(Day("2026-01-01")!, zones[0]), (Day("2026-05-15")!, zones[1])])!
        // Midnight in Pago Pago is one o'clock in Kiritimati, a day later.
        let move = Self.instant("2026-05-15T11:00:00")
        let starts = (14...17).map { history.start(of: Day("2026-05-\($0)")!) }
        #expect(starts == [move - 86_400, move, move, move + 23 * 3_600])
        #expect(history.localDay(at: move - 1).day == Day("2026-05-14")!)
        #expect(history.localDay(at: move).day == Day("2026-05-16")!)
    }

    @Test func `a site without a zone is none`() {
        #expect(ZoneHistory([]) == nil)
    }

    static func instant(_ text: String) -> Int64 {
        let parts = text.split(separator: "T")
        let time = parts[1].split(separator: ":").map { Int64($0)! }
        return Int64(Day(parts[0])!.rawValue) * 86_400 + time[0] * 3_600 + time[1] * 60 + time[2]
    }
}
