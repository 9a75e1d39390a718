import Days

/// How much happens on each day: a week's rhythm, growth, the weather, and one launch.
struct DemoCalendar: Sendable {
    let days: [Day]
    /// By day; together exactly what was asked for.
    let events: [Int]
    /// Which of the days the launch is on; nil when there are too few for one.
    let launch: Int?

    /// Of a Monday up to a Sunday.
    private static let week = [1.06, 1.10, 1.08, 1.04, 0.94, 0.64, 0.70]
    /// How much more than usual comes on the day of the launch and on those after it.
    private static let launchWeek = [4.6, 2.3, 1.5, 1.25, 1.15, 1.1, 1.05]

    init(last: Day, count: Int, events total: Int, seed: UInt64) {
        let days = (0..<count).map { last.advanced(by: $0 - count + 1) }
        let launch = DemoCalendar.launchDay(days)
        var random = DemoRandom(seed: seed, stream: .max)
        let weights = days.indices.map { index in
            let position = Double(index) / Double(max(count - 1, 1))
            var weight = (0.6 + 0.4 * position) * DemoCalendar.week[days[index].weekday - 1]
            weight *= 0.93 + 0.14 * random.fraction()
            if let launch, index >= launch {
                let since = index - launch
                weight *= since < DemoCalendar.launchWeek.count ? DemoCalendar.launchWeek[since] : 1
                // Some of those who came stay.
                weight *= 1.12
            }
            return weight
        }
        self.days = days
        self.launch = launch
        events = DemoCalendar.shares(of: total, weights)
    }

    /// The Tuesday next to two thirds of the time, if there are two weeks at least.
    private static func launchDay(_ days: [Day]) -> Int? {
        guard days.count >= 14 else { return nil }
        let wish = days.count * 2 / 3
        return (wish - 3...wish + 3).first { days[$0].weekday == 2 }
    }

    /// Whole numbers in proportion to the weights, which add up to the total: what remains goes to those that lost most
    /// by rounding down, the earlier first.
    static func shares(of total: Int, _ weights: [Double]) -> [Int] {
        let sum = weights.reduce(0, +)
        let exact = weights.map { Double(total) * $0 / sum }
        var shares = exact.map { Int($0) }
        let order = exact.indices.sorted { left, right in
            let (first, second) = (exact[left] - Double(shares[left]), exact[right] - Double(shares[right]))
            return first != second ? first > second : left < right
        }
        let rest = total - shares.reduce(0, +)
        for index in order.prefix(max(rest, 0)) { shares[index] += 1 }
        return shares
    }

    /// How much of each source there is on a day.
    func weight(of source: DemoSource, on index: Int) -> Double {
        let position = index * 1_000 / max(days.count, 1)
        return switch source.season {
        case .always: source.weight
        case .launch:
            if let launch, index >= launch, index < launch + DemoCalendar.launchWeek.count {
                source.weight * (DemoCalendar.launchWeek[index - launch] - 1) / 3.6
            } else {
                0
            }
        case .between(let first, let last): first <= position && position < last ? source.weight : 0
        case .weekly(let weekday):
            switch days[index].weekday {
            case weekday: source.weight
            case weekday % 7 + 1: source.weight / 5
            default: source.weight / 60
            }
        }
    }
}

/// When visits begin, in quarters of an hour of the site's clock.
struct DemoClock: Sendable {
    private let choice: DemoChoice

    /// By hour.
    private static let working: [Double] = [
        14, 9, 7, 6, 7, 12, 26, 48, 74, 92, 100, 96, 84, 88, 96, 98, 92, 80, 66, 62, 66, 64, 48, 28,
    ]
    private static let free: [Double] = [
        22, 15, 10, 8, 7, 9, 16, 30, 48, 66, 82, 88, 84, 82, 84, 86, 88, 84, 80, 82, 84, 76, 56, 36,
    ]
    /// It was announced in the afternoon.
    private static let launch: [Double] = [
        6, 4, 3, 3, 4, 6, 12, 24, 36, 44, 48, 48, 44, 46, 120, 330, 480, 520, 460, 380, 300, 230, 170, 120,
    ]

    init(weekday: Int, isLaunch: Bool) {
        let hours =
            isLaunch ? DemoClock.launch : weekday >= 6 ? DemoClock.free : DemoClock.working
        choice = DemoChoice(
            (0..<96).map { quarter in
                let (hour, part) = (quarter / 4, Double(quarter % 4) / 4)
                return hours[hour] * (1 - part) + hours[(hour + 1) % 24] * part
            })
    }

    /// Seconds after midnight of a day with 24 hours.
    func pick(_ random: inout DemoRandom) -> Int {
        choice.pick(&random) * 900 + random.below(900)
    }
}
