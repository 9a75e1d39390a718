package import Auth
import Days
package import Foundation
package import Logging
package import Postgres

/// A fresh database with the whole schema, cloned from a template; events may be of today ± 2 days.
package struct TestDatabase: Sendable {
    package let url: String
    /// The owner, who migrates; bound by nothing.
    package let owner: Database
    package let system: Database
    package let app: Database

    package var logger: Logger { quietLogger }

    package func identity(now: @escaping @Sendable () -> Date = { Date() }) -> Identity {
        Identity(system: system, passwords: testPasswords, now: now)
    }

    package var sites: Sites { Sites(app: app) }

    /// Signs somebody up; answers their account.
    package func account(email: String = "owner@example.com") async throws -> AccountAccess {
        let identity = identity()
        let signedIn = try await identity.signUp(email: email, password: "a long enough one")
        return try await identity.session(token: signedIn.token.text)!.accounts[0]
    }

    /// A site in a new account of its own.
    package func site(domain: String = "example.com", timeZone: String = "UTC") async throws -> SiteAccess {
        let access = try await account(email: "owner@\(domain)")
        _ = try await sites.create(domain: domain, timeZone: timeZone, in: access)
        return try await sites.find(domain: domain, in: access)!
    }
}

/// Passwords protect nothing here, so that hashing them costs next to nothing.
package let testPasswords = PasswordHasher(cost: .least, threads: 2)

package let quietLogger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// The repository that the tests were built from.
package let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent()
    .deletingLastPathComponent().path

/// Where cases and data that are not the project's lie, if they are there: beside the repository.
package func shared(_ path: String) -> Data? {
    FileManager.default.contents(atPath: repository + "/../shared/" + path)
}

/// Runs a test on a database of its own, which is gone afterwards.
package func withTestDatabase<R: Sendable>(_ body: (TestDatabase) async throws -> R) async throws -> R {
    try await withTestDatabase(migrated: true, body)
}

/// The same with a database that holds nothing yet.
package func withEmptyDatabase<R: Sendable>(_ body: (TestDatabase) async throws -> R) async throws -> R {
    try await withTestDatabase(migrated: false, body)
}

private let slots = Slots(6)

private func withTestDatabase<R: Sendable>(
    migrated: Bool, _ body: (TestDatabase) async throws -> R
) async throws -> R {
    await slots.take()
    do {
        let result = try await withNewDatabase(migrated: migrated, body)
        await slots.giveBack()
        return result
    } catch {
        await slots.giveBack()
        throw error
    }
}

private func withNewDatabase<R: Sendable>(
    migrated: Bool, _ body: (TestDatabase) async throws -> R
) async throws -> R {
    let server = try await TestServer.running()
    let admin = pool("\(server.connection) dbname=postgres")
    let name = "test_\(UUID().uuidString.prefix(13).lowercased())"
    if migrated { try await template.value }
    try await admin.withConnection { connection in
        guard migrated else {
            try connection.execute("CREATE DATABASE \(identifier: name)")
            return
        }
        try connection.execute(
            "CREATE DATABASE \(identifier: name) TEMPLATE \(identifier: templateName) STRATEGY file_copy")
        try connection.execute("GRANT TEMPORARY ON DATABASE \(identifier: name) TO mochi_system")
    }
    let url = "\(server.connection) dbname=\(name)"
    let database = TestDatabase(
        url: url, owner: pool(url), system: pool(url, .system), app: pool(url, .app))
    func end() async {
        for pool in [database.owner, database.system, database.app] { await pool.close() }
        _ = try? await admin.withConnection { connection in
            try connection.execute("DROP DATABASE \(identifier: name) WITH (FORCE)")
        }
        await admin.close()
    }
    do {
        let result = try await body(database)
        await end()
        return result
    } catch {
        await end()
        throw error
    }
}

private func pool(_ url: String, _ role: Database.Role? = nil) -> Database {
    Database(.init(url: url, role: role, size: 4, statementTimeout: .seconds(60)), logger: quietLogger)
}

private let templateName = "mochi_template"

private let template = Task {
    let server = try await TestServer.running()
    let admin = pool("\(server.connection) dbname=postgres")
    try await admin.withConnection { connection in
        _ = try connection.execute("CREATE DATABASE \(identifier: templateName)")
    }
    await admin.close()
    let owner = pool("\(server.connection) dbname=\(templateName)")
    _ = try await Migrator(directory: repository + "/migrations", database: owner, logger: quietLogger)
        .migrate()
    try await owner.withConnection { connection in
        let today = Zone.utc.day(at: Int64(Date().timeIntervalSince1970))
        for offset in -2...2 {
            try connection.execute("SELECT make_event_partitions(\(today.advanced(by: offset)))")
        }
        for hour in -25...2 {
            try connection.execute(
                "SELECT make_dedupe_partition(date_trunc('hour', now(), 'UTC') + \(hour) * interval '1 hour')"
            )
        }
    }
    await owner.close()
}
