package import FoundationEssentials

/// A mail to one person, in text and, as an alternative, HTML.
///
/// Its id and date are made with it, not with each attempt to send it, so that who gets it twice can tell.
package struct Message: Codable, Hashable, Sendable {
    package let id: UUID
    package let date: Date
    package let to: Mailbox
    package let subject: String
    package let text: String
    package let html: String?

    package init(
        to: Mailbox, subject: String, text: String, html: String? = nil, date: Date = Date(),
        id: UUID = UUID()
    ) {
        self.id = id
        self.date = date
        self.to = to
        self.subject = subject.withoutNUL
        self.text = text.withoutNUL
        self.html = html?.withoutNUL
    }

    /// The message as RFC 5322 and MIME want it, with CRLF at the end of each line.
    ///
    /// Whatever the fields hold, the structure is ours: header values are printable ASCII (encoded words for the
    /// rest), and bodies are quoted-printable, in which the boundary cannot occur.
    package func rendered(from sender: Mailbox) -> String {
        let boundary = "=_\(id.uuidString.lowercased())"
        var lines = [
            "Date: \(MailDate.text(date))",
            "From: \(Header.mailbox(sender, after: "From: ".utf8.count))",
            "To: \(Header.mailbox(to, after: "To: ".utf8.count))",
            "Subject: \(Header.text(subject, after: "Subject: ".utf8.count))",
            "Message-ID: <\(id.uuidString.lowercased())@\(sender.domain)>",
            "MIME-Version: 1.0",
            // RFC 3834: no holiday replies to a program.
            "Auto-Submitted: auto-generated",
        ]
        guard let html else {
            lines += part("plain", text)
            return lines.joined(separator: "\r\n") + "\r\n"
        }
        lines += ["Content-Type: multipart/alternative;", " boundary=\"\(boundary)\"", "", "--\(boundary)"]
        lines += part("plain", text)
        lines.append("--\(boundary)")
        lines += part("html", html)
        lines.append("--\(boundary)--")
        return lines.joined(separator: "\r\n") + "\r\n"
    }

    private func part(_ type: String, _ content: String) -> [String] {
        [
            "Content-Type: text/\(type); charset=utf-8", "Content-Transfer-Encoding: quoted-printable", "",
            QuotedPrintable.encode(content),
        ]
    }
}

extension String {
    /// PostgreSQL's JSON, in which a message waits, has no NUL.
    var withoutNUL: String {
        utf8.contains(0) ? String(String.UnicodeScalarView(unicodeScalars.filter { $0.value != 0 })) : self
    }
}
