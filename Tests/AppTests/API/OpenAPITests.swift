import HTTPTypes
import Operations
import Testing

@testable import App

@Suite struct OpenAPITests {
    @Test func `every route of the API is described, and nothing else`() async throws {
        let document = OpenAPI.document(try .test())
        var described: Set<String> = []
        for (path, item) in document["paths"].members {
            for method in item.members.keys where method != "parameters" && method != "servers" {
                described.insert("\(method.uppercased()) \(path)")
            }
        }
        let routes = Routes.all.filter { $0.path.hasPrefix("/api/") }.map { route in
            "\(route.method) " + route.path.replacing(/:(\w+)/) { "{\($0.output.1)}" }
        }
        // The collector's own.
        #expect(described == Set(routes).union(["POST /api/events"]))
    }

    @Test func `every reference leads to a schema, and every schema is referred to`() throws {
        let document = OpenAPI.document(try .test())
        let schemas = Set(document["components"]["schemas"].members.keys)
        func references(_ value: JSONValue) -> Set<String> {
            switch value {
            case .object(let members):
                members.reduce(into: []) { found, member in
                    if member.key == "$ref", case .text(let text) = member.value {
                        found.insert(String(text.split(separator: "/").last!))
                    } else {
                        found.formUnion(references(member.value))
                    }
                }
            case .list(let items): items.reduce(into: []) { $0.formUnion(references($1)) }
            default: []
            }
        }
        #expect(references(document) == schemas)
    }

    @Test func `the document is served to anybody`() async throws {
        try await withApplication { tab, _, _ in
            let page = try await tab.get("/openapi.json")
            #expect(page.status == 200 && page.headers[.contentType]?.hasPrefix("application/json") == true)
            #expect(try JSONValue(parsing: Array(page.text.utf8))["openapi"] == "3.1.0")
        }
    }
}
