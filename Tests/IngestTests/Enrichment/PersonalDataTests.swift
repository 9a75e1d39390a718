import Testing

@testable import Ingest

struct PersonalDataTests {
    @Test(arguments: [
        ("/user/name@example.com", "/user/*"),
        ("/user/name%40example.com/edit", "/user/*/edit"),
        ("/user/name%2540example.co.uk", "/user/*"),
        ("/unsubscribe/first.last+tag@mail.example.org/", "/unsubscribe/*/"),
        ("/user/名前@例え.テスト", "/user/*"),
        ("/mailto:name@example.com", "/mailto:*"),
        ("/doc/550e8400-e29b-41d4-a716-446655440000/edit", "/doc/*/edit"),
        ("/doc-550E8400-E29B-41D4-A716-446655440000", "/*"),
        ("/reset/5f4dcc3b5aa765d61d8327deb882cf99", "/reset/*"),
        ("/u/507f1f77bcf86cd799439011", "/u/*"),
        (
            "/s/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
            "/s/*"
        ),
        ("/login/Zk3Xq9LmT2vB7nR5pW8yC1dF", "/login/*"),
        ("/t/aB3xK9mQ2zL7pR4tV6wY8nC1-jH5gF0dS_eU3iO", "/t/*"),
        ("/k/k3j9x8a7b2m4n6p1q5r7", "/k/*"),
        ("/j/01ARZ3NDEKTSV4RRFFQ69G5FAV", "/j/*"),
        ("/tel/491701234567", "/tel/*"),
        ("/account/DE89370400440532013000", "/account/*"),
        ("/#/user/name@example.com", "/#/user/*"),
    ])
    func `what names a person is masked in paths`(path: String, expected: String) {
        #expect(PersonalData.masked(path: path) == expected)
    }

    @Test(arguments: [
        "/", "", "/2026/11/21/a-long-article-title-with-many-words", "/p/12345", "/item/123456789",
        "/isbn/9783161484100", "/isbn/9780306406157", "/archive/20261121103000", "/day/202611211030",
        "/@name", "/@name/post", "/user/me@home", "/The-Best-iPhone-15-Pro-Cases-2024-Reviewed",
        "/iPhone15ProMaxReview2024", "/my-article-title-3f2a9c1b8d7e", "/watch/dQw4w9WgXcQ",
        "/Donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunterbeamtengesellschaft",
        "/wiki/Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch", "/v1.2.3-beta.4",
        "/covid-19-in-2020-2021",
        "/blog/100%25-natural", "/Über-uns/Größe", "/category/%D8%AC%D9%88", "/RFC9110/section-10.1.5",
        "/products/ASUS-ROG-Strix-G15-G513RM-HQ012W", "/en/internationalization-and-localization",
        "/OpenAIReleasesGPT4TurboAtDevDay2023", "/apple-macbook-pro-16-m3-max-48gb-1tb-space-black",
    ])
    func `an ordinary address stays as it is`(path: String) {
        #expect(PersonalData.masked(path: path) == path)
    }

    @Test(arguments: [
        ("Inbox (3) – name@example.com", "Inbox (3) – *"),
        ("Call +49 170 1234567 now", "Call * now"),
        ("Call +1 (415) 555-2671 now", "Call * now"),
        ("Card 4111 1111 1111 1111 declined", "Card * declined"),
        ("SSN 123-45-6789.", "SSN *."),
        ("Order 550e8400-e29b-41d4-a716-446655440000", "Order *"),
        ("Summer sale 2026: 20% off, 1,000,000 sold", "Summer sale 2026: 20% off, 1,000,000 sold"),
        ("From 2026-11-21 to 2026-12-31", "From 2026-11-21 to 2026-12-31"),
        ("C++ and 3+4=7", "C++ and 3+4=7"),
        ("pro", "pro"),
        ("", ""),
    ])
    func `what names a person is masked in titles and properties`(text: String, expected: String) {
        #expect(PersonalData.masked(text: text) == expected)
    }

    @Test(arguments: [
        (["/user/*"], "/user/anna/orders", "/user/*"),
        (["/user/*/orders"], "/user/anna/orders", "/user/*/orders"),
        (["/user/*/orders"], "/user/anna", "/user/anna"),
        (["customer-*"], "/shop/customer-anna/cart", "/shop/*/cart"),
        (["*"], "/shop", "/shop"),
        ([""], "/shop", "/shop"),
        ([], "/shop", "/shop"),
    ])
    func `an owner's pattern masks what it matches`(patterns: [String], path: String, expected: String) {
        #expect(PersonalPatterns(patterns).masked(path: path) == expected)
    }

    @Test func `an owner's pattern masks words of texts`() {
        #expect(PersonalPatterns(["cust-*"]).masked(text: "Order of cust-anna, paid") == "Order of *, paid")
    }

    @Test(arguments: [
        ("a=1&b=2", ["b", "a"], "?a=1&b=2"),
        ("b=2&utm_source=x&a=1", ["a", "b"], "?a=1&b=2"),
        ("q=name%40example.com&page=2", ["q", "page"], "?page=2&q=*"),
        ("a", ["a"], "?a"),
        ("a=1", [], ""),
        ("a=1&\u{301}secret=2", ["a"], "?a=1"),
        ("", ["a"], ""),
    ])
    func `a query keeps what its site asked for`(query: String, names: [String], expected: String) {
        #expect(KeptQuery.of(query[...], keeping: names) == expected)
    }
}
