/// A calendar date of the proleptic Gregorian calendar, as days since 1970-01-01.
///
/// It belongs to no time zone: ``Zone`` says which instants a day has somewhere.
package struct Day: RawRepresentable, Hashable, Sendable {
    /// Days since 1970-01-01; negative before.
    package let rawValue: Int32

    package init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// Nil for a date that does not exist, or outside the years 1 to 9999.
    package init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month), day >= 1,
            day <= Day.length(ofMonth: month, year: year)
        else { return nil }
        self.rawValue = Int32(Day.number(year: year, month: month, day: day))
    }

    /// Exactly `YYYY-MM-DD`.
    package init?(_ description: some StringProtocol) {
        var numbers = (0, 0, 0)
        var position = 0
        for byte in description.utf8 {
            switch (position, byte) {
            case (4, UInt8(ascii: "-")), (7, UInt8(ascii: "-")): break
            case (4, _), (7, _), (10..., _): return nil
            case (0...3, UInt8(ascii: "0")...UInt8(ascii: "9")): numbers.0 = numbers.0 * 10 + Int(byte & 15)
            case (5...6, UInt8(ascii: "0")...UInt8(ascii: "9")): numbers.1 = numbers.1 * 10 + Int(byte & 15)
            case (8...9, UInt8(ascii: "0")...UInt8(ascii: "9")): numbers.2 = numbers.2 * 10 + Int(byte & 15)
            default: return nil
            }
            position += 1
        }
        guard position == 10 else { return nil }
        self.init(year: numbers.0, month: numbers.1, day: numbers.2)
    }

    package func advanced(by days: Int) -> Day {
        Day(rawValue: rawValue + Int32(days))
    }

    package func distance(to other: Day) -> Int {
        Int(other.rawValue) - Int(rawValue)
    }

    /// 1 is Monday, 7 is Sunday.
    package var weekday: Int {
        let sinceMonday = (Int(rawValue) + 3) % 7
        return (sinceMonday < 0 ? sinceMonday + 7 : sinceMonday) + 1
    }

    package var year: Int { date.year }
    package var month: Int { date.month }
    package var dayOfMonth: Int { date.day }

    package var firstOfMonth: Day { advanced(by: 1 - dayOfMonth) }

    /// The same day of another month, or that month's last where it is shorter. Within the years 1 to 9999.
    package func advanced(months: Int) -> Day {
        let (year, month, day) = date
        let index = min(max(year * 12 + month - 1 + months, 12), 9_999 * 12 + 11)
        let (toYear, toMonth) = (index / 12, index % 12 + 1)
        return Day(
            year: toYear, month: toMonth, day: min(day, Day.length(ofMonth: toMonth, year: toYear)))!
    }

    /// The Monday of its week.
    package var monday: Day { advanced(by: 1 - weekday) }

    /// From days to a date, without a loop or a table: Howard Hinnant, "chrono-Compatible Low-Level Date
    /// Algorithms". Years are counted from 1 March, in eras of 400 years (146,097 days).
    package var date: (year: Int, month: Int, day: Int) {
        let shifted = Int(rawValue) + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (
            yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        )
    }

    static func number(year: Int, month: Int, day: Int) -> Int {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// Days in a month, 28 to 31.
    package static func length(ofMonth month: Int, year: Int) -> Int {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    static func isLeap(_ year: Int) -> Bool {
        year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    }
}

extension Day: Comparable {
    package static func < (left: Day, right: Day) -> Bool { left.rawValue < right.rawValue }
}

extension Day: CustomStringConvertible {
    /// ISO 8601: `2026-11-21`.
    package var description: String {
        let (year, month, day) = date
        return String(unsafeUninitializedCapacity: 10) { buffer in
            var year = year
            for position in stride(from: 3, through: 0, by: -1) {
                buffer[position] = UInt8(ascii: "0") + UInt8(year % 10)
                year /= 10
            }
            buffer[4] = UInt8(ascii: "-")
            buffer[5] = UInt8(ascii: "0") + UInt8(month / 10)
            buffer[6] = UInt8(ascii: "0") + UInt8(month % 10)
            buffer[7] = UInt8(ascii: "-")
            buffer[8] = UInt8(ascii: "0") + UInt8(day / 10)
            buffer[9] = UInt8(ascii: "0") + UInt8(day % 10)
            return 10
        }
    }
}
