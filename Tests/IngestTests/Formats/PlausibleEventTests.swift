import Testing

@testable import Ingest

@Suite struct PlausibleEventTests {
    static func hits(_ body: String) throws -> [Hit] {
        try Array(body.utf8).withUnsafeBytes { try PlausibleEvent.hits($0) }
    }

    @Test func `short and long names mean the same`() throws {
        let bodies = [
            #"{"n":"Buy","u":"http://a.test/x","d":"a.test","r":"http://b.test","p":{"k":"v"},"i":false,"h":1}"#,
            #"{"name":"Buy","url":"http://a.test/x","domain":"a.test","referrer":"http://b.test","props":{"k":"v"},"interactive":false,"hashMode":true}"#,
            #"{"n":"Buy","name":"x","u":"http://a.test/x","d":"a.test","r":"http://b.test","m":{"k":"v"},"i":false,"h":true}"#,
        ]
        for body in bodies {
            let hit = try #require(try Self.hits(body).first)
            #expect(hit.target == .domain("a.test"))
            #expect([hit.name, hit.page?.pathname, hit.referrer] == ["Buy", "/x", "http://b.test"])
            #expect(String(decoding: hit.props.json, as: UTF8.self) == #"{"k":"v"}"#)
            #expect(!hit.interactive)
        }
    }

    @Test(arguments: [
        (#"{}"#, ["domain": "can't be blank", "event_name": "can't be blank", "url": "is required"]),
        (#"{"n":null,"u":"http://a.test","d":"a"}"#, ["event_name": "can't be blank"]),
        (#"{"n":["a"],"u":"http://a.test","d":"a"}"#, ["event_name": "is invalid"]),
        (#"{"n":"a","u":"foo","d":"a"}"#, ["url": "must be a valid url"]),
        (#"{"n":"a","u":"http://a.test","d":"a","id":7}"#, ["id": "must be a text of at most 200 bytes"]),
        (#"[1]"#, ["body": "is not a JSON object"]), (#"{"n":1"#, ["body": "is not a JSON object"]),
        (
            #"{"n":"engagement","u":"http://a.test","d":"a","sd":"x"}"#,
            [
                "event_name":
                    "engagement event requires a valid integer value for at least one of 'sd' or 'e' fields"
            ]
        ),
    ])
    func `what is wrong is named by field`(body: String, errors: [String: String]) {
        #expect(throws: PlausibleEvent.Invalid(errors: errors)) { try Self.hits(body) }
    }

    @Test func `texts have limits`() {
        let long = String(repeating: "a", count: 2_000)
        #expect(throws: PlausibleEvent.Invalid(errors: ["url": "must be a valid url"])) {
            try Self.hits(#"{"n":"a","d":"a","u":"http://a.test/\#(long)"}"#)
        }
        #expect(throws: PlausibleEvent.Invalid(errors: ["event_name": "should be at most 120 character(s)"]))
        {
            try Self.hits(#"{"n":"\#(long)","d":"a","u":"http://a.test/"}"#)
        }
        for props in [#"{"\#(long)":"x"}"#, #"{"x":"\#(long)b"}"#] {
            #expect(
                throws: PlausibleEvent.Invalid(
                    errors: ["props": "keys should have at most 300 bytes and values 2000 bytes"])
            ) { try Self.hits(#"{"n":"a","d":"a","u":"http://a.test/","p":\#(props)}"#) }
        }
    }

    @Test(arguments: [
        (
            #"{"a":true,"b":12,"c":"x","d":null,"e":[1],"f":{"g":1}," ":"y","z":"  "}"#,
            #"{"a":"true","b":"12","c":"x"}"#
        ),
        (#""{\"a\":1}""#, #"{"a":"1"}"#), (#""show-more:button""#, ""), ("7", ""), ("null", ""),
        (#"{"q\"\\":"\u0007\u007f"}"#, #"{"q\"\\":"\u0007\u007f"}"#),
    ])
    func `properties are texts`(props: String, expected: String) throws {
        let hits = try Self.hits(#"{"n":"a","d":"a","u":"http://a.test/","p":\#(props)}"#)
        #expect(String(decoding: hits[0].props.json, as: UTF8.self) == expected)
    }

    @Test func `thirty properties are kept`() throws {
        let props = (1...50).map { "\"\($0)\":\"foo\"" }.joined(separator: ",")
        let hits = try Self.hits(#"{"n":"a","d":"a","u":"http://a.test/","p":{\#(props)}}"#)
        #expect(hits[0].props.count == 30)
    }

    @Test(
        arguments: [
            (#"{"amount":10,"currency":"BRL"}"#, 10_000_000, "BRL"),
            (#"{"amount":"13.29","currency":"usd"}"#, 13_290_000, "USD"),
            (#""{\"amount\":-1.5,\"currency\":\"EUR\"}""#, -1_500_000, "EUR"),
            (#"{"amount":"1831d","currency":"ADSIE"}"#, nil, nil),
            (#"{"amount":"1","currency":"euro"}"#, nil, nil), (#"{"amount":1e3,"currency":"EUR"}"#, nil, nil),
            ("7", nil, nil),
            (#"{"amount":"0.1234567","currency":"EUR"}"#, 123_456, "EUR"),
            (#"{"amount":"1.","currency":"EUR"}"#, nil, nil),
        ] as [(String, Int64?, String?)])
    func `revenue is an amount and a currency, or nothing`(revenue: String, amount: Int64?, currency: String?)
        throws
    {
        let hits = try Self.hits(#"{"n":"Buy","d":"a","u":"http://a.test/","$":\#(revenue)}"#)
        #expect(hits[0].revenue?.amount == amount)
        #expect(hits[0].revenue?.currency == currency)
        if let amount { #expect(Revenue.text(amount).contains(".")) }
    }

    @Test(
        arguments: [
            (#""sd":25"#, 0, 25), (#""sd":101"#, 0, 100), (#""e":5000"#, 5_000, nil),
            (#""sd":-1,"e":1"#, 1, nil),
            (#""e":999999999999"#, 86_400_000, nil),
        ] as [(String, Int32, Int16?)])
    func `engagement has a time, a depth, or both`(fields: String, time: Int32, depth: Int16?) throws {
        let hits = try Self.hits(#"{"n":"engagement","d":"a","u":"http://a.test/",\#(fields)}"#)
        #expect(hits[0].engagementMilliseconds == time)
        #expect(hits[0].scrollDepth == depth)
        let view = try Self.hits(#"{"n":"pageview","d":"a","u":"http://a.test/",\#(fields)}"#)
        #expect(view[0].scrollDepth == nil)
    }

    @Test func `one body may be about several sites`() throws {
        let hits = try Self.hits(#"{"n":"a","d":"a.test, b.test","u":"http://a.test/"}"#)
        #expect(hits.map(\.target) == [.domain("a.test"), .domain("b.test")])
        let keyed = try Self.hits(#"{"n":"a","k":"abc","d":"a.test","u":"http://a.test/"}"#)
        #expect(keyed.map(\.target) == [.key("abc")])
    }
}
