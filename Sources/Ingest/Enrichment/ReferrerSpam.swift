/// Sites that visit others only to be found in their statistics.
///
/// The hosts are those of Matomo's referrer-spam list, which is in the public domain
/// (github.com/matomo-org/referrer-spam-list); a sub-domain of one is spam too.
enum ReferrerSpam {
    private static let hosts = HostTable(ReferrerSpamHosts.text)

    /// Whether a host, in lower case and without `www.`, is known for it.
    static func contains(_ host: some StringProtocol) -> Bool {
        host.withBytes(hosts.contains)
    }
}
