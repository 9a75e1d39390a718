import Testing

@testable import Ingest

@Suite struct JSONScannerTests {
    @Test(arguments: [
        (#"{}"#, "{}"), (#"{"a":1}"#, "{a:#1}"), (#" { "a" : [ ] , "b" : { } } "#, "{a:[],b:{}}"),
        (#"[1,-2,3.5,1e3,0]"#, "[#1,#-2,3.5,1e3,#0]"), (#"[true,false,null]"#, "[true,false,null]"),
        (#""\"\\\/\b\f\n\r\t""#, "\"\"\\/\u{8}\u{c}\n\r\t\""), (#""\u00e9\u20AC\ud83d\ude00""#, "\"é€😀\""),
        (#""é€😀""#, "\"é€😀\""), (#"999999999999999999"#, "#999999999999999999"),
        (#"9999999999999999999"#, "9999999999999999999"), (#""""#, "\"\""), (#"{"":0}"#, "{:#0}"),
    ])
    func `what is JSON is read`(text: String, expected: String) throws {
        #expect(try Self.describe(Array(text.utf8)) == expected)
    }

    @Test(arguments: [
        ("", JSONError.malformed), ("{", .malformed), (#"{"a"}"#, .malformed), (#"{"a":}"#, .malformed),
        (#"{"a":1,}"#, .malformed), ("[1,]", .malformed), ("[1 2]", .malformed), ("{a:1}", .malformed),
        ("'a'", .malformed), ("01", .malformed), ("1.", .malformed), (".5", .malformed), ("+1", .malformed),
        ("1e", .malformed), ("-", .malformed), ("NaN", .malformed), ("tru", .malformed), (#""a"#, .malformed),
        (#""\x""#, .malformed), (#""\u12""#, .malformed), ("\"\n\"", .malformed), ("{} {}", .malformed),
        ("{}x", .malformed), ("\u{FEFF}{}", .malformed), (#"{"a":1,"a":2}"#, .duplicateKey),
        (#"{"a":1,"\u0061":2}"#, .duplicateKey), (#"[{"b":{"c":1,"c":1}}]"#, .duplicateKey),
        (#""\u0000""#, .impossibleCharacter), (#""\ud800""#, .impossibleCharacter),
        (#""\udc00""#, .impossibleCharacter), (#""\ud800\u0041""#, .impossibleCharacter),
        ("1e400", .numberOutOfRange), ("-1e400", .numberOutOfRange),
    ])
    func `what is not is refused`(text: String, error: JSONError) {
        #expect(throws: error) { try Self.describe(Array(text.utf8)) }
    }

    @Test(
        arguments: [
            [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
            [0x22, 0xF5, 0x80, 0x80, 0x80, 0x22],
            [0x22, 0xE2, 0x82, 0x22], [0x22, 0x5C, 0x6E, 0xFF, 0x22],
        ] as [[UInt8]])
    func `a text is UTF-8`(bytes: [UInt8]) {
        #expect(throws: JSONError.notUTF8) { try Self.describe(bytes) }
    }

    @Test func `sixteen levels are enough`() throws {
        let deep = String(repeating: "[", count: 16) + String(repeating: "]", count: 16)
        #expect(throws: Never.self) { try Self.describe(Array(deep.utf8)) }
        #expect(throws: JSONError.tooDeep) { try Self.describe(Array("[\(deep)]".utf8)) }
        let endless = String(repeating: #"{"a":"#, count: 100_000)
        #expect(throws: JSONError.tooDeep) { try Self.describe(Array(endless.utf8)) }
    }

    @Test func `an object has at most 512 members`() {
        func object(_ count: Int) -> [UInt8] {
            Array("{\((0..<count).map { "\"\($0)\":0" }.joined(separator: ","))}".utf8)
        }
        #expect(throws: Never.self) { try Self.describe(object(512)) }
        #expect(throws: JSONError.tooManyMembers) { try Self.describe(object(513)) }
    }

    @Test func `a text is read to its end wherever that lies, and whatever stands in it`() throws {
        for length in 0...20 {
            let plain = String(repeating: "a", count: length)
            for place in 0...length {
                let (before, after) = (plain.prefix(place), plain.dropFirst(place))
                for (written, meant) in [
                    ("", ""), ("ü", "ü"), (#"\""#, "\""), (#"\\"#, "\\"), (#"\n"#, "\n"), ("!", "!"),
                ] {
                    let text = #"["\#(before)\#(written)\#(after)",1]"#
                    let expected = "[\"\(before)\(meant)\(after)\",#1]"
                    #expect(try Self.describe(Array(text.utf8)) == expected)
                }
                for bad in ["\n", "\u{1F}", "\u{0}"] {
                    #expect(throws: JSONError.malformed) {
                        try Self.describe(Array(#"["\#(before)\#(bad)\#(after)"]"#.utf8))
                    }
                }
                #expect(throws: JSONError.notUTF8) {
                    try Self.describe(
                        Array(#"[""#.utf8) + before.utf8 + [0xFF] + after.utf8 + Array(#""]"#.utf8))
                }
            }
        }
    }

    @Test func `a text cut anywhere is refused, and never read past its end`() throws {
        let text = Array(#"{"name":"a\u00e9\ud83d\ude00","list":[1,-2.5e3,true,null,{"x":"ü"}]}"#.utf8)
        for length in 0..<text.count {
            #expect(throws: JSONError.self) { try Self.describe(Array(text[..<length])) }
        }
    }

    /// What was read, whole numbers marked with #.
    static func describe(_ bytes: [UInt8]) throws -> String {
        try bytes.withUnsafeBytes { bytes in
            var scanner = JSONScanner(bytes)
            let text = try describe(&scanner)
            try scanner.finish()
            return text
        }
    }

    private static func describe(_ scanner: inout JSONScanner) throws(JSONError) -> String {
        switch try scanner.value() {
        case .null: return "null"
        case .bool(let bool): return "\(bool)"
        case .number(let range, let integer): return integer.map { "#\($0)" } ?? scanner.text(range)
        case .string(let text): return "\"\(text)\""
        case .object(let range):
            var inner = scanner.at(range)
            var members: [String] = []
            try inner.object { scanner, key throws(JSONError) in
                members.append("\(key):\(try describe(&scanner))")
            }
            return "{\(members.joined(separator: ","))}"
        case .array(let range):
            var inner = scanner.at(range)
            var elements: [String] = []
            try inner.array { scanner throws(JSONError) in elements.append(try describe(&scanner)) }
            return "[\(elements.joined(separator: ","))]"
        }
    }
}
