import Days
import FoundationEssentials
import Glibc
import Postgres
import TestSupport
import Testing

@testable import Ingest

@Suite struct SaltTests {
    static let berlin = Zone.named("Europe/Berlin")!

    @Test func `a visitor is the same for site, address and agent, under one salt`() {
        let site = UUID(uuidString: "00000000-0000-4000-8000-000000000001")!
        let hash = VisitorHash(Salt(high: 0x0001_0203_0405_0607, low: 0x0809_0A0B_0C0D_0E0F))
        let address = Address("192.0.2.1")!
        let visitor = hash.visitor(site: site, address: address, userAgent: "Agent")
        // Python: hmac.new(bytes(range(16)), uuid.bytes + ip6.packed + b"Agent", "sha256").digest()[:8]
        #expect(visitor == 0x320FD9316C253BD5)
        #expect(visitor == hash.visitor(site: site, address: address, userAgent: "Agent"))
        #expect(visitor != hash.visitor(site: UUID(), address: address, userAgent: "Agent"))
        #expect(visitor != hash.visitor(site: site, address: Address("192.0.2.2")!, userAgent: "Agent"))
        #expect(visitor != hash.visitor(site: site, address: address, userAgent: "agent"))
        #expect(visitor != VisitorHash(.random()).visitor(site: site, address: address, userAgent: "Agent"))
    }

    @Test func `each day of each zone has a salt of its own, from its first second`() {
        let salts = Salts()
        let clock = salts.clock(for: Self.berlin)
        let day = Day("2026-11-21")!
        let end = Self.berlin.end(of: day)
        func visitor(_ hash: VisitorHash) -> UInt64 {
            hash.visitor(
                site: UUID(uuidString: "00000000-0000-4000-8000-000000000001")!, address: Address("::1")!,
                userAgent: "")
        }
        let before = clock.today(at: end - 1)
        let after = clock.today(at: end)
        #expect([before.day, after.day] == [day, day.advanced(by: 1)])
        #expect(visitor(before.hash) != visitor(after.hash))
        // A clock that is a second behind still finds the old day.
        #expect(visitor(clock.today(at: end - 1).hash) == visitor(before.hash))
        #expect(visitor(salts.clock(for: .utc).today(at: end).hash) != visitor(after.hash))
        salts.expire(at: end + 3_599)
        #expect(salts.entries().count == 3)
        salts.expire(at: end + 3_600)
        #expect(salts.entries().keys.contains(LocalDay(day: day, zone: Self.berlin)) == false)
    }

    @Test func `collectors share one salt, whoever comes first`() async throws {
        try await withTestDatabase { database in
            let now = Int64(time(nil))
            let both = [Salts(), Salts()]
            for salts in both { _ = salts.clock(for: Self.berlin).today(at: now) }
            let day = LocalDay(day: Self.berlin.day(at: now), zone: Self.berlin)
            #expect(both[0].entries()[day]?.salt != both[1].entries()[day]?.salt)
            for salts in both {
                await SaltSharing(salts: salts, mirror: nil, database: database.system, logger: quiet)
                    .shareMissing(now)
            }
            #expect(both[0].entries()[day]?.salt == both[1].entries()[day]?.salt)
            #expect(both[1].entries()[day]?.isShared == true)
        }
    }

    @Test func `a salt is made ahead, and destroyed an hour after its day`() async throws {
        try await withTestDatabase { database in
            _ = try await database.site(timeZone: "Europe/Berlin")
            let day = Day("2026-11-21")!
            let end = Self.berlin.end(of: day)
            func days() async throws -> [Day] {
                try await database.owner.withConnection { connection in
                    try connection.rows("SELECT day FROM salts ORDER BY day")
                }
            }
            try await SaltKeeper.createAhead(database.system, now: end - 10_000)
            #expect(try await days() == [day])
            try await SaltKeeper.createAhead(database.system, now: end - 7_200)
            #expect(try await days() == [day, day.advanced(by: 1)])
            func file() async throws -> String {
                try await database.owner.withConnection { connection in
                    try connection.one("SELECT pg_relation_filepath('salts')")
                }
            }
            let before = try await file()
            #expect(try await SaltKeeper.destroyExpired(database.system, now: end + 3_599) == 0)
            #expect(try await SaltKeeper.destroyExpired(database.system, now: end + 3_600) == 1)
            #expect(try await days() == [day.advanced(by: 1)])
            // Its bytes are not left in the table's file.
            #expect(try await file() != before)
        }
    }

    @Test func `the mirror in memory is for its owner alone`() throws {
        guard let mirror = SaltMirror(data: "/test/\(UUID())") else { return }
        defer { unlink(mirror.path) }
        let day = LocalDay(day: Day("2026-11-21")!, zone: Self.berlin)
        let salt = Salt.random()
        try mirror.save([day: salt])
        #expect(mirror.load() == [day: salt])
        chmod(mirror.path, 0o644)
        #expect(mirror.load() == [:])
    }

    @Test func `neither salt nor address show themselves`() {
        #expect("\(Salt.random())" == "(salt)")
    }
}
