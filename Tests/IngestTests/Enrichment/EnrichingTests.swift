import Foundation
import TestSupport
import Testing

@testable import Ingest

/// Enrichment from the socket to what `X-Debug-Request` tells.
struct EnrichingTests {
    private struct Told: Decodable, Equatable {
        var dropped: String?
        var detail: String?
        var event: [String: Text]?
        var session: [String: Text]?

        subscript(name: String) -> String? { session?[name]?.text ?? event?[name]?.text }
    }

    /// A text, whatever type it has.
    private struct Text: Decodable, Equatable {
        var text: String?

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            text = (try? container.decode(String.self)) ?? (try? container.decode(Int.self)).map(String.init)
            if text == nil, let texts = try? container.decode([String: String].self) {
                text = texts.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
            }
        }
    }

    private func ask(_ collector: TestCollector, _ body: String, _ headers: [String: String] = [:])
        async throws -> Told
    {
        let answer = try await collector.event(
            body, headers: headers.merging(["X-Debug-Request": "true"]) { $1 })
        return try JSONDecoder().decode(Told.self, from: Data(answer.body.utf8))
    }

    private func view(_ url: String, referrer: String = "", more: String = "") -> String {
        #"{"n":"pageview","u":"\#(url)","d":"example.com","r":"\#(referrer)"\#(more)}"#
    }

    @Test func `source, device and place are told, personal data are not`() async throws {
        try await withTestDatabase { database in
            _ = try await database.site()
            try await withCollector(database) { collector in
                var told = try await ask(
                    collector,
                    view(
                        "http://example.com/user/name@example.com?utm_source=fb&utm_medium=cpc&utm_term=a@b.example",
                        more: #","tz":"Europe/Berlin","p":{"mail":"x@y.example","plan":"pro"}"#))
                #expect(told["pathname"] == "/user/*")
                #expect(told["source"] == "Facebook")
                #expect(told["channel"] == "Paid Social")
                #expect(told["utm_term"] == "*")
                #expect(told["props"] == "mail=* plan=pro")
                #expect(told["country"] == "DE")
                #expect(
                    [told["browser"], told["browser_version"], told["os"], told["device"]] == [
                        "Firefox", "128.0", "Linux", "Desktop",
                    ])

                told = try await ask(
                    collector,
                    view("http://example.com/?gclid=123", referrer: "https://www.google.co.uk/search?q=name"))
                #expect(told["referrer"] == "google.co.uk/search")
                #expect(told["source"] == "Google")
                #expect(told["channel"] == "Paid Search")
                #expect(told["utm_medium"] == "(gclid)")

                told = try await ask(
                    collector, view("http://example.com/", referrer: "http://localhost:4000/"))
                #expect([told["source"], told["referrer"], told["channel"]] == ["", "", "Direct"])

                told = try await ask(
                    collector, view("http://example.com/", referrer: "https://www.1-best-seo.com"))
                #expect(told == Told(dropped: "referrer_spam", detail: "1-best-seo.com"))

                told = try await ask(
                    collector, view("http://example.com/"), ["User-Agent": "generic crawler"])
                #expect(told == Told(dropped: "bot", detail: "crawler"))

                told = try await ask(
                    collector, view("http://example.com/"),
                    [
                        "User-Agent":
                            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36",
                        "Sec-CH-UA": #""Chromium";v="124", "Brave";v="124", "Not-A.Brand";v="99""#,
                        "Sec-CH-UA-Platform": #""Windows""#, "Sec-CH-UA-Platform-Version": #""15.0.0""#,
                    ])
                #expect([told["browser"], told["os"], told["os_version"]] == ["Brave", "Windows", "11"])
            }
        }
    }
}
