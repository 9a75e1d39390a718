import Auth
import Outbound
import Postgres
import TestSupport
import Testing

@testable import App

/// `/sites/{domain}/settings/{section}`.
@Suite struct SettingsPagesTests {
    private let path = "/sites/example.com/settings"

    private func withSettings<R: Sendable>(
        _ body: @Sendable (Tab, Web, SiteAccess, TestDatabase) async throws -> R
    ) async throws -> R {
        try await withApplication { tab, database, web in
            try await tab.signUp()
            try await tab.addSite()
            let account = try await database.identity().session(token: tab.cookies["mochi"]!)!.accounts[0]
            let site = try await web.sites.find(domain: "example.com", in: account)!
            _ = try await tab.get("\(path)/general")
            return try await body(tab, web, site, database)
        }
    }

    @Test func `name, domain and time zone change, and the page moves along`() async throws {
        try await withSettings { tab, web, site, _ in
            let saved = try await tab.post(
                "\(path)/general",
                ["name": "A <b>", "domain": "https://New.example/x", "time_zone": "Asia/Tokyo"])
            #expect(saved.location == "/sites/new.example/settings/general?saved=yes")
            let page = try await tab.get(saved.location!).text
            #expect(page.contains("Saved.") && page.contains("A &lt;b&gt;"))
            #expect(page.contains(#"<option value="Asia/Tokyo" selected>"#))
            #expect(page.contains("Until the day is over in UTC, days still end there."))
            #expect(page.contains(site.site.trackingKey))
            #expect(try await tab.get("\(path)/general").status == 404)
        }
    }

    @Test func `what cannot be taken is said beside its field, and what was entered stays`() async throws {
        try await withSettings { tab, web, site, database in
            _ = try await database.site(domain: "theirs.example")
            let taken = try await tab.post(
                "\(path)/general", ["name": "Kept", "domain": "theirs.example", "time_zone": "UTC"])
            #expect(taken.status == 422 && taken.text.contains("has been added already"))
            #expect(taken.text.contains(#"value="Kept""#) && taken.text.contains(#"value="theirs.example""#))
            let address = try await tab.post(
                "\(path)/exclusions", ["address": "203.0.113.7\n<nobody>", "page": "/a"])
            #expect(address.status == 422 && address.text.contains("“&lt;nobody&gt;” is no address"))
            #expect(address.text.contains(#"id="address-error""#) && address.text.contains("203.0.113.7"))
            let window = try await tab.post("\(path)/script", ["duplicate_window": "x"])
            #expect(window.status == 422 && window.text.contains("Use 0 to 60 seconds."))
            for days in ["x", "0", "-1", "99999999999999999999"] {
                let retention = try await tab.post("\(path)/data", ["retention_days": days])
                #expect(retention.status == 422 && retention.text.contains("Use 1 to 36500 days."))
            }
            let settings = try await web.sites.settings(of: site)
            #expect(settings.exclusions.isEmpty && settings.retentionDays == nil)
        }
    }

    @Test func `script and exclusions are kept as they were entered`() async throws {
        try await withSettings { tab, web, site, _ in
            let script = try await tab.post(
                "\(path)/script",
                [
                    "feature:retry": "on", "feature:forms": "on",
                    "hostnames": " Shop.example \r\n\r\n*.cdn.example",
                    "duplicate_window": "0", "kept_parameters": "id\npage", "personal_patterns": "customer-*",
                ])
            #expect(script.location == "\(path)/script?saved=yes")
            let excluded = try await tab.post(
                "\(path)/exclusions",
                [
                    "address": "2001:DB8::/32\n203.0.113.7", "country": "de", "page": "/admin/*",
                    "hostname": "Staging.example",
                ])
            #expect(excluded.location == "\(path)/exclusions?saved=yes")
            let settings = try await web.sites.settings(of: site)
            #expect(settings.trackerFeatures == ["retry", "forms"] && settings.duplicateWindow == 0)
            #expect(settings.hostnames == ["shop.example", "*.cdn.example"])
            #expect(settings.keptParameters == ["id", "page"] && settings.personalPatterns == ["customer-*"])
            #expect(
                settings.exclusions.map(\.value)
                    == ["2001:db8::/32", "203.0.113.7", "DE", "staging.example", "/admin/*"])
            let page = try await tab.get("\(path)/exclusions").text
            #expect(page.contains("2001:db8::/32\n203.0.113.7</textarea>"))
            let features = try await tab.get("\(path)/script").text
            #expect(features.contains(#"name="feature:retry" value="on" checked"#))
            #expect(features.contains(#"name="feature:outbound" value="on">"#))
        }
    }

    @Test func `fewer days are kept by a job, which is seen and stopped`() async throws {
        try await withSettings { tab, web, site, database in
            let saved = try await tab.post("\(path)/data", ["retention_days": "30"])
            #expect(saved.location == "\(path)/data?saved=yes")
            let page = try await tab.get(saved.location!).text
            #expect(page.contains("Old days are being removed") && page.contains("waiting for its turn"))
            let job = try #require(page.firstMatch(of: /name="job" value="(\d+)"/)).output.1
            try await database.owner.withConnection {
                _ = try $0.execute(
                    "UPDATE jobs SET progress_done = 40, progress_total = 100, progress_text = 'days'")
            }
            #expect(try await tab.get("\(path)/data").text.contains("40 of 100, days"))
            _ = try await tab.post("\(path)/data/cancel", ["job": String(job)])
            #expect(try await tab.get("\(path)/data").text.contains("It stops after its present step."))
            #expect(try await tab.post("\(path)/data/cancel", ["job": "0"]).status == 404)
        }
    }

    @Test func `what cannot be undone wants the domain typed`() async throws {
        try await withSettings { tab, web, site, database in
            for action in ["reset", "erase"] {
                let refused = try await tab.post("\(path)/data/\(action)", ["confirm": "exemple.com"])
                #expect(refused.status == 422 && refused.text.contains("Type example.com to confirm."))
            }
            #expect(try await web.jobsUnderWay(in: site.account).isEmpty)
            let reset = try await tab.post("\(path)/data/reset", ["confirm": "EXAMPLE.com"])
            #expect(reset.location == "\(path)/data")
            #expect(try await tab.get("\(path)/data").text.contains("Statistics begin anew"))
            let erased = try await tab.post("\(path)/data/erase", ["confirm": "example.com"])
            #expect(erased.location == "/sites")
            let list = try await tab.get("/sites").text
            #expect(list.contains("A site is being erased") && list.contains("No sites yet"))
            let kinds = try await web.jobsUnderWay(in: site.account).map(\.kind)
            #expect(kinds == [SiteJobs.erase, SiteJobs.reset])
        }
    }

    @Test func `editors and viewers have no settings`() async throws {
        try await withSettings { tab, _, _, database in
            try await database.owner.withConnection {
                _ = try $0.execute("UPDATE memberships SET role = 'editor'")
            }
            for section in SiteSettingsPage.sections {
                #expect(try await tab.get("\(path)/\(section)").status == 403)
            }
            #expect(try await tab.post("\(path)/data/erase", ["confirm": "example.com"]).status == 403)
        }
    }
}
