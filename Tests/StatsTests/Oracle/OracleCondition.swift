import Postgres
import Stats

extension Filter {
    /// Whether it holds of a row of `counted`; never null.
    var sql: SQL {
        switch self {
        case .all(let filters): SQL.allOf(filters.map(\.sql))
        case .any(let filters): SQL.anyOf(filters.map(\.sql))
        case .not(let filter): "NOT \(filter.sql)"
        case .hasDone(let filter): "visit IN (SELECT visit FROM counted WHERE \(filter.sql))"
        case .match(let match): match.sql
        case .goal(let goal): goal.sql
        }
    }

    /// What is left of it when nobody has to reach a goal. Goals that have to be reached are those that stand in it by
    /// themselves, or as alternatives of nothing but goals.
    var withoutConversion: Filter {
        switch self {
        case .goal: .all([])
        case .all(let filters): .all(filters.map(\.withoutConversion))
        case .any(let filters) where !filters.isEmpty && filters.allSatisfy(\.isGoal): .all([])
        default: self
        }
    }

    private var isGoal: Bool { if case .goal = self { true } else { false } }
}

extension Filter.Match {
    fileprivate var sql: SQL {
        // What an event has no value of stands to nothing as asked.
        let holds: SQL = "coalesce(\(SQL.anyOf(values.map(compared))), false)"
        return isNegated ? "NOT \(holds)" : holds
    }

    private func compared(with value: String) -> SQL {
        let column = dimension.text
        // The server's own locale maps nothing but A–Z.
        let (left, right): (SQL, SQL) =
            isCaseSensitive
            ? (column, "\(value)::text")
            : (
                "lower(\(column) COLLATE \"und-x-icu\") COLLATE \"C\"",
                "lower(\(value)::text COLLATE \"und-x-icu\") COLLATE \"C\""
            )
        switch comparison {
        case .equals: return "\(left) = \(right)"
        case .contains: return "strpos(\(left), \(right)) > 0"
        case .matches: return "\(column) ~ \(value)::text"
        }
    }
}

extension Goal {
    /// Whether a row of `counted` reaches it.
    var sql: SQL {
        let reached: SQL
        switch kind {
        case .event(let name): reached = "(NOT is_view AND name = \(name)::text)"
        case .page(let pattern): reached = "(is_view AND page ~ \(Goal.expression(pattern))::text)"
        case .scroll(let pattern, let depth):
            reached =
                "(is_view AND page ~ \(Goal.expression(pattern))::text AND coalesce(depth >= \(depth), false))"
        }
        return SQL.allOf([reached] + (condition.map { [$0.sql] } ?? []))
    }

    /// A pattern with stars as a regular expression of the whole text.
    private static func expression(_ pattern: String) -> String {
        var expression = "^"
        var rest = Array(pattern.unicodeScalars)[...]
        while let next = rest.popFirst() {
            if next == "*", rest.first == "*" {
                rest.removeFirst()
                expression += ".*"
            } else if next == "*" {
                expression += "[^/]*"
            } else {
                if next.isASCII, !next.properties.isAlphabetic, !("0"..."9").contains(next) {
                    expression += "\\"
                }
                expression.unicodeScalars.append(next)
            }
        }
        return expression + "$"
    }
}

extension Dimension {
    /// A row's value, for the dimensions that a filter may ask; NULL where the event has none.
    var text: SQL {
        switch kind {
        case .column(let column): column.sql
        case .entryPage: "entry_page"
        case .exitPage: "exit_page"
        case .entryHostname: "entry_hostname"
        case .exitHostname: "exit_hostname"
        case .property(let key): "(properties ->> \(key)::text)"
        case .goal: "goal"
        case .time(let interval): interval.label(of: "local")
        }
    }
}

extension Dimension.Interval {
    /// The name of the piece of time, of a local timestamp.
    func label(of local: SQL) -> SQL {
        switch self {
        case .quarter:
            "to_char(date_bin('15 minutes', \(local), timestamp '2000-01-01'), 'YYYY-MM-DD HH24:MI')"
        case .hour: "to_char(\(local), 'YYYY-MM-DD HH24\":00\"')"
        case .day: "to_char(\(local), 'YYYY-MM-DD')"
        case .week: "to_char(date_trunc('week', \(local)), 'YYYY-MM-DD')"
        case .month: "to_char(date_trunc('month', \(local)), 'YYYY-MM-DD')"
        }
    }
}
