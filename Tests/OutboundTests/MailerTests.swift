import Foundation
import Outbound
import Testing

struct MailerTests {
    @Test func `mail to files is one file a message, for its owner alone`() async throws {
        let data = NSTemporaryDirectory() + "mochi-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: data) }
        let directory = data + "/mail"
        let mailer = Mailer(.files(directory: directory), sender: try MessageTests.sender)
        let message = try MessageTests.message(text: ".\nFrom here")
        try await mailer.send(message)
        try await mailer.send(message)

        let name = "20261121T044512Z-6f9619ff-8b86-d011-b42d-00cf4fc964ff.eml"
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == [name])
        #expect(
            try String(contentsOfFile: "\(directory)/\(name)", encoding: .utf8)
                == message.rendered(from: try MessageTests.sender))
        let attributes = try FileManager.default.attributesOfItem(atPath: "\(directory)/\(name)")
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    struct Seen: Codable, Equatable {
        let hello: String
        let login: String
        let from: String
        let to: String
        let data: String
    }

    @Test(
        .enabled(if: PythonServer.isAvailable, "needs python3"),
        arguments: [("", ""), ("me%40example:p%2Fw@", "|me@example|p/w")])
    func `mail over SMTP arrives as it is`(_ credentials: String, _ login: String) async throws {
        try await PythonServer.with(PythonServer.mail) { server in
            let smtp = try #require(SMTPServer(url: "smtp://\(credentials)127.0.0.1:\(server.port)"))
            let message = try MessageTests.message(text: ".\n..\nFrom here\n" + MessageTests.long)
            try await Mailer(.smtp(smtp), sender: try MessageTests.sender).send(message)

            let seen = try JSONDecoder().decode(Seen.self, from: Data(server.nextLine().utf8))
            #expect(
                seen
                    == Seen(
                        hello: "stats.example", login: login,
                        from: "<mochi@stats.example> SIZE=\(seen.data.utf8.count)",
                        to: "<ada@example.com>", data: message.rendered(from: try MessageTests.sender)))
        }
    }

    @Test(
        .enabled(if: PythonServer.isAvailable, "needs python3"),
        arguments: [
            ("550 no such user", MailFailure.refused(code: 550)),
            ("451 later", .postponed("Failed sending data to the peer (451)")),
        ])
    func `a refusal is for good or for now`(_ answer: String, _ failure: MailFailure) async throws {
        try await PythonServer.with(PythonServer.mail, [answer]) { server in
            let smtp = try #require(SMTPServer(url: "smtp://127.0.0.1:\(server.port)"))
            let error = await #expect(throws: MailFailure.self) {
                try await Mailer(.smtp(smtp), sender: try MessageTests.sender).send(
                    try MessageTests.message())
            }
            switch (error, failure) {
            case (.refused, .refused): #expect(error == failure)
            case (.postponed(let why), .postponed): #expect(why.hasSuffix("(451)"))
            default: Issue.record("\(String(describing: error))")
            }
        }
    }

    @Test func `a server that is away postpones`() async throws {
        let smtp = try #require(SMTPServer(url: "smtp://127.0.0.1:1"))
        let error = await #expect(throws: MailFailure.self) {
            try await Mailer(.smtp(smtp), sender: try MessageTests.sender).send(try MessageTests.message())
        }
        guard case .postponed = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test(arguments: ["", "example.com", "http://example.com", "smtp://", "imap://example.com"])
    func `only smtp and smtps are mail servers`(_ url: String) {
        #expect(SMTPServer(url: url) == nil)
    }
}
