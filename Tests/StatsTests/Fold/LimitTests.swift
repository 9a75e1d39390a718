import Testing

@testable import Stats

struct LimitTests {
    private func pages(_ pages: [String], values: Int) -> Block {
        let events = pages.enumerated().map { Happening("pageview", $0.element, at: Int64($0.offset)) }
        return Fold.fold(RawEvents(events), clock: Happening.clock, limits: .init(values: values)).block
    }

    @Test func `the most frequent values stay, ties by bytes, the rest is one`() {
        let block = pages(["/d", "/c", "/b", "/a", "/c", "/é", "/z"], values: 3)
        #expect(block.dictionary(of: .page) == ["(other)", "/a", "/b", "/c"])
        #expect(block.numbers(of: .page) == [0, 3, 2, 1, 3, 0, 0])
        #expect(block.told.map(\.entry) == ["(other)"])
        #expect(block.told.map(\.exit) == ["(other)"])
    }

    @Test func `nothing is cut below the limit`() {
        #expect(pages(["/b", "/a", "/c"], values: 3).dictionary(of: .page) == ["/a", "/b", "/c"])
    }

    @Test func `the rest stands in its place by bytes`() {
        #expect(pages(["!", "!", "a", "a", "b"], values: 2).dictionary(of: .page) == ["!", "(other)", "a"])
        #expect(pages(["!", "!", "#", "#", "b"], values: 2).dictionary(of: .page) == ["!", "#", "(other)"])
    }

    @Test func `a value that is called like the rest is the rest`() {
        let block = pages(["(other)", "(other)", "a", "a", "b"], values: 2)
        #expect(block.dictionary(of: .page) == ["(other)", "a"])
        #expect(block.numbers(of: .page) == [0, 0, 1, 1, 0])
        #expect(pages(["(other)", "a"], values: 2).dictionary(of: .page) == ["(other)", "a"])
        #expect(pages(["(other)", "a", "a"], values: 1).dictionary(of: .page) == ["(other)", "a"])
    }

    @Test func `a column of visits is counted by visits`() {
        let events = [
            Happening(at: 0, by: 1).with([.source: "A"]), Happening(at: 1, by: 1), Happening(at: 2, by: 1),
            Happening(at: 3, by: 2).with([.source: "B"]), Happening(at: 4, by: 3).with([.source: "B"]),
        ]
        let block = Fold.fold(RawEvents(events), clock: Happening.clock, limits: .init(values: 1)).block
        #expect(block.dictionary(of: .source) == ["(other)", "B"])
        #expect(block.numbers(of: .source) == [0, 1, 1])
    }

    @Test func `keys of properties are cut by events, their values within each key`() {
        let events = [
            Happening(at: 0).with([:], properties: [("c", "1"), ("b", "1"), ("a", "x")]),
            Happening(at: 1).with([:], properties: [("c", "2"), ("b", "2")]),
            Happening(at: 2).with([:], properties: [("c", "2")]),
        ]
        let block = Fold.fold(RawEvents(events), clock: Happening.clock, limits: .init(values: 1, keys: 2))
            .block
        #expect(
            block.properties == [
                .init(key: "b", events: [0, 1], values: [1, 0], dictionary: ["(other)", "1"]),
                .init(key: "c", events: [0, 1, 2], values: [0, 1, 1], dictionary: ["(other)", "2"]),
            ])
    }

    @Test func `texts are told apart by bytes`() {
        // Unicode holds the first two for the same.
        let block = pages(["/\u{E9}", "/e\u{301}", "/E\u{301}"], values: 10)
        #expect(
            block.dictionary(of: .page).map { Array($0.utf8) }
                == ["/E\u{301}", "/e\u{301}", "/\u{E9}"].map { Array($0.utf8) })
    }
}
