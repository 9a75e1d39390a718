import Days
import FoundationEssentials

/// Numbers as people read them.
enum Numbers {
    /// 12,345
    static func whole(_ number: Int) -> String {
        let digits = String(number.magnitude)
        var text = number < 0 ? "−" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return text
    }

    /// 950, 12.3k, 4.56M: at most four characters and a unit, for axes and headline figures.
    static func short(_ number: Int) -> String {
        for (unit, size) in [("B", 1_000_000_000), ("M", 1_000_000), ("k", 1_000)] where number >= size {
            let tenths = number / (size / 10)
            let hasTenths = tenths % 10 != 0 && tenths < 1_000
            return hasTenths ? "\(tenths / 10).\(tenths % 10)\(unit)" : "\(tenths / 10)\(unit)"
        }
        return whole(number)
    }
}

/// Days as people read them.
enum DayText {
    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
        "November",
        "December",
    ]

    /// 21 Nov
    static func short(_ day: Day) -> String {
        let (_, month, dayOfMonth) = day.date
        return "\(dayOfMonth) \(months[month - 1].prefix(3))"
    }

    /// Sat 21 Nov
    static func weekday(_ day: Day) -> String {
        ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][day.weekday - 1] + " " + short(day)
    }

    /// 23 Oct – 21 Nov 2026
    static func range(_ days: ClosedRange<Day>) -> String {
        let (first, last) = (days.lowerBound, days.upperBound)
        if first == last { return "\(weekday(first)) \(first.year)" }
        return
            "\(short(first))\(first.year == last.year ? "" : " \(first.year)") – \(short(last)) \(last.year)"
    }

    /// Nov 2026
    static func month(_ day: Day) -> String {
        let (year, month, _) = day.date
        return "\(months[month - 1].prefix(3)) \(year)"
    }

    /// 21 November 2026
    static func long(_ day: Day) -> String {
        let (year, month, dayOfMonth) = day.date
        return "\(dayOfMonth) \(months[month - 1]) \(year)"
    }

    static func long(_ date: Date) -> String {
        long(Zone.utc.day(at: Int64(date.timeIntervalSince1970.rounded(.down))))
    }
}
