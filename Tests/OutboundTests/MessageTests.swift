import Foundation
import Outbound
import Testing

struct MessageTests {
    static let moment = Date(timeIntervalSince1970: 1_795_236_312)
    static let id = UUID(uuidString: "6F9619FF-8B86-D011-B42D-00CF4FC964FF")!

    static func message(
        to name: String = "Ada", subject: String = "Hello", text: String = "Hi.", html: String? = nil
    ) throws -> Message {
        Message(
            to: try Mailbox(name: name, address: "ada@example.com"), subject: subject, text: text, html: html,
            date: moment, id: id)
    }

    static var sender: Mailbox { get throws { try Mailbox(name: "Mochi", address: "mochi@stats.example") } }

    @Test func `a message of two forms is rendered whole`() throws {
        let message = try Self.message(
            subject: "Grüße", text: "1 = 1\nna\u{EF}ve ", html: "<p class=\"a\">Hi.</p>\n")
        #expect(
            message.rendered(from: try Self.sender)
                == """
                Date: Sat, 21 Nov 2026 04:45:12 +0000
                From: Mochi <mochi@stats.example>
                To: Ada <ada@example.com>
                Subject: =?utf-8?B?R3LDvMOfZQ==?=
                Message-ID: <6f9619ff-8b86-d011-b42d-00cf4fc964ff@stats.example>
                MIME-Version: 1.0
                Auto-Submitted: auto-generated
                Content-Type: multipart/alternative;
                 boundary="=_6f9619ff-8b86-d011-b42d-00cf4fc964ff"

                --=_6f9619ff-8b86-d011-b42d-00cf4fc964ff
                Content-Type: text/plain; charset=utf-8
                Content-Transfer-Encoding: quoted-printable

                1 =3D 1
                na=C3=AFve=20
                --=_6f9619ff-8b86-d011-b42d-00cf4fc964ff
                Content-Type: text/html; charset=utf-8
                Content-Transfer-Encoding: quoted-printable

                <p class=3D"a">Hi.</p>

                --=_6f9619ff-8b86-d011-b42d-00cf4fc964ff--

                """.replacingOccurrences(of: "\n", with: "\r\n"))
    }

    struct Read: Codable, Equatable {
        let defects: Int
        let headers: [String]
        let subject: String
        let toName: String
        let toAddress: String
        let text: String
        let html: String
    }

    /// What Python's own parser makes of a message. Between the encoded words of a name it puts spaces, where RFC
    /// 2047 has none; so names are compared without any.
    static func read(_ rendered: String) throws -> Read {
        let script = """
            import email, email.policy, json, sys
            m = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)
            body = lambda kind: (p := m.get_body((kind,))) and p.get_content() or ""
            to = m["To"].addresses
            print(json.dumps({"defects": len(m.defects) + sum(len(v.defects) for v in m.values())
                + sum(len(p.defects) for p in m.walk()) + (len(to) != 1), "headers": m.keys(), "subject": m["Subject"],
                "toName": to[0].display_name.replace(" ", ""), "toAddress": to[0].addr_spec,
                "text": body("plain").replace("\\r\\n", "\\n"), "html": body("html").replace("\\r\\n", "\\n")}))
            """
        let output = try #require(PythonServer.run(script, input: Data(rendered.utf8)))
        return try JSONDecoder().decode(Read.self, from: Data(output.utf8))
    }

    static let evil = "x\r\nBcc: eve@example.com\r\n\r\nbody\u{0}\u{2028}\u{85}\n.\n"
    static let long = String(repeating: "Schöne Grüße aus Köln 🎉 ", count: 30)

    @Test(
        .enabled(if: PythonServer.isAvailable, "needs python3"),
        arguments: [
            "", "Ada", "Ada Lovelace", "Ada Grüße", "Lovelace, Ada", "\"Ada\" <eve@example.com>",
            "=?utf-8?B?eA==?=", "Ünïcode",
            "a@b", evil, long, String(repeating: "a", count: 200), "  two  spaces  ", "👩‍👩‍👧‍👦",
        ])
    func `whatever a field holds, the message keeps its form`(_ value: String) throws {
        for html in [nil, value] {
            let rendered = try Self.message(to: value, subject: value, text: value, html: html)
                .rendered(from: try Self.sender)
            let lines = rendered.split(separator: "\r\n", omittingEmptySubsequences: false)
            #expect(
                lines.allSatisfy { $0.utf8.count <= 78 && $0.utf8.allSatisfy { (0x20...0x7E).contains($0) } })

            let oneLine = value.unicodeScalars.map {
                "\r\n\u{0}\u{2028}\u{85}".unicodeScalars.contains($0) ? " " : $0
            }
            let shown = String(String.UnicodeScalarView(oneLine)).split(separator: " ").joined(separator: " ")
            let standard = ["Date", "From", "To", "Subject", "Message-ID", "MIME-Version", "Auto-Submitted"]
            let content = value.replacingOccurrences(of: "\r\n", with: "\n").filter { $0 != "\u{0}" }
            let expected = Read(
                defects: 0,
                headers: standard + ["Content-Type"] + (html == nil ? ["Content-Transfer-Encoding"] : []),
                subject: shown, toName: shown.filter { $0 != " " }, toAddress: "ada@example.com",
                text: html == nil ? content + "\n" : content, html: html == nil ? "" : content)
            #expect(try Self.read(rendered) == expected)
        }
    }

    @Test(arguments: [
        "", "ada", "@example.com", "ada@", "ada@@example.com", "ada@example..com", ".ada@example.com",
        "ada.@example.com", "a da@example.com", "ada@example.com\r\nBcc: eve@example.com",
        "ada@example.com\n",
        "<ada@example.com>", "ada@exam_ple.com", "ada@-example.com", "\"ada\"@example.com", "ada@[127.0.0.1]",
        "ada@exämple.com", "ada,eve@example.com", "ada@example.com,eve@example.com", "ada\u{0}@example.com",
        String(repeating: "a", count: 65) + "@example.com",
        "a@" + String(repeating: "a.", count: 127) + "com",
    ])
    func `an address that would need quoting is none`(_ address: String) {
        #expect(!Mailbox.isAddress(address))
        #expect(throws: InvalidMailbox.self) { try Mailbox(address: address) }
    }

    @Test(arguments: [
        "ada@example.com", "ada.lovelace+mochi@mail.example.co.uk", "o'brien@example.com", "a@localhost",
        "_@1.example",
    ])
    func `usual addresses are addresses`(_ address: String) throws {
        #expect(try Mailbox(address: address).address == address)
    }

    @Test func `a message survives its wait in the queue`() throws {
        let message = try Self.message(to: "Ünï", text: "a\u{0}b\n", html: "<b>")
        let decoded = try JSONDecoder().decode(Message.self, from: JSONEncoder().encode(message))
        #expect(decoded == message)
        #expect(decoded.text == "ab\n")
    }

    @Test func `a mailbox from the queue is checked again`() {
        let forged = Data(#"{"name": "", "address": "a@b.example\r\nRCPT TO:<c@d.example>"}"#.utf8)
        #expect(throws: (any Error).self) { try JSONDecoder().decode(Mailbox.self, from: forged) }
    }
}
