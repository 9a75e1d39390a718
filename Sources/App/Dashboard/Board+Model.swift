import Days
import Stats

extension Board {
    /// For the template `board` and its parts.
    var model: Model {
        let isRealtime = state.period == .realtime
        return [
            "base": audience.base, "domain": domain, "timeZone": timeZone, "query": state.query,
            "canEdit": audience.canEdit, "canConfigure": audience.canConfigure, "isMember": audience.isMember,
            "realtime": isRealtime, "nothing": state.nothing,
            "live": Numbers.whole(live), "liveWord": live == 1 ? "current visitor" : "current visitors",
            "liveAny": live > 0,
            "liveHref": audience.base
                + state.with { state in
                    state.period = .realtime
                    state.interval = nil
                }.query,
            "liveStream": audience.base + "/live"
                + BoardState.query(state.items.filter { ["f", "and", "join"].contains($0.0) }),
            "range": isRealtime ? "Last 30 minutes" : DayText.range(days),
            "period": PeriodMenu.model(state, audience, days: days, today: today),
            "comparison": PeriodMenu.comparison(state, audience, compared: comparedDays),
            "figures": figures, "chart": chart.model(isFocusable: true, files: chartFiles, link: closer),
            "intervals": intervalLinks, "hasIntervals": intervals.count > 1,
            "panels": boxes.map { $0.model(audience) },
            "conduct": conduct.map { $0.model(audience) } ?? false as any Sendable,
            "canBegin": conduct == nil && audience.canEdit,
            "notes": notes, "filters": FilterBar.model(state, saved, audience),
            "segments": segments, "canSave": audience.canEdit && state.isFiltered,
            "showSegments": !segments.isEmpty || audience.canEdit,
            "showAnnotations": !annotations.isEmpty || audience.canEdit,
            "annotations": annotations.map { annotation in
                [
                    "id": String(annotation.id), "day": DayText.short(annotation.day),
                    "text": annotation.text,
                ] as Model
            },
            "hasAnnotations": !annotations.isEmpty, "today": today.description,
            "export": audience.base + "/export.zip" + state.query,
        ]
    }

    private var chartFiles: Model {
        let path = audience.base + "/panels/\(ChartPage.name)"
        return [
            "page": path + state.query, "csv": path + ".csv" + state.query,
            "json": path + ".json" + state.query, "svg": path + ".svg" + state.query,
        ]
    }

    private var figures: [Model] {
        let hadVisitors = (headline.first?.compared?.number ?? 0) > 0
        let isExplicit = if case .with = state.compared { hadVisitors } else { false }
        return headline.map { figure in
            figure.model(
                isChosen: figure.metric == chart.metric,
                href: figure.isChartable
                    ? audience.base + state.with { $0.metric = figure.metric }.query : nil,
                showsCompared: isExplicit)
        }
    }

    private var intervalLinks: [Model] {
        intervals.map { interval in
            [
                "label": Chart.unit(interval), "current": interval == chart.interval,
                "href": audience.base + state.with { $0.interval = interval }.query,
            ] as Model
        }
    }

    /// A piece of the chart leads to the period that it is.
    private func closer(_ value: String) -> String? {
        guard let day = Day(value.prefix(10)), state.period != .realtime else { return nil }
        let period: Period
        switch chart.interval {
        case .quarter, .hour:
            guard days.lowerBound != days.upperBound else { return nil }
            period = .custom(day...day)
        case .day:
            guard days.lowerBound != days.upperBound else { return nil }
            period = .custom(day...day)
        case .week: period = .custom(max(day, days.lowerBound)...min(day.advanced(by: 6), max(today, day)))
        case .month: period = .month(day)
        }
        return audience.base
            + state.with { state in
                state.period = period
                state.interval = nil
                if case .with(.custom) = state.compared { state.compared = .standard }
            }.query
    }

    private var segments: [Model] {
        saved.segments.map { segment in
            [
                "name": segment.name, "id": String(segment.id), "own": segment.owner != nil,
                "usable": segment.filter != nil,
                "href": audience.base
                    + state.unfiltered.selecting(String(segment.id), of: FilterTerm.segment).query,
            ] as Model
        }
    }
}

/// The filters of a dashboard as they stand above it.
enum FilterBar {
    static func model(_ state: BoardState, _ saved: SavedQuestions, _ audience: Audience) -> Model {
        [
            "any": state.isFiltered, "joinsWithOr": state.joinsWithOr,
            "pills": pills(state, state.joinsWithOr ? state.terms : [], from: 0, saved, audience),
            "further": pills(
                state, state.joinsWithOr ? state.further : state.terms,
                from: state.joinsWithOr ? state.terms.count : 0, saved, audience),
            "clear": audience.base + state.unfiltered.query,
            "edit": audience.base + "/filters" + state.query,
        ]
    }

    private static func pills(
        _ state: BoardState, _ terms: [FilterTerm], from first: Int, _ saved: SavedQuestions,
        _ audience: Audience
    ) -> [Model] {
        terms.enumerated().map { index, term in
            let (subject, relation, values) = term.sentence(saved)
            return [
                "subject": subject, "relation": relation, "values": values,
                "without": audience.base + state.removing(first + index).query,
            ] as Model
        }
    }
}
