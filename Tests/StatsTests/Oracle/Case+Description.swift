import Days
import Stats

// Cases as the Swift that makes them, to be copied into a test.

extension Case: CustomStringConvertible {
    var description: String {
        """
        site: \(site.swift),
        question: \(question.swift),
        seed: \(seed)
        """
    }
}

extension Figures {
    var lines: String {
        (["\(total) in all"] + rows.map { "\($0.values) \($0.figures.map(\.swift).joined(separator: ", "))" })
            .joined(separator: "\n")
    }
}

private func list(_ texts: [String]) -> String { "[\(texts.joined(separator: ", "))]" }

extension Figure {
    fileprivate var swift: String {
        switch self {
        case .none: ".none"
        case .number(let number): "\(number)"
        case .money(let money): list(money.map { "\($0.currency) \($0.amount)" })
        }
    }
}

extension RecordedSite {
    fileprivate var swift: String {
        let eras = list(eras.map { ".init(from: Day(\"\($0.from)\")!, zone: \"\($0.zone)\")" })
        let events = events.sorted {
            ($0.visitor, $0.time, $0.stream, $0.sequence) < ($1.visitor, $1.time, $1.stream, $1.sequence)
        }
        return
            "RecordedSite(eras: \(eras), events: [\n\(events.map { "    " + $0.swift }.joined(separator: ",\n"))\n])"
    }
}

extension RecordedEvent {
    fileprivate var swift: String {
        var parts = ["time: \(time)", "visitor: \(visitor)", "stream: \(stream)", "sequence: \(sequence)"]
        if !interactive { parts.append("interactive: false") }
        if milliseconds != 0 { parts.append("milliseconds: \(milliseconds)") }
        if let depth { parts.append("depth: \(depth)") }
        if let revenue { parts.append("revenue: \(revenue)") }
        let texts = texts.sorted { $0.key < $1.key }.map { ".\($0.key): \($0.value.debugDescription)" }
        parts.append("texts: \(texts.isEmpty ? "[:]" : list(texts))")
        let properties = properties.sorted { $0.key < $1.key }
            .map { "\($0.key.debugDescription): \($0.value.debugDescription)" }
        if !properties.isEmpty { parts.append("properties: \(list(properties))") }
        return "RecordedEvent(\(parts.joined(separator: ", ")))"
    }
}

extension Question {
    fileprivate var swift: String {
        let window = span.window.map { ", window: \($0.lowerBound)..<\($0.upperBound)" } ?? ""
        var parts = [
            "span: Span(days: Day(\"\(span.days.lowerBound)\")!...Day(\"\(span.days.upperBound)\")!\(window))",
            "filter: \(filter.swift)", "metrics: \(list(metrics.map { "Metric.named(\"\($0.id)\")!" }))",
        ]
        if !dimensions.isEmpty { parts.append("dimensions: \(list(dimensions.map(\.swift)))") }
        if !goals.isEmpty { parts.append("goals: \(list(goals.map(\.swift)))") }
        if !order.isEmpty { parts.append("order: \(list(order.map(\.swift)))") }
        return "Question(\(parts.joined(separator: ", ")), limit: \(limit), offset: \(offset))"
    }
}

extension Question.Order {
    fileprivate var swift: String {
        let key =
            switch key {
            case .metric(let metric): ".metric(Metric.named(\"\(metric.id)\")!)"
            case .dimension(let dimension): ".dimension(\(dimension.swift))"
            }
        return ".init(\(key), .\(direction))"
    }
}

extension Dimension {
    fileprivate var swift: String { "Dimension.named(\(id.debugDescription))!" }
}

extension Filter {
    fileprivate var swift: String {
        switch self {
        case .all(let filters): ".all(\(list(filters.map(\.swift))))"
        case .any(let filters): ".any(\(list(filters.map(\.swift))))"
        case .not(let filter): ".not(\(filter.swift))"
        case .hasDone(let filter): ".hasDone(\(filter.swift))"
        case .match(let match): ".match(\(match.swift))"
        case .goal(let goal): ".goal(\(goal.swift))"
        }
    }
}

extension Filter.Match {
    fileprivate var swift: String {
        ".init(\(dimension.swift), .\(comparison), \(values), isNegated: \(isNegated), isCaseSensitive: \(isCaseSensitive))"
    }
}

extension Goal {
    fileprivate var swift: String {
        let condition = condition.map { ", condition: \($0.swift)" } ?? ""
        return "Goal(id: \(id), name: \(name.debugDescription), kind: .\(kind)\(condition))"
    }
}
