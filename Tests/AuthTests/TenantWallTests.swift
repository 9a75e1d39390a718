import Auth
import Foundation
import Postgres
import TestSupport
import Testing

/// Reads the catalogue, so that a table that somebody adds tomorrow is checked too.
struct TenantWallTests {
    @Test func `every table with a tenant's column has a forced policy for the web`() async throws {
        try await withTestDatabase { database in
            let unprotected: [String] = try await database.owner.withConnection { connection in
                try connection.rows(
                    """
                    SELECT c.oid::regclass::text FROM pg_class c
                    WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
                        AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = c.oid AND attname IN ('account_id', 'site_id')
                            AND NOT attisdropped)
                        AND NOT (c.relrowsecurity AND c.relforcerowsecurity AND EXISTS (
                            SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polroles @> ARRAY['mochi_app'::regrole::oid]
                                AND pg_get_expr(p.polqual, c.oid) = '(account_id = current_account())'
                                AND pg_get_expr(p.polwithcheck, c.oid) = '(account_id = current_account())'))
                    """)
            }
            #expect(unprotected == [])
        }
    }

    @Test func `nobody is granted anything on a partition, or anything to everybody`() async throws {
        try await withTestDatabase { database in
            let granted: [String] = try await database.owner.withConnection { connection in
                try connection.rows(
                    """
                    SELECT c.oid::regclass::text || ' ' || a.grantee::regrole::text
                    FROM pg_class c, aclexplode(c.relacl) a
                    WHERE c.relnamespace = 'public'::regnamespace AND (
                        a.grantee = 0 OR c.relispartition AND a.grantee <> c.relowner)
                    """)
            }
            #expect(granted == [])
        }
    }

    @Test func `no view reads with its owner's rights, no function of the owner runs with them`() async throws
    {
        try await withTestDatabase { database in
            let loose: [String] = try await database.owner.withConnection { connection in
                try connection.rows(
                    """
                    SELECT c.oid::regclass::text FROM pg_class c
                    WHERE c.relnamespace = 'public'::regnamespace AND (c.relkind = 'm' OR c.relkind = 'v'
                        AND NOT coalesce(c.reloptions @> ARRAY['security_invoker=true'], false))
                    UNION ALL
                    SELECT p.oid::regprocedure::text FROM pg_proc p
                    WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef
                    """)
            }
            #expect(loose == [])
        }
    }

    @Test func `the lesser roles bypass nothing and own nothing`() async throws {
        try await withTestDatabase { database in
            let roles: [(String, Bool, Bool, Bool)] = try await database.owner.withConnection { connection in
                try connection.rows(
                    """
                    SELECT rolname::text, rolsuper, rolbypassrls, EXISTS (SELECT FROM pg_class WHERE relowner = r.oid)
                    FROM pg_roles r WHERE rolname IN ('mochi_app', 'mochi_system') ORDER BY 1
                    """)
            }
            #expect(roles.map(\.0) == ["mochi_app", "mochi_system"])
            #expect(roles.allSatisfy { !$0.1 && !$0.2 && !$0.3 })
        }
    }

    @Test func `the web sees nothing without an account, and with one its own alone`() async throws {
        try await withTestDatabase { database in
            let mine = try await database.site(domain: "mine.example")
            let other = try await database.site(domain: "other.example")
            let nothing: [String] = try await database.app.transaction {
                try $0.rows("SELECT domain FROM sites")
            }
            #expect(nothing == [])
            let seen: [String] = try await database.app.transaction(mine) {
                try $0.rows("SELECT domain FROM sites")
            }
            #expect(seen == ["mine.example"])
            let touched = try await database.app.transaction(mine) {
                try $0.execute("UPDATE sites SET name = 'taken' WHERE id = \(other.site.id)")
            }
            #expect(touched == 0)
            let error = await #expect(throws: PostgresError.self) {
                try await database.app.transaction(mine) {
                    try $0.execute(
                        "INSERT INTO sites (account_id, domain, name) VALUES (\(other.site.account), 'x.example', 'x')"
                    )
                }
            }
            #expect(error?.kind == .insufficientPrivilege)
            let refused = await #expect(throws: PostgresError.self) {
                try await database.app.transaction(mine) { try $0.execute("SELECT * FROM users") }
            }
            #expect(refused?.kind == .insufficientPrivilege)
        }
    }

    @Test func `the web can neither change nor remove what the audit log says`() async throws {
        try await withTestDatabase { database in
            let access = try await database.account()
            for change in ["UPDATE audit_log SET action = 'a.b'", "DELETE FROM audit_log"] as [SQL] {
                let error = await #expect(throws: PostgresError.self) {
                    try await database.app.transaction(access) { try $0.execute(change) }
                }
                #expect(error?.kind == .insufficientPrivilege)
            }
        }
    }

    /// The account that a connection was set to is the transaction's alone: it does not stay for the next that gets the
    /// connection, whatever became of the one before.
    @Test func `fifty tenants share four connections, some give up, and nobody sees a foreign row`()
        async throws
    {
        try await withTestDatabase { database in
            let identity = database.identity()
            var tenants: [AccountAccess] = []
            for number in 0..<50 {
                let signedIn = try await identity.signUp(
                    email: "owner@tenant\(number).example", password: "a long enough one")
                let access = try await identity.session(token: signedIn.token.text)!.accounts[0]
                _ = try await database.sites.create(
                    domain: "tenant\(number).example", timeZone: "UTC", in: access)
                tenants.append(access)
            }
            let (answered, givenUp) = try await withThrowingTaskGroup(of: (Int, Int).self) { group in
                for worker in 0..<50 {
                    group.addTask { [tenants] in
                        var random = SystemRandomNumberGenerator()
                        var (answered, givenUp) = (0, 0)
                        for turn in 0..<200 {
                            let number = (worker * 7 + turn) % 50
                            let asking = Task {
                                try await database.app.transaction(tenants[number]) {
                                    connection -> [String] in
                                    let isSlow = turn % 20 == 0
                                    if isSlow { try connection.execute("SELECT pg_sleep(0.005)") }
                                    return try connection.rows("SELECT domain FROM sites")
                                }
                            }
                            if turn % 10 == 0 {
                                if Bool.random(using: &random) { await Task.yield() }
                                asking.cancel()
                            }
                            switch await asking.result {
                            case .success(let domains):
                                #expect(domains == ["tenant\(number).example"])
                                answered += 1
                            case .failure(let error):
                                guard turn % 10 == 0 else { throw error }
                                givenUp += 1
                            }
                        }
                        return (answered, givenUp)
                    }
                }
                return try await group.reduce((0, 0)) { ($0.0 + $1.0, $0.1 + $1.1) }
            }
            #expect(answered + givenUp == 10_000 && answered >= 9_000 && givenUp > 0)
            // Without an account there is nothing, on any of the four.
            for _ in 0..<8 {
                let nothing: [String] = try await database.app.transaction {
                    try $0.rows("SELECT domain FROM sites")
                }
                #expect(nothing == [])
            }
        }
    }
}
