import FoundationEssentials
import HTTPTypes
import Stats
import TestSupport
import Testing

@testable import App

extension DashboardTests {
    @Test func `the map is shaded, and a country on it is a filter`() async throws {
        try await withDashboard { tab, _, _, _ in
            let page = try await tab.get(today + "&tabs=map").text
            #expect(
                page.contains(
                    #"<a class="shade-5" href="/sites/example.com?period=today&amp;tabs=map&amp;f=is,country,DE""#
                ))
            #expect(page.contains("<title>Germany: 2 visitors (100%)</title>"))
            #expect(page.contains("<title>France: no visitors</title>"))
            // The table beside it is for those who do not see the map.
            #expect(page.contains(#"title="Germany" data-filter"#))
            #expect(!(try await tab.get(today).text).contains("world-land"))
            let whole = try await tab.get("/sites/example.com/panels/map?period=today").text
            #expect(whole.contains("world-land") && whole.contains(#"title="Germany">"#))
            let svg = try await tab.get("/sites/example.com/panels/map.svg?period=today").text
            #expect(svg.contains("<title>Germany: 2 visitors</title>"))
            let empty = try await tab.get(today + "&tabs=map&f=is,page,/none").text
            #expect(!empty.contains("world-land") && empty.contains("Nothing that the filters let through."))
        }
    }

    @Test func `the map knows every country that it names, each once`() {
        #expect(WorldMap.codes.filter { Countries.name($0) == $0 } == [])
        #expect(Set(WorldMap.codes).count == WorldMap.codes.count && WorldMap.codes.count > 200)
        #expect(WorldMap.outlines.utf8.count < 40_000)
    }

    @Test func `shades tell few from many`() {
        let rows = [("US", 10_000.0), ("DE", 900), ("FR", 30), ("SG", 1), ("??", 99_999), ("", 5)].map {
            Figures.Row(values: [$0], figures: [.number($1)])
        }
        let model = WorldMap(rows, everybody: 110_935).model(isFocusable: true) { "/" + $0 }
        let visited = (model["visited"] as? [Model])!
        #expect(visited.map { $0["href"] as? String } == ["/US", "/DE", "/FR", "/SG"])
        #expect(visited.map { $0["shade"] as? String } == ["5", "3", "1", "1"])
        #expect(visited.last?["title"] as? String == "Singapore: 1 visitor (0%)")
        #expect(visited.last?["path"] as? Bool == false && visited.last?["x"] is String)
    }

    @Test func `the line is a page and files`() async throws {
        try await withDashboard { tab, _, _, _ in
            let chart = "/sites/example.com/panels/chart"
            #expect(
                try await tab.post(
                    "/sites/example.com/annotations",
                    ["day": day(of: tab), "text": "=Sent", "back": ""]
                ).status == 303)
            let query = "?period=7d&metric=pageviews&compare=off"
            let page = try await tab.get(chart + query).text
            #expect(
                page.contains("<h1>Page views</h1>") && page.contains("<details id=\"chart-as-table\" open>"))
            let csv = try await tab.get(chart + ".csv" + query)
            let lines = csv.text.split(separator: "\r\n")
            #expect(lines.count == 8 && lines[0] == "day,pageviews,notes")
            #expect(lines[7].hasSuffix(",3,'=Sent"))
            #expect(csv.headers[.contentDisposition] == #"attachment; filename="example.com-chart.csv""#)
            let compared = try await tab.get(chart + ".csv?period=7d").text
            #expect(compared.hasPrefix("day,visitors,compared_day,compared_visitors,notes\r\n"))
            let json = try await tab.get(chart + ".json?period=7d&compare=off").text
            #expect(
                json.hasPrefix(#"{"interval":"day","metric":"visitors","rows":[{"notes":[],"partial":false,"#)
            )
            #expect(json.contains(#""notes":["=Sent"],"partial":true"#))
            let minutes = try await tab.get(chart + ".json?period=realtime").text
            #expect(minutes.contains(#""interval":"minute""#))
            #expect(minutes.matches(of: /"time"/).count == 30)
            let svg = try await tab.get(chart + ".svg" + query)
            #expect(svg.headers[.contentType] == "image/svg+xml; charset=utf-8")
            #expect(svg.text.contains("example.com: Page views") && svg.text.contains("<title>=Sent</title>"))
            let board = try await tab.get("/sites/example.com?period=7d").text
            #expect(board.contains(#"href="/sites/example.com/panels/chart.svg?period=7d""#))
            for ending in ["", ".json", ".csv", ".svg"] {
                #expect(try await tab.get(chart + ending + "?f=is,nothing,x").status == 400)
            }
        }
    }

    private func day(of tab: Tab) async throws -> String {
        let csv = try await tab.get("/sites/example.com/panels/chart.csv?period=today&interval=hour").text
        return String(csv.split(separator: "\r\n")[1].prefix(10))
    }

    @Test func `funnels are a page and files`() async throws {
        try await withDashboard { tab, _, _, _ in
            let funnels = "/sites/example.com/panels/funnels"
            #expect(try await tab.get(funnels).text.contains("There are no funnels yet"))
            #expect(try await tab.get(funnels + ".json").text == #"{"funnels":[]}"#)
            for page in ["/a", "/b"] {
                _ = try await tab.post(
                    "/sites/example.com/goals", ["kind": "page", "what": page, "name": "Saw \(page)"])
            }
            let ids = try await tab.get("/sites/example.com/goals").text
                .matches(of: /goals\?edit=(\d+)/).map { String($0.1) }
            _ = try await tab.post(
                "/sites/example.com/funnels",
                ["name": "=From a", "scope": "visit", "step0": ids[0], "step1": ids[1]])
            let csv = try await tab.get(funnels + ".csv?period=today").text
            #expect(
                csv == "funnel,unit,number,step,count,of_first,of_previous\r\n"
                    + "'=From a,visits,1,Saw /a,2,100,100\r\n'=From a,visits,2,Saw /b,1,50,50\r\n")
            let json = try await tab.get(funnels + ".json?period=today").text
            #expect(json.contains(#"{"count":1,"name":"Saw /b","of_first":50,"of_previous":50}"#))
            #expect(json.contains(#""name":"=From a","selected":2"#))
            #expect(try await tab.get(funnels + ".svg?period=today").text.contains("1 · 50%"))
            #expect(
                try await tab.get(funnels + "?period=today").text.contains("50% of visits go all the way"))
            #expect(
                try await tab.get(today + "&tabs=funnels").text
                    .contains(#"href="/sites/example.com/panels/funnels?period=today&amp;tabs=funnels""#))
        }
    }

    @Test func `where one of several conditions is enough, a click still narrows`() async throws {
        try await withDashboard { tab, _, _, _ in
            let either = today + "&join=or&f=is,page,/b&f=is,country,FR"
            let board = try await tab.get(either).text
            #expect(figures(board)["Visitors"] == "1")
            let narrowed = either + "&and=is,browser,Firefox"
            #expect(board.contains("href=\"" + narrowed.replacing("&", with: "&amp;") + "\""))
            let page = try await tab.get(narrowed).text
            #expect(figures(page)["Visitors"] == "1")
            #expect(page.contains("Any of") && page.contains("Browser is <b>Firefox</b>"))
            #expect(
                figures(try await tab.get(either + "&and=is_not,browser,Firefox").text)["Visitors"] == "0")
            // The pill leads back; of a choice of two, one alone is left with the rest.
            #expect(
                page.contains("href=\"" + either.replacing("&", with: "&amp;") + "\" aria-label=\"Remove"))
            #expect(
                page.contains(
                    "href=\"/sites/example.com?period=today&amp;f=is,page,/b&amp;f=is,browser,Firefox\" aria-label=\"Remove"
                ))
            // The same column again replaces what was clicked before.
            #expect(page.contains("&amp;f=is,country,FR&amp;and=is,browser,Firefox&amp;and=is,country,DE\""))
            let editor = try await tab.get(narrowed.replacing("example.com?", with: "example.com/filters?"))
                .text
            #expect(editor.contains(#"name="d20""#) && editor.contains(">Firefox</textarea>"))
            #expect(
                try await tab.get(
                    "/sites/example.com/filters?period=today&apply=1&any=yes&d0=page&o0=is&v0=/b&d1=country&o1=is"
                        + "&v1=France&d20=browser&o20=is&v20=Firefox"
                ).location == narrowed)
        }
    }

    @Test(arguments: [
        ("join=or&f=is,page,/a&and=is,country,DE", "?f=is,page,/a&f=is,country,DE"),
        ("f=is,page,/a&and=is,country,DE", "?f=is,page,/a&f=is,country,DE"),
        ("and=is,country,DE", "?f=is,country,DE"),
        (
            "join=or&f=is,page,/a&f=is,page,/b&and=is,country,DE",
            "?join=or&f=is,page,/a&f=is,page,/b&and=is,country,DE"
        ),
    ])
    func `an address has one form`(query: String, wanted: String) throws {
        let state = try BoardState(try Fields(encoded: query.utf8))
        #expect(state.query == wanted)
        #expect(try BoardState(try Fields(encoded: wanted.dropFirst().utf8)) == state)
    }
}
