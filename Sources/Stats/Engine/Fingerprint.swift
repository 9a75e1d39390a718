import Days

/// Bytes that are the same for the same thing. Swift holds texts for equal that Unicode does; these differ.
struct Fingerprint: Hashable, Sendable {
    private var bytes: [UInt8] = []

    mutating func add(_ number: Int64) {
        withUnsafeBytes(of: number) { bytes.append(contentsOf: $0) }
    }

    mutating func add(_ text: String) {
        add(Int64(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    mutating func add(_ window: Range<Int64>?) {
        add(window == nil ? 0 : 1)
        if let window {
            add(window.lowerBound)
            add(window.upperBound)
        }
    }

    mutating func add(_ span: Span) {
        add(Int64(span.days.lowerBound.rawValue))
        add(Int64(span.days.upperBound.rawValue))
        add(span.window)
    }

    mutating func add(_ dimension: Dimension) {
        switch dimension.kind {
        case .column(let column): add(Int64(column.rawValue))
        case .entryPage: add(100)
        case .exitPage: add(101)
        case .entryHostname: add(105)
        case .exitHostname: add(106)
        case .goal: add(102)
        case .time(let interval):
            add(103)
            add(interval.rawValue)
        case .property(let key):
            add(104)
            add(key)
        }
        add(dimension.unknown == nil ? 0 : 1)
    }

    mutating func add(_ text: Condition.Text) {
        switch text {
        case .column(let column): add(Int64(column.rawValue))
        // Their texts are those of pages, and of hostnames.
        case .entryPage, .exitPage: add(Int64(Column.page.rawValue))
        case .entryHostname, .exitHostname: add(Int64(Column.hostname.rawValue))
        case .property(let key):
            add(104)
            add(key)
        }
    }

    mutating func add(_ match: Filter.Match) {
        add(match.comparison.rawValue)
        add(match.isNegated ? 1 : 0)
        add(match.isCaseSensitive ? 1 : 0)
        add(Int64(match.values.count))
        for value in match.values { add(value) }
    }

    mutating func add(_ goal: Goal) {
        switch goal.kind {
        case .event(let name):
            add(0)
            add(name)
        case .page(let pattern):
            add(1)
            add(pattern)
        case .scroll(let pattern, let depth):
            add(2)
            add(pattern)
            add(Int64(depth))
        }
        add(goal.condition == nil ? 0 : 1)
        if let condition = goal.condition { add(condition) }
    }

    mutating func add(_ filter: Filter) {
        switch filter {
        case .all(let filters): add(10, filters)
        case .any(let filters): add(11, filters)
        case .not(let filter): add(12, [filter])
        case .hasDone(let filter): add(13, [filter])
        case .match(let match):
            add(14)
            add(match.dimension)
            add(match)
        case .goal(let goal):
            add(15)
            add(goal)
        }
    }

    private mutating func add(_ kind: Int64, _ filters: [Filter]) {
        add(kind)
        add(Int64(filters.count))
        for filter in filters { add(filter) }
    }
}
