import CCurl
import FoundationEssentials
import Operations

/// Where mail goes. Called by jobs, never in a request.
package struct Mailer: Sendable {
    package enum Transport: Sendable {
        /// One `.eml` file for each message in this directory, for development.
        case files(directory: String)
        case smtp(SMTPServer)
    }

    package let transport: Transport
    package let sender: Mailbox

    package init(_ transport: Transport, sender: Mailbox) {
        self.transport = transport
        self.sender = sender
    }

    /// Hands the message over. The same message again replaces its file; on SMTP it keeps its Message-ID.
    ///
    /// Throws ``MailFailure``, or CancellationError.
    package func send(_ message: Message) async throws {
        let content = Array(message.rendered(from: sender).utf8)
        switch transport {
        case .files(let directory):
            try await Curl.run(within: .seconds(60)) { _ in
                try Files.makeDirectory(directory)
                let name = "\(MailDate.name(message.date))-\(message.id.uuidString.lowercased()).eml"
                try Files.write(content, to: "\(directory)/\(name)", mode: 0o600)
            }
        case .smtp(let server):
            try await server.send(content, from: sender, to: message.to)
        }
    }
}

/// Why a mail did not go out.
package enum MailFailure: Error, Equatable, CustomStringConvertible {
    /// The server said no for good (5xx): to try again would change nothing.
    case refused(code: Int)
    /// Not reached, not now (4xx), not in time.
    case postponed(String)

    package var description: String {
        switch self {
        case .refused(let code): "the mail server refused the message with \(code)"
        case .postponed(let why): "the mail server did not take the message: \(why)"
        }
    }
}

/// `smtps://user:password@host:465`, or `smtp://…` which goes over to TLS where the server offers that.
package struct SMTPServer: Sendable {
    /// Without user and password.
    let url: String
    let user: String?
    let password: String?
    let isLoopback: Bool

    package init?(url text: String) {
        let parts = curl_url()
        defer { curl_url_cleanup(parts) }
        guard curl_url_set(parts, CURLUPART_URL, text, 0) == CURLUE_OK else { return nil }
        func part(_ part: CURLUPart, decoded: Bool = false) -> String? {
            var value: UnsafeMutablePointer<CChar>?
            guard curl_url_get(parts, part, &value, decoded ? UInt32(CURLU_URLDECODE) : 0) == CURLUE_OK,
                let value
            else { return nil }
            defer { curl_free(value) }
            return String(cString: value)
        }
        guard let scheme = part(CURLUPART_SCHEME), scheme == "smtp" || scheme == "smtps",
            let host = part(CURLUPART_HOST), !host.isEmpty
        else { return nil }
        user = part(CURLUPART_USER, decoded: true)
        password = part(CURLUPART_PASSWORD, decoded: true)
        url = "\(scheme)://\(host)" + (part(CURLUPART_PORT).map { ":\($0)" } ?? "")
        isLoopback = host == "localhost" || host == "[::1]" || host.hasPrefix("127.")
    }

    func send(_ content: [UInt8], from sender: Mailbox, to recipient: Mailbox) async throws {
        try await Curl.run(within: .seconds(60)) { patience in
            let transfer = try Transfer(patience: patience, guarding: nil, upload: content, limit: 64 * 1024)
            do {
                // The path is what we introduce ourselves as: not this machine's name.
                try transfer.set(CURLOPT_URL, "\(url)/\(sender.domain)")
                try transfer.set(CURLOPT_PROTOCOLS_STR, "smtp,smtps")
                // A password goes over nothing but TLS, except to this machine itself.
                let security = user != nil && !isLoopback ? CURLUSESSL_ALL : CURLUSESSL_TRY
                try transfer.set(CURLOPT_USE_SSL, Int(security.rawValue))
                if let user { try transfer.set(CURLOPT_USERNAME, user) }
                if let password { try transfer.set(CURLOPT_PASSWORD, password) }
                try transfer.set(CURLOPT_MAIL_FROM, "<\(sender.address)>")
                try transfer.set(CURLOPT_MAIL_RCPT, list: ["<\(recipient.address)>"])
                try transfer.set(CURLOPT_UPLOAD, 1)
                try transfer.set(CURLOPT_INFILESIZE_LARGE, offset: content.count)
                try transfer.perform()
            } catch let failure as CurlFailure {
                throw Self.explain(failure, answer: transfer.get(CURLINFO_RESPONSE_CODE))
            }
        }
    }

    /// Of an answer only its number: its text may quote the recipient. A login that is refused is the
    /// operator's to put right, and the mail can wait for it.
    private static func explain(_ failure: CurlFailure, answer: Int) -> MailFailure {
        let isAboutMessage = failure.code != CURLE_LOGIN_DENIED && failure.code != CURLE_USE_SSL_FAILED
        if isAboutMessage, (500..<600).contains(answer) { return .refused(code: answer) }
        return .postponed((400..<600).contains(answer) ? "\(failure) (\(answer))" : failure.description)
    }
}
