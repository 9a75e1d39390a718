import Days
import Stats

/// The choices of period and comparison, with the keys that choose them.
enum PeriodMenu {
    /// Groups of periods, each with the letter of its shortcut.
    static let offered: [[(period: Period, key: String)]] = [
        [(.today, "D"), (.yesterday, "E"), (.realtime, "R"), (.lastDay, "H")],
        [(.last(days: 7), "W"), (.last(days: 28), "F"), (.last(days: 30), "T"), (.last(days: 91), "N")],
        [(.month(nil), "M"), (.year(nil), "Y"), (.twelveMonths, "L"), (.all, "A")],
    ]

    static func model(_ state: BoardState, _ audience: Audience, days: ClosedRange<Day>, today: Day) -> Model
    {
        // Last month is the month of a day; its key is P, as people know it elsewhere.
        let lastMonth = Period.month(today.firstOfMonth.advanced(months: -1))
        var groups = offered
        groups[2].insert((lastMonth, "P"), at: 1)
        return [
            "title": title(state.period, lastMonth: lastMonth),
            "groups": groups.map { group in
                [
                    "items": group.map { offered in
                        item(
                            title(offered.period, lastMonth: lastMonth), offered.key,
                            offered.period == state.period,
                            audience, choosing(offered.period, state))
                    }
                ] as Model
            },
            "from": days.lowerBound.description, "to": days.upperBound.description,
            "today": today.description,
            "hidden": hidden(state, except: ["period", "from", "to", "date", "interval"]),
            "previous": arrow(state, days, today, -1, audience) ?? false,
            "next": arrow(state, days, today, 1, audience) ?? false,
        ]
    }

    /// Another period begins with its own chart; what is compared with dates of its own no longer suits it.
    private static func choosing(_ period: Period, _ state: BoardState) -> BoardState {
        state.with { state in
            state.period = period
            state.interval = nil
            if case .with(.custom) = state.compared { state.compared = .standard }
        }
    }

    private static func item(
        _ label: String, _ key: String, _ isCurrent: Bool, _ audience: Audience, _ state: BoardState
    ) -> Model {
        ["label": label, "key": key, "current": isCurrent, "href": audience.base + state.query]
    }

    static func title(_ period: Period, lastMonth: Period? = nil) -> String {
        if period == lastMonth { return "Last month" }
        switch period {
        case .realtime: return "Realtime"
        case .month(let day?): return DayText.month(day)
        case .month(nil): return "Month to date"
        case .year(nil): return "Year to date"
        case .custom(let days): return DayText.range(days)
        default: return period.title
        }
    }

    /// The period of the same length before or after; none that has not begun.
    private static func arrow(
        _ state: BoardState, _ days: ClosedRange<Day>, _ today: Day, _ direction: Int, _ audience: Audience
    ) -> String? {
        let moved: Period
        switch state.period {
        case .all, .realtime, .lastDay: return nil
        case .month(let day):
            moved = .month((day ?? today).firstOfMonth.advanced(months: direction))
        case .year(let day):
            moved = .year((day ?? today).firstOfMonth.advanced(months: 12 * direction))
        default:
            let length = days.lowerBound.distance(to: days.upperBound) + 1
            moved = .custom(
                days.lowerBound.advanced(
                    by: direction * length)...days.upperBound.advanced(by: direction * length))
        }
        guard moved.days(today: today).lowerBound <= today else { return nil }
        return audience.base + choosing(moved, state).query
    }

    static func comparison(_ state: BoardState, _ audience: Audience, compared: ClosedRange<Day>?) -> Model {
        let choices: [(String, BoardState.Compared)] = [
            ("Previous period", .with(.previousPeriod)), ("Same period last year", .with(.previousYear)),
            ("Nothing", .off),
        ]
        let isPossible = state.period != .all && state.period != .realtime
        var current = state.compared
        if current == .standard { current = .with(.previousPeriod) }
        return [
            "possible": isPossible,
            "title": compared.map { DayText.range($0) } ?? "no comparison",
            "items": choices.map { label, choice in
                item(label, "", choice == current, audience, state.with { $0.compared = choice })
            },
            "toggle": audience.base
                + state.with { $0.compared = state.compared == .off ? .standard : .off }.query,
            "weekdays": state.matchesWeekdays,
            "weekdaysHref": audience.base + state.with { $0.matchesWeekdays.toggle() }.query,
            "from": compared?.lowerBound.description ?? "", "to": compared?.upperBound.description ?? "",
            "hidden": hidden(state, except: ["compare", "compare_from", "compare_to"]),
        ]
    }

    /// What a form has to carry along of the address.
    static func hidden(_ state: BoardState, except names: Set<String> = []) -> [Model] {
        state.items.filter { !names.contains($0.0) }.map { ["name": $0, "value": $1] as Model }
    }
}
