import Operations
import Testing

@testable import Ingest

struct TrackerTests {
    @Test(arguments: [
        ("const a = 1;\n    // Why.\n    let b = a + +a;\n", "let a=1;let b=a+ +a;"),
        ("f(\"a  // b\", 'c \\' d', `e ${f}  g`);", "f(\"a  // b\",'c \\' d',`e ${f}  g`);"),
        ("if (a) {\n    b();\n}\nc\n    .d();\n", "if(a){b()}\nc.d();"),
        ("return typeof x in y;", "return typeof x in y;"),
        ("options.send(...calls, \"send\");", "b.send(...t,\"send\");"),
    ])
    func `a stripped source means what it meant`(_ source: String, _ stripped: String) {
        #expect(String(decoding: Stripping.strip(Array(source.utf8)), as: UTF8.self) == stripped)
    }

    @Test func `no two names become the same`() {
        #expect(Set(Stripping.shortened).count == Stripping.shortened.count)
        let names = Stripping.strip(Array(Stripping.shortened.joined(separator: ",").utf8)).split(
            separator: 44)
        #expect(Set(names).count == Stripping.shortened.count)
    }

    @Test(arguments: [
        (
            "/js/script.js",
            ["plausible-options", "core", "engagement", "retry", "optout", "plausible-global"]
        ),
        (
            "/js/script.hash.outbound-links.exclusions.js",
            [
                "plausible-options", "core", "engagement", "retry", "clicks", "outbound", "optout",
                "plausible-exclusions", "plausible-global",
            ]
        ),
        ("/script.js", ["umami-options", "core", "engagement", "retry", "optout", "umami-global"]),
        (
            "/count.js",
            ["goatcounter-options", "core", "engagement", "retry", "optout", "goatcounter-global"]
        ),
    ])
    func `a script's name says what is in it`(_ path: String, _ files: [String]) {
        #expect(TrackerForm.peer(path[...])?.files == files)
    }

    @Test func `a site's own script carries what the site uses`() throws {
        #expect(TrackerFeature.named(nil) == Set(TrackerFeature.allCases))
        #expect(TrackerFeature.named(["retry", "mining"]) == [.retry])
        let directory = SiteDirectory()
        directory.replaceAll([
            SiteDirectoryTests.entry(
                "a.test", keys: [.init(key: "keyofa", isRevoked: false)], features: [.retry]),
            SiteDirectoryTests.entry("b.test", keys: [.init(key: "keyofb", isRevoked: true)]),
        ])
        let scripts = Scripts(try sources())
        let own = try #require(scripts.find("/js/keyofa.js", directory)?.content)
        #expect(own == (try sources().join(TrackerForm(features: [.retry]))))
        #expect(own.count < (try #require(scripts.find("/js/mochi.js", directory)?.content.count)))
        #expect(scripts.find("/js/keyofb.js", directory) == nil)
        #expect(scripts.find("/js/nothing.js", directory) == nil)
    }

    @Test(arguments: [
        (TrackerForm(features: []), 1_000), (.mochi, 2_000),
    ])
    func `a tracker keeps to its size`(_ form: TrackerForm, _ limit: Int) throws {
        let script = Scripts.Script(try #require(try sources().join(form)))
        #expect(try #require(script.compressed).count <= limit)
    }

    @Test(arguments: [
        "/js/script.manual.file-downloads.tagged-events.pageview-props.js", "/script.js", "/count.js",
    ])
    func `every file that a form needs is there`(_ path: String) throws {
        #expect(try sources().join(try #require(TrackerForm.peer(path[...]))) != nil)
    }

    private func sources() throws -> TrackerFiles {
        let folder =
            #filePath.split(separator: "/").dropLast(4).reduce("") { "\($0)/\($1)" } + "/public/js/tracker"
        var sources: [String: [UInt8]] = [:]
        for name in try RealDisk().names(in: folder) where name.hasSuffix(".js") {
            sources[String(name.dropLast(3))] = try Files.read("\(folder)/\(name)")
        }
        return TrackerFiles(sources)
    }
}
