/// What PostgreSQL answered instead of a result.
package struct PostgresError: Error, Sendable, CustomStringConvertible {
    /// Five characters; the list is appendix A of PostgreSQL's manual.
    package let sqlState: String
    package let message: String
    package let detail: String
    /// The constraint that was violated, else "".
    package let constraint: String

    /// The states that callers tell apart.
    package var kind: Kind? { Kind(rawValue: sqlState) }

    package enum Kind: String, Sendable {
        case notNullViolation = "23502"
        case foreignKeyViolation = "23503"
        case uniqueViolation = "23505"
        case checkViolation = "23514"
        case featureNotSupported = "0A000"
        case noSuchStatement = "26000"
        case serializationFailure = "40001"
        case deadlock = "40P01"
        case insufficientPrivilege = "42501"
        case undefinedTable = "42P01"
        case duplicateTable = "42P07"
        case diskFull = "53100"
        case tooManyConnections = "53300"
        case lockTimeout = "55P03"
        case queryCancelled = "57014"
        case adminShutdown = "57P01"
        case cannotConnectNow = "57P03"
        case connectionFailure = "08006"
    }

    /// The detail quotes values, which may be personal: it is for the one who asks, not for a log.
    package var description: String { "PostgreSQL \(sqlState): \(message)" }
}

/// Why no connection could be had.
package enum DatabaseError: Error, Sendable, CustomStringConvertible {
    /// Nobody answers, or the connection broke. While the pool backs off this comes at once.
    case unavailable(String)
    /// Too many are waiting for a connection, or this one has waited too long.
    case overloaded
    case shuttingDown

    package var description: String {
        switch self {
        case .unavailable(let reason): "PostgreSQL cannot be reached: \(reason)"
        case .overloaded: "all connections to PostgreSQL are busy"
        case .shuttingDown: "the connections to PostgreSQL are closed"
        }
    }
}

/// A result that does not have the shape that the code expects: a mistake of ours.
package struct UnexpectedResult: Error, Sendable, CustomStringConvertible {
    package let description: String
}
