package import Days
package import FoundationEssentials
import Logging
import Metrics
package import Postgres
import Stats

/// Counts one random day of each site again: whether its parts are what was written, and its roll-ups what they add up to.
package enum Scrub {
    package static func run(_ round: Round) async throws {
        let siteDays: [(Int64, UUID, Day)] = try await round.system.transaction(readOnly: true) {
            connection in
            try connection.execute("SET LOCAL statement_timeout = '5min'")
            return try connection.rows(
                """
                SELECT s.account_id, s.id, d.day FROM sites s
                CROSS JOIN LATERAL (
                    SELECT day FROM site_days WHERE account_id = s.account_id AND site_id = s.id
                    GROUP BY day ORDER BY random() LIMIT 1) AS d
                """)
        }
        for (account, site, day) in siteDays {
            try Task.checkCancellation()
            let findings = try await check(
                account: account, site: site, day: day, now: round.now, in: round.system)
            guard !findings.isEmpty else { continue }
            round.logger.error(
                "a sealed day does not agree with itself",
                metadata: [
                    "site": "\(site)", "day": "\(day)", "findings": "\(findings.joined(separator: "; "))",
                ])
        }
    }

    /// Counts a day again, and notes what it found, or that it found nothing any more.
    @discardableResult
    package static func check(
        account: Int64, site: UUID, day: Day, now: Date, in database: Database
    ) async throws -> [String] {
        let findings = try await database.transaction(isolation: .repeatableRead, readOnly: true) {
            connection in
            try connection.execute("SET LOCAL statement_timeout = '5min'")
            return try count(account, site, day, connection)
        }
        Counter(
            label: "mochi_scrubs_total", dimensions: [("outcome", findings.isEmpty ? "clean" : "damaged")]
        )
        .increment()
        _ = try await database.withConnection { connection in
            if findings.isEmpty {
                try connection.execute(
                    "DELETE FROM scrub_findings WHERE account_id = \(account) AND site_id = \(site) AND day = \(day)"
                )
            } else {
                try connection.execute(
                    """
                    INSERT INTO scrub_findings (account_id, site_id, day, found_at, finding)
                    VALUES (\(account), \(site), \(day), \(now), \(findings.joined(separator: "; ")))
                    ON CONFLICT (account_id, site_id, day) DO UPDATE SET found_at = excluded.found_at,
                        finding = excluded.finding
                    """)
            }
        }
        return findings
    }

    /// What does not agree, a sentence each.
    private static func count(
        _ account: Int64, _ site: UUID, _ day: Day, _ connection: Connection
    ) throws -> [String] {
        guard let history = try ZoneHistory.ofSites([site], connection)[site] else { return [] }
        let clock = history.clock(of: day)
        var findings: [String] = []
        let numbers: [Int16] = try connection.rows(
            """
            SELECT part FROM site_days WHERE account_id = \(account) AND site_id = \(site) AND day = \(day)
            ORDER BY part
            """)
        for number in numbers {
            do {
                let part = try SiteDays.stored(
                    account: account, site: site, day: day, part: number, in: connection)
                findings += (part?.differences(clock: clock) ?? []).map { "part \(number): \($0)" }
            } catch let damage as BlockDamage {
                findings.append("part \(number): \(damage)")
            }
        }
        // What a damaged part adds up to nobody knows.
        guard findings.isEmpty else { return findings }
        return try RollUps.differences(account: account, site: site, day: day, in: connection)
    }
}
