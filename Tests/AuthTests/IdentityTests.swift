import Auth
import Foundation
import Postgres
import Synchronization
import TestSupport
import Testing

struct IdentityTests {
    @Test func `who signs up owns an account of their own`() async throws {
        try await withTestDatabase { database in
            let identity = database.identity()
            let signedIn = try await identity.signUp(
                email: " Ada@Example.COM ", password: "correct horse battery", name: "Ada",
                timeZone: "Europe/London")
            let session = try #require(try await identity.session(token: signedIn.token.text))
            #expect(session.user.email == "ada@example.com")
            #expect(session.accounts.map(\.accountName) == ["Ada"])
            #expect(session.accounts.map(\.role) == [.owner])
            #expect(session.accounts[0].sessionID == session.id)
        }
    }

    @Test func `only the right password logs in, and only its token opens the session`() async throws {
        try await withTestDatabase { database in
            let identity = database.identity()
            _ = try await identity.signUp(email: "a@example.com", password: "correct horse battery")
            #expect(try await identity.logIn(email: "a@example.com", password: "wrong horse battery") == nil)
            #expect(
                try await identity.logIn(email: "b@example.com", password: "correct horse battery") == nil)
            #expect(
                try await identity.logIn(email: "not an address", password: "correct horse battery") == nil)
            let signedIn = try #require(
                try await identity.logIn(email: "A@example.com", password: "correct horse battery"))
            #expect(try await identity.session(token: signedIn.token.text) != nil)
            for wrong in [
                "", "x", Token.random().text, signedIn.token.text + "A", String(repeating: "é", count: 43),
            ] {
                #expect(try await identity.session(token: wrong) == nil)
            }
            try await identity.logOut(token: signedIn.token.text)
            #expect(try await identity.session(token: signedIn.token.text) == nil)
        }
    }

    @Test func `a session ends when it is old, or was not used for long`() async throws {
        try await withTestDatabase { database in
            let clock = Mutex(Date())
            let identity = database.identity(now: { clock.withLock { $0 } })
            let signedIn = try await identity.signUp(
                email: "a@example.com", password: "correct horse battery")
            func isOpen(after days: Double) async throws -> Bool {
                clock.withLock { $0 += days * 86_400 }
                return try await identity.session(token: signedIn.token.text) != nil
            }
            #expect(try await isOpen(after: 13.9))
            #expect(try await isOpen(after: 13.9))
            #expect(try await !isOpen(after: 2.3))
            let again = try #require(
                try await identity.logIn(email: "a@example.com", password: "correct horse battery"))
            clock.withLock { $0 += 14.1 * 86_400 }
            #expect(try await identity.session(token: again.token.text) == nil)
            let removed = try await database.system.transaction { [now = clock.withLock { $0 }] in
                try Identity.removeExpiredSessions($0, now: now)
            }
            #expect(removed == 2)
        }
    }

    @Test(arguments: [
        ("", "correct horse battery", "email"), ("a", "correct horse battery", "email"),
        ("a@b", "correct horse battery", "email"), ("a b@example.com", "correct horse battery", "email"),
        ("a@example.com\r\nBcc: b@example.com", "correct horse battery", "email"),
        ("a@@example.com", "correct horse battery", "email"), ("a@example.com", "short", "password"),
        ("a@example.com", "password123", "password"), ("a@example.com", "aaaaaaaaaaaa", "password"),
        ("somebody@example.com", "SOMEBODY", "password"),
        ("a@example.com", String(repeating: "x", count: 257), "password"),
    ])
    func `what cannot be taken is refused with its field`(email: String, password: String, field: String)
        async throws
    {
        try await withTestDatabase { database in
            let error = await #expect(throws: FormError.self) {
                try await database.identity().signUp(email: email, password: password)
            }
            #expect(error?.field == field)
        }
    }

    @Test func `an address that is taken signs up like any other, and stays whose it is`() async throws {
        try await withTestDatabase { database in
            let identity = database.identity()
            let links = Mutex<[Token?]>([])
            func signUp(_ password: String) async throws -> SignedIn {
                try await identity.signUp(email: "a@example.com", password: password) { _, newcomer in
                    links.withLock { $0.append(newcomer.link) }
                }
            }
            _ = try await signUp("the first password")
            let first = try #require(links.withLock { $0[0] })
            #expect(try await identity.confirm(link: first.text))
            #expect(try await !identity.confirm(link: first.text))

            let second = try await signUp("the second password")
            #expect(links.withLock { $0[1] } == nil)
            #expect(try await identity.session(token: second.token.text)?.user.email == "a@example.com")
            // Both log in, each to what is theirs.
            let one = try await identity.logIn(email: "a@example.com", password: "the first password")
            let other = try await identity.logIn(email: "a@example.com", password: "the second password")
            #expect(one?.user.emailConfirmedAt != nil && other?.user.emailConfirmedAt == nil)
            #expect(one?.user.id != other?.user.id)
        }
    }

    @Test func `of two who name an address the one who reads its mail gets it`() async throws {
        try await withTestDatabase { database in
            let identity = database.identity()
            let links = Mutex<[Token?]>([])
            for password in ["the intruder's one", "the owner's password"] {
                _ = try await identity.signUp(email: "a@example.com", password: password) { _, newcomer in
                    links.withLock { $0.append(newcomer.link) }
                }
            }
            let sent = links.withLock { $0 }
            #expect(try await identity.confirm(link: sent[1]!.text))
            #expect(try await !identity.confirm(link: sent[0]!.text))
            let owner = try await identity.logIn(email: "a@example.com", password: "the owner's password")
            #expect(owner?.user.emailConfirmedAt != nil)
        }
    }

    @Test func `a hash made with weaker parameters is made anew at login`() async throws {
        try await withTestDatabase { database in
            _ = try await database.identity().signUp(
                email: "a@example.com", password: "correct horse battery")
            let stronger = PasswordHasher(cost: .init(memory: 128, passes: 2, lanes: 1), threads: 1)
            let identity = Identity(system: database.system, passwords: stronger)
            #expect(
                try await identity.logIn(email: "a@example.com", password: "correct horse battery") != nil)
            let hash: String = try await database.system.transaction {
                try $0.one("SELECT password_hash FROM users")
            }
            #expect(hash.hasPrefix("$argon2id$v=19$m=128,t=2,p=1$"))
            #expect(
                try await identity.logIn(email: "a@example.com", password: "correct horse battery") != nil)
            await stronger.shutdown()
        }
    }

    @Test func `base64url is what RFC 4648 says`() {
        let cases = [
            "": "", "f": "Zg", "fo": "Zm8", "foo": "Zm9v", "foob": "Zm9vYg", "fooba": "Zm9vYmE",
            "foobar": "Zm9vYmFy",
        ]
        for (plain, encoded) in cases { #expect(Token.base64url(Array(plain.utf8)) == encoded) }
        #expect(Token.base64url([0xFB, 0xFF]) == "-_8")
    }
}
