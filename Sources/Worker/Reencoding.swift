import Days
import FoundationEssentials
import Logging
import Metrics
import Postgres
import Stats

/// Writes parts of an older format anew, a few at a time, so that readers need to know one format in the end.
package enum Reencoding {
    /// Parts of one round.
    static let step = 2_000

    package static func run(_ round: Round) async throws {
        let parts: [(Int64, UUID, Day, Int16)] = try await round.system.transaction(readOnly: true) {
            try $0.rows(
                """
                SELECT account_id, site_id, day, part FROM site_days WHERE format < \(BlockFile.format)
                LIMIT \(literal: Int64(step))
                """)
        }
        for (account, site, day, part) in parts {
            try Task.checkCancellation()
            try await round.system.transaction { connection in
                guard let history = try ZoneHistory.ofSites([site], connection)[site] else { return }
                do {
                    try SiteDays.reencode(
                        account: account, site: site, part: part, clock: history.clock(of: day),
                        in: connection)
                    try connection.execute(
                        """
                        UPDATE aggregation_state SET format = \(BlockFile.format)
                        WHERE account_id = \(account) AND site_id = \(site) AND day = \(day) AND state = 'sealed'
                        """)
                } catch let damage as BlockDamage {
                    // It stays as it is, and is found by the scrub.
                    round.logger.error(
                        "a sealed day is damaged",
                        metadata: ["site": "\(site)", "day": "\(day)", "error": "\(damage)"])
                }
            }
        }
        Counter(label: "mochi_parts_reencoded_total").increment(by: parts.count)
    }
}
