package import Days
package import FoundationEssentials
package import Ingest
package import Operations
package import Postgres
import Stats

/// Reads an access log into parts of past site-days: `mochi import-log`.
///
/// All of it is one transaction: whatever interrupts it leaves nothing. Events of a day are held until the log is two days
/// past it; then the day is folded and written. What still comes for it becomes a part of its own at the end.
package struct LogImporter: Sendable {
    /// What came of it, as it is printed.
    package struct Report: Sendable, Equatable {
        /// Lines.
        package var read = 0
        package var imported = 0
        /// Lines that are no event, by reason.
        package var skipped: [String: Int] = [:]
        package var days = 0
        package var firstDay: Day?
        package var lastDay: Day?
        /// Of each day, added up.
        package var visitors = 0
        package var visits = 0
        /// The same file had been imported before.
        package var isRepetition = false
        /// Earlier imports that lost days to this one.
        package var replaced = 0
        /// Days that have statistics from elsewhere too: a visitor of both counts twice.
        package var sharedDays = 0

        package init() {}
    }

    package struct Refusal: Error, CustomStringConvertible {
        package let description: String
    }

    /// What `imports` calls it.
    static let kind = "access_log"

    private let database: Database
    private let configuration: Configuration

    /// - Parameter database: under the system's role
    package init(database: Database, configuration: Configuration) {
        self.database = database
        self.configuration = configuration
    }

    /// Imports a file, or standard input (`-`).
    ///
    /// - Parameters:
    ///   - replaces: take days away from other imports where their times overlap with this file's
    ///   - progress: bytes read, and the file's size if it has one
    /// - Throws: ``Refusal``, `LogFile.Unreadable`; then nothing has changed
    package func run(
        _ path: String, site domain: String, format: AccessLog.Format = .auto, replaces: Bool = false,
        now: Date = Date(),
        progress: @escaping @Sendable (Int64, Int64?) -> Void = { _, _ in }
    ) async throws -> Report {
        try await database.transaction { [configuration] connection in
            // It lasts as long as the reading does.
            try connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            try connection.execute("SET LOCAL statement_timeout = 0")
            var work = try LogImportWork(
                site: domain, format: format, replaces: replaces, now: now, configuration: configuration,
                connection)
            return try work.run(path, progress)
        }
    }
}
