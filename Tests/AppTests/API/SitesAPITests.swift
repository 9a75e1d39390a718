import Auth
import Days
import FoundationEssentials
import HTTPTypes
import Postgres
import Stats
import TestSupport
import Testing

@testable import App

/// `/api/sites` and `/api/jobs`.
@Suite struct SitesAPITests {
    private func path(_ program: Program) -> String { "/api/sites/\(program.site.site.id.text)" }

    @Test func `a site is made, listed, shown`() async throws {
        try await Program.withSite("one.example") { program in
            let made = try await program.send(
                .post, "/api/sites",
                body: #"{"domain":"https://www.Two.example/","name":"Two","time_zone":"Europe/Paris"}"#)
            #expect(made.status == 201)
            #expect(made.json["domain"] == "two.example" && made.json["name"] == "Two")
            #expect(
                made.json.members.keys.sorted()
                    == ["created_at", "domain", "id", "name", "time_zone", "tracking_key"])
            let list = try await program.send(.get, "/api/sites")
            #expect(list.json["sites"].items.map { $0["domain"] } == ["one.example", "two.example"])
            #expect(list.json.members.keys.sorted() == ["next", "sites"])
            #expect(list.json["sites"][1] == made.json)
            let shown = try await program.send(.get, path(program))
            #expect(shown.json["hostnames"] == [] && shown.json["retention_days"] == .null)
            #expect(shown.json["tracker_features"].items.count == 8)
        }
    }

