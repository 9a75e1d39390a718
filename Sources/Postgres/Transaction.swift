/// What a transaction sees of others that run beside it.
package enum Isolation: String, Sendable {
    case readCommitted = "READ COMMITTED"
    /// One snapshot for all its statements.
    case repeatableRead = "REPEATABLE READ"
    case serializable = "SERIALIZABLE"
}

extension Database {
    /// Runs `body` in one transaction: commits what it did, or nothing if it throws.
    ///
    /// - Parameters:
    ///   - tenant: the account that row-level security lets it see and change; under the app's role nothing of any
    ///     tenant is reachable without. Call sites name an `AccountAccess` instead, through Auth.
    ///   - attempts: how often to run it anew when PostgreSQL asks for that (serialization failure, deadlock).
    package func transaction<R: Sendable>(
        tenant: Int64? = nil, isolation: Isolation = .readCommitted, readOnly: Bool = false,
        attempts: Int = 1,
        _ body: @escaping @Sendable (Connection) throws -> R
    ) async throws -> R {
        // SET LOCAL with a number, not set_config(): only that reaches the nodes of a distributed PostgreSQL.
        let begin =
            "BEGIN ISOLATION LEVEL \(isolation.rawValue) \(readOnly ? "READ ONLY" : "READ WRITE")"
            + (tenant.map { "; SET LOCAL app.account_id = \($0)" } ?? "")
        return try await withConnection { connection in
            var attempt = 1
            while true {
                do {
                    return try connection.transaction(begin, body)
                } catch let error as PostgresError where error.asksForRetry && attempt < attempts {
                    attempt += 1
                }
            }
        }
    }
}

extension Connection {
    fileprivate func transaction<R>(_ begin: String, _ body: (Connection) throws -> R) throws -> R {
        try runScript(begin)
        do {
            let result = try body(self)
            // COMMIT of a transaction in which a statement failed is answered with ROLLBACK, not with an error.
            guard try script("COMMIT").command == "COMMIT" else {
                throw UnexpectedResult(description: "a failed statement was passed over inside a transaction")
            }
            return result
        } catch {
            // If this fails too the connection is not idle, and so is not used again.
            if !isBroken, !isIdle { try? runScript("ROLLBACK") }
            throw error
        }
    }

    /// Runs `body` so that its failure undoes only what it did.
    package func savepoint<R>(_ body: (Connection) throws -> R) throws -> R {
        try runScript("SAVEPOINT inner_work")
        do {
            let result = try body(self)
            try runScript("RELEASE SAVEPOINT inner_work")
            return result
        } catch {
            try runScript("ROLLBACK TO SAVEPOINT inner_work; RELEASE SAVEPOINT inner_work")
            throw error
        }
    }
}

extension PostgresError {
    /// The whole transaction may succeed when it is run once more.
    package var asksForRetry: Bool { kind == .serializationFailure || kind == .deadlock }
}
