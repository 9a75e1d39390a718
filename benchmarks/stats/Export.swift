import Days
import FoundationEssentials
import Postgres
import Stats

/// Writes what the sealed days of all sites hold as two tables of tab-separated text: `visits.tsv` and
/// `events.tsv`, each event with all that is known of its visit, so that the other engines need no join.
///
/// A visitor's number is one of the day's: the range's visitors are the sum of its days'.
struct Export {
    private static let visitColumns: [Column] = [
        .channel, .source, .referrer, .utmCampaign, .country, .region, .city, .browser, .os, .device,
    ]

    private var events: TSVFile
    private var visits: TSVFile
    private var nextVisitor: UInt64 = 0
    private var nextVisit: UInt64 = 0

    init(directory: String) throws {
        events = try TSVFile(directory + "/events.tsv")
        visits = try TSVFile(directory + "/visits.tsv")
    }

    mutating func run(_ owner: Database) async throws {
        let days: [(String, Int64, UUID, Day)] = try await owner.withConnection { connection in
            try connection.rows(
                """
                SELECT s.domain, d.account_id, d.site_id, d.day FROM site_days d JOIN sites s ON s.id = d.site_id
                ORDER BY s.domain, d.day, d.part
                """)
        }
        for (domain, account, site, day) in days {
            let parts: [([UInt8], [UInt8])] = try await owner.withConnection { connection in
                try connection.rows(
                    """
                    SELECT core, detail FROM site_days
                    WHERE account_id = \(account) AND site_id = \(site) AND day = \(day)
                    """)
            }
            for (core, detail) in parts {
                write(try BlockFile.block(core: core, detail: detail), of: domain, day)
            }
        }
        events.close()
        visits.close()
    }

    private mutating func write(_ block: Block, of domain: String, _ day: Day) {
        func text(_ column: Column, _ number: UInt16) -> String {
            number == Block.none ? "" : block.dictionaries[Int(column.rawValue)][Int(number)]
        }
        func at(_ column: Column, _ row: Int) -> String {
            text(column, block.columns[Int(column.rawValue)][row])
        }
        let names = block.dictionaries[Int(Column.name.rawValue)]
        for visit in 0..<block.visitCount {
            let visitor = nextVisitor + UInt64(block.visitor[visit])
            let common =
                [
                    domain, day.description, "\(visitor)", "\(nextVisit + UInt64(visit))",
                    "\(block.bounced[visit])", "\(block.duration[visit])",
                    text(.page, block.entryPage[visit]), text(.page, block.exitPage[visit]),
                ] + Export.visitColumns.map { at($0, visit) }
            visits.write(common + ["\(block.pageViews[visit])"])
            for event in Int(block.firstEvent[visit])..<Int(block.firstEvent[visit + 1]) {
                let name = names[Int(block.columns[Int(Column.name.rawValue)][event])]
                let isView = block.kinds[event].contains(.pageView) ? "1" : "0"
                events.write(
                    common + ["\(block.start + Int64(block.time[event]))", name, at(.page, event), isView])
            }
        }
        nextVisitor += UInt64(block.visitorCount)
        nextVisit += UInt64(block.visitCount)
    }
}
