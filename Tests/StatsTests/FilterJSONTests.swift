import Auth
import Stats
import Testing

struct FilterJSONTests {
    static let goal = Goal(id: 1, name: "Sign up", kind: .event("signup"))

    static let filters: [(json: String, filter: Filter)] = [
        (#"["is","country",["DE","JP"]]"#, .match(.init(.country, .equals, ["DE", "JP"]))),
        (#"["is_not","source",[""]]"#, .match(.init(.source, .equals, [""], isNegated: true))),
        (
            #"["contains_not","page",["/Shop"],{"case_sensitive":false}]"#,
            .match(.init(.page, .contains, ["/Shop"], isNegated: true, isCaseSensitive: false))
        ),
        (#"["matches","prop:plan",["^pro/"]]"#, .match(.init(.property("plan"), .matches, ["^pro/"]))),
        (#"["is","goal",["Sign up"]]"#, .goal(goal)),
        (#"["has_done",["is","goal",["Sign up"]]]"#, .hasDone(.goal(goal))),
        (#"["has_not_done",["is","goal",["Sign up"]]]"#, .not(.hasDone(.goal(goal)))),
        (
            #"["and",[["or",[["is","device",["Phone"]],["not",["is","browser",["Firefox"]]]]],["and",[]]]]"#,
            .all([
                .any([
                    .match(.init(.device, .equals, ["Phone"])),
                    .not(.match(.init(.browser, .equals, ["Firefox"]))),
                ]),
                .everything,
            ])
        ),
    ]

    @Test(arguments: filters.indices)
    func `a filter is read from its JSON and written as it was`(_ index: Int) throws {
        let (json, filter) = Self.filters[index]
        #expect(try Filter(json: json, goals: [Self.goal]) == filter)
        #expect(filter.json == json)
    }

    @Test func `several goals are any of them`() throws {
        let other = Goal(id: 2, name: "Buy", kind: .event("buy"))
        #expect(
            try Filter(json: #"["is_not", "goal", ["Sign up", "Buy"]]"#, goals: [Self.goal, other])
                == .not(.any([.goal(Self.goal), .goal(other)])))
    }

    @Test(arguments: [
        "", "{}", "1", "null", "[]", #"["is"]"#, #"["is","country"]"#, #"["is","country","DE"]"#,
        #"["is","country",[]]"#,
        #"["is","country",[1]]"#, #"["was","country",["DE"]]"#, #"["is","goal",["No such"]]"#,
        #"["contains","goal",["Sign up"]]"#, #"["is","hour",["2026-11-21 14:00"]]"#,
        #"["is","nothing",["x"]]"#,
        #"["is","country",["DE"],{"case":true}]"#, #"["is","country",["DE"],{"case_sensitive":"no"}]"#,
        #"["is","country",["DE"],true,true]"#, #"["matches","page",["x"],{"case_sensitive":false}]"#,
        #"["and","x"]"#,
        #"["not",[]]"#, #"["_not","country",["DE"]]"#,
        String(repeating: #"["not","#, count: 12) + #"["is","country",["DE"]]"#
            + String(repeating: "]", count: 12),
        #"["and",["# + Array(repeating: #"["is","country",["DE"]]"#, count: 100).joined(separator: ",")
            + "]]",
        #"["is","page",["\#(String(repeating: "x", count: 2_001))"]]"#,
        String(repeating: "[", count: 20_000),
    ])
    func `what is not exactly a filter is refused with a sentence`(_ json: String) {
        let error = #expect(throws: FormError.self) { try Filter(json: json, goals: [Self.goal]) }
        #expect(error?.field == "filter")
        #expect(error?.message.hasSuffix(".") == true)
    }
}
