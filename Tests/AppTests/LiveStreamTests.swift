import FoundationEssentials
import HummingbirdTesting
import NIOCore
import NIOPosix
import Postgres
import TestSupport
import Testing

@testable import App
@testable import Auth

/// `/sites/{domain}/live`, read from a socket as a browser reads it.
@Suite struct LiveStreamTests {
    /// Would go on for an hour.
    private static let quick = LiveCounts(pause: .milliseconds(40), longest: .seconds(3_600))

    /// A member who watches a site, on which one visitor is; `watch` reads until the server ends the stream, and hands over
    /// each number.
    private func withStream(
        _ live: LiveCounts = quick,
        _ body:
            @escaping @Sendable (
                Tab, TestDatabase, Site, _ watch: (_ each: (Int) async throws -> Void) async throws -> String
            ) async throws -> Void
    ) async throws {
        try await withTestDatabase { database in
            let web = try database.web(live: live)
            let application = WebApplication.application(web, logger: quietLogger)
            try await application.test(.live) { client in
                let tab = Tab(client: client)
                try await tab.signUp()
                try await tab.addSite()
                let accounts = try await database.identity().session(token: tab.cookies["mochi"]!)!.accounts
                let site = try await web.sites.find(domain: "example.com", in: accounts[0])!.site
                try await database.pageView(site, path: "/a", visitor: 1)
                let (port, token) = (client.port!, tab.cookies["mochi"]!)
                try await body(tab, database, site) { each in
                    try await Self.read(port, token: token, each)
                }
            }
        }
    }

    private static func read(
        _ port: Int, token: String, _ each: (Int) async throws -> Void
    ) async throws -> String {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(
                ByteBuffer(
                    string: "GET /sites/example.com/live HTTP/1.1\r\nHost: localhost\r\n"
                        + "Cookie: mochi=\(token)\r\nConnection: close\r\n\r\n"))
            var (text, told) = ("", 0)
            for try await part in inbound {
                text += String(buffer: part)
                let numbers = text.matches(of: /data: \{"visitors":(\d+),"text":"[\d,]+"\}\n\n/)
                for number in numbers.dropFirst(told) { try await each(Int(number.1)!) }
                told = numbers.count
            }
            return text
        }
    }

    @Test func `a stream tells at once, goes on telling, follows a new visitor, and ends with the session`()
        async throws
    {
        try await withStream { tab, database, site, watch in
            var numbers: [Int] = []
            let text = try await watch { number in
                numbers.append(number)
                // Twice the same number: a connection that lives is heard of.
                if numbers == [1, 1] { try await database.pageView(site, path: "/b", visitor: 2) }
                if numbers.last == 2, numbers.count(where: { $0 == 2 }) == 1 {
                    _ = try await tab.get("/sites")
                    _ = try await tab.post("/logout", [:])
                }
            }
            #expect(text.contains("text/event-stream") && text.contains("retry: 10000"))
            #expect(numbers.starts(with: [1, 1]) && numbers.last == 2)
            #expect(text.hasSuffix("0\r\n\r\n"))
        }
    }

    @Test func `not one more number is told once the right to read is gone`() async throws {
        try await withStream(LiveCounts(pause: .seconds(1), longest: .seconds(3_600))) {
            tab, database, site, watch in
            var count = 0
            let text = try await watch { _ in
                count += 1
                guard count == 1 else { return }
                _ = try await database.owner.transaction { connection in
                    try connection.execute("DELETE FROM memberships WHERE account_id = \(site.account)")
                }
            }
            #expect(count == 1 && text.hasSuffix("0\r\n\r\n"))
            #expect(try await tab.get("/sites/example.com/live").status == 404)
        }
    }

    @Test func `a stream does not go on for ever`() async throws {
        let live = LiveCounts(pause: .milliseconds(40), longest: .milliseconds(90))
        try await withStream(live) { _, _, _, watch in
            var count = 0
            let text = try await watch { _ in count += 1 }
            #expect(count >= 2 && text.hasSuffix("0\r\n\r\n"))
            // The place of the stream is free again.
            for _ in 0..<LiveCounts.mostOfSession { #expect(live.enter("other")) }
        }
    }
}
