import Auth
import Foundation
import Postgres
import Synchronization
import TestSupport
import Testing

struct TwoFactorTests {
    /// RFC 6238, appendix B, of whose eight digits six are shown.
    @Test(arguments: [
        (Int64(59), "287082"), (1_111_111_109, "081804"), (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"), (20_000_000_000, "353130"),
    ])
    func `codes are those of RFC 6238`(seconds: Int64, code: String) {
        #expect(OneTimeCode.code(Array("12345678901234567890".utf8), step: seconds / 30) == code)
    }

    @Test(arguments: [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foobar", "MZXW6YTBOI")])
    func `base 32 is what RFC 4648 says`(plain: String, encoded: String) {
        #expect(OneTimeCode.base32(Array(plain.utf8)) == encoded)
    }

    /// A person with the second factor turned on, a clock, and what makes their codes.
    private func withFactor(
        _ body: (Identity, TwoFactor, [UInt8], [String], Clock, TestDatabase) async throws -> Void
    ) async throws {
        try await withTestDatabase { database in
            let clock = Clock()
            let identity = database.identity(now: { clock.now.withLock { $0 } })
            let factor = TwoFactor(
                system: database.system, box: SecretBox(secret: [1, 2, 3]),
                now: { clock.now.withLock { $0 } })
            let signedIn = try await identity.signUp(email: "a@example.com", password: "rice cake steam")
            let session = try await identity.session(token: signedIn.token.text)!
            try await factor.begin(for: session.user.id)
            guard case .pending(let text) = try await factor.state(of: session.user.id) else {
                Issue.record("no secret")
                return
            }
            let secret = TwoFactorTests.bytes(text)
            #expect(try await factor.turnOn(code: "000000", in: session) { _ in } == nil)
            let step = Int64(clock.now.withLock { $0 }.timeIntervalSince1970) / 30
            let done = try #require(
                try await factor.turnOn(code: OneTimeCode.code(secret, step: step), in: session) { _ in })
            // The old token is worth nothing, the new one is the same session.
            #expect(try await identity.session(token: signedIn.token.text) == nil)
            #expect(try await identity.session(token: done.signedIn.token.text)?.id == session.id)
            try await body(identity, factor, secret, done.recoveryCodes, clock, database)
        }
    }

    private final class Clock: Sendable {
        let now = Mutex(Date(timeIntervalSince1970: 1_800_000_010))
    }

    private static func bytes(_ base32: String) -> [UInt8] {
        var (bytes, buffer, bits) = ([UInt8](), UInt32(0), 0)
        for character in base32.utf8 {
            let value = UInt32(character >= 65 ? character - 65 : character - 24)
            (buffer, bits) = (buffer << 5 | value, bits + 5)
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: buffer >> UInt32(bits)))
            }
        }
        return bytes
    }

    @Test func `the password alone opens nothing, the code opens once`() async throws {
        try await withFactor { identity, factor, secret, _, clock, _ in
            clock.now.withLock { $0 += 60 }
            let step = Int64(clock.now.withLock { $0 }.timeIntervalSince1970) / 30
            func logIn() async throws -> SignedIn {
                try await identity.logIn(email: "a@example.com", password: "rice cake steam")!
            }
            let waiting = try await logIn()
            #expect(waiting.needsCode)
            #expect(try await identity.session(token: waiting.token.text) == nil)
            #expect(try await factor.waiting(token: waiting.token.text) == waiting.user.id)
            let token = waiting.token.text
            #expect(try await factor.enter(code: "123456", token: token) == nil)
            let entered = try #require(
                try await factor.enter(code: OneTimeCode.code(secret, step: step), token: token))
            #expect(entered.token.text != token)
            #expect(try await identity.session(token: entered.token.text) != nil)
            #expect(try await identity.session(token: token) == nil)
            // The same code again, seen over a shoulder.
            let second = try await logIn().token.text
            #expect(try await factor.enter(code: OneTimeCode.code(secret, step: step), token: second) == nil)
            #expect(
                try await factor.enter(code: OneTimeCode.code(secret, step: step - 1), token: second) == nil)
            #expect(
                try await factor.enter(code: OneTimeCode.code(secret, step: step + 1), token: second) != nil)
            // Who waits too long begins again.
            let third = try await logIn().token.text
            clock.now.withLock { $0 += 601 }
            #expect(try await factor.waiting(token: third) == nil)
        }
    }

    @Test func `a recovery code counts once, and new ones end the old`() async throws {
        try await withFactor { identity, factor, secret, codes, clock, _ in
            #expect(codes.count == 10 && Set(codes).count == 10)
            func enter(_ code: String) async throws -> Bool {
                let waiting = try await identity.logIn(email: "a@example.com", password: "rice cake steam")!
                return try await factor.enter(code: code, token: waiting.token.text) != nil
            }
            #expect(try await enter(codes[0].uppercased().replacingOccurrences(of: "-", with: " ")))
            #expect(try await !enter(codes[0]))
            clock.now.withLock { $0 += 60 }
            let user = try await identity.logIn(email: "a@example.com", password: "rice cake steam")!.user.id
            #expect(try await factor.state(of: user) == .on(recoveryCodes: 9))
            let step = Int64(clock.now.withLock { $0 }.timeIntervalSince1970) / 30
            let renewed = try await factor.renewRecoveryCodes(
                code: OneTimeCode.code(secret, step: step), of: user)
            #expect(renewed?.count == 10)
            #expect(try await !enter(codes[1]))
            #expect(try await enter(renewed![1]))
            #expect(try await factor.turnOff(code: renewed![2], of: user) { _ in })
            #expect(try await factor.state(of: user) == .off)
            let signedIn = try await identity.logIn(email: "a@example.com", password: "rice cake steam")
            #expect(signedIn?.needsCode == false)
        }
    }

    @Test func `the secret is encrypted, and of use to nobody else`() async throws {
        try await withFactor { _, _, secret, _, _, database in
            let kept: [UInt8] = try await database.owner.withConnection {
                try $0.one("SELECT totp_secret FROM users")
            }
            let length = 49  // Version, nonce, secret, tag.
            #expect(kept.count == length)
            #expect(Data(kept).range(of: Data(secret)) == nil)
            // Put into another person's row it opens nothing.
            _ = try await database.identity().signUp(email: "b@example.com", password: "rice cake steam")
            try await database.owner.withConnection { connection in
                _ = try connection.execute(
                    "UPDATE users SET totp_pending = (SELECT totp_secret FROM users WHERE email = 'a@example.com') WHERE email = 'b@example.com'"
                )
            }
            let other = TwoFactor(system: database.system, box: SecretBox(secret: [1, 2, 3]))
            let user: Int64 = try await database.owner.withConnection {
                try $0.one("SELECT id FROM users WHERE email = 'b@example.com'")
            }
            await #expect(throws: SecretBox.Unreadable.self) {
                try await other.state(of: UserID(rawValue: user))
            }
        }
    }
}
