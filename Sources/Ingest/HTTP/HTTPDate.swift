import Days

/// `Date: Sat, 21 Nov 2026 04:00:00 GMT`, made once a second.
struct DateLine {
    private var second: Int64 = -1
    private var line = ""

    mutating func at(_ now: Int64) -> String {
        if now != second {
            second = now
            line = DateLine.make(now)
        }
        return line
    }

    private static func make(_ now: Int64) -> String {
        let day = Zone.utc.day(at: now)
        let (year, month, dayOfMonth) = day.date
        let seconds = Int(now - Zone.utc.start(of: day))
        let weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return "Date: \(weekdays[day.weekday - 1]), \(two(dayOfMonth)) \(months[month - 1]) \(year)"
            + " \(two(seconds / 3_600)):\(two(seconds / 60 % 60)):\(two(seconds % 60)) GMT\r\n"
    }
}
