import Auth
import HTTPTypes
import Stats
import TestSupport
import Testing

@testable import App

/// `GET /api/v1/stats/…`.
@Suite struct StatsFirstVersionTests {
    private func get(_ program: Program, _ uri: String) async throws -> Program.Answer {
        try await program.send(.get, "/api/v1/stats/\(uri)")
    }

    private func second(_ program: Program, _ query: JSONValue) async throws -> JSONValue {
        try await program.query(StatsQueryTests.sent(query)).json["results"]
    }

    @Test func `aggregate, timeseries and breakdown say what the second version says`() async throws {
        try await Program.withSite(events: 400) { program in
            let total = try await get(
                program, "aggregate?site_id=dummy.site&period=7d&metrics=visitors,pageviews,bounce_rate")
            let totals = try await second(
                program, ["metrics": ["visitors", "pageviews", "bounce_rate"], "date_range": "7d"])
            for (index, name) in ["visitors", "pageviews", "bounce_rate"].enumerated() {
                #expect(total.json["results"][name]["value"] == totals[0]["metrics"][index])
            }
            let compared = try await get(
                program, "aggregate?site_id=dummy.site&period=day&compare=previous_period")
            #expect(compared.json["results"]["visitors"].members.keys.sorted() == ["change", "value"])

            let series = try await get(
                program, "timeseries?site_id=dummy.site&period=7d&metrics=visitors,bounce_rate")
            #expect(series.json["results"].items.count == 7)
            #expect(
                series.json["results"][0] == [
                    "date": series.json["results"][0]["date"], "visitors": 0, "bounce_rate": .null,
                ])
            let hours = try await get(program, "timeseries?site_id=dummy.site&period=day&date=2026-03-28")
            #expect(hours.json["results"].items.count == 24)
            #expect(hours.json["results"][23]["date"] == "2026-03-28 23:00:00")

            let pages = try await get(
                program,
                "breakdown?site_id=dummy.site&period=30d&property=event:page&metrics=visitors,events&limit=2&page=2"
            )
            let rows = try await second(
                program,
                [
                    "metrics": ["visitors", "events"], "date_range": "30d", "dimensions": ["event:page"],
                    "pagination": ["limit": 2, "offset": 2],
                ])
            #expect(
                pages.json["results"].items
                    == rows.items.map {
                        [
                            "page": $0["dimensions"][0], "visitors": $0["metrics"][0],
                            "events": $0["metrics"][1],
                        ]
                    })
        }
    }

    private static let filters: [(String, JSONValue)] = [
        ("visit:country==DE", ["is", "visit:country", ["DE"]]),
        ("visit:country==DE%7CEE", ["is", "visit:country", ["DE", "EE"]]),
        ("visit:country!=DE", ["is_not", "visit:country", ["DE"]]),
        ("event:page==/blog/*", ["matches", "event:page", ["^/blog/.*$"]]),
        ("event:page!=*ocs*", ["matches_not", "event:page", ["ocs"]]),
        ("event:goal==Visit%20/pricing", ["is", "event:page", ["/pricing"]]),
        (
            "event:name==Signup;visit:os==Mac",
            ["and", [["is", "event:name", ["Signup"]], ["is", "visit:os", ["Mac"]]]]
        ),
    ]

    @Test(arguments: filters)
    func `filters of the first version are those of the second`(filter: String, same: JSONValue) async throws
    {
        try await Program.withSite(events: 400) { program in
            try await program.addGoals()
            let filters: JSONValue =
                filter.contains("goal") ? [same, ["is", "event:name", ["pageview"]]] : [same]
            let one = try await get(program, "aggregate?site_id=dummy.site&period=7d&filters=\(filter)")
            let other = try await second(
                program, ["metrics": ["visitors"], "date_range": "7d", "filters": filters])
            #expect(one.json["results"]["visitors"]["value"] == other[0]["metrics"][0])
            #expect(other[0]["metrics"][0] != 0)
        }
    }

    @Test func `who is there now is a number`() async throws {
        try await Program.withSite { program in
            for (visitor, seconds) in [(1, 10), (1, 60), (2, 290), (3, 310)] as [(Int64, Double)] {
                try await program.database.pageView(
                    program.site.site, path: "/", visitor: visitor, secondsAgo: seconds)
            }
            #expect(try await get(program, "realtime/visitors?site_id=dummy.site").text == "2")
        }
    }

    @Test(arguments: [
        ("aggregate", "site_id: This is missing."),
        ("aggregate?site_id=dummy.site&period=x", "period: “x” is no period;"),
        ("aggregate?site_id=dummy.site&metrics=a", "metrics: “a” is no metric."),
        ("aggregate?site_id=dummy.site&metrics=conversion_rate", "metrics: conversion_rate: Choose a goal"),
        ("aggregate?site_id=dummy.site&compare=x", "compare: Only previous_period"),
        ("aggregate?site_id=dummy.site&date=x", "date: A day such as"),
        ("aggregate?site_id=dummy.site&period=custom&date=2026-01-01", "date: A custom period has two days"),
        ("aggregate?site_id=dummy.site&filters=x", "filters: “x” has neither == nor !=."),
        ("aggregate?site_id=dummy.site&filters=visit:x==1", "filters/0/1: “visit:x” is nothing"),
        ("breakdown?site_id=dummy.site", "property: This is missing."),
        ("breakdown?site_id=dummy.site&property=time:day", "property: “time:day” is no property."),
        ("breakdown?site_id=dummy.site&property=event:page&limit=0", "limit: A whole number from 1 to 1000"),
        ("timeseries?site_id=dummy.site&interval=x", "interval: Use hour, date or month."),
    ])
    func `what is wrong is named`(uri: String, error: String) async throws {
        try await Program.withSite { program in
            let answer = try await get(program, uri)
            #expect(answer.status == 400)
            #expect(answer.error?.hasPrefix(error) == true, "\(answer.text)")
        }
    }
}
