import Auth
import FoundationEssentials
import HTTPTypes
import Postgres
import TestSupport
import Testing

@testable import App

extension TestDatabase {
    /// The mails that wait for a worker: to whom, subject, text. The oldest first.
    func mails() async throws -> [(to: String, subject: String, text: String)] {
        try await system.transaction(readOnly: true) { connection in
            try connection.rows(
                """
                SELECT arguments -> 'to' ->> 'address', arguments ->> 'subject', arguments ->> 'text'
                FROM jobs WHERE kind = 'mail' ORDER BY id
                """
            ) { row in (to: try row[0] as String, subject: try row[1] as String, text: try row[2] as String) }
        }
    }

    /// The path of the link in the last mail to an address.
    func link(to address: String, _ prefix: String = "/links/") async throws -> String {
        let text = try await mails().last { $0.to == address && $0.text.contains(prefix) }?.text ?? ""
        guard let start = text.firstRange(of: "http://localhost:8080" + prefix) else { return "" }
        return prefix + String(text[start.upperBound...].prefix { !$0.isWhitespace })
    }
}

extension Tab {
    func logIn(_ email: String, _ password: String = "rice cake steam") async throws -> Page {
        _ = try await get("/login")
        return try await post("/login", ["email": email, "password": password])
    }

    /// Opens a page with a form and sends it.
    func submit(_ uri: String, to action: String? = nil, _ fields: [String: String]) async throws -> Page {
        _ = try await get(uri)
        return try await post(action ?? uri, fields)
    }
}

