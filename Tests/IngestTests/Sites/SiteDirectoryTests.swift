import Auth
import Days
import Foundation
import Postgres
import TestSupport
import Testing

@testable import Ingest

@Suite struct SiteDirectoryTests {
    static func entry(
        _ domain: String, keys: [SiteEntry.Key] = [], hostnames: [String] = [],
        features: Set<TrackerFeature> = [.retry, .forms], salts: Salts = Salts()
    ) -> SiteEntry {
        var exclusions = Exclusions()
        exclusions.add(.address, "192.0.2.0/24")
        exclusions.add(.country, "fr")
        exclusions.add(.page, "/admin/*")
        return SiteEntry(
            id: UUID(), account: 1, domain: domain, hostnames: hostnames, duplicateWindow: 10, keys: keys,
            zones: [.init(from: Day(rawValue: 0), zone: "Europe/Berlin")], exclusions: exclusions,
            keptParameters: ["page", "q"],
            personalPatterns: PersonalPatterns(["/user/*", "customer-*"]), trackerFeatures: features,
            salts: salts)
    }

    @Test func `a site is found by domain, key and id`() {
        let directory = SiteDirectory()
        let site = Self.entry(
            "a.test", keys: [.init(key: "good", isRevoked: false), .init(key: "old", isRevoked: true)])
        directory.replaceAll([site])
        func found(_ target: Hit.Target) -> String {
            switch directory.find(target) {
            case .site(let site): "site \(site.domain)"
            case .revoked(let site): "revoked \(site.domain)"
            case .unknown: "unknown"
            }
        }
        #expect(found(.domain("a.test")) == "site a.test")
        #expect(found(.domain("WWW.A.test")) == "site a.test")
        #expect(found(.domain("b.test")) == "unknown")
        #expect(found(.key("good")) == "site a.test")
        #expect(found(.key("old")) == "revoked a.test")
        #expect(found(.key("none")) == "unknown")
        #expect(found(.id(site.id.uuidString.lowercased())) == "site a.test")
        #expect(found(.id("nonsense")) == "unknown")
        directory.replace([site.id], with: [])
        #expect(found(.domain("a.test")) == "unknown")
        #expect(found(.key("good")) == "unknown")
    }

    @Test(arguments: [
        ("a.test", true), ("blog.a.test", true), ("xa.test", false), ("b.test", false),
        ("shop.other.test", true),
        ("(none)", false),
    ])
    func `with a list of hosts only those may send`(host: String, isAllowed: Bool) {
        #expect(Self.entry("a.test", hostnames: ["*.other.test"]).allows(host) == isAllowed)
        #expect(Self.entry("a.test").allows(host))
    }

    @Test func `the directory survives on disk, without the addresses`() async throws {
        try await withDirectory { folder in
            let file = SiteFile(path: folder + "/sites")
            #expect(file.load(salts: Salts()) == nil)
            let sites = ["a.test", "b.test"].map {
                Self.entry($0, keys: [.init(key: "k\($0)", isRevoked: true)])
            }
            try file.save(sites)
            let loaded = try #require(file.load(salts: Salts()))
            #expect(loaded.map(\.id) == sites.map(\.id))
            #expect(loaded.map(\.keys) == sites.map(\.keys))
            #expect(loaded.map(\.zones) == sites.map(\.zones))
            #expect(loaded[0].exclusions.countries == ["FR"])
            #expect(loaded[0].exclusions.pages == ["/admin/*"])
            #expect(loaded[0].exclusions.addresses.isEmpty)
            #expect(loaded[0].keptParameters == ["page", "q"])
            #expect(loaded[0].personalPatterns == sites[0].personalPatterns)
            #expect(loaded[0].trackerFeatures == sites[0].trackerFeatures)
            var bytes = try Data(contentsOf: URL(fileURLWithPath: file.path))
            bytes[20] ^= 1
            try bytes.write(to: URL(fileURLWithPath: file.path))
            #expect(file.load(salts: Salts()) == nil)
        }
    }

    @Test func `a file of an earlier version counts as none`() async throws {
        try await withDirectory { folder in
            let file = SiteFile(path: folder + "/sites")
            var bytes = Array("MOCHIST1".utf8)
            bytes.put(bytes.withUnsafeBytes { CRC32C.of($0) })
            try Data(bytes).write(to: URL(fileURLWithPath: file.path))
            #expect(file.load(salts: Salts()) == nil)
            try file.save([])
            #expect(file.load(salts: Salts())?.count == 0)
        }
    }

    @Test func `a site keeps the parameters of its list, and masks what its patterns name`() async throws {
        try await withTestDatabase { database in
            let key = try await database.site(domain: "site.test").site.trackingKey
            try await withCollector(database) { collector in
                let view =
                    #"{"n":"pageview","u":"https://site.test/user/ann/orders?q=x&id=7&page=2","k":"\#(key)"}"#
                func pathname() async throws -> String? {
                    let answer = try await collector.event(view, headers: ["X-Debug-Request": "true"])
                    let decided =
                        try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: Any]
                    return (decided?["event"] as? [String: Any])?["pathname"] as? String
                }
                #expect(try await pathname() == "/user/ann/orders")
                try await database.owner.withConnection { connection in
                    _ = try connection.execute(
                        """
                        UPDATE sites SET kept_parameters = ARRAY['page', 'q'], personal_patterns = ARRAY['/user/*/orders']
                        """)
                }
                let changed = try await eventually {
                    try await pathname() == "/user/*/orders?page=2&q=x" ? true : nil
                }
                #expect(changed == true)
            }
        }
    }

    @Test func `a change is known within a second`() async throws {
        try await withTestDatabase { database in
            let access = try await database.account()
            try await withCollector(database) { collector in
                let site = try await database.sites.create(domain: "new.test", timeZone: "UTC", in: access)
                let began = ContinuousClock.now
                let found = try await eventually { () -> SiteEntry? in
                    if case .site(let site) = collector.directory.find(.key(site.trackingKey)) { return site }
                    return nil
                }
                #expect(found?.domain == "new.test")
                #expect(began.duration(to: .now) < .seconds(1))
                try await database.owner.withConnection { connection in
                    _ = try connection.execute("DELETE FROM sites")
                }
                let gone = try await eventually { () -> Bool? in
                    if case .unknown = collector.directory.find(.domain("new.test")) { return true }
                    return nil
                }
                #expect(gone == true)
            }
        }
    }
}
