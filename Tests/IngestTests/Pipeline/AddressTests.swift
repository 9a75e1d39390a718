import NIOHTTP1
import Testing

@testable import Ingest

@Suite struct AddressTests {
    @Test(
        arguments: [
            ("192.0.2.1", 0, 0xFFFF_C000_0201), ("::ffff:192.0.2.1", 0, 0xFFFF_C000_0201),
            ("[::1]:123", 0, 1),
            ("192.0.2.1:4711", 0, 0xFFFF_C000_0201), (" \"[2001:db8::1]\" ", 0x2001_0DB8_0000_0000, 1),
            ("fe80::1%eth0", 0xFE80_0000_0000_0000, 1),
        ] as [(String, UInt64, UInt64)])
    func `an address is read as forwarders write it`(text: String, high: UInt64, low: UInt64) {
        #expect(Address(text) == Address(high: high, low: low))
    }

    @Test(arguments: [
        "", "unknown", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.04", "1..2.3", "a.b.c.d", "[::1", "::g",
        "1.2.3.4\u{0}",
        "localhost", "::1\u{0}",
    ])
    func `what is none is refused`(text: String) {
        #expect(Address(text) == nil)
    }

    @Test func `an address does not show itself`() {
        #expect("\(Address("192.0.2.1")!)" == "(address)")
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false),
        ("192.0.2.1", "192.0.2.1", true),
        ("0.0.0.0/0", "8.8.8.8", true), ("0.0.0.0/0", "2001:db8::1", false),
        ("2001:db8::/32", "2001:db8:1::", true),
        ("2001:db8::/32", "2001:db9::", false), ("::/0", "2001:db8::1", true),
        ("2001:db8::1/128", "2001:db8::2", false),
    ])
    func `a range holds its addresses`(range: String, address: String, isInside: Bool) {
        #expect(AddressRange(range)?.contains(Address(address)!) == isInside)
    }

    @Test(
        arguments: [
            // A stranger's headers mean nothing.
            ("203.0.113.9", [("X-Forwarded-For", "1.1.1.1")], "203.0.113.9"),
            ("127.0.0.1", [], "127.0.0.1"),
            ("127.0.0.1", [("X-Forwarded-For", "1.1.1.1")], "1.1.1.1"),
            // Left of the last stranger is what the stranger claims.
            ("127.0.0.1", [("X-Forwarded-For", "9.9.9.9, 1.1.1.1, 10.0.0.3")], "1.1.1.1"),
            (
                "127.0.0.1", [("X-Forwarded-For", "9.9.9.9"), ("X-Forwarded-For", "1.1.1.1, 10.0.0.3")],
                "1.1.1.1"
            ),
            ("127.0.0.1", [("X-Forwarded-For", "10.0.0.5, 10.0.0.3")], "10.0.0.5"),
            ("127.0.0.1", [("X-Forwarded-For", "9.9.9.9, unknown, 10.0.0.3")], "10.0.0.3"),
            (
                "127.0.0.1", [("Forwarded", "for=9.9.9.9, for=\"[2001:db8::7]:80\";proto=https")],
                "2001:db8::7"
            ),
            // A mark that makes one character with the comma that a proxy adds.
            ("127.0.0.1", [("Forwarded", "for=9.9.9.9\u{0600}, for=1.1.1.1")], "1.1.1.1"),
            ("127.0.0.1", [("X-Forwarded-For", "9.9.9.9\u{0600}, 1.1.1.1")], "1.1.1.1"),
            ("127.0.0.1", [("X-Real-IP", "1.1.1.1")], "1.1.1.1"),
            (
                "127.0.0.1", [("X-Forwarded-For", "0.0.0.0"), ("B-Forwarded-For", "216.160.83.56,9.9.9.9")],
                "216.160.83.56"
            ),
            ("127.0.0.1", [("CF-Connecting-IP", "2.2.2.2"), ("X-Forwarded-For", "1.1.1.1")], "2.2.2.2"),
            (
                "127.0.0.1", [("CF-Connecting-IP", "0.0.0.0"), ("X-Plausible-IP", "216.160.83.56")],
                "216.160.83.56"
            ),
        ] as [(String, [(String, String)], String)])
    func `the visitor is the right-most whom we do not trust`(
        peer: String, headers: [(String, String)], client: String
    ) {
        let proxies = TrustedProxies(ranges: ["127.0.0.0/8", "10.0.0.0/8"].map { AddressRange($0)! })
        let found = proxies.client(peer: Address(peer)!, RequestHeaders(HTTPHeaders(headers)))
        #expect(found == Address(client)!)
    }
}