@Suite struct PeopleTests {
    @Test func `signing up answers the same whether or not the address is known`() async throws {
        try await withApplication { tab, database, _ in
            try await tab.signUp("known@example.org")
            _ = try await tab.submit(database.link(to: "known@example.org"), [:])
            func answer(_ email: String) async throws -> (Tab, String) {
                let stranger = tab.another()
                let page = try await stranger.signUp(email)
                return (stranger, "\(page.status) \(page.location ?? "") \(page.text)")
            }
            let (known, one) = try await answer("known@example.org")
            let (unknown, other) = try await answer("other@example.org")
            #expect(one == other)
            // And so it goes on.
            for path in ["/sites", "/settings/profile", "/settings/sessions"] {
                let pages = (try await known.get(path), try await unknown.get(path))
                #expect(
                    pages.0.textWithoutTokens.replacing("known@", with: "")
                        == pages.1.textWithoutTokens.replacing("other@", with: ""))
            }
            let mails = try await database.mails()
            #expect(mails.map(\.to) == ["known@example.org", "known@example.org", "other@example.org"])
            #expect(mails[1].subject == "You have an account at Mochi already")
            #expect(!mails[1].text.contains("/links/"))
            #expect(try await tab.another().logIn("known@example.org").location == "/sites")
        }
    }

    @Test func `a link confirms the address, once`() async throws {
        try await withApplication { tab, database, _ in
            try await tab.signUp()
            #expect(try await tab.get("/settings/profile").text.contains("Confirm your address"))
            let link = try await database.link(to: "ada@example.org")
            // Programs look at mails too: looking does nothing.
            #expect(try await tab.another().get(link).status == 200)
            let page = try await tab.get(link)
            #expect(page.headers[HTTPField.Name("Referrer-Policy")!] == "no-referrer")
            #expect(try await tab.post(link, [:]).location == "/settings/profile?done=confirmed")
            let profile = try await tab.get("/settings/profile?done=confirmed").text
            #expect(
                profile.contains("Your address is confirmed.") && !profile.contains("Send the link again"))
            #expect(try await tab.get(link).status == 404)
            #expect(try await tab.get("/links/nonsense").text.contains("This link is over"))
        }
    }

    @Test func `a forgotten password is replaced through the mail, and every session ends`() async throws {
        try await withApplication { tab, database, _ in
            try await tab.signUp()
            _ = try await tab.submit(database.link(to: "ada@example.org"), [:])
            let stranger = tab.another()
            let known = try await stranger.submit("/forgot", ["email": "ADA@example.org"])
            let unknown = try await stranger.submit("/forgot", ["email": "nobody@example.org"])
            #expect(known.status == 200 && known.textWithoutTokens == unknown.textWithoutTokens)
            #expect(try await database.mails().count == 2)

            let link = try await database.link(to: "ada@example.org")
            let refused = try await stranger.submit(link, ["password": "short"])
            #expect(refused.status == 422 && refused.text.contains("at least 8 characters"))
            let done = try await stranger.submit(link, ["password": "another rice cake"])
            #expect(done.location == "/login?done=reset")
            #expect(try await stranger.get(link).status == 404)
            #expect(try await tab.get("/sites").status == 303)
            #expect(try await stranger.logIn("ada@example.org").status == 422)
            #expect(try await stranger.logIn("ada@example.org", "another rice cake").status == 303)
            #expect(try await database.mails().last?.subject == "Your password at Mochi was changed")
        }
    }

    @Test func `whoever never confirmed gets no link to a new password`() async throws {
        try await withApplication { tab, database, _ in
            try await tab.signUp()
            _ = try await tab.another().submit("/forgot", ["email": "ada@example.org"])
            let mail = try #require(try await database.mails().last)
            #expect(mail.subject == "Your address at Mochi was never confirmed")
            #expect(!mail.text.contains("/links/"))
        }
    }

    @Test func `a new password needs the old one, and leaves this session alone`() async throws {
        try await withApplication { tab, database, _ in
            try await tab.signUp()
            let other = tab.another()
            _ = try await other.logIn("ada@example.org")
            let wrong = try await tab.submit(
                "/settings/password", ["current": "wrong", "password": "another rice cake"])
            #expect(wrong.status == 422 && wrong.text.contains("This is not your password."))
            let before = tab.cookies["mochi"]!
            let done = try await tab.submit(
                "/settings/password", ["current": "rice cake steam", "password": "another rice cake"])
            #expect(done.location == "/settings/password?done=password")
            #expect(tab.cookies["mochi"] != before)
            #expect(try await tab.get("/sites").status == 200)
            #expect(try await other.get("/sites").status == 303)
            let old: HTTPFields = [.cookie: "mochi=\(before)"]
            #expect(try await tab.another().send(.get, "/sites", headers: old).status == 303)
            #expect(try await database.mails().last?.subject == "Your password at Mochi was changed")
        }
    }

    @Test func `another address is theirs when its link is followed, and the old one can take it back`()
        async throws
    {
        try await withApplication { tab, database, _ in
            try await tab.signUp()
            let asked = try await tab.submit(
                "/settings/address", ["email": "new@example.org", "current": "rice cake steam"])
            #expect(asked.location == "/settings/address?done=sent")
            #expect(try await tab.get("/settings/profile").text.contains("ada@example.org"))
            let done = try await tab.submit(database.link(to: "new@example.org"), [:])
            #expect(done.location == "/settings/address?done=changed")
            #expect(try await tab.get("/settings/profile").text.contains("new@example.org"))
            let notice = try #require(try await database.mails().last)
            #expect(notice.to == "ada@example.org" && notice.text.contains("new@example.org"))

            let owner = tab.another()
            let undone = try await owner.submit(database.link(to: "ada@example.org"), [:])
            #expect(undone.location == "/login?done=undone")
            #expect(try await tab.get("/sites").status == 303)
            #expect(try await owner.logIn("ada@example.org").status == 422)
            _ = try await owner.submit(
                database.link(to: "ada@example.org"), ["password": "another rice cake"])
            #expect(try await owner.logIn("ada@example.org", "another rice cake").status == 303)
            #expect(
                try await owner.another().logIn("new@example.org", "another rice cake").status == 422)
        }
    }

    @Test func `asking for an address that is somebody else's looks the same`() async throws {
        try await withApplication { tab, database, _ in
            let other = tab.another()
            try await other.signUp("taken@example.org")
            _ = try await other.submit(database.link(to: "taken@example.org"), [:])
            try await tab.signUp()
            for email in ["taken@example.org", "free@example.org"] {
                let page = try await tab.submit(
                    "/settings/address", ["email": email, "current": "rice cake steam"])
                #expect(page.status == 303 && page.location == "/settings/address?done=sent")
            }
            let mails = try await database.mails().suffix(2)
            #expect(mails.map { $0.text.contains("/links/") } == [false, true])
        }
    }

    @Test func `sessions are listed by browser, and end when they are told to`() async throws {
        try await withApplication { tab, _, _ in
            try await tab.signUp()
            let other = tab.another()
            _ = try await other.get("/login")
            let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
            _ = try await other.post(
                "/login",
                [
                    "email": "ada@example.org", "password": "rice cake steam", "browser_zone": "Asia/Tokyo",
                ], headers: [.userAgent: firefox])
            let list = try await tab.get("/settings/sessions").text
            #expect(list.contains("Firefox on Linux") && list.contains("Japan"))
            let id = list.firstMatch(of: /name="id" value="([0-9a-f-]{36})"/)!.output.1
            #expect(try await tab.post("/settings/sessions/end", ["id": String(id)]).status == 303)
            #expect(try await other.get("/sites").status == 303)
            #expect(try await tab.post("/settings/sessions/end", ["id": String(id)]).status == 404)

            // Somebody else's session is none.
            let stranger = tab.another()
            try await stranger.signUp("other@example.org")
            _ = try await other.logIn("ada@example.org")
            let again = try await tab.get("/settings/sessions").text
            let second = again.firstMatch(of: /name="id" value="([0-9a-f-]{36})"/)!.output.1
            _ = try await stranger.get("/settings/sessions")
            #expect(try await stranger.post("/settings/sessions/end", ["id": String(second)]).status == 404)
            _ = try await tab.get("/settings/sessions")
            _ = try await tab.post("/settings/sessions/end-others", [:])
            #expect(try await other.get("/sites").status == 303)
            #expect(try await tab.get("/sites").status == 200)
        }
    }

    @Test func `tries at one person end, but not for the browser that they have signed in with`() async throws
    {
        try await withApplication { tab, _, _ in
            try await tab.signUp()
            _ = try await tab.get("/sites")
            _ = try await tab.post("/logout", [:])
            let attacker = tab.another()
            _ = try await attacker.get("/login")
            for number in 0..<Throttle.Limit.logInOfPerson.attempts {
                let page = try await attacker.post(
                    "/login", ["email": "ada@example.org", "password": "guess \(number)"])
                #expect(page.status == 422)
            }
            let refused = try await attacker.post(
                "/login", ["email": "Ada@Example.org", "password": "rice cake steam"])
            #expect(refused.status == 429)
            #expect((1...900).contains(Int(refused.headers[.retryAfter] ?? "") ?? 0))
            // The browser has been here before.
            #expect(try await tab.logIn("ada@example.org").location == "/sites")
        }
    }

    @Test func `mails have a text and a page, and nothing in them is markup of somebody else's`() throws {
        let letter = Letter(
            subject: "Subject", name: "<b>Ada</b>\r\nBcc: x@example.org", paragraphs: ["a < b & c"],
            action: (label: "Go", link: "http://localhost:8080/links/x"), closing: ["Bye."])
        #expect(letter.text.hasPrefix("Hello <b>Ada</b>"))
        let html = letter.html
        #expect(html.contains("&lt;b&gt;Ada&lt;/b&gt;") && html.contains("a &lt; b &amp; c"))
        #expect(!html.contains("<script") && html.contains(#"href="http://localhost:8080/links/x""#))
    }
}
