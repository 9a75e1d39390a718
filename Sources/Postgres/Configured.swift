package import Logging
package import Operations

extension Database {
    /// The pool of a process for one of the three roles, as the configuration says.
    package convenience init(
        _ configuration: Configuration, as role: DatabaseRole, size: Int = 4,
        statementTimeout: Duration = .seconds(15), applicationName: String, logger: Logger
    ) {
        let (url, setsRole) = configuration.databaseOptions(for: role)
        self.init(
            Options(
                url: url, role: setsRole ? Role(rawValue: role.rawValue) : nil, size: size,
                statementTimeout: statementTimeout, applicationName: applicationName),
            logger: logger)
    }

    /// For `/readyz`: whether it can be reached, else why not.
    package func check() async -> CheckResult {
        do {
            return try await withConnection { connection in
                try connection.execute("SELECT 1")
                return .ok
            }
        } catch let error as DatabaseError {
            return .failing(error.description)
        } catch {
            return .failing("the database answers with an error")
        }
    }
}
