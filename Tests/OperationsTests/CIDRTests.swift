import Operations
import Testing

@Suite struct CIDRTests {
    @Test(arguments: [
        ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false),
        ("192.168.1.7", "192.168.1.7", true), ("192.168.1.7", "192.168.1.8", false),
        ("192.168.1.128/25", "192.168.1.127", false), ("192.168.1.128/25", "192.168.1.200", true),
        ("0.0.0.0/0", "203.0.113.9", true), ("0.0.0.0/0", "2001:db8::1", false),
        ("2001:db8::/33", "2001:db8:7fff::1", true), ("2001:db8::/33", "2001:db8:8000::1", false),
        ("::1", "::1", true), ("10.0.0.0/8", "::ffff:10.1.2.3", true), ("::ffff:10.0.0.0", "10.0.0.0", true),
    ])
    func `a range contains the addresses that share its prefix`(
        range: String, address: String, isInside: Bool
    ) throws {
        let range = try #require(CIDR(range))
        #expect(range.contains(try #require(CIDR.addressBytes(address))) == isInside)
    }

    @Test(arguments: [
        "", "localhost", "10.0.0", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/+8", "::/129",
        "1.2.3.4/8/8",
        "10.0.0.1 ", "10.0.0.1\0",
    ])
    func `what is no range is refused`(text: String) {
        #expect(CIDR(text) == nil)
    }

    @Test(arguments: [
        ("10.1.2.3/8", "10.0.0.0/8"), ("2001:db8::1/32", "2001:db8::/32"), ("127.0.0.1", "127.0.0.1/32"),
    ])
    func `a range prints itself without what its length cuts off`(text: String, printed: String) throws {
        #expect(try #require(CIDR(text)).description == printed)
    }
}
