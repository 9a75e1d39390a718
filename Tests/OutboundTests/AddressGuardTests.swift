import Operations
import Outbound
import Testing

struct AddressGuardTests {
    @Test(arguments: [
        "1.1.1.1", "8.8.8.8", "11.0.0.1", "100.63.255.255", "100.128.0.1", "128.0.0.1", "172.15.255.255",
        "172.32.0.1",
        "192.1.0.1", "193.0.0.1", "198.17.255.255", "198.20.0.1", "223.255.255.255", "2001:4860:4860::8888",
        "2606:4700:4700::1111", "2a00:1450:4001:80b::200e", "2001:200::1",
    ])
    func `the public internet may be reached`(_ text: String) throws {
        #expect(AddressGuard().allows(try #require(Address(text))))
    }

    @Test(arguments: [
        "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200",
        "100.127.255.255",
        "127.0.0.1", "127.255.255.255", "168.63.129.16", "169.254.169.254", "172.16.0.1", "172.31.255.255",
        "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.18.0.1", "198.19.255.255",
        "198.51.100.1",
        "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "::", "::1",
        "::8.8.8.8",
        "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:0:8.8.8.8", "64:ff9b::127.0.0.1", "64:ff9b::8.8.8.8",
        "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "2002:808:808::", "3fff::1",
        "5f00::1",
        "fc00::1", "fd00:ec2::254", "fe80::1", "febf::1", "fec0::1", "ff02::1",
    ])
    func `nothing else may be reached`(_ text: String) throws {
        #expect(!AddressGuard().allows(try #require(Address(text))))
    }

    @Test func `the operator may let an address through, and no other`() throws {
        let allowing = AddressGuard(allowed: [try #require(CIDR("10.1.0.0/16"))])
        #expect(allowing.allows(try #require(Address("10.1.2.3"))))
        #expect(!allowing.allows(try #require(Address("10.2.2.3"))))
        #expect(allowing.allows(try #require(Address("8.8.8.8"))))
    }
}
