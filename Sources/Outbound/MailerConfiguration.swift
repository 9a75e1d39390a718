package import Operations

extension Mailer {
    /// SMTP if MOCHI_SMTP_URL is set, else files in MOCHI_DATA/mail. Comes from `mochi@` the base URL's host.
    ///
    /// Throws ``InvalidMailbox`` or ``InvalidSMTPServer``.
    package init(_ configuration: Configuration) throws {
        let host = configuration.baseURL.split(separator: "/", maxSplits: 2).dropFirst().first ?? "localhost"
        let name = host.split(separator: ":").first.map(String.init) ?? "localhost"
        // An address in brackets cannot be a sender's domain here.
        let domain = Mailbox.isAddress("mochi@\(name)") ? name : "localhost"
        sender = try Mailbox(name: "Mochi", address: "mochi@\(domain)")
        guard let url = configuration.smtpURL else {
            transport = .files(directory: configuration.data + "/mail")
            return
        }
        guard let server = SMTPServer(url: url) else { throw InvalidSMTPServer() }
        transport = .smtp(server)
    }
}

package struct InvalidSMTPServer: Error, CustomStringConvertible {
    package let description = "MOCHI_SMTP_URL is not an smtp:// or smtps:// address."
}