    @Test func `everything that an owner sets is changed and comes back`() async throws {
        try await Program.withSite { program in
            let body = #"""
                {"name":"New","domain":"new.example","hostnames":["*.shop.example"],"duplicate_window":0,
                 "kept_parameters":["page"],"personal_patterns":["customer-*"],"tracker_features":["retry","forms"],
                 "retention_days":400,"exclusions":[{"kind":"address","value":"203.0.113.0/24"},
                 {"kind":"country","value":"de"},{"kind":"page","value":"/admin/*"},{"kind":"hostname","value":"Staging.example"}]}
                """#
            let sent = try JSONValue(parsing: Array(body.utf8))
            let changed = try await program.send(.patch, path(program), body: body)
            #expect(changed.status == 200, "\(changed.text)")
            for (key, value) in sent.members where key != "exclusions" {
                #expect(changed.json[key] == value, "\(key)")
            }
            #expect(
                changed.json["exclusions"] == [
                    ["kind": "address", "value": "203.0.113.0/24"], ["kind": "country", "value": "DE"],
                    ["kind": "hostname", "value": "staging.example"], ["kind": "page", "value": "/admin/*"],
                ])
            let jobs = try await program.send(.get, "/api/jobs")
            #expect(jobs.json["jobs"].items.map { $0["kind"] } == ["retention"])
            let again = try await program.send(
                .patch, path(program),
                body: #"{"retention_days":null,"tracker_features":null,"exclusions":[]}"#)
            #expect(again.json["retention_days"] == .null && again.json["exclusions"] == [])
            #expect(again.json["tracker_features"].items.count == 8 && again.json["name"] == "New")
            let detail: [String] = try await program.database.owner.withConnection {
                try $0.rows("SELECT detail::text FROM audit_log WHERE action = 'site.changed' ORDER BY id")
            }
            #expect(detail.count == 2 && detail[1].contains(#""retention_days""#))
        }
    }

    @Test func `a zone changes when the site's day is over`() async throws {
        try await Program.withSite { program in
            func zones() async throws -> [(Day, String)] {
                try await program.database.owner.withConnection {
                    try $0.rows("SELECT from_day, zone FROM site_zones ORDER BY from_day")
                }
            }
            let today = try await program.web.statistics.calendar(program.site).today(at: Date())
            let changed = try await program.send(.patch, path(program), body: #"{"time_zone":"Asia/Tokyo"}"#)
            #expect(changed.json["time_zone"] == "Asia/Tokyo")
            #expect(try await zones().map(\.0) == [Day("1970-01-01")!, today.advanced(by: 1)])
            let site = try await program.web.sites.find(id: program.site.site.id, in: program.site.account)!
            #expect(try await program.web.sites.settings(of: site).zoneUntilMidnight == "UTC")
            _ = try await program.send(.patch, path(program), body: #"{"time_zone":"UTC"}"#)
            #expect(try await zones().map(\.1) == ["UTC"])
        }
    }

    @Test(arguments: [
        ("{", "body"), ("[]", ""), (#"{"nmae":"x"}"#, ""), (#"{"name":7}"#, "name"),
        (#"{"name":" "}"#, "name"),
        (#"{"time_zone":"Mars"}"#, "time_zone"), (#"{"duplicate_window":61}"#, "duplicate_window"),
        (#"{"hostnames":["a\u0000"]}"#, ""), (#"{"hostnames":"a"}"#, "hostnames"),
        (#"{"tracker_features":["magic"]}"#, "tracker_features"),
        (#"{"retention_days":0}"#, "retention_days"),
        (#"{"exclusions":[{"kind":"address","value":"0.0.0.0/0"}]}"#, "exclusions"),
        (#"{"exclusions":[{"kind":"address","value":"example.com"}]}"#, "exclusions"),
        (#"{"exclusions":[{"kind":"shoe","value":"x"}]}"#, "exclusions/0/kind"),
        (#"{"exclusions":[{"kind":"country","value":"Germany"}]}"#, "exclusions"),
        (#"{"exclusions":[{"kind":"page","value":"admin"}]}"#, "exclusions"),
        (#"{"domain":"a b"}"#, "domain"),
    ])
    func `what cannot be taken is refused, with the field`(body: String, field: String) async throws {
        try await Program.withSite { program in
            let answer = try await program.send(.patch, path(program), body: body)
            #expect(answer.status == 400)
            if field != "body" {
                #expect(
                    answer.json["error"]["field"] == (field.isEmpty ? .null : .text(field)), "\(answer.text)")
            }
            guard case .text(let message) = answer.json["error"]["message"] else {
                Issue.record("no message: \(answer.text)")
                return
            }
            #expect(!message.isEmpty)
        }
    }

    @Test func `an erased site is gone at once, and the job that erases the rest is seen`() async throws {
        try await Program.withSite(events: 20) { program in
            let erased = try await program.send(.delete, path(program))
            #expect(erased.status == 202)
            #expect(try await program.send(.get, path(program)).status == 404)
            #expect(try await program.send(.delete, path(program)).status == 404)
            guard case .whole(let id) = erased.json["job"] else {
                Issue.record("no job: \(erased.text)")
                return
            }
            let job = try await program.send(.get, "/api/jobs/\(id)")
            #expect(job.json["kind"] == "erase_site" && job.json["state"] == "ready")
            // It is not to be stopped half-way.
            let cancelled = try await program.send(.delete, "/api/jobs/\(id)")
            #expect(cancelled.status == 409 && cancelled.json["error"]["code"] == "not_cancellable")
        }
    }

    @Test func `a job that waits is cancelled, and somebody else's is no job`() async throws {
        try await Program.withSite { program in
            let site = program.site
            let id = try await program.web.reset(site)!
            let cancelled = try await program.send(.delete, "/api/jobs/\(id)")
            #expect(cancelled.status == 200 && cancelled.json["cancelling"] == true)
            let other = try await program.database.site(domain: "theirs.example")
            let theirs = try await program.web.reset(other)!
            for path in [
                "/api/jobs/\(theirs)", "/api/jobs/0", "/api/jobs/x", "/api/jobs/99999999999999999999",
            ] {
                #expect(try await program.send(.get, path).status == 404)
                #expect(try await program.send(.delete, path).status == 404)
            }
            let actions: [String] = try await program.database.owner.withConnection {
                try $0.rows(
                    "SELECT action FROM audit_log WHERE action IN ('site.reset', 'job.cancelled') ORDER BY id"
                )
            }
            #expect(actions == ["site.reset", "job.cancelled", "site.reset"])
        }
    }

    @Test func `a member who may only look changes nothing`() async throws {
        try await Program.withSite { program in
            try await program.database.owner.withConnection {
                _ = try $0.execute("UPDATE memberships SET role = 'viewer'")
            }
            for (method, path) in [
                (.post, "/api/sites"), (.patch, self.path(program)), (.delete, self.path(program)),
                (.delete, "/api/jobs/1"),
            ] as [(HTTPRequest.Method, String)] {
                #expect(try await program.send(method, path, body: "{}").status == 403, "\(method) \(path)")
            }
            #expect(try await program.send(.get, self.path(program)).status == 200)
        }
    }
}
