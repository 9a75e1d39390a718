/// The rule at the end of a zone file, for times after its table: a POSIX `TZ` string such as
/// `CET-1CEST,M3.5.0,M10.5.0/3`, with the extensions of RFC 8536 (hours from -167 to 167).
struct Footer: Equatable, Sendable {
    /// Seconds east of UTC.
    var standard: Int
    var summer: Summer?

    struct Summer: Equatable, Sendable {
        var offset: Int
        var begin: Rule
        var end: Rule
    }

    /// A moment of every year, in local time as it is before the change.
    struct Rule: Equatable, Sendable {
        enum Date: Equatable, Sendable {
            /// `Jn`: 1 to 365, 29 February is never counted.
            case dayWithoutLeap(Int)
            /// `n`: 0 to 365, 29 February is counted.
            case day(Int)
            /// `Mm.w.d`: the w-th (5: the last) d (0: Sunday) of a month.
            case weekday(month: Int, week: Int, day: Int)
        }

        var date: Date
        /// Seconds after local midnight.
        var time = 2 * 3_600

        /// Seconds since 1970, as if local time were UTC.
        func localTime(in year: Int) -> Int64 {
            let january = Day.number(year: year, month: 1, day: 1)
            let day: Int
            switch date {
            case .dayWithoutLeap(let number):
                day = january + number - 1 + (number >= 60 && Day.isLeap(year) ? 1 : 0)
            case .day(let number):
                day = january + number
            case .weekday(let month, let week, let weekday):
                let first = Day.number(year: year, month: month, day: 1)
                let firstWeekday = (((first + 4) % 7) + 7) % 7
                var dayOfMonth = (weekday - firstWeekday + 7) % 7 + (week - 1) * 7
                while dayOfMonth >= Day.length(ofMonth: month, year: year) { dayOfMonth -= 7 }
                day = first + dayOfMonth
            }
            return Int64(day) * 86_400 + Int64(time)
        }
    }

    func segment(at instant: Int64) -> Zone.Segment {
        guard let summer else { return Zone.Segment(offset: standard, start: .min, end: .max) }
        let year = Day(rawValue: Int32(clamping: instant / 86_400)).year
        var changes: [(at: Int64, offset: Int)] = []
        for year in year - 1...year + 1 {
            changes.append((summer.begin.localTime(in: year) - Int64(standard), summer.offset))
            changes.append((summer.end.localTime(in: year) - Int64(summer.offset), standard))
        }
        changes.sort { $0.at < $1.at }
        let next = changes.firstIndex { $0.at > instant } ?? changes.count - 1
        let current = changes[max(next - 1, 0)]
        return Zone.Segment(offset: current.offset, start: current.at, end: changes[next].at)
    }
}

extension Footer {
    /// Nil for what is not a rule.
    init?(_ line: some Collection<UInt8>) {
        var parser = Parser(rest: Array(line)[...])
        guard parser.name(), let standard = parser.time() else { return nil }
        self.standard = -standard
        guard !parser.rest.isEmpty else { return }
        guard parser.name() else { return nil }
        var offset = self.standard + 3_600
        if parser.rest.first != UInt8(ascii: ",") {
            guard let time = parser.time() else { return nil }
            offset = -time
        }
        guard let begin = parser.rule(), let end = parser.rule(), parser.rest.isEmpty else { return nil }
        self.summer = Summer(offset: offset, begin: begin, end: end)
    }

    private struct Parser {
        var rest: ArraySlice<UInt8>

        mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard rest.first == UInt8(ascii: character) else { return false }
            rest = rest.dropFirst()
            return true
        }

        /// `CEST` or `<+0330>`.
        mutating func name() -> Bool {
            if take("<") {
                guard let end = rest.firstIndex(of: UInt8(ascii: ">")) else { return false }
                rest = rest[(end + 1)...]
                return true
            }
            let letters = rest.prefix { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0 & 0xDF) }
            rest = rest.dropFirst(letters.count)
            return letters.count >= 3
        }

        mutating func number(upTo limit: Int) -> Int? {
            let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            guard (1...3).contains(digits.count) else { return nil }
            rest = rest.dropFirst(digits.count)
            let value = digits.reduce(0) { $0 * 10 + Int($1 & 15) }
            return value <= limit ? value : nil
        }

        /// `[+-]hh[:mm[:ss]]`, in seconds.
        mutating func time() -> Int? {
            let negative = take("-")
            if !negative { _ = take("+") }
            guard let hours = number(upTo: 167) else { return nil }
            var seconds = hours * 3_600
            for unit in [60, 1] where take(":") {
                guard let value = number(upTo: 59) else { return nil }
                seconds += value * unit
            }
            return negative ? -seconds : seconds
        }

        mutating func rule() -> Rule? {
            guard take(",") else { return nil }
            var rule: Rule
            if take("M") {
                guard let month = number(upTo: 12), month > 0, take("."), let week = number(upTo: 5),
                    week > 0,
                    take("."), let day = number(upTo: 6)
                else { return nil }
                rule = Rule(date: .weekday(month: month, week: week, day: day))
            } else if take("J") {
                guard let day = number(upTo: 365), day > 0 else { return nil }
                rule = Rule(date: .dayWithoutLeap(day))
            } else {
                guard let day = number(upTo: 365) else { return nil }
                rule = Rule(date: .day(day))
            }
            if take("/") {
                guard let time = time() else { return nil }
                rule.time = time
            }
            return rule
        }
    }
}
