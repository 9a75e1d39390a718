import Auth
import FoundationEssentials
import HTTPTypes
import Postgres
import TestSupport
import Testing

@testable import App

@Suite struct LeavingTests {
    private func jobs(_ database: TestDatabase) async throws -> [String] {
        try await database.system.transaction { try $0.rows("SELECT kind FROM jobs WHERE kind <> 'mail'") }
    }

    @Test func `an account is deleted by its owner, with its name and a password`() async throws {
        try await withApplication { tab, database, _ in
            try await tab.signUp()
            try await tab.addSite()
            func delete(_ name: String, _ password: String) async throws -> Tab.Page {
                try await tab.submit(
                    "/account/data", to: "/account/delete", ["name": name, "current": password])
            }
            #expect(try await delete("ada@example.org", "wrong").status == 422)
            #expect(try await delete("something", "rice cake steam").status == 422)
            #expect(try await jobs(database) == [])
            #expect(try await delete("ada@example.org", "rice cake steam").status == 303)
            #expect(try await jobs(database) == ["erase_account"])
            #expect(try await tab.get("/sites/example.com").status == 404)
            #expect(try await tab.get("/account/general").status == 404)
            #expect(try await tab.get("/settings/profile").status == 200)
        }
    }

    @Test func `a person goes with what is theirs alone, and not before others have an owner`() async throws {
        try await withApplication { tab, database, _ in
            try await tab.signUpConfirmed("owner@example.org", database)
            let friend = tab.another()
            try await friend.join(tab, as: "friend@example.org", role: "viewer", database)
            let refused = try await tab.submit("/settings/delete", ["current": "rice cake steam"])
            #expect(refused.status == 422 && refused.text.contains("only owner"))
            _ = try await tab.submit(
                "/account/team", to: "/account/team/role",
                ["user": database.id(of: "friend@example.org"), "role": "owner"])
            let done = try await tab.submit("/settings/delete", ["current": "rice cake steam"])
            #expect(done.location == "/" && tab.cookies["mochi"] == nil)
            #expect(try await tab.logIn("owner@example.org").status == 422)
            #expect(try await jobs(database) == [])
            #expect(try await friend.get("/account/team").status == 200)
            // The last one takes the account along.
            _ = try await friend.submit("/settings/delete", ["current": "rice cake steam"])
            #expect(try await jobs(database) == ["erase_account"])
            let left: [String] = try await database.owner.withConnection {
                try $0.rows("SELECT email FROM users")
            }
            #expect(left == [])
        }
    }

    @Test func `everything can be downloaded first`() async throws {
        try await withApplication { tab, database, _ in
            try await tab.signUp()
            try await tab.addSite()
            let file = try await tab.get("/account/takeout")
            #expect(file.headers[.contentType] == "application/gzip")
            #expect(try await database.actions().last == "account.downloaded")
        }
    }

    @Test func `with a second factor the password alone leads to one more step`() async throws {
        try await withApplication { tab, database, web in
            try await tab.signUp()
            _ = try await tab.submit(
                "/settings/two-factor", to: "/settings/two-factor/begin", ["current": "rice cake steam"])
            let setUp = try await tab.get("/settings/two-factor").text
            #expect(setUp.contains("otpauth://totp/Mochi%3Aada%40example.org?secret="))
            #expect(setUp.contains(#"<svg class="qr""#) && setUp.contains(#"id="pending-secret""#))
            let wrong = try await tab.post("/settings/two-factor/on", ["code": "12"])
            #expect(wrong.status == 422)
            let session = try await web.identity.session(token: tab.cookies["mochi"]!)!
            guard case .pending(let text) = try await web.twoFactor.state(of: session.user.id) else { return }
            let secret = bytes(text)
            func code(_ offset: Int64) -> String {
                OneTimeCode.code(secret, step: Int64(Date().timeIntervalSince1970) / 30 + offset)
            }
            let before = tab.cookies["mochi"]!
            let done = try await tab.post("/settings/two-factor/on", ["code": code(-1)])
            #expect(done.status == 200 && done.text.contains("Your recovery codes"))
            #expect(tab.cookies["mochi"] != before)
            #expect(try await tab.get("/settings/two-factor").text.contains("10 recovery codes"))
            #expect(try await database.mails().last?.subject == "Two-factor sign-in at Mochi is on")

            let other = tab.another()
            _ = try await other.get("/login")
            let first = try await other.post(
                "/login",
                ["email": "ada@example.org", "password": "rice cake steam", "next": "/settings/sessions"])
            #expect(first.location == "/login/code?next=/settings/sessions")
            #expect(try await other.get("/sites").status == 303)
            let refused = try await other.submit(first.location!, to: "/login/code", ["code": "000000"])
            #expect(refused.status == 422)
            let entered = try await other.submit(
                first.location!, to: "/login/code", ["code": code(1), "next": "/settings/sessions"])
            #expect(entered.location == "/settings/sessions")
            #expect(try await other.get("/settings/sessions").status == 200)
            #expect(try await tab.another().get("/login/code").location == "/login")
        }
    }

    private func bytes(_ base32: String) -> [UInt8] {
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
}
