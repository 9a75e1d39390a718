import Days
import Postgres
import Stats

/// All that a block knows of each visitor, as a text: visits in order, events in order. Texts, since there are no numbers
/// in common.
extension OracleTable {
    /// By day, sorted.
    func visitors() throws -> [Day: [String]] {
        let columns = SQL.joined(
            Column.allCases.filter { $0 != .currency }.map { "'\"' || \($0.sql) || '\"'" }, separator: ", ")
        let rows: [(Day, String)] = try connection.rows(
            """
            WITH described AS (
                SELECT day, visitor, visit, nr, concat_ws(',', second, is_view, is_exit, engagement, is_engaged,
                    coalesce(depth, -1), duration, bounced, '"' || entry_page || '"', '"' || exit_page || '"', \(columns),
                    CASE WHEN revenue IS NULL THEN 'none' ELSE revenue || currency END,
                    (SELECT coalesce(string_agg(key || '=' || value, '&' ORDER BY key), '')
                        FROM jsonb_each_text(properties))) AS event
                FROM counted
            ), visits AS (
                SELECT day, visitor, min(nr) AS nr, string_agg(event, ';' ORDER BY nr) AS events
                FROM described GROUP BY day, visitor, visit
            )
            SELECT day, string_agg(events, '#' ORDER BY nr) FROM visits GROUP BY day, visitor
            """)
        return Dictionary(grouping: rows) { $0.0 }.mapValues { $0.map(\.1).sorted() }
    }
}

extension Block {
    /// The same of one block, in its order of visitors.
    var visitors: [String] {
        var visitors: [[String]] = Array(repeating: [], count: visitorCount)
        for visit in 0..<visitCount {
            let events = (Int(firstEvent[visit])..<Int(firstEvent[visit + 1])).map {
                text(ofEvent: $0, visit)
            }
            visitors[Int(visitor[visit])].append(events.joined(separator: ";"))
        }
        return visitors.map { $0.joined(separator: "#") }
    }

    private func text(ofEvent event: Int, _ visit: Int) -> String {
        func page(_ id: UInt16) -> String {
            id == Block.none ? "" : dictionaries[Int(Column.page.rawValue)][Int(id)]
        }
        func letter(_ holds: Bool) -> String { holds ? "t" : "f" }
        let kinds = kinds[event]
        let parts =
            [
                "\(start + Int64(time[event]))", letter(kinds.contains(.pageView)),
                letter(kinds.contains(.exit)),
                "\(engagement[event])", letter(kinds.contains(.engaged)),
                depth[event] == Block.unknownDepth ? "-1" : "\(depth[event])", "\(duration[visit])",
                letter(bounced[visit] == 1), "\"\(page(entryPage[visit]))\"", "\"\(page(exitPage[visit]))\"",
            ]
            + Column.allCases.filter { $0 != .currency }.map { column in
                let id = columns[Int(column.rawValue)][column.isOfVisit ? visit : event]
                return "\"\(dictionaries[Int(column.rawValue)][Int(id)])\""
            }
        let revenue = revenues.first { $0.event == event }.map {
            "\($0.amount)\(dictionaries[Int(Column.currency.rawValue)][Int($0.currency)])"
        }
        let told = properties.compactMap { property in
            property.events.firstIndex(of: UInt32(event)).map {
                "\(property.key)=\(property.dictionary[Int(property.values[$0])])"
            }
        }
        return (parts + [revenue ?? "none", told.joined(separator: "&")]).joined(separator: ",")
    }
}
