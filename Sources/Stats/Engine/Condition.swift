/// A filter, made ready for scanning.
indirect enum Condition: Sendable {
    case all([Condition])
    case any([Condition])
    case not(Condition)
    case hasDone(Condition)
    /// `test` is a number of the engine's tests.
    case text(Text, test: Int)
    case isPageView(Bool)
    /// Was read so far.
    case isRead(to: Int)

    /// Where a text is found.
    enum Text: Sendable, Hashable {
        case column(Column)
        case entryPage
        case exitPage
        case entryHostname
        case exitHostname
        case property(String)
    }

    /// It says the same of all events of a visit, and takes no look at them.
    var isOfVisit: Bool {
        switch self {
        case .all(let conditions), .any(let conditions): conditions.allSatisfy(\.isOfVisit)
        case .not(let condition): condition.isOfVisit
        case .hasDone, .isPageView, .isRead: false
        case .text(.column(let column), _): column.isOfVisit
        case .text(.entryPage, _), .text(.exitPage, _), .text(.entryHostname, _), .text(.exitHostname, _):
            true
        case .text(.property, _): false
        }
    }

    /// The conditions that have to hold together.
    var conjuncts: [Condition] {
        if case .all(let conditions) = self { conditions.flatMap(\.conjuncts) } else { [self] }
    }
}

/// What a filter and a window select; found once a block for all plans that have it.
struct Selection: Sendable {
    /// Those that can be decided for a visit, without a look at its events.
    var ofVisits: [Condition]
    var ofEvents: [Condition]
    var window: Range<Int64>?

    /// Everything is selected.
    var isEverything: Bool { ofVisits.isEmpty && ofEvents.isEmpty }
}
