import Testing

@testable import Stats

struct TextTableTests {
    @Test func `texts are numbered in the order of their first appearance`() {
        var table = TextTable()
        let texts = (0..<2_000).map { "text \($0 % 1_000)" } + ["", "a", "ab", "abcdefgh", "abcdefghi", ""]
        let ids = texts.map { table.id(of: $0) }
        #expect(ids == (0..<2_000).map { UInt32($0 % 1_000) } + [1_000, 1_001, 1_002, 1_003, 1_004, 1_000])
        #expect(table.count == 1_005)
        #expect((0..<1_005).map { table.text($0) } == Array(texts[..<1_000] + texts[2_000..<2_005]))
        #expect(table.known("text 7") == 7)
        #expect(table.known("text 1000") == nil)
    }

    @Test func `texts of every length are found again`() {
        var table = TextTable()
        let long = String(repeating: "0123456789", count: 20)
        let texts =
            (0...200).map { String(long.prefix($0)) } + (1...200).map { String(long.prefix($0 - 1)) + "x" }
        #expect(texts.map { table.id(of: $0) } == (0..<401).map { UInt32($0) })
        #expect(texts.map { table.id(of: $0) } == (0..<401).map { UInt32($0) })
    }

    @Test func `texts are told apart by bytes, and what is no UTF-8 is repaired`() {
        var table = TextTable()
        #expect(["é", "e\u{301}"].map { table.id(of: $0) } == [0, 1])
        let broken: [[UInt8]] = [[0xFF], [0xC3], Array("\u{FFFD}".utf8)]
        #expect(broken.map { bytes in bytes.withUnsafeBytes { table.id(of: $0) } } == [2, 2, 2])
        #expect(table.text(2) == "\u{FFFD}")
    }

    @Test func `an empty table knows nothing`() {
        #expect(TextTable().known("") == nil)
        #expect(TextTable().count == 0)
    }
}

struct RawEventsTests {
    @Test func `the three ways in are the same`() {
        let event = RawEvents.Event(time: 5, visitor: 1, stream: 1, sequence: 1)
        var byTexts = RawEvents()
        byTexts.append(event, [.name: "pageview", .page: "/"], properties: ["plan": "pro"])
        var byNumbers = RawEvents()
        var ids = [UInt32](repeating: 0, count: RawEvents.width)
        ids[Int(Column.name.rawValue)] = byNumbers.id(of: "pageview", in: .name)
        ids[Int(Column.page.rawValue)] = byNumbers.id(of: "/", in: .page)
        byNumbers.append(event, ids: ids, properties: [byNumbers.property("plan", "pro")])
        var byBytes = RawEvents()
        byBytes.append(event)
        for (column, text) in [(Column.name, "pageview"), (.page, "/")] {
            Array(text.utf8).withUnsafeBytes { byBytes.set(column, $0) }
        }
        byBytes.addProperty(byBytes.property("plan", "pro"))
        let blocks = [byTexts, byNumbers, byBytes].map { Fold.fold($0, clock: Happening.clock).block }
        #expect(blocks[0] == blocks[1])
        #expect(blocks[0] == blocks[2])
        #expect(blocks[0].dictionary(of: .page) == ["/"])
        #expect(byTexts.byteCount > 0)
    }
}
