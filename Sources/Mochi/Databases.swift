import Logging
import Operations
import Postgres

extension Configuration {
    /// A small pool for a command that runs once.
    func database(for role: DatabaseRole, logger: Logger) -> Database {
        Database(
            self, as: role, size: 1, statementTimeout: .seconds(60), applicationName: "mochi", logger: logger)
    }
}

/// Closes the pools when the body is through, however it ends.
func withDatabases<R>(_ databases: [Database], _ body: () async throws -> R) async throws -> R {
    do {
        let result = try await body()
        for database in databases { await database.close() }
        return result
    } catch {
        for database in databases { await database.close() }
        throw error
    }
}
